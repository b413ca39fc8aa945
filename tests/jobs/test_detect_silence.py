"""Detection on a real database: silences begin, last and end, whatever happened meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from collector.domain.calendar import moscow_day
from collector.domain.episode import EndReason
from collector.domain.errors import FailureKind
from collector.domain.model import Access, BranchDeclaration, Contact, ContactRole, Outcome, Pause, Post
from collector.domain.silence import UnknownReason, Verdict
from collector.jobs.detect_silence import Detected, DetectPolicy, detect
from storage.letter_tables import outbox_message, silence
from storage.store import Store
from storage.tables import community_state
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall

CHAIR = Contact(ContactRole.CHAIR, "Анна", "chair@vao.example.org")
ADMINISTRATOR = Contact(ContactRole.ADMINISTRATOR, "Борис", "smm@vao.example.org")
DEPARTMENT = Contact(ContactRole.DEPARTMENT, "Отдел", "info@mgo.example.org")
PARENT = Contact(ContactRole.CHAIR, "Вера", "chair@mgo.example.org")
WEEK = 7 * DAY
LAST = post("10", NOON)
PROVEN_AT = NOON + WEEK + HOUR


def vao(*communities: Any, **more: Any) -> BranchDeclaration:
    given = {"contacts": (CHAIR, ADMINISTRATOR), **more}
    return branch("ВАО", *(communities or (vk("1"),)), **given)


class Silences(World):
    """A world in which silences are detected."""

    def __init__(self, store: Store, *declared: BranchDeclaration) -> None:
        super().__init__(store, *(declared or (vao(),)))

    def look(self, at: datetime, *posts: Post, number: int = 1, since: datetime | None = None) -> None:
        """Read a community's wall: these posts stand on it."""
        self.round(read(at, wall=wall(*posts, since=since), community_id=number, native_id=str(number)))

    def detect(self, at: datetime, **policy: Any) -> Detected:
        return detect(self.store, DetectPolicy(**policy), at)

    def verdicts(self, at: datetime, **options: Any) -> dict[str, Verdict]:
        """What each branch is found to be."""
        found: dict[str, Verdict] = {}
        detect(
            self.store,
            DetectPolicy(),
            at,
            on_verdict=lambda facts, verdict: found.update({facts.code: verdict.verdict}),
            **options,
        )
        return found

    def verdict(self, at: datetime) -> Verdict:
        """What ВАО is found to be."""
        return self.verdicts(at)["ВАО"]

    def declare(self, *declared: BranchDeclaration) -> None:
        """Another branches file."""
        self.store.sync_branches(declared, NOON)

    def send(self, at: datetime) -> list[str]:
        """Let a worker send all that is due; gives the kinds."""
        sent = []
        for waiting in self.store.outbox.waiting(at):
            letter = self.store.outbox.claim(waiting.message_id, "worker", at, HOUR)
            assert letter is not None
            self.store.outbox.sent(letter.message_id, "worker", at, subject="s", body_text="b")
            sent.append(letter.kind.value)
        return sent

    def letters(self) -> list[tuple[str, str, str]]:
        return [(row.kind, row.email, row.status) for row in self.rows(outbox_message)]

    def open_count(self) -> int:
        return sum(row.resumed_at is None for row in self.rows(silence))


@pytest.fixture
def world(store: Store) -> Silences:
    """ВАО posted at noon, and was looked at an hour later."""
    made = Silences(store)
    made.look(NOON + HOUR, LAST)
    return made


@pytest.fixture
def silent(world: Silences) -> Silences:
    """A week later it was found silent."""
    world.look(PROVEN_AT, LAST)
    assert len(world.detect(PROVEN_AT).opened) == 1
    return world


def test_a_silence_begins_lasts_and_ends(world: Silences) -> None:
    assert world.detect(NOON + HOUR).opened == []
    world.look(PROVEN_AT, LAST)
    (episode,) = world.detect(PROVEN_AT).opened
    assert episode.silent_since == NOON + WEEK
    assert episode.confirmed_at == PROVEN_AT
    assert episode.last_post_url == LAST.url
    assert [each.looked_at for each in episode.proof] == [PROVEN_AT]
    assert world.letters() == [
        ("silence", CHAIR.email, "pending"),
        ("silence", ADMINISTRATOR.email, "pending"),
    ]

    world.look(PROVEN_AT + HOUR, LAST)
    again = world.detect(PROVEN_AT + HOUR)
    assert (again.opened, again.ended) == ([], [])
    assert world.row(silence).confirmed_at == PROVEN_AT + HOUR
    assert len(world.letters()) == 2

    new = post("11", PROVEN_AT + HOUR)
    world.look(PROVEN_AT + 2 * HOUR, LAST, new)
    (episode,) = world.detect(PROVEN_AT + 2 * HOUR).ended
    assert (episode.end_reason, episode.resumed_at) == (EndReason.POSTED, new.published_at)
    assert episode.resumed_post_url == new.url
    assert {status for _, _, status in world.letters()} == {"cancelled"}, (
        "nobody was told, so nobody is told more"
    )


def test_who_was_told_of_the_silence_is_told_of_its_end(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.look(PROVEN_AT + DAY, LAST, post("11", PROVEN_AT + HOUR))
    silent.detect(PROVEN_AT + DAY)
    assert silent.letters()[2:] == [
        ("resumed", CHAIR.email, "pending"),
        ("resumed", ADMINISTRATOR.email, "pending"),
    ]


def test_nobody_is_silent_after_a_month_without_network_and_the_truth_is_found_at_once_then(
    world: Silences,
) -> None:
    for day in range(1, 31):
        world.round(failed(NOON + day * DAY, FailureKind.TEMPORARY))
        found = world.detect(NOON + day * DAY)
        assert found.opened == []
    ((_, unknown),) = found.unknown
    assert unknown.reason is UnknownReason.NOT_READ
    assert world.letters() == []
    assert world.row(community_state).look_asked_at == NOON + WEEK

    back_at = NOON + 30 * DAY + HOUR
    world.look(back_at, LAST)
    (episode,) = world.detect(back_at).opened
    assert episode.silent_since == NOON + WEEK


def test_a_branch_that_posted_during_our_outage_was_never_silent(world: Silences) -> None:
    world.round(failed(NOON + 29 * DAY, FailureKind.TEMPORARY))
    world.detect(NOON + 29 * DAY)
    world.look(NOON + 30 * DAY, LAST, post("11", NOON + 26 * DAY))
    world.detect(NOON + 30 * DAY)
    assert world.rows(silence) == []


def test_a_silence_waits_for_the_community_that_cannot_be_read(store: Store) -> None:
    world = Silences(store, vao(vk("1"), vk("2")))
    world.look(NOON + HOUR, LAST)
    world.look(NOON + HOUR, post("20", NOON - DAY), number=2)
    world.look(PROVEN_AT, LAST)
    world.round(failed(PROVEN_AT, FailureKind.TEMPORARY, community_id=2))
    ((_, unknown),) = world.detect(PROVEN_AT).unknown
    assert unknown.missing == (2,)
    asked = {row.community_id: row.look_asked_at for row in world.rows(community_state)}
    assert asked == {1: None, 2: NOON + WEEK}
    world.look(PROVEN_AT + HOUR, post("20", NOON - DAY), number=2)
    assert len(world.detect(PROVEN_AT + HOUR).opened) == 1


def test_the_only_recent_post_is_deleted(world: Silences) -> None:
    """Silent from the post before it."""
    recent = post("11", NOON + 5 * DAY)
    world.look(NOON + 6 * DAY, LAST, recent)
    assert world.verdict(PROVEN_AT) is Verdict.ACTIVE
    world.look(PROVEN_AT, LAST)
    (episode,) = world.detect(PROVEN_AT).opened
    assert (episode.last_post_url, episode.silent_since) == (LAST.url, NOON + WEEK)


def test_a_post_that_ended_a_silence_and_is_deleted_makes_another_silence(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.look(PROVEN_AT + HOUR, LAST, post("11", PROVEN_AT + HOUR))
    silent.detect(PROVEN_AT + HOUR)
    silent.look(PROVEN_AT + 2 * HOUR, LAST)
    (episode,) = silent.detect(PROVEN_AT + 2 * HOUR).opened
    assert episode.silent_since == NOON + WEEK
    kinds = [(kind, status) for kind, _, status in silent.letters()]
    assert kinds[2:4] == [("resumed", "cancelled")] * 2, (
        "the good news had not left, and is not true any more"
    )
    assert kinds[4:] == [("silence", "pending")] * 2


def test_a_post_and_another_silence_while_nobody_looked_are_two_episodes(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    later = post("11", PROVEN_AT + DAY)
    at = PROVEN_AT + 9 * DAY
    silent.look(at, LAST, later)
    found = silent.detect(at)
    assert [(each.end_reason, each.resumed_at) for each in found.ended] == [
        (EndReason.POSTED, later.published_at)
    ]
    assert [each.silent_since for each in found.opened] == [later.published_at + WEEK]
    assert [kind for kind, _, _ in silent.letters()] == ["silence"] * 4


def test_a_deleted_last_post_moves_what_an_open_silence_counts_from(store: Store) -> None:
    """The letter that leaves tomorrow shall link to a post that stands."""
    world = Silences(store)
    older = post("9", NOON - DAY)
    world.look(PROVEN_AT, older, LAST)
    world.detect(PROVEN_AT)
    assert world.row(silence).last_post_url == LAST.url
    world.look(PROVEN_AT + HOUR, older)
    world.detect(PROVEN_AT + HOUR)
    row = world.row(silence)
    assert (row.last_post_url, row.silent_since) == (older.url, NOON - DAY + WEEK)
    assert {status for _, _, status in world.letters()} == {"pending"}


@pytest.mark.parametrize(
    "change",
    [
        {"silence_threshold": 14 * DAY},
        {"pauses": (Pause(moscow_day(NOON + DAY), moscow_day(NOON + 4 * DAY), "каникулы"),)},
    ],
    ids=["threshold", "pause"],
)
def test_a_silence_by_another_policy_is_withdrawn_without_good_news(
    silent: Silences, change: dict[str, Any]
) -> None:
    chair = silent.rows(outbox_message)[0].id
    assert silent.store.outbox.claim(chair, "worker", PROVEN_AT, HOUR) is not None
    silent.store.outbox.sent(chair, "worker", PROVEN_AT, subject="s", body_text="b")
    silent.declare(vao(**change))
    (episode,) = silent.detect(PROVEN_AT + HOUR).ended
    assert (episode.end_reason, episode.resumed_at) == (EndReason.WITHDRAWN, PROVEN_AT + HOUR)
    assert silent.letters() == [
        ("silence", CHAIR.email, "sent"),
        ("silence", ADMINISTRATOR.email, "cancelled"),
    ]


def test_a_lively_community_that_moves_to_the_branch_withdraws_its_silence(store: Store) -> None:
    other = branch("САО", vk("2"))
    world = Silences(store, vao(), other)
    world.look(PROVEN_AT, LAST)
    world.look(PROVEN_AT, post("20", NOON + 6 * DAY), number=2)
    world.detect(PROVEN_AT)
    assert world.open_count() == 1
    world.declare(vao(vk("1"), vk("2")), branch("САО"))
    (episode,) = world.detect(PROVEN_AT + HOUR).ended
    assert (episode.branch_code, episode.end_reason) == ("ВАО", EndReason.WITHDRAWN)


def test_a_branch_that_leaves_the_file_is_written_to_no_more(silent: Silences) -> None:
    silent.declare(branch("САО", vk("2")))
    found = silent.detect(PROVEN_AT + HOUR)
    assert [each.end_reason for each in found.ended] == [EndReason.RETIRED]
    assert {status for _, _, status in silent.letters()} == {"cancelled"}
    silent.declare(vao())
    assert len(silent.detect(PROVEN_AT + 2 * HOUR).opened) == 1, "back in the file, it is still silent"


def test_an_open_silence_that_cannot_be_judged_stays_open_and_owes_nothing(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.declare(vao(vk("1"), vk("2")))
    assert silent.verdict(PROVEN_AT + 40 * DAY) is Verdict.UNKNOWN
    assert silent.open_count() == 1
    assert len(silent.letters()) == 2


# Contacts


def test_contacts_come_and_go_during_a_silence(silent: Silences) -> None:
    new = Contact(ContactRole.CHAIR, "Галина", "new@vao.example.org")
    silent.declare(vao(contacts=(new,)))
    silent.detect(PROVEN_AT + HOUR)
    assert silent.letters() == [
        ("silence", CHAIR.email, "cancelled"),
        ("silence", ADMINISTRATOR.email, "cancelled"),
        ("silence", new.email, "pending"),
    ]
    silent.declare(vao())
    silent.detect(PROVEN_AT + 2 * HOUR)
    assert silent.letters() == [
        ("silence", CHAIR.email, "pending"),
        ("silence", ADMINISTRATOR.email, "pending"),
        ("silence", new.email, "cancelled"),
    ]


def test_a_silence_without_a_chair_is_told_to_the_administrators_and_of_to_ops(store: Store) -> None:
    world = Silences(store, vao(contacts=(ADMINISTRATOR,)))
    world.look(NOON + HOUR, LAST)
    world.look(PROVEN_AT, LAST)
    found = world.detect(PROVEN_AT)
    assert [each.code for each in found.without_chair] == ["ВАО"]
    assert world.letters() == [("silence", ADMINISTRATOR.email, "pending")]


# What time alone makes due


def looked_at_every_day(world: Silences, to: int, *posts: Post) -> None:
    for day in range(1, to + 1):
        world.look(PROVEN_AT + day * DAY, *posts)
        world.detect(PROVEN_AT + day * DAY)
        world.send(PROVEN_AT + day * DAY)


def test_the_letters_of_a_silence_of_two_months(store: Store) -> None:
    city = branch("МГО", contacts=(PARENT, DEPARTMENT))
    world = Silences(store, city, vao(parent_code="МГО"))
    world.look(NOON + HOUR, LAST)
    world.look(PROVEN_AT, LAST)
    world.detect(PROVEN_AT)
    world.send(PROVEN_AT)
    looked_at_every_day(world, 61, LAST)
    told = [
        (row.kind, row.email, (row.finished_at - PROVEN_AT).days)
        for row in world.rows(outbox_message)
        if row.email != ADMINISTRATOR.email
    ]
    assert told == [
        ("silence", CHAIR.email, 0),
        ("reminder", CHAIR.email, 7),
        ("reminder", CHAIR.email, 14),
        ("escalation", DEPARTMENT.email, 14),
        ("reminder", CHAIR.email, 30),
        ("escalation", PARENT.email, 30),
        ("reminder", CHAIR.email, 60),
    ]


def test_a_daemon_that_was_down_for_weeks_owes_one_reminder(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.look(PROVEN_AT + 20 * DAY, LAST)
    silent.detect(PROVEN_AT + 20 * DAY)
    assert [kind for kind, _, _ in silent.letters()[2:]] == ["reminder", "reminder"]
    assert [row.key.split(":")[2] for row in silent.rows(outbox_message)[2:]] == ["2", "2"]


def test_a_clock_that_jumps_ahead_owes_nothing_and_asks_for_a_look(silent: Silences) -> None:
    """The verdict of an open silence stays, though nothing was read for a year by that clock."""
    silent.send(PROVEN_AT)
    ahead = PROVEN_AT + 365 * DAY
    before = silent.rows(outbox_message)
    assert silent.verdict(ahead) is Verdict.SILENT
    assert silent.rows(outbox_message) == before
    assert silent.row(community_state).look_asked_at == ahead - 2 * HOUR
    silent.look(PROVEN_AT + HOUR, LAST)
    silent.detect(PROVEN_AT + HOUR)
    assert silent.rows(outbox_message) == before
    assert silent.row(silence).confirmed_at == PROVEN_AT + HOUR


def test_looks_are_asked_for_only_where_a_letter_waits_for_one(silent: Silences) -> None:
    """Walls cost quota, and a silence lasts for months."""
    silent.send(PROVEN_AT)
    silent.detect(PROVEN_AT + 7 * DAY - HOUR)
    assert silent.row(community_state).look_asked_at is None
    silent.detect(PROVEN_AT + 7 * DAY)
    assert silent.row(community_state).look_asked_at == PROVEN_AT + 7 * DAY - 2 * HOUR
    assert len(silent.letters()) == 2
    silent.look(PROVEN_AT + 7 * DAY + HOUR, LAST)
    silent.detect(PROVEN_AT + 7 * DAY + HOUR)
    assert [kind for kind, _, _ in silent.letters()[2:]] == ["reminder", "reminder"]


@pytest.mark.parametrize("age", [2 * HOUR, 2 * HOUR + timedelta(seconds=1)])
def test_a_reminder_is_owed_on_a_fresh_proof_alone(silent: Silences, age: timedelta) -> None:
    silent.send(PROVEN_AT)
    looked_at = PROVEN_AT + 8 * DAY
    silent.look(looked_at, LAST)
    silent.detect(looked_at + age)
    assert ("reminder" in {kind for kind, _, _ in silent.letters()}) is (age == 2 * HOUR)


def test_a_slow_clock_ends_no_silence(silent: Silences) -> None:
    """By it the deadline is still to come; the letters would go out twice."""
    for at in (NOON - 365 * DAY, NOON + WEEK - HOUR):
        assert silent.verdict(at) is Verdict.ACTIVE
        assert silent.open_count() == 1
        assert {status for _, _, status in silent.letters()} == {"pending"}


def test_an_acknowledged_silence_is_reminded_of_no_more(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.look(PROVEN_AT + 7 * DAY, LAST)
    silent.detect(PROVEN_AT + 7 * DAY)
    assert silent.letters()[2:] == [
        ("reminder", CHAIR.email, "pending"),
        ("reminder", ADMINISTRATOR.email, "pending"),
    ]
    silent.store.silences.acknowledge(silent.row(silence).id, "Анна", PROVEN_AT + 7 * DAY)
    assert {status for _, _, status in silent.letters()[2:]} == {"cancelled"}
    silent.look(PROVEN_AT + 20 * DAY, LAST)
    silent.detect(PROVEN_AT + 20 * DAY)
    assert len(silent.letters()) == 4


# Warnings


def test_a_warning_is_owed_before_the_deadline_and_withdrawn_by_a_post(world: Silences) -> None:
    two_days = {"warn_before": 2 * DAY}
    at = NOON + 5 * DAY + HOUR
    world.look(at, LAST)
    world.detect(NOON + 5 * DAY, **two_days)
    assert world.letters() == []
    world.detect(at, **two_days)
    world.detect(at, **two_days)
    assert world.letters() == [("warning", ADMINISTRATOR.email, "pending")]
    world.look(at + HOUR, LAST, post("11", at + HOUR))
    world.detect(at + HOUR, **two_days)
    assert world.letters() == [("warning", ADMINISTRATOR.email, "cancelled")]


def test_a_warning_that_waited_is_overtaken_by_the_silence(world: Silences) -> None:
    at = NOON + 6 * DAY
    world.look(at, LAST)
    world.detect(at, warn_before=2 * DAY)
    world.look(PROVEN_AT, LAST)
    world.detect(PROVEN_AT, warn_before=2 * DAY)
    assert [(kind, status) for kind, _, status in world.letters()] == [
        ("warning", "cancelled"),
        ("silence", "pending"),
        ("silence", "pending"),
    ]


# A dry run, and some branches alone


def test_a_dry_run_writes_nothing(world: Silences) -> None:
    world.look(PROVEN_AT, LAST)
    assert world.verdicts(PROVEN_AT, dry_run=True) == {"ВАО": Verdict.SILENT}
    assert world.rows(silence) == world.rows(outbox_message) == []


def test_only_the_branches_asked_for_are_judged(store: Store) -> None:
    world = Silences(store, vao(), branch("САО", vk("2")))
    for number in (1, 2):
        world.look(PROVEN_AT, post(f"{number}0", NOON), number=number)
    assert world.verdicts(PROVEN_AT, codes=["САО"]) == {"САО": Verdict.SILENT}
    assert [each.branch_code for each in world.store.silences.episodes()] == ["САО"]


def test_findings_of_a_branch_are_no_silence(store: Store) -> None:
    world = Silences(store, vao(), branch("САО"))
    closed: Outcome = failed(NOON, FailureKind.CLOSED, access=Access.CLOSED)
    world.round(closed)
    reasons = [verdict.reason for _, verdict in world.detect(NOON + 30 * DAY).unknown]
    assert reasons == [UnknownReason.NONE_READABLE, UnknownReason.NO_COMMUNITY]
    assert world.rows(silence) == []
    assert world.rows(outbox_message) == []

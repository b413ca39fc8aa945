"""Detection on a real database: silences begin, last and end, whatever happened meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from collector.domain.calendar import moscow_day
from collector.domain.episode import EndReason
from collector.domain.errors import FailureKind
from collector.domain.model import Access, Outcome, Pause
from collector.domain.silence import UnknownReason, Verdict
from storage.letter_tables import outbox_message, silence
from storage.store import Store
from storage.tables import community_state
from tests.jobs.silences import ADMINISTRATOR, CHAIR, LAST, PROVEN_AT, WEEK, Silences, vao
from tests.storage.worlds import DAY, HOUR, NOON, branch, failed, post, vk


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

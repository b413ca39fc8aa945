"""Ops are told what is wrong: once, grouped, one line a cause, and never too often."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collector.domain.errors import FailureKind
from collector.domain.finding import Finding
from collector.domain.model import Access, Address, BranchDeclaration, Contact, ContactRole, Outcome
from collector.jobs.detect_silence import Detected, DetectPolicy, detect
from collector.jobs.tell_ops import OpsPolicy, tell_ops
from storage.findings import Observed
from storage.letter_tables import outbox_message, silence
from storage.runs import RunCounts
from storage.store import open_store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall

OPS = OpsPolicy(emails=("ops@example.org",))


def facebook(native_id: str) -> Address:
    return Address("facebook", native_id, None, f"https://facebook.com/{native_id}")


class Watch:
    """A world whose rounds end as those of the program do: with verdicts, and ops told."""

    def __init__(self, world: World, policy: OpsPolicy = OPS) -> None:
        self.world = world
        self.store = world.store
        self.policy = policy

    def round(self, *outcomes: Outcome, delivers: bool = True) -> Observed:
        now = outcomes[0].observed_at
        run = self.store.start_round(now)
        self.store.write_outcomes(run, outcomes, lambda *_: now + HOUR)
        reads = sum(getattr(each, "follower_count", None) is not None for each in outcomes)
        counts = RunCounts(due=len(outcomes), read=reads)
        self.store.finish_round(run, counts, now, stopped=False, note=None)
        observed = self.tell(now)
        if delivers:
            self.deliver(now)
        return observed

    def deliver(self, now: datetime) -> None:
        for each in self.store.outbox.waiting(now):
            if self.store.outbox.claim(each.message_id, "w", now, HOUR):
                self.store.outbox.sent(each.message_id, "w", now, subject="", body_text="")

    def tell(self, now: datetime) -> Observed:
        return tell_ops(self.store, self.judged(now).unknown, self.policy, now)

    def judged(self, now: datetime) -> Detected:
        return detect(self.store, DetectPolicy(), now)

    def letters(self) -> list[list[str]]:
        rows = self.world.rows(outbox_message)
        return [json.loads(row.about)["keys"] for row in rows if row.kind == "ops"]

    def told(self) -> set[str]:
        """Of what ops were told and lasts."""
        keys = {key for letter in self.letters() for key in letter}
        return {each.key for each in self.store.findings.by_keys(keys) if each.cleared_at is None}


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with open_store(f"sqlite:///{tmp_path / 'collector.db'}") as store:
        store.upgrade()
        yield Watch(World(store, *declared(3)))


def declared(count: int, *, since: int = 1) -> list[BranchDeclaration]:
    chair = Contact(ContactRole.CHAIR, "Председатель", "chair@example.org")
    return [
        branch(f"В{number}", vk(str(number)), contacts=(chair,)) for number in range(since, since + count)
    ]


def reads(at: datetime, count: int = 3, *, posted: datetime = NOON) -> list[Outcome]:
    return [
        read(at, 100, wall(post("1", posted)), community_id=number, native_id=str(number))
        for number in range(1, count + 1)
    ]


def closed(at: datetime, count: int = 3) -> list[Outcome]:
    return [
        read(
            at,
            100,
            community_id=number,
            native_id=str(number),
            access=Access.CLOSED,
            wall_failure=failed(at, FailureKind.CLOSED, community_id=number),
        )
        for number in range(1, count + 1)
    ]


def failures(at: datetime, kind: FailureKind, count: int = 3) -> list[Outcome]:
    return [failed(at, kind, community_id=number, detail="it said no") for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        (FailureKind.TEMPORARY, "network:vk"),
        (FailureKind.RATE_LIMITED, "network:vk"),
        (FailureKind.TOKEN_REFUSED, "token:vk"),
        (FailureKind.NO_TOKEN, "token:vk"),
    ],
)
def test_an_outage_of_thirty_days_silences_nobody_and_is_told_once(
    watch: Watch, kind: FailureKind, finding: str
) -> None:
    watch.policy = replace(OPS, interval=6 * HOUR)
    watch.round(*reads(NOON))
    for rounds in range(1, 30 * 4):
        watch.round(*failures(NOON + rounds * 6 * HOUR, kind))
    assert watch.world.rows(silence) == []
    assert watch.letters() == [[finding]]

    back = NOON + 30 * DAY
    over = watch.round(*reads(back, posted=back - DAY)[:2], *reads(back)[2:]).over
    assert [each.key for each in over] == [finding]
    assert [row.branch_id for row in watch.world.rows(silence)] == [3], "true silences are found at once"
    assert watch.letters() == [[finding]]


def test_a_month_in_which_we_were_down_silences_nobody_and_is_told_once(watch: Watch) -> None:
    watch.round(*reads(NOON))
    back = NOON + 30 * DAY
    watch.tell(back - timedelta(seconds=1))
    assert watch.world.rows(silence) == []
    watch.round(*reads(back, posted=back - DAY))
    for hours in range(1, 12):
        watch.round(*reads(back + hours * HOUR, posted=back - DAY))
    assert watch.world.rows(silence) == []
    assert watch.letters() == [["rounds"]]
    (finding,) = watch.store.findings.by_keys(["rounds"])
    assert (finding.since, finding.cleared_at) == (NOON, back + 4 * HOUR)


def test_walls_that_wait_after_a_month_without_us_have_their_six_hours(watch: Watch) -> None:
    watch.policy = replace(OPS, letter_every=timedelta(minutes=1))
    watch.round(*reads(NOON))
    back = NOON + 30 * DAY
    for hours in range(7):
        at = back + hours * HOUR
        watch.round(*reads(at, 2, posted=back), read(at, 100, community_id=3, native_id="3"))
        assert ("unknown:В3" in watch.told()) == (hours == 6)


def test_a_month_without_us_is_told_though_nobody_looked_before_the_first_round(watch: Watch) -> None:
    watch.round(*reads(NOON))
    watch.round(*reads(NOON + 30 * DAY))
    assert watch.letters() == [["rounds"]]


def test_rounds_that_are_rare_as_all_communities_rest_are_no_absence(watch: Watch) -> None:
    for days in range(4):
        gone = failures(NOON + days * DAY, FailureKind.DELETED)
        watch.round(*(replace(each, access=Access.DELETED) for each in gone))
    assert watch.letters() == []


def test_two_networks_that_go_down_together_are_told_by_one_letter(watch: Watch) -> None:
    watch.store.sync_branches(
        [*declared(2), branch("Ф", facebook("9"), contacts=declared(1)[0].contacts)], NOON
    )
    watch.round(*reads(NOON, 2), read(NOON + HOUR / 2, 10, community_id=4, native_id="9"))
    for hours in range(1, 24):
        at = NOON + hours * HOUR
        watch.round(
            *failures(at, FailureKind.TEMPORARY, 2), failed(at, FailureKind.TEMPORARY, community_id=4)
        )
    assert watch.letters() == [["network:vk", "network:facebook"]]


def test_a_network_that_fails_for_two_hours_is_no_news(watch: Watch) -> None:
    watch.round(*reads(NOON))
    for hours in (1, 2):
        watch.round(*failures(NOON + hours * HOUR, FailureKind.TEMPORARY))
    watch.round(*reads(NOON + 3 * HOUR))
    assert watch.letters() == []


def test_what_comes_within_six_hours_of_a_letter_waits_for_the_next(watch: Watch) -> None:
    watch.round(*failures(NOON, FailureKind.TOKEN_REFUSED))
    watch.store.sync_branches([*declared(3), branch("Х", vk("4"))], NOON)
    for at in (NOON + HOUR, NOON + 6 * HOUR - timedelta(seconds=1)):
        watch.round(*failures(at, FailureKind.TOKEN_REFUSED, 4))
        assert watch.letters() == [["token:vk"]]
    watch.round(*failures(NOON + 6 * HOUR, FailureKind.TOKEN_REFUSED, 4))
    assert watch.letters() == [["token:vk"], ["chairs"]]
    (finding,) = watch.store.findings.by_keys(["chairs"])
    assert finding.what.startswith("1 branch has no chair's address")


def test_a_trouble_that_is_back_is_told_again(watch: Watch) -> None:
    watch.policy = replace(OPS, letter_every=2 * HOUR)
    for times in range(3):
        at = NOON + times * 2 * HOUR
        watch.round(*failures(at, FailureKind.TOKEN_REFUSED))
        watch.round(*reads(at + HOUR))
    assert watch.letters() == [["token:vk"]] * 3


def test_one_branch_that_cannot_be_judged_is_told_of_after_six_hours(watch: Watch) -> None:
    watch.policy = replace(OPS, letter_every=timedelta(minutes=1), interval=3 * DAY)
    watch.round(*reads(NOON))
    deadline = NOON + 7 * DAY
    posted = NOON + 6 * DAY
    for at in [deadline - HOUR, deadline + timedelta(hours=6) - timedelta(seconds=1)]:
        watch.round(*reads(at, 2, posted=posted), failed(at, FailureKind.UNEXPECTED_RESPONSE, community_id=3))
    assert not any("unknown" in key for key in watch.told())
    at = deadline + 6 * HOUR
    watch.round(*reads(at, 2, posted=posted), failed(at, FailureKind.UNEXPECTED_RESPONSE, community_id=3))
    assert "unknown:В3" in watch.told()
    (finding,) = watch.store.findings.by_keys(["unknown:В3"])
    assert finding.since == deadline
    assert "https://vk.com/club3" in finding.what
    assert "unexpected_response" in finding.what


def test_many_branches_with_one_cause_are_one_line(watch: Watch) -> None:
    watch.policy = replace(OPS, interval=3 * DAY)
    watch.store.sync_branches(declared(40), NOON)
    ones = [read(NOON, 100, wall(post("1", NOON)), community_id=n, native_id=str(n)) for n in range(1, 41)]
    watch.round(*ones)
    at = NOON + 8 * DAY
    watch.round(
        *reads(at, 30, posted=at),
        *(failed(at, FailureKind.UNEXPECTED_RESPONSE, community_id=n) for n in range(31, 41)),
    )
    (unread,) = [key for key in watch.told() if key.startswith(("unread", "unknown"))]
    assert unread == "unread:vk:unexpected_response"
    (finding,) = watch.store.findings.by_keys([unread])
    assert "10 branches" in finding.what


def test_a_branch_that_was_never_read_is_told_of_six_hours_after_it_was_declared(watch: Watch) -> None:
    watch.policy = replace(OPS, letter_every=timedelta(minutes=1))
    watch.round(*reads(NOON, 3))
    watch.store.sync_branches(declared(4), NOON)
    for hours in range(1, 7):
        at = NOON + hours * HOUR
        watch.round(*reads(at), failed(at, FailureKind.UNEXPECTED_RESPONSE, community_id=4))
        assert ("unknown:В4" in watch.told()) == (hours == 6)


def test_closed_groups_and_branches_without_any_are_no_news_for_ops(watch: Watch) -> None:
    chair = declared(1)[0].contacts
    watch.store.sync_branches([*declared(3), branch("Пусто", contacts=chair)], NOON)
    for rounds in range(20):
        watch.round(*closed(NOON + rounds * 2 * HOUR))
    assert watch.letters() == []


def test_a_wrong_clock_is_told_and_nothing_else_is_made_of_it(watch: Watch) -> None:
    watch.round(*reads(NOON))
    ahead = NOON + 365 * DAY
    for hours in range(3):
        watch.round(*failures(ahead + hours * HOUR, FailureKind.CLOCK_WRONG))
    assert watch.letters() == [["clock"]]
    assert watch.world.rows(silence) == []
    over = watch.round(*reads(NOON + HOUR)).over
    assert [each.key for each in over] == ["clock"]
    watch.round(*failures(NOON + 2 * HOUR, FailureKind.TOKEN_REFUSED))
    assert watch.letters() == [["clock"], ["token:vk"]], "the letter of the future holds none back"


def test_what_was_wrong_before_the_clock_was_is_not_taken_to_be_over(watch: Watch) -> None:
    watch.round(*failures(NOON, FailureKind.TOKEN_REFUSED))
    assert watch.round(*failures(NOON + 365 * DAY, FailureKind.CLOCK_WRONG)).over == ()
    watch.round(*failures(NOON + HOUR, FailureKind.TOKEN_REFUSED))
    assert watch.letters() == [["token:vk"], ["clock"]]


def test_one_network_s_clock_that_is_wrong_hides_no_other_trouble(watch: Watch) -> None:
    watch.store.sync_branches(
        [*declared(2), branch("Ф", facebook("9"), contacts=declared(1)[0].contacts)], NOON
    )
    watch.round(
        *failures(NOON, FailureKind.TOKEN_REFUSED, 2), failed(NOON, FailureKind.CLOCK_WRONG, community_id=4)
    )
    assert watch.letters() == [["clock", "token:vk"]]


def test_walls_that_wait_a_day_for_quota_are_told_of(watch: Watch) -> None:
    watch.round(*reads(NOON))
    for hours in range(1, 26):
        at = NOON + hours * HOUR
        spent = failed(at, FailureKind.QUOTA_SPENT, community_id=3)
        watch.round(*reads(at, 2), read(at, 100, community_id=3, native_id="3", wall_failure=spent))
        assert ("quota:vk" in watch.told()) == (hours > 24)


def test_letters_that_are_refused_are_told_of_by_address(watch: Watch) -> None:
    watch.round(*reads(NOON))
    at = NOON + 8 * DAY
    watch.round(*reads(at), delivers=False)
    watch.store.outbox.claim(1, "w", at, HOUR)
    assert watch.store.outbox.failed(1, "w", at, error="550 no such user")
    watch.round(*reads(at + HOUR), delivers=False)
    (finding,) = watch.store.findings.by_keys(["letters:chair@example.org"])
    assert "550 no such user" in finding.what


def test_a_mail_server_that_takes_nothing_for_an_hour_is_told_of(watch: Watch) -> None:
    watch.round(*failures(NOON, FailureKind.TOKEN_REFUSED), delivers=False)
    found = watch.round(*failures(NOON + HOUR, FailureKind.TOKEN_REFUSED), delivers=False)
    assert [each.key for each in found.new] == ["mail"]
    watch.deliver(NOON + HOUR)
    assert [each.key for each in watch.round(*failures(NOON + 2 * HOUR, FailureKind.TOKEN_REFUSED)).over] == [
        "mail"
    ]


def test_without_an_address_the_log_alone_tells(watch: Watch, written: io.StringIO) -> None:
    silent = Watch(watch.world, OpsPolicy())
    found = silent.round(*failures(NOON, FailureKind.TOKEN_REFUSED))
    assert [each.key for each in found.new] == ["token:vk"]
    assert "token:vk" in written.getvalue()
    assert silent.letters() == []
    watch.round(*failures(NOON + HOUR, FailureKind.TOKEN_REFUSED))
    assert watch.letters() == [], "it was told by the log"


def test_each_of_ops_gets_the_letter(watch: Watch) -> None:
    two = Watch(watch.world, OpsPolicy(emails=("a@example.org", "b@example.org")))
    two.round(*failures(NOON, FailureKind.TOKEN_REFUSED))
    assert [row.email for row in two.world.rows(outbox_message)] == ["a@example.org", "b@example.org"]


def test_what_a_daemon_could_not_take_up_is_told_once_and_ended_by_itself_alone(watch: Watch) -> None:
    """A command that looks meanwhile knows nothing of it."""
    wrong = Finding("reload:settings", "settings cannot be used", "Correct them.")
    watch.round(*reads(NOON))
    tell_ops(watch.store, (), OPS, NOON, [wrong])
    watch.deliver(NOON)
    tell_ops(watch.store, (), OPS, NOON + HOUR)
    assert tell_ops(watch.store, (), OPS, NOON + 2 * HOUR, [wrong]).new == ()
    assert watch.letters() == [["reload:settings"]]
    over = tell_ops(watch.store, (), OPS, NOON + 3 * HOUR, []).over
    assert [each.key for each in over] == ["reload:settings"]

"""Findings are told once while they last, and what they are gathered from is read right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.finding import FailureGroup, Finding, NetworkHealth
from collector.domain.model import Contact, ContactRole
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient, ops_key
from storage.runs import RunCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, read, vk, wall

TOKEN = Finding("token:vk", "the token is refused", "set another", NOON - HOUR)
CLOCK = Finding("clock", "the clock is wrong", "set it")


def letter(
    number: int, kind: NotificationKind = NotificationKind.OPS, email: str = "ops@example.org"
) -> OwedLetter:
    return OwedLetter(f"{kind}:{number}:{email}", kind, Recipient(Audience.OPS, email, email))


def keys(store: Store) -> list[str]:
    return [each.key for each in store.findings.untold()]


def test_a_finding_that_lasts_is_new_once(store: Store) -> None:
    assert store.findings.observe([TOKEN], NOON).new == (TOKEN,)
    again = store.findings.observe([TOKEN, CLOCK], NOON + HOUR)
    assert (again.new, again.over) == ((CLOCK,), ())
    (token,) = store.findings.by_keys(["token:vk"])
    assert (token.what, token.advice, token.since) == ("the token is refused", "set another", NOON - HOUR)


def test_what_is_told_is_told_once_while_it_lasts_and_again_if_it_is_back(store: Store) -> None:
    store.findings.observe([TOKEN], NOON)
    assert store.findings.tell(["token:vk"], [letter(1)], NOON)
    store.findings.observe([TOKEN], NOON + DAY)
    assert keys(store) == []
    over = store.findings.observe([], NOON + 2 * DAY).over
    assert [each.key for each in over] == ["token:vk"]
    assert keys(store) == []
    assert store.findings.observe([TOKEN], NOON + 3 * DAY).new == (TOKEN,)
    assert keys(store) == ["token:vk"]


def test_what_came_and_went_between_two_letters_is_still_told(store: Store) -> None:
    store.findings.observe([TOKEN], NOON)
    store.findings.observe([], NOON + HOUR)
    (token,) = store.findings.untold()
    assert token.cleared_at == NOON + HOUR


def test_where_not_all_is_known_nothing_is_over(store: Store) -> None:
    store.findings.observe([TOKEN], NOON)
    assert store.findings.observe([CLOCK], NOON + HOUR, is_all=False).over == ()
    assert [each.cleared_at for each in store.findings.by_keys(["token:vk"])] == [None]


def test_two_processes_tell_of_one_finding_by_one_letter(store: Store) -> None:
    store.findings.observe([TOKEN], NOON)
    assert store.findings.tell(["token:vk"], [letter(1)], NOON)
    assert not store.findings.tell(["token:vk"], [letter(2)], NOON)
    assert [each.message_id for each in store.outbox.waiting(NOON + HOUR)] == [1]


def test_what_a_clock_that_was_ahead_left_does_not_hold_the_next_letter_back(store: Store) -> None:
    year = 365 * DAY
    store.findings.observe([CLOCK], NOON + year)
    store.findings.tell(["clock"], [letter(1)], NOON + year)
    assert store.findings.last_letter_at(NOON) is None
    assert store.findings.last_letter_at(NOON + year) == NOON + year
    store.findings.observe([CLOCK], NOON)
    (clock,) = store.findings.by_keys(["clock"])
    assert clock.since == NOON


def test_a_line_break_in_a_network_s_word_stays_out_of_the_advice(store: Store) -> None:
    store.findings.observe([Finding("token:vk", "refused:\nset nothing", "set another")], NOON)
    (token,) = store.findings.untold()
    assert (token.what, token.advice) == ("refused: set nothing", "set another")


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", vk("1")), branch("САО", vk("2"), vk("3")))


def test_networks_tell_when_they_were_last_read_and_tried(world: World) -> None:
    found = world.store.findings
    assert found.networks(NOON) == [NetworkHealth("vk", 3, NOON - DAY, None, None)]
    world.round(read(NOON), failed(NOON + HOUR, FailureKind.TEMPORARY, community_id=2))
    assert found.networks(NOON + 2 * HOUR) == [NetworkHealth("vk", 3, NOON - DAY, NOON, NOON + HOUR)]


def test_failures_are_grouped_by_network_and_kind(world: World) -> None:
    world.round(read(NOON - HOUR))
    world.round(
        failed(NOON, FailureKind.TOKEN_REFUSED, detail="no"),
        failed(NOON, FailureKind.TOKEN_REFUSED, community_id=2, detail="no"),
        failed(NOON, FailureKind.TEMPORARY, community_id=3),
    )
    assert world.store.findings.failures() == [
        FailureGroup("vk", FailureKind.TEMPORARY, 1, "temporary", None),
        FailureGroup("vk", FailureKind.TOKEN_REFUSED, 2, "no", NOON - HOUR),
    ]
    world.store.sync_branches([branch("САО", vk("3"))], NOON)
    assert [each.community_count for each in world.store.findings.failures()] == [1]


def test_walls_wait_for_quota_since_they_were_last_read(world: World) -> None:
    world.round(read(NOON, wall=wall()))
    world.round(
        read(NOON + HOUR, wall_failure=failed(NOON + HOUR, FailureKind.QUOTA_SPENT)),
        failed(NOON + HOUR, FailureKind.TEMPORARY, community_id=2),
    )
    assert world.store.findings.networks_without_quota(NOON) == []
    assert world.store.findings.networks_without_quota(NOON + timedelta(seconds=1)) == ["vk"]


def test_rounds_of_the_future_are_none(store: Store) -> None:
    for at in (NOON, NOON + DAY, NOON + 400 * DAY):
        store.finish_round(store.start_round(at), RunCounts(read=2), at + HOUR, stopped=False, note=None)
    store.start_round(NOON + 2 * DAY)
    found = store.findings.newest_rounds(NOON + 3 * DAY)
    assert [(each.started_at, each.ended_at, each.read_count) for each in found] == [
        (NOON + 2 * DAY, NOON + 2 * DAY, 0),
        (NOON + DAY, NOON + DAY + HOUR, 2),
        (NOON, NOON + HOUR, 2),
    ]


def fail(store: Store, message_id: int, at: timedelta = timedelta(0)) -> None:
    assert store.outbox.claim(message_id, "w", NOON + at, HOUR) is not None
    assert store.outbox.failed(message_id, "w", NOON + at, error="550 no such user")


def test_an_address_is_refused_until_a_letter_gets_through(store: Store) -> None:
    store.outbox.owe([letter(1), letter(2)], NOON)
    fail(store, 1)
    (refused,) = store.findings.refused_addresses(NOON + HOUR, DAY)
    assert (refused.email, refused.letter_count, refused.since) == ("ops@example.org", 1, NOON)
    assert refused.last_error == "550 no such user"
    assert store.outbox.claim(2, "w", NOON + HOUR, HOUR) is not None
    assert store.outbox.sent(2, "w", NOON + HOUR, subject="s", body_text="b")
    assert store.findings.refused_addresses(NOON + 2 * HOUR, DAY) == []


def test_a_letter_put_off_is_trouble_after_a_day(store: Store) -> None:
    store.outbox.owe([letter(1)], NOON)
    assert store.outbox.claim(1, "w", NOON, HOUR) is not None
    assert store.outbox.put_off(1, "w", NOON, error="450 later", next_attempt_at=NOON + HOUR)
    assert store.findings.refused_addresses(NOON + DAY - timedelta(seconds=1), DAY) == []
    assert [each.last_error for each in store.findings.refused_addresses(NOON + DAY, DAY)] == ["450 later"]


def test_mail_waits_if_what_nothing_holds_does_not_leave(store: Store) -> None:
    store.outbox.owe([letter(1, NotificationKind.SILENCE)], NOON)
    assert store.findings.mail_waits_since(NOON + DAY, HOUR) is None
    store.outbox.owe([letter(2)], NOON + HOUR)
    assert store.findings.mail_waits_since(NOON + 2 * HOUR - timedelta(seconds=1), HOUR) is None
    assert store.findings.mail_waits_since(NOON + 2 * HOUR, HOUR) == NOON + HOUR


def test_branches_without_a_chair_are_found(store: Store) -> None:
    chair = Contact(ContactRole.CHAIR, "Иванова", "i@example.org")
    office = Contact(ContactRole.DEPARTMENT, "Отдел", "o@example.org")
    store.sync_branches(
        [branch("ВАО", vk("1"), contacts=(chair,)), branch("САО", vk("2"), contacts=(office,))], NOON
    )
    assert store.findings.branches_without_chair() == ["САО"]
    assert store.findings.declared_at([1, 2]) == {1: NOON, 2: NOON}


def test_ops_keys_differ_by_time_and_address() -> None:
    assert len({ops_key(NOON, "a@b.org"), ops_key(NOON + HOUR, "a@b.org"), ops_key(NOON, "c@b.org")}) == 3

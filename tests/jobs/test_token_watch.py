"""Tokens that end, or do not work: looked at once a day, told of ahead, each telling once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Contact, ContactRole, RequestTally, TokenReport
from collector.jobs.look_at_tokens import TokenWatch
from collector.jobs.tell_ops import OpsPolicy, tell_ops
from storage.letter_tables import outbox_message
from storage.runs import RunCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall

ENDS = NOON + 30 * DAY
KEYS = {"vk": frozenset({"aaa"}), "facebook": frozenset({"bbb"})}


class Network:
    """An adapter whose tokens are as the test says, and which counts how often it is asked."""

    def __init__(self, *reports: TokenReport) -> None:
        self.reports: Sequence[TokenReport] = reports
        self.tally = RequestTally()

    def check(self, *, is_brief: bool = False) -> Sequence[TokenReport]:
        assert is_brief
        self.tally.add("check")
        return self.reports


class Ops:
    """A daemon's ticks, a day or an hour after one another, and what ops heard."""

    def __init__(self, store: Store) -> None:
        chair = Contact(ContactRole.CHAIR, "Председатель", "chair@example.org")
        self.store, self.world = store, World(store, branch("ВАО", vk("1"), contacts=(chair,)))
        self.vk = Network(TokenReport("vk", "#1 (…aaaa)", True, token_key="aaa"))
        self.facebook = Network(TokenReport("facebook", "#1 (…bbbb)", True, token_key="bbb", expires_at=ENDS))
        self.keys = KEYS
        self.watch = TokenWatch()

    def tick(self, now: datetime, *, is_refused: bool = False) -> list[str]:
        """A round, a look, and what of tokens ops are told then."""
        before = len(self.letters())
        run = self.store.start_round(now)
        outcome = (
            failed(now, FailureKind.TOKEN_REFUSED) if is_refused else read(now, 100, wall(post("1", now)))
        )
        self.store.write_outcomes(run, [outcome], lambda *_: now + DAY)
        self.store.finish_round(run, RunCounts(due=1, read=1), now, stopped=False, note=None)
        self.look(now, is_after_round=True)
        tell_ops(self.store, (), OpsPolicy(("ops@example.org",), interval=31 * DAY), now)
        return [key for letter in self.letters()[before:] for key in letter if key.startswith("token")]

    def look(self, now: datetime, *, is_after_round: bool = False) -> bool:
        adapters = {"vk": self.vk, "facebook": self.facebook}
        return self.watch.look(self.store, adapters, self.keys, now, is_after_round=is_after_round)  # type: ignore[arg-type]

    def letters(self) -> list[list[str]]:
        import json

        return [json.loads(row.about)["keys"] for row in self.world.rows(outbox_message)]

    def lasting(self) -> dict[str, str]:
        keys = {key for letter in self.letters() for key in letter if key.startswith("token")}
        return {each.key: each.what for each in self.store.findings.by_keys(keys) if not each.cleared_at}


@pytest.fixture
def ops(store: Store) -> Iterator[Ops]:
    return Ops(store)


def test_ops_are_told_fourteen_seven_and_one_day_before_and_at_the_end_each_once(ops: Ops) -> None:
    told = {}
    for hours in range(15 * 24, 33 * 24, 24):
        now = NOON + timedelta(hours=hours)
        if keys := ops.tick(now):
            told[(ENDS - now).days] = keys
    assert told == {days: [f"token-end:facebook:bbb:{days}"] for days in (14, 7, 1, 0)}
    assert ops.lasting() == {
        "token-end:facebook:bbb:0": "facebook token #1 (…bbbb) ended at 2026-11-04 12:00 UTC"
    }


def test_who_was_away_on_the_day_tells_it_when_back_and_nothing_that_is_past(ops: Ops) -> None:
    ops.tick(NOON)
    assert ops.tick(ENDS - 5 * DAY) == ["token-end:facebook:bbb:7"]
    assert list(ops.lasting().values()) == [
        "facebook token #1 (…bbbb) ends at 2026-11-04 12:00 UTC, within 7 days"
    ]
    assert ops.tick(ENDS + 40 * DAY) == ["token-end:facebook:bbb:0"]


def test_a_token_replaced_in_time_ends_it(ops: Ops) -> None:
    assert ops.tick(ENDS - 10 * DAY) == ["token-end:facebook:bbb:14"]
    ops.keys = {**KEYS, "facebook": frozenset({"ccc"})}
    # Facebook is away, so that of the new one nothing is known; of the old one no word all the same.
    ops.facebook.reports = [replace(ops.facebook.reports[0], token_key="ccc", is_working=None)]
    assert ops.tick(ENDS - 9 * DAY) == []
    assert ops.lasting() == {}
    assert [each.token_key for each in ops.store.tokens.states()] == ["aaa"]
    ops.facebook.reports = [replace(ops.facebook.reports[0], is_working=True, expires_at=ENDS + 60 * DAY)]
    assert ops.tick(ENDS) == []
    assert {each.token_key: each.expires_at for each in ops.store.tokens.states()} == {
        "aaa": None,
        "ccc": ENDS + 60 * DAY,
    }


def test_one_that_was_prolonged_is_asked_before_its_end_is_told(ops: Ops) -> None:
    ops.tick(ENDS - 14 * DAY - HOUR)
    ops.facebook.reports = [replace(ops.facebook.reports[0], expires_at=ENDS + 60 * DAY)]
    assert ops.tick(ENDS - 14 * DAY + HOUR) == []


def test_a_day_costs_one_request_a_token_and_a_restart_none(ops: Ops) -> None:
    for hour in range(48):
        if hour % 5 == 0:
            ops.watch = TokenWatch()
        ops.look(NOON + hour * HOUR)
    assert (ops.vk.tally.total, ops.facebook.tally.total) == (2, 2)


def test_a_network_that_does_not_answer_is_asked_once_an_hour_and_proves_nothing(ops: Ops) -> None:
    ops.look(NOON)
    was = ops.store.tokens.states()
    ops.vk.reports = [replace(ops.vk.reports[0], is_working=None, advice="VK could not be reached")]
    for minute in range(180):
        ops.look(NOON + DAY + timedelta(minutes=minute))
    assert ops.vk.tally.total == 1 + 3
    assert [each for each in ops.store.tokens.states() if each.network == "vk"] == was[1:]
    assert ops.tick(NOON + DAY + 4 * HOUR) == []


def test_one_of_two_tokens_that_works_no_more_is_told_though_all_is_read(ops: Ops) -> None:
    ops.keys = {**KEYS, "vk": frozenset({"aaa", "ddd"})}
    good = ops.vk.reports[0]
    dead = replace(good, token_key="ddd", label="#2 (…dddd)", is_working=False, advice="VK refuses it")
    ops.vk.reports = [good, dead]
    assert ops.tick(NOON) == ["token-dead:vk:ddd"]
    assert ops.lasting() == {"token-dead:vk:ddd": "vk token #2 (…dddd) does not work"}
    ops.vk.reports = [good, replace(dead, is_working=True)]
    assert ops.tick(NOON + HOUR) == []
    assert ops.lasting() == {}


def test_a_token_that_fails_everybody_is_told_once_and_not_after_it_is_well_again(ops: Ops) -> None:
    good = ops.vk.reports[0]
    ops.vk.reports = [replace(good, is_working=False)]
    assert ops.tick(NOON, is_refused=True) == ["token:vk"]
    ops.vk.reports = [good]
    assert ops.tick(NOON + HOUR) == []
    assert ops.lasting() == {}


def test_no_token_is_in_the_database(ops: Ops) -> None:
    ops.look(NOON)
    assert [(each.network, each.label, each.is_working) for each in ops.store.tokens.states()] == [
        ("facebook", "#1 (…bbbb)", True),
        ("vk", "#1 (…aaaa)", True),
    ]


def test_where_nothing_is_set_nothing_is_asked(ops: Ops) -> None:
    ops.keys = {"vk": frozenset(), "facebook": frozenset()}
    assert not ops.look(NOON)
    assert (ops.vk.tally.total, ops.facebook.tally.total) == (0, 0)

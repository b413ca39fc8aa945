"""A clock that jumps a year ahead, and back: nothing is believed meanwhile, and it is got over at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Table, func, select

from collector.domain.schedule import CLOCK_TOLERANCE
from collector.domain.silence import Verdict, assess
from collector.jobs.collect import CollectPolicy, collect
from collector.sandbox import Fault
from storage.engine import reading
from storage.tables import follower_snapshot, post_snapshot
from tests.jobs.rounds import HOUR, THERE, Rounds

YEAR = timedelta(days=365)
Started = Callable[..., Rounds]


def rows(rounds: Rounds, table: Table) -> int:
    with reading(rounds.store._engine) as conn:
        return conn.scalar(select(func.count()).select_from(table)) or 0


def verdicts(rounds: Rounds) -> set[Verdict]:
    now = rounds.now()
    (batch,) = rounds.store.evidence.facts(
        default_threshold=timedelta(days=60), count_reposts=True, warn_before=None
    )
    return {assess(each.communities, each.policy, now).verdict for each in batch}


def test_nothing_is_read_while_the_clock_is_a_year_ahead_and_all_is_once_it_is_back(rounds: Started) -> None:
    collecting = rounds(THERE)
    assert collecting.round().counts.read == len(THERE)
    known = {table: rows(collecting, table) for table in (follower_snapshot, post_snapshot)}

    collecting.ahead = YEAR
    for hours in (1, 2):
        ahead = collecting.round(hours * HOUR)
        assert (ahead.counts.read, ahead.counts.walls, ahead.counts.failed) == (0, 0, len(THERE))
        assert collecting.failures() == {"clock_wrong": len(THERE)}
        last = collecting.store.last_round()
        assert last is not None
        assert "set this machine's clock right" in (last.note or "")
        assert verdicts(collecting) == {Verdict.UNKNOWN}
    assert {table: rows(collecting, table) for table in known} == known

    collecting.ahead = timedelta(0)
    back = collecting.round(3 * HOUR)
    assert (back.counts.read, back.outdated) == (len(THERE), 0)
    assert collecting.failures() == {None: len(THERE)}
    assert verdicts(collecting) == {Verdict.ACTIVE}
    assert collecting.round(4 * HOUR).counts.read == len(THERE), "nobody waits for a year to pass"


def test_what_was_read_by_such_a_clock_proves_nothing_where_no_date_is_told(rounds: Started) -> None:
    collecting = rounds(THERE)
    collecting.sandbox.faults.add(Fault("no_date"))
    collecting.round()
    collecting.ahead = YEAR
    assert collecting.round(HOUR).counts.read == len(THERE)

    collecting.ahead = timedelta(0)
    collecting.clock.advance(61 * timedelta(days=1))
    assert verdicts(collecting) <= {Verdict.ACTIVE, Verdict.UNKNOWN}
    back = collecting.round(61 * timedelta(days=1) + 2 * HOUR)
    assert (back.counts.read, back.outdated) == (len(THERE), 0)
    assert verdicts(collecting) <= {Verdict.ACTIVE, Verdict.SILENT}
    assert all(
        (row.last_seen_at or collecting.now()) <= collecting.now() for row in collecting.store.communities()
    )


def test_a_clock_that_is_set_back_within_a_round_lets_nobody_wait_for_a_year(rounds: Started) -> None:
    collecting = rounds(THERE)

    def now() -> datetime:
        """A year ahead until the first request."""
        return collecting.now() + (timedelta(0) if collecting.sandbox.requests else YEAR)

    adapters = {"vk": collecting.adapter}
    first = collect(collecting.store, adapters, CollectPolicy(HOUR), now, collecting.stop, only_due=True)
    assert first.counts.read == len(THERE)
    assert collecting.round(HOUR).counts.read == len(THERE)


def test_a_clock_less_than_an_hour_ahead_is_lived_with(rounds: Started) -> None:
    collecting = rounds(THERE)
    collecting.ahead = CLOCK_TOLERANCE - timedelta(minutes=5)
    assert collecting.round().counts.read == len(THERE)

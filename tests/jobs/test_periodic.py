"""Letters of the calendar are owed once: the newest week, the month just ended, and never in a burst."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from collector.domain.model import BranchDeclaration, Contact, ContactRole
from collector.domain.period import ReportPeriod, month_of, week_until
from collector.jobs.periodic import OwedPeriodic, owe_periodic
from storage.letter_tables import outbox_message
from storage.runs import RunCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, World, branch, read, vk

MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)
"""08:00 in Moscow."""
FIRST = datetime(2026, 11, 30, 21, tzinfo=UTC)
"""1 December, 00:00 in Moscow."""


def declared() -> list[BranchDeclaration]:
    office = Contact(ContactRole.DEPARTMENT, "Отдел", "info@example.org")
    return [
        branch("ВАО", vk("1"), contacts=(Contact(ContactRole.CHAIR, "Иванова", "v@example.org"), office)),
        branch("САО", vk("2"), contacts=(Contact(ContactRole.CHAIR, "Петрова", "s@example.org"), office)),
    ]


@pytest.fixture
def world(store: Store) -> World:
    """Both branches were read on 14 November."""
    world = World(store, *declared())
    a_round(world, MONDAY - 2 * DAY, 1, 2)
    return world


def a_round(world: World, at: datetime, *community_ids: int) -> None:
    started = world.store.start_round(at)
    outcomes = [read(at, 10, community_id=number, native_id=str(number)) for number in community_ids]
    world.store.write_outcomes(started, outcomes, lambda *_: at + HOUR)
    counts = RunCounts(due=2, read=len(community_ids))
    world.store.finish_round(started, counts, at, stopped=False, note=None)


def owed(world: World) -> Counter[tuple[str, str]]:
    return Counter((row.kind, row.email) for row in world.rows(outbox_message))


def test_on_monday_at_eight_the_department_is_owed_the_week_once(world: World) -> None:
    a_round(world, MONDAY - HOUR, 1)
    assert owe_periodic(world.store, MONDAY - HOUR / 60) == OwedPeriodic(0, 0)
    assert owe_periodic(world.store, MONDAY) == OwedPeriodic(1, 0)
    assert owe_periodic(world.store, MONDAY + DAY) == OwedPeriodic(0, 0)
    assert owed(world) == {("weekly", "info@example.org"): 1}


def test_a_week_is_not_told_before_something_was_read_after_it(world: World) -> None:
    assert owe_periodic(world.store, MONDAY + HOUR) == OwedPeriodic(0, 0)
    a_round(world, MONDAY + 2 * HOUR)
    assert owe_periodic(world.store, MONDAY + 2 * HOUR) == OwedPeriodic(0, 0), "that round read nothing"
    a_round(world, MONDAY + 3 * HOUR, 2)
    assert owe_periodic(world.store, MONDAY + 3 * HOUR) == OwedPeriodic(1, 0)


def test_after_five_weeks_down_only_the_newest_week_is_told(world: World) -> None:
    back = MONDAY + 36 * DAY
    a_round(world, back, 1, 2)
    assert owe_periodic(world.store, back).weekly == 1
    (row,) = [row for row in world.rows(outbox_message) if row.kind == "weekly"]
    assert row.key == "weekly:2026-12-21:info@example.org"


def test_each_chair_is_owed_the_month_on_its_first(world: World) -> None:
    a_round(world, FIRST, 1, 2)
    assert owe_periodic(world.store, FIRST).monthly == 2
    assert owe_periodic(world.store, FIRST + DAY).monthly == 0
    monthly = {row.key for row in world.rows(outbox_message) if row.kind == "monthly"}
    assert monthly == {"monthly:1:2026-11:v@example.org", "monthly:2:2026-11:s@example.org"}


def test_a_month_is_told_within_ten_days_of_its_end(world: World) -> None:
    a_round(world, FIRST + 9 * DAY, 1, 2)
    late = FIRST + 10 * DAY
    assert owe_periodic(world.store, late).monthly == 0
    assert owe_periodic(world.store, late - HOUR).monthly == 2


def test_what_waits_is_overtaken_by_the_next_one_so_that_no_pile_is_sent_at_once(world: World) -> None:
    for week in range(8):
        a_round(world, MONDAY + week * 7 * DAY, 1, 2)
        owe_periodic(world.store, MONDAY + week * 7 * DAY)
    waiting = {row.key for row in world.rows(outbox_message) if row.status == "pending"}
    assert waiting == {
        "monthly:1:2026-12:v@example.org",
        "monthly:2:2026-12:s@example.org",
        "weekly:2027-01-04:info@example.org",
    }
    assert len(world.rows(outbox_message)) == 8 + 2 * 2


def test_a_branch_of_which_the_month_knows_nothing_gets_no_letter(store: Store) -> None:
    world = World(store, *declared())
    a_round(world, FIRST - DAY, 1)
    a_round(world, FIRST + HOUR, 1, 2)
    assert owe_periodic(store, FIRST + HOUR).monthly == 1
    assert [row.branch_id for row in world.rows(outbox_message) if row.kind == "monthly"] == [1]


def test_a_clock_a_year_ahead_owes_nothing_as_nothing_is_read_by_it(world: World) -> None:
    a_round(world, MONDAY - HOUR, 1, 2)
    ahead = MONDAY + 364 * DAY
    a_round(world, ahead)
    assert owe_periodic(world.store, ahead + HOUR) == OwedPeriodic(0, 0)
    assert owe_periodic(world.store, MONDAY + HOUR) == OwedPeriodic(1, 0)


def test_what_is_owed_names_its_period(world: World) -> None:
    a_round(world, FIRST, 1, 2)
    owe_periodic(world.store, FIRST)
    abouts = {row.about for row in world.rows(outbox_message)}
    assert abouts == {'{"monday": "2026-11-30"}', '{"month": "2026-11-01"}'}
    assert week_until(date(2026, 11, 30)) == ReportPeriod(date(2026, 11, 23), date(2026, 11, 30))
    assert month_of(date(2026, 11, 1)).end == FIRST

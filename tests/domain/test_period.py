"""Weeks and months end with a night in Moscow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.period import ReportPeriod, month_before, month_of, week_before, week_until

SECOND = timedelta(seconds=1)


def test_a_week_ends_when_monday_begins_in_moscow() -> None:
    monday = datetime(2026, 11, 15, 21, tzinfo=UTC)
    assert week_before(monday - SECOND) == ReportPeriod(date(2026, 11, 2), date(2026, 11, 9))
    assert week_before(monday) == ReportPeriod(date(2026, 11, 9), date(2026, 11, 16))
    assert week_before(monday + timedelta(days=7) - SECOND) == week_before(monday)


def test_the_period_holds_its_first_instant_and_not_its_last() -> None:
    week = week_until(date(2026, 11, 16))
    assert (week.start, week.end) == (
        datetime(2026, 11, 8, 21, tzinfo=UTC),
        datetime(2026, 11, 15, 21, tzinfo=UTC),
    )
    assert (week.days[0], week.last_day, len(week.days)) == (date(2026, 11, 9), date(2026, 11, 15), 7)


@pytest.mark.parametrize(
    ("now", "first", "days"),
    [
        (datetime(2026, 2, 28, 20, 59, 59, tzinfo=UTC), date(2026, 1, 1), 31),
        (datetime(2026, 2, 28, 21, tzinfo=UTC), date(2026, 2, 1), 28),
        (datetime(2027, 1, 10, tzinfo=UTC), date(2026, 12, 1), 31),
        (datetime(2024, 3, 31, tzinfo=UTC), date(2024, 2, 1), 29),
    ],
)
def test_a_month_ends_when_the_next_begins_in_moscow(now: datetime, first: date, days: int) -> None:
    month = month_before(now)
    assert (month.first_day, len(month.days)) == (first, days)


def test_the_period_before_a_period_is_found_from_its_first_instant() -> None:
    assert week_before(week_until(date(2026, 11, 16)).start) == week_until(date(2026, 11, 9))
    assert month_before(month_of(date(2026, 12, 31)).start) == month_of(date(2026, 11, 1))

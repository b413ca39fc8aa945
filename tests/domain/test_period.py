"""Weeks and months end with a night in Moscow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.period import (
    ReportPeriod,
    as_far_as_over,
    month_before,
    month_of,
    months_before,
    week_before,
    week_until,
    written_period,
)

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


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_year_a_quarter_and_a_month_are_written_so(written: str, first: date, last: date) -> None:
    period = ReportPeriod.of_days(first, last)
    assert written_period(written) == period
    assert written_period(f" {written.lower()} ") == period
    assert period.code == written


@pytest.mark.parametrize(
    "written",
    ["", "26", "2026-Q5", "2026-13", "2026-00", "2026-9", "2026Q3", "2026-09-01", "0000", "9999", "٢٠٢٦"],
)
def test_what_is_no_period_is_none(written: str) -> None:
    assert written_period(written) is None


def test_a_period_that_is_written_otherwise_is_named_by_its_days() -> None:
    assert week_until(date(2026, 11, 16)).code == "2026-11-09_2026-11-15"


@pytest.mark.parametrize(
    ("written", "before"),
    [
        ("2026", "2025"),
        ("2026-Q1", "2025-Q4"),
        ("2026-Q3", "2026-Q2"),
        ("2026-01", "2025-12"),
        ("2024-03", "2024-02"),
    ],
)
def test_the_period_before_is_as_many_months_long(written: str, before: str) -> None:
    period = written_period(written)
    assert period is not None
    assert months_before(period) == written_period(before)


def test_of_a_period_the_days_before_today_are_over() -> None:
    november = month_of(date(2026, 11, 1))
    assert as_far_as_over(november, date(2026, 11, 1)) is None
    assert as_far_as_over(november, date(2026, 11, 2)) == ReportPeriod.of_days(
        date(2026, 11, 1), date(2026, 11, 1)
    )
    assert as_far_as_over(november, date(2026, 12, 24)) == november

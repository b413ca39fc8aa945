"""Working time, against the decrees of Russia's government on moved days off, 2024 to 2027."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.calendar import MOSCOW
from collector.notifications.workdays import is_working_time

# Days from Monday to Friday that are off, as the decrees list them.
_OFF = """
2024-01-01 2024-01-02 2024-01-03 2024-01-04 2024-01-05 2024-01-08 2024-02-23 2024-03-08 2024-04-29 2024-04-30
2024-05-01 2024-05-09 2024-05-10 2024-06-12 2024-11-04 2024-12-30 2024-12-31
2025-01-01 2025-01-02 2025-01-03 2025-01-06 2025-01-07 2025-01-08 2025-05-01 2025-05-02 2025-05-08 2025-05-09
2025-06-12 2025-06-13 2025-11-03 2025-11-04 2025-12-31
2026-01-01 2026-01-02 2026-01-05 2026-01-06 2026-01-07 2026-01-08 2026-01-09 2026-02-23 2026-03-09 2026-05-01
2026-05-11 2026-06-12 2026-11-04 2026-12-31
2027-01-01 2027-01-04 2027-01-05 2027-01-06 2027-01-07 2027-01-08 2027-02-22 2027-02-23 2027-03-08 2027-05-03
2027-05-10 2027-06-14 2027-11-04 2027-11-05 2027-12-31
"""
OFF = frozenset(_OFF.split())
WORKING_SATURDAYS = ("2024-04-27", "2024-11-02", "2024-12-28", "2025-11-01", "2027-02-20")


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=MOSCOW).astimezone(UTC)


def is_working_day(day: date) -> bool:
    return is_working_time(at(day, 12), 9, 18)


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_every_day_of_a_year_is_as_the_decree_says(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    differing = [
        str(day)
        for day in days
        if day.year == year
        and is_working_day(day)
        != ((day.weekday() < 5 and str(day) not in OFF) or str(day) in WORKING_SATURDAYS)
    ]
    assert differing == []


@pytest.mark.parametrize("day", ["2030-01-02", "2030-05-09", "2031-06-12", "2032-11-04"])
def test_years_without_a_decree_have_their_standing_holidays(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("clock", "is_working"),
    [
        ((8, 59, 59), False),
        ((9, 0, 0), True),
        ((17, 59, 59), True),
        ((18, 0, 0), False),
        ((0, 0, 0), False),
    ],
)
def test_hours_are_moscows_and_the_last_one_is_not_included(
    clock: tuple[int, int, int], is_working: bool
) -> None:
    assert is_working_time(at(date(2026, 10, 5), *clock), 9, 18) is is_working


def test_hours_may_reach_to_midnight() -> None:
    assert is_working_time(at(date(2026, 10, 5), 23, 59, 59), 0, 24)


def test_the_day_is_moscows_too() -> None:
    # 22:30 UTC on a Sunday is Monday, 01:30, in Moscow.
    assert is_working_time(datetime(2026, 10, 4, 22, 30, tzinfo=UTC), 0, 24)
    assert not is_working_time(datetime(2026, 10, 2, 22, 30, tzinfo=UTC), 0, 24)

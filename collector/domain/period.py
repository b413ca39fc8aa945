"""Report periods: whole weeks and months, as Moscow counts days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.domain.calendar import moscow_day, moscow_day_begins

LONGEST_DISTANCE = timedelta(days=31)
"""A reading farther than this from a day says nothing of it."""


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """Moscow days `[first_day, end_day)`."""

    first_day: date
    end_day: date

    @classmethod
    def of_days(cls, first_day: date, last_day: date) -> ReportPeriod:
        """From one day to another, both included."""
        return cls(first_day, last_day + timedelta(days=1))

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return moscow_day_begins(self.first_day)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return moscow_day_begins(self.end_day)

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.end_day - timedelta(days=1)

    @property
    def days(self) -> tuple[date, ...]:
        """Each of its days, in order."""
        count = (self.end_day - self.first_day).days
        return tuple(self.first_day + timedelta(days=number) for number in range(count))


def week_until(monday: date) -> ReportPeriod:
    """The seven days before a Monday."""
    return ReportPeriod(monday - timedelta(days=7), monday)


def month_of(day: date) -> ReportPeriod:
    """The calendar month in which a day lies."""
    first = day.replace(day=1)
    return ReportPeriod(first, (first + timedelta(days=31)).replace(day=1))


def week_before(now: datetime) -> ReportPeriod:
    """The newest whole week: that which ended with the night to the newest Monday."""
    today = moscow_day(now)
    return week_until(today - timedelta(days=today.weekday()))


def month_before(now: datetime) -> ReportPeriod:
    """The newest whole month."""
    return month_of(moscow_day(now).replace(day=1) - timedelta(days=1))

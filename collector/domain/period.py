"""Report periods: whole weeks, months, quarters and years, as Moscow counts days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.domain.calendar import moscow_day, moscow_day_begins

LONGEST_DISTANCE = timedelta(days=31)
"""A reading farther than this from a day says nothing of it."""
_WRITTEN = re.compile(r"(?P<year>[0-9]{4})(-(Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.IGNORECASE)


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

    def is_seen(self, since: datetime | None, until: datetime | None) -> bool:
        """Whether what was seen from one instant to another is all that happened in it. None: nothing was seen."""
        return since is not None and until is not None and since <= self.start and self.end <= until

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.end_day - timedelta(days=1)

    @property
    def code(self) -> str:
        """As `written_period` reads it, 2026, 2026-Q3 or 2026-09; of any other period its two days."""
        year, month = self.first_day.year, self.first_day.month
        forms = (f"{year}", f"{year}-Q{(month + 2) // 3}", f"{year}-{month:02}")
        return next(
            (form for form in forms if written_period(form) == self), f"{self.first_day}_{self.last_day}"
        )

    @property
    def days(self) -> tuple[date, ...]:
        """Each of its days, in order."""
        count = (self.end_day - self.first_day).days
        return tuple(self.first_day + timedelta(days=number) for number in range(count))


def written_period(text: str) -> ReportPeriod | None:
    """A year, a quarter or a month as people write it: 2026, 2026-Q3, 2026-09; None: it is none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    year, quarter, month = (int(found[name] or 0) for name in ("year", "quarter", "month"))
    first_month, months = (month, 1) if month else (3 * quarter - 2, 3) if quarter else (1, 12)
    try:
        first = date(year, first_month, 1)
        later = first_month + months
        return ReportPeriod(first, date(year + (later > 12), (later - 1) % 12 + 1, 1))
    except ValueError:
        # The year 0, or one after the calendar's last.
        return None


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


def months_before(period: ReportPeriod) -> ReportPeriod:
    """The period before one of whole months, as many months long."""
    count = 12 * (period.end_day.year - period.first_day.year) + period.end_day.month - period.first_day.month
    years, month = divmod(period.first_day.month - 1 - count, 12)
    return ReportPeriod(date(period.first_day.year + years, month + 1, 1), period.first_day)


def as_far_as_over(period: ReportPeriod, today: date) -> ReportPeriod | None:
    """The days of a period that are over; None: none is."""
    end = min(period.end_day, today)
    return ReportPeriod(period.first_day, end) if end > period.first_day else None

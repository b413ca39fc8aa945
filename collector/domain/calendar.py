"""Days as the people of the union count them: Moscow's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def written_day(text: str) -> date | None:
    """A day as people here and browsers write it: 31.12.2026 or 2026-12-31; None: it is none."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def moscow_day_bounds(instant: datetime) -> tuple[datetime, datetime]:
    """The beginning of the Moscow day of this instant, and of the next one.

    For many comparisons with one day: an instant is compared with these quicker than its own day is found.
    """
    begins = instant.astimezone(MOSCOW).replace(hour=0, minute=0, second=0, microsecond=0)
    return begins.astimezone(UTC), (begins + timedelta(days=1)).astimezone(UTC)


def moscow_day(instant: datetime) -> date:
    """The calendar day in Moscow at this instant."""
    return instant.astimezone(MOSCOW).date()


def moscow_day_begins(day: date) -> datetime:
    """The first instant of a calendar day in Moscow."""
    return datetime(day.year, day.month, day.day, tzinfo=MOSCOW).astimezone(UTC)

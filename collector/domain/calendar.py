"""Days as the people of the union count them: Moscow's."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")


def moscow_day(instant: datetime) -> date:
    """The calendar day in Moscow at this instant."""
    return instant.astimezone(MOSCOW).date()

"""When people are at work: Russia's working calendar, with its moved days off and its working Saturdays."""

from __future__ import annotations

from datetime import datetime

import holidays

from collector.domain.calendar import MOSCOW

_RUSSIA = holidays.country_holidays("RU")
"""Years are added as they are asked for. Days that are moved by decree are known as far as the library knows them."""


def is_working_time(now: datetime, start_hour: int, end_hour: int) -> bool:
    """Whether an instant lies on a working day, from `start_hour` to before `end_hour`, Moscow time."""
    there = now.astimezone(MOSCOW)
    return start_hour <= there.hour < end_hour and bool(_RUSSIA.is_working_day(there.date()))

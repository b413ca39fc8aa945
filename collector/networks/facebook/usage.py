"""How much of the rate limits is used, as Graph's headers tell, and what that asks of us.

Calls made while throttled extend the block, so the headers are obeyed before the limit is reached. Source:
https://developers.facebook.com/docs/graph-api/overview/rate-limiting. Headers come only after enough calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

SLOW_FROM = 75.0
"""Percent of a limit from which we slow down."""
REST_FROM = 95.0
"""Percent of a limit from which we ask nothing more."""
SLOW_BATCH = 10
"""Calls in a batch while slowed down."""
LONGEST_PAUSE = 60.0
"""Seconds between two batches just below REST_FROM."""
DEFAULT_REST = timedelta(minutes=60)
"""The limits count over a rolling hour: after it, whatever was used is free again."""

_FLAT = ("x-app-usage", "x-page-usage")
_BUSINESS = "x-business-use-case-usage"
_SHARES = ("call_count", "total_time", "total_cputime")
_MOST_MINUTES = 7 * 24 * 60.0


@dataclass(frozen=True, slots=True)
class Usage:
    """The most used of the limits, in percent; `regain` is how long Facebook says that we are shut out."""

    percent: float
    regain: timedelta | None = None


def parse_usage(headers: Mapping[str, str]) -> Usage | None:
    """What the headers of an answer tell; None where they tell nothing that can be read."""
    found = [
        usage
        for name, value in headers.items()
        if name.lower() in _FLAT or name.lower() == _BUSINESS
        for usage in _parse_header(name.lower(), value)
    ]
    return worst(found)


def worst(usages: Iterable[Usage]) -> Usage | None:
    """The most cautious view of several."""
    seen = list(usages)
    if not seen:
        return None
    regains = [usage.regain for usage in seen if usage.regain is not None]
    return Usage(max(usage.percent for usage in seen), max(regains, default=None))


def _parse_header(name: str, value: str) -> list[Usage]:
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return []
    if not isinstance(told, dict):
        return []
    entries: list[object] = [told]
    if name == _BUSINESS:
        entries = [entry for listed in told.values() if isinstance(listed, list) for entry in listed]
    return [usage for entry in entries if isinstance(entry, dict) and (usage := _parse_entry(entry))]


def _parse_entry(entry: Mapping[str, object]) -> Usage | None:
    shares = [share for name in _SHARES if (share := _number(entry.get(name))) is not None]
    minutes = _number(entry.get("estimated_time_to_regain_access")) or 0.0
    if minutes > 0:
        # We are shut out already, whatever the shares say.
        return Usage(max([100.0, *shares]), timedelta(minutes=min(minutes, _MOST_MINUTES)))
    return Usage(max(shares)) if shares else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Not `isfinite`: an integer too large for a float would raise there.
    return float(value) if 0 <= value <= 1_000_000 else None


class Pacer:
    """Turns what was last heard of the limits into pauses, batch sizes and rests."""

    def __init__(self) -> None:
        self._usage: Usage | None = None
        self._heard_at: datetime | None = None

    def note(self, usage: Usage | None, now: datetime) -> None:
        """Remember what an answer told; an answer without headers changes nothing, and none cuts a rest short."""
        if usage is None:
            return
        until = self.rest_until(now)
        resting = [Usage(100.0, until - now)] if until is not None else []
        self._usage, self._heard_at = worst([usage, *resting]), now

    def rest_until(self, now: datetime) -> datetime | None:
        """Until when nothing may be asked; None: go on."""
        usage = self._current(now)
        if usage is None or self._heard_at is None or usage.percent < REST_FROM:
            return None
        return self._heard_at + (usage.regain or DEFAULT_REST)

    def pause(self, now: datetime) -> float:
        """Seconds to wait before the next batch."""
        usage = self._current(now)
        if usage is None or usage.percent < SLOW_FROM:
            return 0.0
        return min(LONGEST_PAUSE, LONGEST_PAUSE * (usage.percent - SLOW_FROM + 1) / (REST_FROM - SLOW_FROM))

    def batch_limit(self, wanted: int, now: datetime) -> int:
        """How many calls the next batch may hold."""
        usage = self._current(now)
        return wanted if usage is None or usage.percent < SLOW_FROM else min(wanted, SLOW_BATCH)

    def _current(self, now: datetime) -> Usage | None:
        if self._usage is None or self._heard_at is None:
            return None
        is_over = now >= self._heard_at + (self._usage.regain or DEFAULT_REST)
        return None if is_over else self._usage

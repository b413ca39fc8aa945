"""What may be removed with time: which readings of a post's counts nobody needs any more, and when the work is due.

Only ages stand in the settings; that no report tells another number afterwards is held here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.calendar import moscow_day, moscow_day_begins

_CONFIRMED_EVERY = timedelta(days=7)
"""Of readings that repeat the counts before them, one in this time stays: that they were looked at stays visible."""
_NIGHT_BEGINS = timedelta(hours=2)
"""After Moscow's midnight, when the fewest look at the pages."""


class Retained(StrEnum):
    """What has an age in the settings, as the setting is called."""

    RAW_ANSWERS = "raw_answers"
    """Answers without sense that were kept with a failure; the failure itself stays."""
    OUTCOMES = "outcomes"
    """Failures, but the newest of each community and kind: a doubt counts how often in a row it was told."""
    POST_SNAPSHOTS = "post_snapshots"
    """Readings of posts' counts: thinned, see `thinned`."""
    SERIES = "series"
    """Readings of followers, but the first, the newest, what was imported, and those around frozen contests."""


@dataclass(frozen=True, slots=True)
class CountsRead:
    """A reading of a post's counts."""

    observed_at: datetime
    counts: tuple[int | None, ...]


def thinned(readings: Sequence[CountsRead]) -> list[CountsRead]:
    """The readings of one post that may go; they come in the order of time.

    What the counts were at the end of any Moscow day is told by those that stay, to the number: contests and news
    ask for no other moment of the past. Of a day its last reading stays, and where that repeats the counts that stand
    before it, one in a week; the first and the newest always.
    """
    found: list[CountsRead] = []
    before: CountsRead | None = None
    for place, each in enumerate(readings):
        following = readings[place + 1] if place + 1 < len(readings) else None
        if before is None or following is None:
            before = each
            continue
        is_last_of_day = _day_that_ends(following) != _day_that_ends(each)
        is_repeated = (
            each.counts == before.counts and each.observed_at - before.observed_at < _CONFIRMED_EVERY
        )
        if is_last_of_day and not is_repeated:
            before = each
        else:
            found.append(each)
    return found


def _day_that_ends(reading: CountsRead) -> object:
    # What is known "up to midnight" includes what was read at midnight itself.
    return moscow_day(reading.observed_at - timedelta(seconds=1))


def older_than(age: timedelta, reckoned_from: datetime) -> datetime:
    """The beginning of the Moscow day that lies so far back."""
    return moscow_day_begins(moscow_day(reckoned_from - age))


def is_due(last_at: datetime | None, now: datetime) -> bool:
    """Whether a night has begun since it was last done."""
    night = moscow_day_begins(moscow_day(now - _NIGHT_BEGINS)) + _NIGHT_BEGINS
    return last_at is None or last_at < night

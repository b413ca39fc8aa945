"""Removes what is older than the settings keep it: in small batches, so that nobody waits, and to be gone on with.

How far it came stands in the database: whoever is killed or stopped in the middle goes on there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.domain.retention import Retained, older_than
from storage.retention import Pass
from storage.store import Store
from storage.upkeep import ChoreDone
from storage.upkeep_tables import Chore

_PAUSE_S = 0.05
"""After each batch that removed something: rounds get their turn between."""


@dataclass(frozen=True, slots=True)
class RetentionSummary:
    """What was removed, or would be."""

    removed: Mapping[Retained, int]
    """Rows, or raw answers, by what has an age in the settings."""
    before: Mapping[Retained, datetime]
    """From which instant on all is kept."""
    is_whole: bool = True
    """Whether it came to its end; if not, the next one goes on."""
    is_elsewhere: bool = False
    """Whether another process is at it."""


def retain(
    store: Store,
    ages: Mapping[Retained, timedelta],
    now: Callable[[], datetime],
    stop: threading.Event,
    *,
    dry_run: bool = False,
    on_batch: Callable[[], None] = lambda: None,
) -> RetentionSummary:
    """Remove what is older than these ages, and keep a record of it. `dry_run`: only count; `on_batch`: it gets on.

    Ages are reckoned from the newest reading, not from now: a clock that is ahead makes nothing old, nor does a year
    without the program.
    """
    started_at = now()
    newest = store.newest_reading(started_at)
    if newest is None:
        return RetentionSummary(dict.fromkeys(ages, 0), {})
    before = {each: older_than(age, newest) for each, age in ages.items()}
    removed: dict[Retained, int] = {}
    with store.retention.lock() as is_ours:
        if not is_ours:
            return RetentionSummary({}, before, is_whole=False, is_elsewhere=True)
        for each, instant in before.items():
            removed[each] = (
                _count(store, each, instant) if dry_run else _remove(store, each, instant, stop, on_batch)
            )
            if stop.is_set():
                return RetentionSummary(removed, before, is_whole=False)
        if not dry_run:
            note = ", ".join(f"{each.value}: {count}" for each, count in removed.items())
            done = ChoreDone(Chore.RETENTION, started_at, now(), sum(removed.values()), note)
            store.upkeep.record(done)
    return RetentionSummary(removed, before)


def _count(store: Store, what: Retained, before: datetime) -> int:
    under_way: Pass | None = store.retention.next_pass(what, before)
    removed = 0
    while under_way is not None:
        step = store.retention.count(under_way)
        removed += step.removed
        under_way = None if step.is_last else replace(under_way, after_community_id=step.upto_community_id)
    return removed


def _remove(
    store: Store, what: Retained, before: datetime, stop: threading.Event, on_batch: Callable[[], None]
) -> int:
    """A pass that was not brought to its end is, before a new one begins."""
    removed = 0
    while (under_way := store.retention.next_pass(what, before)) is not None:
        step = store.retention.remove(under_way)
        removed += step.removed
        on_batch()
        if stop.wait(_PAUSE_S if step.removed else 0):
            break
    return removed

"""The removal of what is too old, as the settings want it: by hand, and by the daemon each night."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from collector.bootstrap.program import Program
from collector.domain.retention import is_due
from collector.jobs.retain import RetentionSummary, retain
from storage.upkeep_tables import Chore

log = structlog.get_logger(__name__)


def retain_now(
    parts: Program, *, dry_run: bool = False, on_batch: Callable[[], None] = lambda: None
) -> RetentionSummary:
    """Remove what is older than the settings keep it; see `collector.jobs.retain`."""
    ages = parts.settings.retention.ages
    return retain(parts.store, ages, parts.now, parts.stop, dry_run=dry_run, on_batch=on_batch)


def retain_at_night(parts: Program, on_batch: Callable[[], None]) -> None:
    """The same once a night, and its log line. Raises StoreError."""
    now = parts.now()
    last = parts.store.upkeep.last(Chore.RETENTION, by=now)
    if not parts.settings.retention.ages or not is_due(None if last is None else last.finished_at, now):
        return
    summary = retain_now(parts, on_batch=on_batch)
    if summary.is_elsewhere:
        log.debug("another process removes what is too old")
        return
    if not summary.before:
        log.debug("nothing was ever read, so nothing is old")
        return
    removed = {each.value: count for each, count in summary.removed.items()}
    if summary.is_whole:
        log.info("what is too old was removed", **removed)
    else:
        log.info("stopped while what is too old is removed; the next tick goes on", **removed)

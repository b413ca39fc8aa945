"""Detection of silences as the settings want it, and what people say to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from collector.bootstrap.program import Program
from collector.branches.mistakes import nearest, shown
from collector.domain.episode import Acknowledged
from collector.domain.errors import CollectorError
from collector.domain.owed import OwedPolicy
from collector.jobs.detect_silence import Detected, DetectPolicy, OnVerdict
from collector.jobs.detect_silence import detect as detect_silence

_SHORTEST_FRESHNESS = timedelta(hours=1)


def freshness(parts: Program) -> timedelta:
    """How old the proof of a silence may be when a letter says that it lasts."""
    return max(2 * parts.settings.collect.interval, _SHORTEST_FRESHNESS)


def detect_policy(parts: Program) -> DetectPolicy:
    """How silences are detected, from the settings."""
    given = parts.settings.silence
    return DetectPolicy(
        threshold=timedelta(days=given.threshold_days),
        count_reposts=given.count_reposts,
        warn_before=_days(given.warn_days_before),
        freshness=freshness(parts),
        owed=OwedPolicy(
            reminders_after=tuple(timedelta(days=days) for days in given.reminder_days),
            reminders_then_every=timedelta(days=given.reminder_then_every_days),
            escalate_department=_days(given.escalate_department_days),
            escalate_parent=_days(given.escalate_parent_days),
        ),
    )


def detect(
    parts: Program,
    *,
    dry_run: bool = False,
    codes: Collection[str] | None = None,
    on_verdict: OnVerdict | None = None,
) -> Detected:
    """Find silences that begin, last and end; see `collector.jobs.detect_silence`."""
    return detect_silence(
        parts.store,
        detect_policy(parts),
        parts.now(),
        dry_run=dry_run,
        codes=codes,
        on_verdict=on_verdict,
    )


def _days(count: int) -> timedelta | None:
    return timedelta(days=count) if count else None


def require_codes(
    parts: Program, codes: Sequence[str] | None, *, with_retired: bool = False
) -> list[str] | None:
    """These codes, None for None. Raises CollectorError that tells the nearest code for one that is not there."""
    if codes is None:
        return None
    branches = parts.store.branches()
    known = [each.code for each in branches if with_retired or each.retired_at is None]
    for code in codes:
        if code not in known:
            hint = nearest(code, known) or "`collector branches list` shows those there are"
            raise CollectorError(f"branch {shown(code)}: there is none; {hint}")
    return list(codes)


def acknowledge(parts: Program, code: str, who: str) -> Acknowledged:
    """Note that somebody is on a branch's silence. Raises CollectorError where none lasts."""
    require_codes(parts, [code])
    lasting = parts.store.silences.episodes([code], only_open=True)
    if not lasting:
        raise CollectorError(f"branch {code}: no silence lasts, so there is nothing to acknowledge")
    return parts.store.silences.acknowledge(lasting[0].silence_id, who, parts.now())

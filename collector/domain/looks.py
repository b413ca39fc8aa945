"""Which looks are young enough to write to somebody on them, and which are to be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from collector.domain.silence import Assessment, BranchFacts, UnknownReason, Verdict


def is_fresh(confirmed_at: datetime, freshness: timedelta, now: datetime) -> bool:
    """Whether a proof is young enough to write to somebody on it."""
    return confirmed_at >= now - freshness


def looks_to_ask(
    judged: Iterable[tuple[BranchFacts, Assessment]], freshness: timedelta, now: datetime
) -> dict[int, datetime]:
    """The looks that verdicts lack: communities, each with the instant that a look must be later than."""
    asked: dict[int, datetime] = {}
    for facts, verdict in judged:
        if verdict.reason is UnknownReason.NOT_READ and verdict.deadline_at is not None:
            asked.update(dict.fromkeys(verdict.missing, verdict.deadline_at))
        elif verdict.verdict is Verdict.SILENT or verdict.is_warning_due:
            oldest = now - freshness
            asked.update(
                {
                    each.community_id: oldest
                    for each in facts.communities
                    if each.looked_at is not None and each.looked_at < oldest
                }
            )
    return asked

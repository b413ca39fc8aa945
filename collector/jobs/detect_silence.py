"""Finds silences that begin, last and end, and what letters they owe.

    facts (2000 branches) ──► assess ──► with the open episode and its letters ──► changes ──► store.silences.write
        storage/evidence     domain/silence        storage/silences           domain/transitions  (one transaction)
                                 │
                                 └── a look is missing, or the proof is old: store.evidence.ask_each

Called after each round, and harmless at any time: what it does follows from what stands in the database, and a kill
leaves whole batches done or not done.

Between reading a batch's facts and writing it another process may collect a post. That time is kept short, yet
cannot be none: so a letter on a silence is checked again before it leaves (jobs/deliver.py), and the next detection
withdraws the episode.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from collector.domain.episode import EndReason, Episode
from collector.domain.garbage import garbage_left
from collector.domain.looks import looks_to_ask
from collector.domain.owed import OwedPolicy
from collector.domain.silence import Assessment, BranchFacts, Verdict, assess
from collector.domain.transitions import TellPolicy, changes_of, lacks_look
from storage.store import Store

log = structlog.get_logger(__name__)

_NAMED_AT_MOST = 50
"""Branches that one line of the log names."""


@dataclass(frozen=True, slots=True)
class DetectPolicy:
    """The settings of detection."""

    threshold: timedelta = timedelta(days=7)
    """Where neither the branch nor one above it has one."""
    count_reposts: bool = True
    warn_before: timedelta | None = None
    freshness: timedelta = timedelta(hours=2)
    """How old a proof may be on which a reminder or an escalation is owed."""
    owed: OwedPolicy = field(default_factory=OwedPolicy)

    @property
    def telling(self) -> TellPolicy:
        """What of it decides when people are told."""
        return TellPolicy(self.owed, self.freshness)


@dataclass(slots=True)
class Detected:
    """What a detection found and did. In a dry run `opened` and `ended` stay empty."""

    unknown: list[tuple[BranchFacts, Assessment]] = field(default_factory=list)
    """The branches that cannot be judged."""
    opened: list[Episode] = field(default_factory=list)
    ended: list[Episode] = field(default_factory=list)
    without_chair: list[BranchFacts] = field(default_factory=list)
    """Silent branches without any chair to write to."""


OnVerdict = Callable[[BranchFacts, Assessment], None]
"""Told each verdict. All of them are kept nowhere: the facts of 80,000 branches take 150 MB."""


def detect(
    store: Store,
    policy: DetectPolicy,
    now: datetime,
    *,
    dry_run: bool = False,
    codes: Collection[str] | None = None,
    on_verdict: OnVerdict | None = None,
) -> Detected:
    """Assess all live branches, or those of these codes, and bring episodes and letters in line. Raises StoreError."""
    with garbage_left():
        detected = _detect(store, policy, now, dry_run=dry_run, codes=codes, on_verdict=on_verdict)
    _tell(detected)
    return detected


def _detect(
    store: Store,
    policy: DetectPolicy,
    now: datetime,
    *,
    dry_run: bool,
    codes: Collection[str] | None,
    on_verdict: OnVerdict | None,
) -> Detected:
    detected = Detected()
    people = store.silences.people()
    batches = store.evidence.facts(
        default_threshold=policy.threshold,
        count_reposts=policy.count_reposts,
        warn_before=policy.warn_before,
        codes=codes,
    )
    for batch in batches:
        judged = [(facts, assess(facts.communities, facts.policy, now)) for facts in batch]
        for facts, verdict in judged:
            if on_verdict is not None:
                on_verdict(facts, verdict)
            if verdict.verdict is Verdict.UNKNOWN:
                detected.unknown.append((facts, verdict))
            elif verdict.verdict is Verdict.SILENT and not people.of(facts.branch_id).chairs:
                detected.without_chair.append(facts)
        if dry_run:
            continue
        standing = store.silences.standing(batch[0].branch_id, batch[-1].branch_id)
        changes = [
            change
            for facts, verdict in judged
            for change in changes_of(facts, verdict, standing, people, policy.telling, now)
        ]
        written = store.silences.write(changes, now)
        detected.opened += written.opened
        detected.ended += written.ended
        lacking = [each for each in judged if lacks_look(*each, standing, people, policy.telling, now)]
        if asked := looks_to_ask(lacking, policy.freshness, now):
            store.evidence.ask_each(asked, now)
    if not dry_run:
        detected.ended += store.silences.end_retired(now).ended
    return detected


def _tell(detected: Detected) -> None:
    """A line for all that began and one for each way to end: a first detection may find thousands."""
    if detected.opened:
        log.info("branches fell silent", **_named(detected.opened))
    for reason in EndReason:
        ended = [each for each in detected.ended if each.end_reason is reason]
        if ended:
            log.info("silences ended", reason=reason.value, **_named(ended))


def _named(episodes: list[Episode]) -> dict[str, Any]:
    named = [each.branch_code for each in episodes[:_NAMED_AT_MOST]]
    return {"count": len(episodes), "branches": named}

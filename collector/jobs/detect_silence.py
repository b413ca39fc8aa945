"""Finds silences that begin, last and end, and what letters they owe.

    facts (2000 branches) ──► assess ──► with the open episode and its letters ──► changes ──► store.silences.write
        storage/evidence     domain/silence        storage/silences           domain/owed       (one transaction)
                                 │
                                 └── a look is missing, or the proof is old: store.evidence.ask_each

Called after each round, and harmless at any time: what it does follows from what stands in the database, and a kill
leaves whole batches done or not done.

Between reading a batch's facts and writing it another process may collect a post. That time is kept short, yet
cannot be none: so a letter on a silence is checked again before it leaves (jobs/deliver.py), and the next detection
withdraws the episode.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from collector.domain.episode import (
    Confirmed,
    Ended,
    EndReason,
    Episode,
    Look,
    Opened,
    SilenceChange,
    SilenceFacts,
    Warned,
)
from collector.domain.looks import is_fresh, looks_to_ask
from collector.domain.notification import MessageStatus, OwedLetter
from collector.domain.owed import (
    OVERTAKEN,
    BranchPeople,
    KnownLetter,
    OwedPolicy,
    People,
    letters_of_episode,
    overtaken_letters,
    resumed_letters,
    warning_letters,
)
from collector.domain.silence import Assessment, BranchFacts, Verdict, assess
from storage.silences import Standing
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
            for change in _changes(facts, verdict, standing, people, policy, now)
        ]
        written = store.silences.write(changes, now)
        detected.opened += written.opened
        detected.ended += written.ended
        if asked := looks_to_ask(judged, policy.freshness, now):
            store.evidence.ask_each(asked, now)
    if not dry_run:
        detected.ended += store.silences.end_retired(now).ended
    _tell(detected)
    return detected


def _changes(
    facts: BranchFacts,
    verdict: Assessment,
    standing: Standing,
    people: People,
    policy: DetectPolicy,
    now: datetime,
) -> list[SilenceChange]:
    """What a verdict changes, if anything."""
    episode = standing.episodes.get(facts.branch_id)
    if verdict.verdict is Verdict.UNKNOWN:
        return []
    known = standing.letters.get(episode.silence_id, []) if episode is not None else []
    if verdict.verdict is Verdict.SILENT:
        found = _found(facts, verdict)
        concerned = people.of(facts.branch_id)
        if episode is None:
            return [_opened(facts, found, concerned)]
        if verdict.last_post is not None and verdict.last_post.published_at > episode.silent_since:
            # It posted while nobody looked, and fell silent again: another silence, and no good news by now.
            post = verdict.last_post
            ended = Ended(episode.silence_id, post.published_at, EndReason.POSTED, post.url)
            return [ended, _opened(facts, found, concerned)]
        change = _confirmed(episode, found, facts, concerned, known, policy, now)
        return [change] if change.facts or change.letters or change.cancelled else []
    changes: list[SilenceChange] = []
    if episode is not None:
        end = _ended(episode, facts, verdict, people.of(facts.branch_id), known, now)
        if end is None:
            return []
        changes.append(end)
    waiting = standing.warnings.get(facts.branch_id, [])
    if verdict.is_warning_due or waiting:
        letters = warning_letters(facts.branch_id, verdict, people.of(facts.branch_id))
        changes.append(_warned(facts.branch_id, letters, waiting))
    return changes


def _opened(facts: BranchFacts, found: SilenceFacts, people: BranchPeople) -> Opened:
    return Opened(facts.branch_id, found, _proof(facts), people.own)


def _found(facts: BranchFacts, verdict: Assessment) -> SilenceFacts:
    if verdict.deadline_at is None or verdict.proven_at is None or verdict.counted_from is None:
        raise ValueError(f"branch {facts.code}: silent without a proof")
    return SilenceFacts(
        silent_since=verdict.deadline_at,
        confirmed_at=verdict.proven_at,
        threshold_days=facts.policy.threshold.days,
        counted_from=verdict.counted_from,
        last_post=verdict.last_post,
    )


def _proof(facts: BranchFacts) -> tuple[Look, ...]:
    return tuple(
        Look(each.community_id, each.network, each.url, each.access.value, each.looked_at)
        for each in facts.communities
        if each.looked_at is not None
    )


def _confirmed(
    episode: Episode,
    found: SilenceFacts,
    facts: BranchFacts,
    people: BranchPeople,
    known: list[KnownLetter],
    policy: DetectPolicy,
    now: datetime,
) -> Confirmed:
    # A threshold, a pause or a deleted post may move what an episode counts from: letters tell it as it is now.
    moved = found.silent_since != episode.silent_since
    current = replace(episode, silent_since=found.silent_since) if moved else episode
    letters = letters_of_episode(
        current,
        people,
        known,
        policy.owed,
        facts.policy.pauses,
        now,
        is_fresh=is_fresh(found.confirmed_at, policy.freshness, now),
    )
    before = (
        episode.silent_since,
        episode.confirmed_at,
        episode.threshold_days,
        episode.counted_from,
        episode.last_post_url,
    )
    after = (
        found.silent_since,
        found.confirmed_at,
        found.threshold_days,
        found.counted_from,
        found.last_post.url if found.last_post else None,
    )
    return Confirmed(
        episode.silence_id,
        found if before != after else None,
        tuple(letters),
        tuple(overtaken_letters(people, known, letters)),
    )


def _ended(
    episode: Episode,
    facts: BranchFacts,
    verdict: Assessment,
    people: BranchPeople,
    known: list[KnownLetter],
    now: datetime,
) -> Ended | None:
    """How an episode ended. None: it may not have, as this machine's clock seems to be slow."""
    post = verdict.last_post
    # A post of before its deadline that was found late ends no silence: there was none.
    if post is not None and post.published_at > episode.silent_since:
        letters = resumed_letters(episode, people, known)
        return Ended(episode.silence_id, post.published_at, EndReason.POSTED, post.url, tuple(letters))
    # By a slow clock every deadline is still to come. Looks that are later than now tell it from another policy.
    if any(each.looked_at is not None and each.looked_at > now for each in facts.communities):
        return None
    return Ended(episode.silence_id, now, EndReason.WITHDRAWN)


def _warned(branch_id: int, letters: list[OwedLetter], waiting: Iterable[KnownLetter]) -> Warned:
    keys = {each.key for each in letters}
    cancelled = [
        (each.message_id, f"{OVERTAKEN}: another deadline holds")
        for each in waiting
        if each.status is MessageStatus.PENDING and each.key not in keys
    ]
    return Warned(branch_id, tuple(letters), tuple(cancelled))


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

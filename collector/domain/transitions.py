"""What a verdict changes: a silence begins, lasts or ends, and letters are owed or overtaken.

Pure functions of a branch's facts, the verdict on it, what stands in the database, and now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

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
from collector.domain.looks import is_fresh
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
from collector.domain.silence import Assessment, BranchFacts, Verdict


@dataclass(frozen=True, slots=True)
class TellPolicy:
    """When people are told. `freshness`: how old a proof may be on which a reminder or an escalation is owed."""

    owed: OwedPolicy = field(default_factory=OwedPolicy)
    freshness: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of some branches before their verdicts are acted upon."""

    episodes: dict[int, Episode]
    """Open ones, by branch id."""
    letters: dict[int, list[KnownLetter]]
    """Of these episodes, by their ids."""
    warnings: dict[int, list[KnownLetter]]
    """That wait, by branch id."""


def changes_of(
    facts: BranchFacts,
    verdict: Assessment,
    standing: Standing,
    people: People,
    policy: TellPolicy,
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
    policy: TellPolicy,
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


def lacks_look(
    facts: BranchFacts,
    verdict: Assessment,
    standing: Standing,
    people: People,
    policy: TellPolicy,
    now: datetime,
) -> bool:
    """Whether a verdict, or a letter that is due but for an old proof, waits for a look.

    A look that nothing waits for is not asked for: it would cost quota, every few hours for each silent branch.
    """
    if verdict.verdict is Verdict.UNKNOWN:
        return True
    episode = standing.episodes.get(facts.branch_id)
    if episode is None or verdict.proven_at is None or is_fresh(verdict.proven_at, policy.freshness, now):
        return False
    known = standing.letters.get(episode.silence_id, [])
    pauses = facts.policy.pauses
    return bool(
        letters_of_episode(
            episode, people.of(facts.branch_id), known, policy.owed, pauses, now, is_fresh=True
        )
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

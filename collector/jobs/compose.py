"""Writes a letter of the outbox when it is about to leave, so that what it says is true then.

Reads the episode, the people and what was seen lately; nothing here decides whether a letter leaves at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from collector.domain.episode import Episode
from collector.domain.errors import CollectorError
from collector.domain.model import Access, BranchKind, Pause
from collector.domain.notification import NotificationKind, OutboxLetter
from collector.domain.owed import BranchPeople
from collector.domain.silence import BranchFacts, unpaused_between
from collector.jobs.compose_digests import DigestPolicy, compose_monthly, compose_ops, compose_weekly
from collector.notifications import letters
from collector.notifications.letters import (
    Addressed,
    BranchInLetter,
    LookInLetter,
    PostInLetter,
    ResumedFacts,
    SilenceFacts,
    WarningFacts,
    state_in_words,
)
from collector.notifications.links import LetterLink, LinkSigner
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.words import days_between
from storage.store import Store


class Composer:
    """Writes letters of each kind. `links` None: without buttons."""

    def __init__(
        self, store: Store, renderer: Renderer, links: LinkSigner | None, policy: DigestPolicy
    ) -> None:
        self._store = store
        self._renderer = renderer
        self._links = links
        self._policy = policy
        self._of_kind: dict[NotificationKind, Callable[[OutboxLetter, datetime], Rendered]] = {
            NotificationKind.SILENCE: self._silence,
            NotificationKind.REMINDER: self._reminder,
            NotificationKind.ESCALATION: self._escalation,
            NotificationKind.RESUMED: self._resumed,
            NotificationKind.WARNING: self._warning,
            NotificationKind.WEEKLY: partial(compose_weekly, store, renderer, policy),
            NotificationKind.MONTHLY: partial(compose_monthly, store, renderer, policy),
            NotificationKind.OPS: partial(compose_ops, store, renderer),
        }

    def compose(self, letter: OutboxLetter, now: datetime) -> Rendered:
        """The letter as it is true now. Raises CollectorError where what it is about is gone."""
        return self._of_kind[letter.kind](letter, now)

    def _silence(self, letter: OutboxLetter, now: datetime) -> Rendered:
        return letters.silence(self._renderer, *self._about_silence(letter, now))

    def _reminder(self, letter: OutboxLetter, now: datetime) -> Rendered:
        return letters.reminder(
            self._renderer, *self._about_silence(letter, now), number=int(letter.about["number"])
        )

    def _escalation(self, letter: OutboxLetter, now: datetime) -> Rendered:
        return letters.escalation(self._renderer, *self._about_silence(letter, now))

    def _resumed(self, letter: OutboxLetter, _now: datetime) -> Rendered:
        episode = self._episode(letter)
        if episode.resumed_at is None:
            raise CollectorError(f"letter {letter.message_id}: silence {episode.silence_id} is not over")
        branch = self._facts(episode.branch_code)
        facts = ResumedFacts(
            _branch(branch, episode.branch_code, episode.branch_name),
            days=days_between(episode.counted_from, episode.resumed_at),
            had_post=episode.last_post_at is not None,
            resumed_at=episode.resumed_at,
            post_url=episode.resumed_post_url,
        )
        people = self._store.silences.people().of(episode.branch_id)
        return letters.resumed(self._renderer, self._addressed(letter, people, None), facts)

    def _warning(self, letter: OutboxLetter, now: datetime) -> Rendered:
        known = self._store.page_branch(letter.branch_id) if letter.branch_id is not None else None
        branch = self._facts(known.code) if known is not None else None
        if branch is None:
            raise CollectorError(
                f"letter {letter.message_id}: its branch is not in the branches file any more"
            )
        about = letter.about
        deadline_at = datetime.fromisoformat(about["deadline_at"])
        counted_from = datetime.fromisoformat(about["counted_from"])
        facts = WarningFacts(
            _branch(branch, branch.code, branch.name),
            days=days_between(counted_from, now),
            paused_days=_paused_days(branch.policy.pauses, counted_from, now),
            days_left=days_between(now, deadline_at),
            deadline_at=deadline_at,
            threshold_days=branch.policy.threshold.days,
            counted_from=counted_from,
            last_post=_post(about["last_post"]),
        )
        people = self._store.silences.people().of(branch.branch_id)
        return letters.warning(self._renderer, self._addressed(letter, people, now), facts)

    def _about_silence(self, letter: OutboxLetter, now: datetime) -> tuple[Addressed, SilenceFacts]:
        episode = self._episode(letter)
        people = self._store.silences.people().of(episode.branch_id)
        branch = self._facts(episode.branch_code)
        return self._addressed(letter, people, now), silence_facts(
            episode, branch, people, now, count_reposts=self._policy.count_reposts
        )

    def _episode(self, letter: OutboxLetter) -> Episode:
        episode = self._store.silences.episode(letter.silence_id) if letter.silence_id is not None else None
        if episode is None:
            raise CollectorError(f"letter {letter.message_id}: there is no silence {letter.silence_id}")
        return episode

    def _facts(self, code: str) -> BranchFacts | None:
        """What is known of a live branch; None: it is not in the branches file any more."""
        batches = self._store.evidence.facts(
            default_threshold=self._policy.default_threshold,
            count_reposts=self._policy.count_reposts,
            warn_before=None,
            codes=[code],
        )
        return next((each for batch in batches for each in batch), None)

    def _addressed(self, letter: OutboxLetter, people: BranchPeople, linked_at: datetime | None) -> Addressed:
        link = None
        if self._links is not None and linked_at is not None and letter.branch_id is not None:
            about = LetterLink(letter.silence_id, letter.branch_id, letter.recipient.email)
            link = self._links.url(about, linked_at)
        return Addressed(letter.recipient, next(iter(people.department), None), link)


def silence_facts(
    episode: Episode, branch: BranchFacts | None, people: BranchPeople, now: datetime, *, count_reposts: bool
) -> SilenceFacts:
    """What letters say of an open episode now. `branch` None: it is not in the branches file any more."""
    last_post = None
    if episode.last_post_at is not None and episode.last_post_network is not None:
        last_post = PostInLetter(episode.last_post_at, episode.last_post_network, episode.last_post_url)
    return SilenceFacts(
        branch=_branch(branch, episode.branch_code, episode.branch_name),
        days=days_between(episode.counted_from, now),
        paused_days=_paused_days(branch.policy.pauses if branch else (), episode.counted_from, now),
        threshold_days=episode.threshold_days,
        counts_reposts=count_reposts,
        counted_from=episode.counted_from,
        last_post=last_post,
        looks=_looks(episode, branch),
        chairs=people.chairs,
        administrators=people.administrators,
        acknowledged_at=episode.acknowledged_at,
    )


def _looks(episode: Episode, branch: BranchFacts | None) -> tuple[LookInLetter, ...]:
    """The newest looks; of a branch that left the branches file, those that proved its silence."""
    if branch is None:
        return tuple(
            LookInLetter(
                None,
                each.network,
                each.url,
                each.looked_at,
                state_in_words(Access(each.access), is_readable=each.access == Access.OPEN),
                each.access == Access.OPEN,
            )
            for each in episode.proof
        )
    return tuple(
        LookInLetter(
            each.title,
            each.network,
            each.url,
            each.looked_at,
            state_in_words(each.access, is_readable=each.is_readable),
            each.is_readable,
        )
        for each in branch.communities
        if each.looked_at is not None
    )


def _branch(facts: BranchFacts | None, code: str, name: str) -> BranchInLetter:
    if facts is None:
        # Its level is not known any more; so its label is its bare code.
        return BranchInLetter.of(code, name, BranchKind.CITY, 0)
    readable_count = sum(each.is_readable for each in facts.communities)
    return BranchInLetter.of(code, name, facts.kind, readable_count, len(facts.communities) - readable_count)


def _paused_days(pauses: tuple[Pause, ...], since: datetime, until: datetime) -> int:
    """Whole days of a time that lie in pauses."""
    return (until - since - unpaused_between(since, until, pauses)).days


def _post(told: dict[str, Any] | None) -> PostInLetter | None:
    if told is None:
        return None
    return PostInLetter(datetime.fromisoformat(told["published_at"]), told["network"], told["url"])

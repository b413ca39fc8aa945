"""Which letters a silence owes, to whom, and which of those that wait were overtaken.

Pure functions: an episode, the people it concerns, the letters that the outbox has of it, and now. They are asked
anew at each detection; keys make that harmless, and so nothing hangs on a tick that was missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.domain.episode import Episode
from collector.domain.model import Pause
from collector.domain.notification import (
    Audience,
    MessageStatus,
    NotificationKind,
    OwedLetter,
    Recipient,
    escalation_key,
    reminder_key,
    resumed_key,
    silence_key,
    warning_key,
)
from collector.domain.schedule import CLOCK_TOLERANCE
from collector.domain.silence import Assessment, is_paused, unpaused_between

NO_CONTACT = "the recipient is no contact of the branch any more"
"""Why a letter was cancelled whose recipient left the branches file. Should they come back, it is owed again."""
OVERTAKEN = "overtaken by events"


@dataclass(frozen=True, slots=True)
class OwedPolicy:
    """After how long who hears of a silence; None: never."""

    reminders_after: tuple[timedelta, ...] = (timedelta(days=7), timedelta(days=14), timedelta(days=30))
    """Since the first letter was sent; they grow."""
    reminders_then_every: timedelta = timedelta(days=30)
    escalate_department: timedelta | None = timedelta(days=14)
    """Since it was detected."""
    escalate_parent: timedelta | None = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class BranchPeople:
    """Whom letters about one branch concern."""

    chairs: tuple[Recipient, ...] = ()
    administrators: tuple[Recipient, ...] = ()
    department: tuple[Recipient, ...] = ()
    """Of the nearest branch upwards that has such contacts, itself first."""
    parent_chairs: tuple[Recipient, ...] = ()
    """Of the nearest branch above it that has such contacts."""

    @property
    def own(self) -> tuple[Recipient, ...]:
        """Chairs and administrators, each address once: who is both is written to as a chair."""
        found: dict[str, Recipient] = {}
        for each in (*self.chairs, *self.administrators):
            found.setdefault(each.email.lower(), each)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class People:
    """The contacts of all live branches."""

    chairs: Mapping[int, tuple[Recipient, ...]] = field(default_factory=dict)
    administrators: Mapping[int, tuple[Recipient, ...]] = field(default_factory=dict)
    departments: Mapping[int, tuple[Recipient, ...]] = field(default_factory=dict)
    parents: Mapping[int, int | None] = field(default_factory=dict)

    def of(self, branch_id: int) -> BranchPeople:
        """Whom letters about a branch concern."""
        upwards = [branch_id]
        while (above := self.parents.get(upwards[-1])) is not None and above not in upwards:
            upwards.append(above)
        return BranchPeople(
            chairs=self.chairs.get(branch_id, ()),
            administrators=self.administrators.get(branch_id, ()),
            department=next((self.departments[each] for each in upwards if each in self.departments), ()),
            parent_chairs=next((self.chairs[each] for each in upwards[1:] if each in self.chairs), ()),
        )


@dataclass(frozen=True, slots=True)
class KnownLetter:
    """A letter that the outbox has, as far as it decides what else is owed."""

    message_id: int
    key: str
    kind: NotificationKind
    audience: Audience
    email: str
    status: MessageStatus
    finished_at: datetime | None = None
    cancel_reason: str | None = None
    is_rehearsed: bool = False
    """Whether it was sent in a dry run, to somebody else."""

    @property
    def may_come_back(self) -> bool:
        """Whether it was cancelled only because its recipient was no contact then."""
        return self.status is MessageStatus.CANCELLED and self.cancel_reason == NO_CONTACT


def silence_letters(silence_id: int, branch_id: int, recipients: Iterable[Recipient]) -> list[OwedLetter]:
    """The first letters of an episode."""
    return [
        OwedLetter(silence_key(silence_id, each.email), NotificationKind.SILENCE, each, branch_id, silence_id)
        for each in recipients
    ]


def letters_of_episode(
    episode: Episode,
    people: BranchPeople,
    known: Sequence[KnownLetter],
    policy: OwedPolicy,
    pauses: Sequence[Pause],
    now: datetime,
    *,
    is_fresh: bool,
) -> list[OwedLetter]:
    """The letters that an open episode owes now and the outbox lacks.

    `is_fresh`: whether its silence was proven lately. Else only the first letters are owed, which wait for a
    fresh proof before they leave: reminders and escalations follow from now alone, and now may be wrong.
    """
    owed = silence_letters(episode.silence_id, episode.branch_id, people.own)
    if is_fresh:
        owed += _reminders(episode, people, known, policy, pauses, now)
        owed += _escalations(episode, people, policy, pauses, now)
    settled = {each.key for each in known if not each.may_come_back}
    return [each for each in owed if each.key not in settled]


def _reminders(
    episode: Episode,
    people: BranchPeople,
    known: Sequence[KnownLetter],
    policy: OwedPolicy,
    pauses: Sequence[Pause],
    now: datetime,
) -> list[OwedLetter]:
    """The newest one that fell due for each: of several, as after an outage, the older ones are past."""
    told_at = first_told_at(known)
    if told_at is None or episode.acknowledged_at is not None or is_paused(pauses, now):
        return []
    own = {
        each.email.lower(): each.finished_at
        for each in known
        if each.kind is NotificationKind.SILENCE and each.status is MessageStatus.SENT
    }
    letters = []
    for recipient in people.own:
        own_at = own.get(recipient.email.lower())
        if own_at is None:
            continue
        # Who was told later, such as a new chair, is reminded later.
        number = reminders_due(policy, unpaused_between(max(told_at, own_at), now, pauses))
        if number:
            letters.append(
                OwedLetter(
                    reminder_key(episode.silence_id, number, recipient.email),
                    NotificationKind.REMINDER,
                    recipient,
                    episode.branch_id,
                    episode.silence_id,
                    {"number": number},
                )
            )
    return letters


def first_told_at(known: Sequence[KnownLetter]) -> datetime | None:
    """When the silence letter was really sent to a chair. None: not yet.

    Where no chair's letter was sent nor waits to be (there is none, or the address was refused), anybody's counts.
    """
    first = [each for each in known if each.kind is NotificationKind.SILENCE]
    to_chairs = [each for each in first if each.audience is Audience.CHAIR]
    if any(each.status in (MessageStatus.SENT, MessageStatus.PENDING) for each in to_chairs):
        first = to_chairs
    sent = [each.finished_at for each in first if each.status is MessageStatus.SENT and each.finished_at]
    return min(sent, default=None)


def reminders_due(policy: OwedPolicy, passed: timedelta) -> int:
    """How many reminders fell due in this time, pauses left out."""
    set_days = policy.reminders_after
    number = sum(each <= passed for each in set_days)
    if number < len(set_days):
        return number
    last = set_days[-1] if set_days else timedelta(0)
    return number + max(passed - last, timedelta(0)) // policy.reminders_then_every


def _escalations(
    episode: Episode, people: BranchPeople, policy: OwedPolicy, pauses: Sequence[Pause], now: datetime
) -> list[OwedLetter]:
    # From its detection: after an outage of ours, or on a program's first day, its own people are told first.
    latest = now + CLOCK_TOLERANCE  # what is later was noted by a clock that was ahead
    since = max((at for at in (episode.silent_since, episode.detected_at) if at <= latest), default=now)
    lasted = unpaused_between(since, now, pauses)
    recipients: list[Recipient] = []
    if policy.escalate_department is not None and lasted >= policy.escalate_department:
        recipients += people.department
    if policy.escalate_parent is not None and lasted >= policy.escalate_parent:
        recipients += people.parent_chairs
    return [
        OwedLetter(
            escalation_key(episode.silence_id, each.audience, each.email),
            NotificationKind.ESCALATION,
            each,
            episode.branch_id,
            episode.silence_id,
        )
        for each in recipients
    ]


def overtaken_letters(
    people: BranchPeople, known: Sequence[KnownLetter], owed: Sequence[OwedLetter]
) -> list[tuple[int, str]]:
    """Letters of an open episode that wait and are to be cancelled, with the reason.

    Those to people who are no contacts any more, and reminders that a newer one in `owed` makes useless.
    """
    own = {each.email.lower() for each in people.own}
    concerned = {
        NotificationKind.SILENCE: own,
        NotificationKind.REMINDER: own,
        NotificationKind.ESCALATION: {
            each.email.lower() for each in (*people.department, *people.parent_chairs)
        },
    }
    reminded = {each.recipient.email.lower() for each in owed if each.kind is NotificationKind.REMINDER}
    cancelled = []
    for letter in known:
        if letter.status is not MessageStatus.PENDING:
            continue
        if letter.email.lower() not in concerned.get(letter.kind, set()):
            cancelled.append((letter.message_id, NO_CONTACT))
        elif letter.kind is NotificationKind.REMINDER and letter.email.lower() in reminded:
            cancelled.append((letter.message_id, f"{OVERTAKEN}: a newer reminder is due"))
    return cancelled


def resumed_letters(episode: Episode, people: BranchPeople, known: Sequence[KnownLetter]) -> list[OwedLetter]:
    """Letters on the end of an episode by a post: to whom its silence letter was really sent."""
    told = {
        each.email.lower()
        for each in known
        if each.kind is NotificationKind.SILENCE
        and each.status is MessageStatus.SENT
        and not each.is_rehearsed
    }
    return [
        OwedLetter(
            resumed_key(episode.silence_id, each.email),
            NotificationKind.RESUMED,
            each,
            episode.branch_id,
            episode.silence_id,
        )
        for each in people.own
        if each.email.lower() in told
    ]


def warning_letters(branch_id: int, assessment: Assessment, people: BranchPeople) -> list[OwedLetter]:
    """Warnings before a deadline, where the verdict says that they are due."""
    if not assessment.is_warning_due or assessment.deadline_at is None:
        return []
    post = assessment.last_post
    about = {
        "deadline_at": assessment.deadline_at.isoformat(),
        "counted_from": assessment.counted_from.isoformat() if assessment.counted_from else None,
        "last_post": {
            "published_at": post.published_at.isoformat(),
            "network": post.network,
            "url": post.url,
        }
        if post is not None
        else None,
    }
    return [
        OwedLetter(
            warning_key(branch_id, assessment.deadline_at, each.email),
            NotificationKind.WARNING,
            each,
            branch_id,
            about=about,
        )
        for each in people.administrators
    ]

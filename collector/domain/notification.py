"""Whom the program writes to, about what, and the key that makes a second letter of the same kind impossible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any


class NotificationKind(StrEnum):
    """What a letter is about."""

    SILENCE = "silence"
    """A branch fell silent: to its chair, copied to its administrators."""
    REMINDER = "reminder"
    """It still is: to the same."""
    ESCALATION = "escalation"
    """It still is after set days: to the information department, later to the parent's chair."""
    RESUMED = "resumed"
    """It posts again: to whom the silence letter was really sent."""
    WARNING = "warning"
    """It will count as silent in a few days: to its administrators only."""
    OPS = "ops"
    """What ops must see to, grouped."""
    WEEKLY = "weekly"
    """All branches on one page, every Monday: to the information department."""
    MONTHLY = "monthly"
    """A branch's own month, on the first of the next: to its chair."""


ABOUT_SILENCE = frozenset({NotificationKind.SILENCE, NotificationKind.REMINDER, NotificationKind.ESCALATION})
"""Letters that say that a branch is silent now: they leave only on a fresh proof that it is."""


class Audience(StrEnum):
    """What the recipient is, hence when a letter may leave."""

    CHAIR = "chair"
    """On working days in working hours only."""
    ADMINISTRATOR = "administrator"
    DEPARTMENT = "department"
    OPS = "ops"


class MessageStatus(StrEnum):
    """How a letter in the outbox stands."""

    PENDING = "pending"
    """Owed: not sent yet, or refused for the time being."""
    SENT = "sent"
    """The mail server took it over."""
    FAILED = "failed"
    """Refused for good, or for days; ops are told."""
    CANCELLED = "cancelled"
    """Overtaken by events, or by a person's word."""


LONGEST_PAUSE = timedelta(hours=4)
"""Between two attempts at a letter. What is to be tried later still was put off by a clock that was ahead."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person or office that a letter goes to."""

    audience: Audience
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class OwedLetter:
    """A letter to be put into the outbox: one row, one recipient.

    `key` says what it is about and for whom; the outbox takes each key once. `about` is what the kind needs to
    be written later, as JSON values: the letter's words are made when it leaves, so that they are true then.
    """

    key: str
    kind: NotificationKind
    recipient: Recipient
    branch_id: int | None = None
    silence_id: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxLetter:
    """A letter of the outbox that a worker has in hand."""

    message_id: int
    key: str
    kind: NotificationKind
    recipient: Recipient
    branch_id: int | None
    silence_id: int | None
    about: Mapping[str, Any]
    created_at: datetime
    attempt_count: int
    """Attempts before this one."""


def silence_key(silence_id: int, email: str) -> str:
    """The first letter of an episode."""
    return f"silence:{silence_id}:{email.lower()}"


def reminder_key(silence_id: int, number: int, email: str) -> str:
    """The n-th reminder of an episode, from 1."""
    return f"reminder:{silence_id}:{number}:{email.lower()}"


def escalation_key(silence_id: int, audience: Audience, email: str) -> str:
    """An episode made known to the department, or to the chair (of the parent)."""
    return f"escalation:{silence_id}:{audience}:{email.lower()}"


def resumed_key(silence_id: int, email: str) -> str:
    """The end of an episode."""
    return f"resumed:{silence_id}:{email.lower()}"


def warning_key(branch_id: int, deadline_at: datetime, email: str) -> str:
    """The warning before one deadline of a branch: another post makes another deadline."""
    return f"warning:{branch_id}:{int(deadline_at.timestamp())}:{email.lower()}"


def weekly_key(monday: date, email: str) -> str:
    """The week that ended with the night to this Monday."""
    return f"weekly:{monday}:{email.lower()}"


def monthly_key(branch_id: int, month: date, email: str) -> str:
    """A branch's month, named by its first day."""
    return f"monthly:{branch_id}:{month:%Y-%m}:{email.lower()}"


def ops_key(told_at: datetime, email: str) -> str:
    """One grouped letter to ops."""
    return f"ops:{int(told_at.timestamp())}:{email.lower()}"

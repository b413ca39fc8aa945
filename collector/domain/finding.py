"""What ops must see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.domain.errors import FailureKind

RELOAD = "reload:"
"""How the keys of what a running program could not take up begin: other processes know nothing of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. In English, without secrets.

    `key` says what it is about: ops are told once while it lasts. `since` None: since when is not known.
    """

    key: str
    what: str
    advice: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding as the store keeps it. `cleared_at` None: it lasts."""

    key: str
    what: str
    advice: str
    since: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class NetworkHealth:
    """How reading the live communities of a network goes. None: never."""

    network: str
    community_count: int
    declared_at: datetime
    """When the first of them entered the branches file."""
    last_read_at: datetime | None
    last_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Live communities of a network that failed alike at the last attempt."""

    network: str
    kind: FailureKind
    community_count: int
    example: str | None
    """What one of them met."""
    last_read_at: datetime | None
    """When one of them was last read; None: none ever was."""


@dataclass(frozen=True, slots=True)
class RoundSpan:
    """When a round was at work; of one that was killed, its beginning."""

    started_at: datetime
    ended_at: datetime
    read_count: int


@dataclass(frozen=True, slots=True)
class RefusedAddress:
    """An address that letters do not get through to."""

    email: str
    letter_count: int
    since: datetime
    last_error: str | None

"""An episode of silence, from its detection to the post that ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from collector.domain.notification import OwedLetter, Recipient
from collector.domain.silence import SeenPost


class EndReason(StrEnum):
    """How an episode ended."""

    POSTED = "posted"
    """A community of the branch posted."""
    WITHDRAWN = "withdrawn"
    """Nobody posted, but by another threshold, pause or set of communities the branch is not silent."""
    RETIRED = "retired"
    """The branch left the branches file."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look that proves a silence: at this instant nothing newer stood there, or nobody could read it."""

    community_id: int
    network: str
    url: str
    access: str
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class Episode:
    """A silence of a branch as the store keeps it; see the table `silence` for the meaning of each field."""

    silence_id: int
    branch_id: int
    branch_code: str
    branch_name: str
    silent_since: datetime
    detected_at: datetime
    confirmed_at: datetime
    threshold_days: int
    counted_from: datetime
    last_post_at: datetime | None
    last_post_network: str | None
    last_post_url: str | None
    proof: tuple[Look, ...]
    resumed_at: datetime | None = None
    resume_detected_at: datetime | None = None
    end_reason: EndReason | None = None
    resumed_post_url: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lasts."""
        return self.resumed_at is None


@dataclass(frozen=True, slots=True)
class Mute:
    """A branch about which no letters go to its people until a day."""

    branch_code: str
    muted_until: date
    reason: str
    created_at: datetime
    created_by: str


LONGEST_MUTE = timedelta(days=366)


def mute_days(today: date) -> tuple[date, date]:
    """The first and the last day until which a branch may be muted, from this Moscow day on."""
    return today, today + LONGEST_MUTE


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The episode that somebody said they are on."""

    episode: Episode
    is_new: bool
    """False: somebody had said so before, or it has ended; nothing was changed."""


@dataclass(frozen=True, slots=True)
class SilenceFacts:
    """What a verdict of silence says; see the table `silence`."""

    silent_since: datetime
    confirmed_at: datetime
    threshold_days: int
    counted_from: datetime
    last_post: SeenPost | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A silence that begins, with the first letters to these people."""

    branch_id: int
    facts: SilenceFacts
    proof: tuple[Look, ...]
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A silence that lasts: what is known of it now, and the letters that it owes by now.

    `facts` None: nothing changed. `cancelled` are letters that wait and must not go out, with the reason.
    """

    silence_id: int
    facts: SilenceFacts | None
    letters: tuple[OwedLetter, ...] = ()
    cancelled: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A silence that is over. Its letters that wait are cancelled."""

    silence_id: int
    resumed_at: datetime
    reason: EndReason
    post_url: str | None = None
    letters: tuple[OwedLetter, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """A branch that is not silent: warnings that it owes, and such that wait and are of the past."""

    branch_id: int
    letters: tuple[OwedLetter, ...] = ()
    cancelled: tuple[tuple[int, str], ...] = ()


SilenceChange = Opened | Confirmed | Ended | Warned


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a batch of changes: another process may have been quicker."""

    opened: tuple[Episode, ...] = ()
    ended: tuple[Episode, ...] = ()

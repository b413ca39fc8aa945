"""An episode of silence, from its detection to the post that ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


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

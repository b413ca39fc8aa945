"""Numbers of a report period, as the letters of the calendar tell them. What is unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from collector.domain.model import BranchKind


@dataclass(frozen=True, slots=True)
class BranchName:
    """A branch as letters name it."""

    code: str
    name: str
    kind: BranchKind


@dataclass(frozen=True, slots=True)
class CommunityFigures:
    """What is known of a live community for a period.

    Followers at an instant come with when they were observed; both None: there was no snapshot yet. `posts` are
    those published in the period that count and still stand, `posts_before` those of the period before.
    """

    branch_id: int
    community_id: int
    network: str
    url: str
    title: str | None
    access: str
    access_since: datetime | None
    followers_start: int | None
    followers_start_at: datetime | None
    followers_end: int | None
    followers_end_at: datetime | None
    posts: int | None
    posts_before: int | None


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A community's Moscow day. `followers` is None where no snapshot was taken on it, or it was withheld."""

    community_id: int
    day: date
    followers: int | None
    posts: int


@dataclass(frozen=True, slots=True)
class SilentSpan:
    """A silence that touches a period; None: its end was not seen. Up to `confirmed_at` it is proven to last."""

    silent_since: datetime
    resumed_at: datetime | None
    confirmed_at: datetime

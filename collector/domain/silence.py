"""When is a branch silent? The rule, as a pure function of what was seen, the branch's policy, and now.

ACTIVE: its newest counted post is at most a threshold old, pauses not counted. SILENT: that deadline has passed,
and a look after it at every community proves that nothing was posted. UNKNOWN: the deadline has passed, but the
proof is missing; that is for ops or the information department, never for a chair.

A community whose wall cannot be read (closed, banned, gone) proves nothing of itself. But that it cannot be
read must itself have been seen after the deadline: it may have been opened since, and be lively.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from collector.domain.calendar import moscow_day_begins
from collector.domain.errors import FailureKind
from collector.domain.model import Access, BranchKind, Pause
from collector.domain.schedule import CLOCK_TOLERANCE


class Verdict(StrEnum):
    """What the rule says of a branch."""

    ACTIVE = "active"
    SILENT = "silent"
    UNKNOWN = "unknown"


class UnknownReason(StrEnum):
    """Why a branch is UNKNOWN, hence who is told."""

    NOT_READ = "not_read"
    """A community was not read since the deadline: told to ops."""
    NEVER_READ = "never_read"
    """No wall was ever read, so there is nothing to count from: told to ops."""
    NO_COMMUNITY = "no_community"
    """The branches file lists no community for it: told to the information department."""
    NONE_READABLE = "none_readable"
    """All its communities are closed, banned or gone: told to the information department."""

    @property
    def is_finding(self) -> bool:
        """Whether it is the branch's own state, and no fault of ours."""
        return self in (UnknownReason.NO_COMMUNITY, UnknownReason.NONE_READABLE)


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post that counts and still stands."""

    community_id: int
    network: str
    native_id: str
    published_at: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one community of a branch.

    `newest_post` is the newest one that counts and stands. `withheld_at` is when it was last seen that its wall
    cannot be read by anybody like us (closed, banned, gone, switched off); None: as far as is known it can be.
    """

    community_id: int
    network: str
    url: str
    title: str | None
    access: Access
    newest_post: SeenPost | None
    wall_first_seen_at: datetime | None
    wall_last_seen_at: datetime | None
    withheld_at: datetime | None = None
    failure_kind: FailureKind | None = None

    @property
    def is_readable(self) -> bool:
        """Whether its wall can be read, as far as is known."""
        return self.withheld_at is None

    @property
    def looked_at(self) -> datetime | None:
        """The last look that told something: its wall, or that it is withheld. None: never."""
        return self.wall_last_seen_at if self.withheld_at is None else self.withheld_at


@dataclass(frozen=True, slots=True)
class SilencePolicy:
    """How long a branch may be without a post."""

    threshold: timedelta
    pauses: tuple[Pause, ...] = ()
    """Its own and those of the branches above it. They may overlap."""
    warn_before: timedelta | None = None
    """How long before the deadline its administrators are warned; None: not at all."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A verdict, and why.

    `counted_from` is when the newest counted post was published, or where there is none, when the branch was first
    read. `deadline_at` is the last instant at which it is ACTIVE. `missing` are the communities whose look after the
    deadline is missing. `proven_at` is the oldest of the looks that prove a silence: up to then, nobody had posted.
    """

    verdict: Verdict
    reason: UnknownReason | None = None
    counted_from: datetime | None = None
    deadline_at: datetime | None = None
    last_post: SeenPost | None = None
    missing: tuple[int, ...] = ()
    proven_at: datetime | None = None
    is_warning_due: bool = False


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """A live branch, its policy, and what is known of its live communities."""

    branch_id: int
    code: str
    name: str
    kind: BranchKind
    parent_id: int | None
    policy: SilencePolicy
    communities: tuple[Evidence, ...]


def assess(communities: Sequence[Evidence], policy: SilencePolicy, now: datetime) -> Assessment:
    """The verdict on a branch that has these communities."""
    if not communities:
        return Assessment(Verdict.UNKNOWN, UnknownReason.NO_COMMUNITY)
    readable = [each for each in communities if each.is_readable]
    posts = [each.newest_post for each in communities if each.newest_post is not None]
    last_post = max(posts, key=lambda post: (post.published_at, post.community_id), default=None)
    first_looks = [each.wall_first_seen_at for each in communities if each.wall_first_seen_at is not None]
    counted_from = last_post.published_at if last_post is not None else min(first_looks, default=None)
    if counted_from is None:
        if not readable:
            return Assessment(Verdict.UNKNOWN, UnknownReason.NONE_READABLE)
        unread = tuple(each.community_id for each in communities if each.looked_at is None)
        return Assessment(Verdict.UNKNOWN, UnknownReason.NEVER_READ, missing=unread)
    deadline_at = deadline_after(counted_from, policy.threshold, policy.pauses)
    if now <= deadline_at:
        warns = (
            policy.warn_before is not None
            and now > deadline_at - policy.warn_before
            and not _unproven(communities, deadline_at - policy.warn_before, now)
        )
        return Assessment(
            Verdict.ACTIVE,
            None,
            counted_from,
            deadline_at,
            last_post,
            is_warning_due=bool(readable) and warns,
        )
    if not readable:
        return Assessment(Verdict.UNKNOWN, UnknownReason.NONE_READABLE, counted_from, deadline_at, last_post)
    missing = _unproven(communities, deadline_at, now)
    if missing:
        return Assessment(
            Verdict.UNKNOWN, UnknownReason.NOT_READ, counted_from, deadline_at, last_post, missing=missing
        )
    looks = [each.looked_at for each in communities if each.looked_at is not None]
    return Assessment(Verdict.SILENT, None, counted_from, deadline_at, last_post, proven_at=min(looks))


def _unproven(communities: Iterable[Evidence], after: datetime, now: datetime) -> tuple[int, ...]:
    """Those without a look after an instant. One of the future is none: a clock was ahead when it was made."""
    latest = now + CLOCK_TOLERANCE
    return tuple(
        each.community_id
        for each in communities
        if each.looked_at is None or not after < each.looked_at <= latest
    )


def deadline_after(since: datetime, threshold: timedelta, pauses: Iterable[Pause]) -> datetime:
    """When `threshold` of time outside the pauses has passed since an instant.

    Pauses are whole Moscow days. Where it would fall on the first instant of a pause it falls on its end: only
    then does any more time pass.
    """
    left, at = threshold, since
    for begins, ends in merged(pauses):
        if ends <= at:
            continue
        if begins > at + left:
            break
        left -= max(begins - at, timedelta(0))
        at = ends
    return at + left


def unpaused_between(since: datetime, until: datetime, pauses: Iterable[Pause]) -> timedelta:
    """The time from one instant to another that lies outside the pauses; 0 where it is negative."""
    total = max(until - since, timedelta(0))
    for begins, ends in merged(pauses):
        total -= max(min(ends, until) - max(begins, since), timedelta(0))
    return total


def is_paused(pauses: Iterable[Pause], now: datetime) -> bool:
    """Whether an instant lies in one of the pauses."""
    return any(begins <= now < ends for begins, ends in merged(pauses))


def merged(pauses: Iterable[Pause]) -> tuple[tuple[datetime, datetime], ...]:
    """The pauses as instants `[begin, end)`, in order, those that touch or overlap made one."""
    return _merged(tuple(pauses))


@lru_cache(maxsize=1024)
def _merged(pauses: tuple[Pause, ...]) -> tuple[tuple[datetime, datetime], ...]:
    # Most branches have the pauses of the one above them.
    spans: list[tuple[datetime, datetime]] = []
    for pause in sorted(pauses, key=lambda each: (each.starts_on, each.ends_on)):
        begins = moscow_day_begins(pause.starts_on)
        ends = moscow_day_begins(pause.ends_on + timedelta(days=1))
        if spans and begins <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], ends))
        else:
            spans.append((begins, ends))
    return tuple(spans)

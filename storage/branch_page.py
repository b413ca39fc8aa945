"""What a branch's page asks: who it is, its communities' days, its posts, its letters."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from collector.domain.calendar import moscow_day
from collector.domain.model import BranchKind
from collector.domain.notification import Audience, MessageStatus, NotificationKind
from collector.domain.period import ReportPeriod
from storage.letter_tables import outbox_message
from storage.report_tables import account_absence
from storage.tables import branch, branch_size, community, follower_snapshot, post


@dataclass(frozen=True, slots=True)
class BranchCard:
    """A branch, live or retired. `primary_count` None: not told."""

    branch_id: int
    code: str
    name: str
    kind: BranchKind
    parent_code: str | None
    parent_name: str | None
    primary_count: int | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommunityDays:
    """What is known of a community by Moscow days."""

    followers: dict[date, int | None]
    """At the newest reading of each day on which it was read, in order; None: the network withheld the number."""
    posts: dict[date, int]
    """How many of its posts that still stand were published on each day; a day without one is left out."""
    absent_until: date | None
    """The last day on which it is known to have had no account yet, nor on any before; None: nothing is known."""


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post of one of the branch's communities. Counts are None where the network tells none."""

    network: str
    published_at: datetime
    url: str
    is_repost: bool
    like_count: int | None
    comment_count: int | None
    share_count: int | None
    view_count: int | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter about the branch. Whom it is for is a name and a role: nobody needs the address here."""

    message_id: int
    kind: NotificationKind
    audience: Audience
    name: str
    status: MessageStatus
    is_rehearsal: bool
    created_at: datetime
    finished_at: datetime | None
    subject: str | None


def card(conn: Connection, code: str) -> BranchCard | None:
    """The branch of this code; None: there is none."""
    above = branch.alias("above")
    size = (
        select(branch_size.c.primary_count)
        .where(branch_size.c.branch_id == branch.c.id)
        .order_by(branch_size.c.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = conn.execute(
        select(
            branch.c.id,
            branch.c.code,
            branch.c.name,
            branch.c.kind,
            above.c.code.label("parent_code"),
            above.c.name.label("parent_name"),
            size.label("primary_count"),
            branch.c.retired_at,
        )
        .outerjoin(above, above.c.id == branch.c.parent_id)
        .where(branch.c.code == code)
    ).one_or_none()
    if row is None:
        return None
    return BranchCard(
        branch_id=row.id,
        code=row.code,
        name=row.name,
        kind=BranchKind(row.kind),
        parent_code=row.parent_code,
        parent_name=row.parent_name,
        primary_count=row.primary_count,
        retired_at=row.retired_at,
    )


def days(conn: Connection, community_ids: Collection[int], period: ReportPeriod) -> dict[int, CommunityDays]:
    """Of each of these communities the newest reading of each Moscow day, and how many posts each day had."""
    snapshot = follower_snapshot.c
    readings: dict[int, dict[date, int | None]] = defaultdict(dict)
    for row in conn.execute(
        select(snapshot.community_id, snapshot.observed_at, snapshot.follower_count)
        .where(
            snapshot.community_id.in_(community_ids),
            snapshot.observed_at >= period.start,
            snapshot.observed_at < period.end,
        )
        .order_by(snapshot.community_id, snapshot.observed_at)
    ):
        readings[row.community_id][moscow_day(row.observed_at)] = row.follower_count
    posts: dict[int, Counter[date]] = defaultdict(Counter)
    published = select(post.c.community_id, post.c.published_at).where(
        post.c.community_id.in_(community_ids),
        post.c.published_at >= period.start,
        post.c.published_at < period.end,
        post.c.deleted_at.is_(None),
    )
    for community_id, published_at in conn.execute(published):
        posts[community_id][moscow_day(published_at)] += 1
    absent_until = _absent_until(conn, community_ids)
    return {
        number: CommunityDays(readings[number], dict(posts[number]), absent_until.get(number))
        for number in community_ids
    }


def _absent_until(conn: Connection, community_ids: Collection[int]) -> dict[int, date]:
    """By community; who was read on such a day all the same was there from then on."""
    absence, snapshot = account_absence.c, follower_snapshot.c
    first_at = (
        select(func.min(snapshot.observed_at))
        .where(snapshot.community_id == absence.community_id)
        .correlate(account_absence)
        .scalar_subquery()
    )
    query = (
        select(absence.community_id, func.max(absence.absent_on).label("last_on"), first_at.label("first_at"))
        .where(absence.community_id.in_(community_ids))
        .group_by(absence.community_id)
    )
    return {
        row.community_id: row.last_on
        if row.first_at is None
        else min(row.last_on, moscow_day(row.first_at) - timedelta(days=1))
        for row in conn.execute(query)
    }


def first_reading(conn: Connection, community_ids: Collection[int]) -> datetime | None:
    """When one of these communities was first read, or its number imported; None: none ever was."""
    snapshot = follower_snapshot.c
    found: datetime | None = conn.scalar(
        select(func.min(snapshot.observed_at)).where(snapshot.community_id.in_(community_ids))
    )
    return found


def posts(conn: Connection, branch_id: int, *, offset: int, limit: int) -> tuple[list[PostLine], int]:
    """Posts of its communities, the newest first, deleted ones too; and how many there are in all."""
    of_branch = community.c.branch_id == branch_id
    joined = post.join(community, community.c.id == post.c.community_id)
    total = conn.scalar(select(func.count()).select_from(joined).where(of_branch)) or 0
    rows = conn.execute(
        select(
            community.c.network,
            post.c.published_at,
            post.c.url,
            post.c.is_repost,
            post.c.like_count,
            post.c.comment_count,
            post.c.share_count,
            post.c.view_count,
            post.c.deleted_at,
        )
        .select_from(joined)
        .where(of_branch)
        .order_by(post.c.published_at.desc(), post.c.community_id, post.c.native_id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [PostLine(*row) for row in rows], total


def letters(conn: Connection, branch_id: int, limit: int) -> list[LetterLine]:
    """The newest letters about it, the newest first."""
    message = outbox_message.c
    rows = conn.execute(
        select(
            message.id,
            message.kind,
            message.audience,
            message.name,
            message.status,
            message.redirected_to.is_not(None).label("is_rehearsal"),
            message.created_at,
            message.finished_at,
            message.subject,
        )
        .where(message.branch_id == branch_id)
        .order_by(message.id.desc())
        .limit(limit)
    )
    return [
        LetterLine(
            message_id=row.id,
            kind=NotificationKind(row.kind),
            audience=Audience(row.audience),
            name=row.name,
            status=MessageStatus(row.status),
            is_rehearsal=row.is_rehearsal,
            created_at=row.created_at,
            finished_at=row.finished_at,
            subject=row.subject,
        )
        for row in rows
    ]

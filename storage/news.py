"""What the contest of news asks: posts of primary and territorial organisations, and how each primary was seen."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, and_, func, or_, select

from collector.domain.model import Access, BranchKind, PostContent
from collector.domain.period import ReportPeriod
from storage.contents import content_of
from storage.post_facts import PostFacts, post_of, posts_between
from storage.report_tables import account_absence
from storage.tables import branch, community, community_access, community_state, post_content

_KINDS = (BranchKind.PRIMARY.value, BranchKind.TERRITORIAL.value)


@dataclass(frozen=True, slots=True)
class NewsPost:
    """A post, whose it is, and what it says."""

    post: PostFacts
    branch_code: str
    branch_kind: BranchKind
    network: str
    content: PostContent | None
    """None: its text was not read."""


@dataclass(frozen=True, slots=True)
class NewsCommunity:
    """A primary organisation's community, and how it was seen."""

    community_id: int
    network: str
    native_id: str | None
    screen_name: str | None
    title: str | None
    access: str
    """As last seen by the moment."""
    access_since: datetime | None
    retired_at: datetime | None
    posts_known_since: datetime | None
    wall_last_seen_at: datetime | None
    absent_on: date | None
    """The last day on which it is known to have had no account."""


@dataclass(frozen=True, slots=True)
class Primary:
    """A primary organisation."""

    code: str
    name: str
    parent_code: str | None
    retired_at: datetime | None
    communities: tuple[NewsCommunity, ...]


@dataclass(frozen=True, slots=True)
class NewsFacts:
    """All that the contest of news is judged by."""

    period: ReportPeriod
    counted_until: datetime
    """Counts of posts, and whether a community is open, are as known at this moment."""
    posts: tuple[NewsPost, ...]
    """Those of primary and of territorial organisations, reposts too."""
    primaries: tuple[Primary, ...]
    """Those that were in the branches file in the period, in its order."""


def news_facts(conn: Connection, period: ReportPeriod, counted_until: datetime) -> NewsFacts:
    """Facts of a month."""
    content = post_content.c
    posts = posts_between(
        conn,
        period,
        _KINDS,
        counted_until,
        branch.c.code,
        branch.c.kind,
        community.c.network,
        content.text,
        content.attachments,
        content.reposted_native_id,
    )
    return NewsFacts(
        period,
        counted_until,
        tuple(
            NewsPost(post_of(row), row.code, BranchKind(row.kind), row.network, content_of(row))
            for row in conn.execute(posts)
        ),
        tuple(_primaries(conn, period, counted_until)),
    )


def _primaries(conn: Connection, period: ReportPeriod, counted_until: datetime) -> list[Primary]:
    of_branch: dict[int, list[NewsCommunity]] = defaultdict(list)
    for each in _communities(conn, period, counted_until):
        of_branch[each[0]].append(each[1])
    parent = branch.alias("parent")
    query = (
        select(branch.c.id, branch.c.code, branch.c.name, branch.c.retired_at, parent.c.code.label("parent"))
        .outerjoin(parent, parent.c.id == branch.c.parent_id)
        .where(
            branch.c.kind == BranchKind.PRIMARY.value,
            or_(branch.c.retired_at.is_(None), branch.c.retired_at >= period.start),
        )
        .order_by(branch.c.id)
    )
    return [
        Primary(row.code, row.name, row.parent, row.retired_at, tuple(of_branch[row.id]))
        for row in conn.execute(query)
    ]


def _communities(
    conn: Connection, period: ReportPeriod, counted_until: datetime
) -> list[tuple[int, NewsCommunity]]:
    newest = (
        select(func.max(community_access.c.observed_at))
        .where(
            community_access.c.community_id == community.c.id, community_access.c.observed_at <= counted_until
        )
        .correlate(community)
        .scalar_subquery()
    )
    absent_on = (
        select(func.max(account_absence.c.absent_on))
        .where(account_absence.c.community_id == community.c.id)
        .correlate(community)
        .scalar_subquery()
    )
    query = (
        select(
            community.c.branch_id,
            community.c.id,
            community.c.network,
            community.c.native_id,
            community.c.screen_name,
            community.c.title,
            community.c.retired_at,
            community_access.c.access,
            community_access.c.observed_at,
            community_state.c.posts_known_since,
            community_state.c.wall_last_seen_at,
            absent_on.label("absent_on"),
        )
        .join_from(community, branch, branch.c.id == community.c.branch_id)
        .join(community_state, community_state.c.community_id == community.c.id)
        .outerjoin(
            community_access,
            and_(community_access.c.community_id == community.c.id, community_access.c.observed_at == newest),
        )
        .where(
            branch.c.kind == BranchKind.PRIMARY.value,
            or_(community.c.retired_at.is_(None), community.c.retired_at >= period.start),
        )
        .order_by(community.c.id)
    )
    return [
        (
            row.branch_id,
            NewsCommunity(
                row.id,
                row.network,
                row.native_id,
                row.screen_name,
                row.title,
                row.access or Access.UNKNOWN.value,
                row.observed_at,
                row.retired_at,
                row.posts_known_since,
                row.wall_last_seen_at,
                row.absent_on,
            ),
        )
        for row in conn.execute(query)
    ]

"""What the audit asks: of each community what it offers, and its posts of a period with what they contain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod
from storage.access import KnownAccess, access_at
from storage.growth import BranchLine, growth_branches
from storage.tables import branch, community, community_state, post_content
from storage.tables import post as post_table


@dataclass(frozen=True, slots=True)
class AuditedContent:
    """What a post contains, and which run read it."""

    attachments: tuple[str, ...]
    """Kinds, as `collector.domain.model.Attachment` has them."""
    hashtags: tuple[str, ...]
    is_of_primary: bool
    """Whether it passes on a post of a primary organisation's community that we know."""
    run_id: int


@dataclass(frozen=True, slots=True)
class AuditedPost:
    """A post that was seen and still stands."""

    published_at: datetime
    url: str
    is_repost: bool
    comment_count: int | None
    content: AuditedContent | None
    """None: it was not read."""


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What is known of a community. What it offers is as seen at `last_seen_at`; None: not told."""

    branch_code: str
    network: str
    url: str
    title: str | None
    screen_name: str | None
    site: str | None
    """An empty text: it names none."""
    are_messages_open: bool | None
    are_comments_open: bool | None
    last_seen_at: datetime | None
    listed_at: datetime
    retired_at: datetime | None
    posts_known_since: datetime | None
    wall_last_seen_at: datetime | None
    access: KnownAccess | None
    """At the period's end; None: it had not been read yet."""
    posts: tuple[AuditedPost, ...]
    """Of the period, in order."""


def audit_branches(
    conn: Connection, period: ReportPeriod, kinds: Collection[str], code: str | None
) -> list[BranchLine]:
    """Those of these kinds, or the one of this code, but those that left the branches file before the period."""
    return [line for line in growth_branches(conn, period, kinds) if code in (None, line.code)]


def audit_facts(
    conn: Connection, period: ReportPeriod, kinds: Collection[str], code: str | None
) -> list[AuditFacts]:
    """Of the communities of these branches, but those that left the branches file before the period."""
    wanted = [branch.c.kind.in_(kinds)] + ([branch.c.code == code] if code is not None else [])
    posts = _posts(conn, period, wanted)
    access = access_at(conn, period.end, kinds)
    state = community_state.c
    query = (
        select(
            community,
            branch.c.code,
            state.site,
            state.are_messages_open,
            state.are_comments_open,
            state.last_seen_at,
            state.posts_known_since,
            state.wall_last_seen_at,
        )
        .join_from(community, branch, branch.c.id == community.c.branch_id)
        .join(community_state, state.community_id == community.c.id)
        .where(
            *wanted,
            *(
                or_(table.c.retired_at.is_(None), table.c.retired_at >= period.start)
                for table in (branch, community)
            ),
        )
        .order_by(branch.c.id, community.c.id)
    )
    return [
        AuditFacts(
            branch_code=row.code,
            network=row.network,
            url=row.url,
            title=row.title,
            screen_name=row.screen_name,
            site=row.site,
            are_messages_open=row.are_messages_open,
            are_comments_open=row.are_comments_open,
            last_seen_at=row.last_seen_at,
            listed_at=row.created_at,
            retired_at=row.retired_at,
            posts_known_since=row.posts_known_since,
            wall_last_seen_at=row.wall_last_seen_at,
            access=access.get(row.id),
            posts=tuple(posts.get(row.id, ())),
        )
        for row in conn.execute(query)
    ]


def _posts(
    conn: Connection, period: ReportPeriod, wanted: Collection[ColumnElement[bool]]
) -> dict[int, list[AuditedPost]]:
    """By community."""
    content = post_content.c
    origin, primary = community.alias("origin"), branch.alias("primary_branch")
    is_of_primary = (
        select(origin.c.id)
        .join(primary, primary.c.id == origin.c.branch_id)
        .where(
            origin.c.network == community.c.network,
            origin.c.native_id == content.reposted_native_id,
            primary.c.kind == BranchKind.PRIMARY.value,
        )
        .correlate(community, post_content)
        .exists()
    )
    query = (
        select(
            post_table.c.community_id,
            post_table.c.published_at,
            post_table.c.url,
            post_table.c.is_repost,
            post_table.c.comment_count,
            content.attachments,
            content.hashtags,
            content.run_id,
            is_of_primary.label("is_of_primary"),
        )
        .join_from(post_table, community, community.c.id == post_table.c.community_id)
        .join(branch, branch.c.id == community.c.branch_id)
        .outerjoin(
            post_content,
            (content.community_id == post_table.c.community_id)
            & (content.native_id == post_table.c.native_id),
        )
        .where(
            *wanted,
            post_table.c.published_at >= period.start,
            post_table.c.published_at < period.end,
            post_table.c.deleted_at.is_(None),
        )
        .order_by(post_table.c.community_id, post_table.c.published_at, post_table.c.native_id)
    )
    found: dict[int, list[AuditedPost]] = defaultdict(list)
    for row in conn.execute(query):
        read = None
        if row.run_id is not None:
            hashtags = tuple(row.hashtags.split())
            read = AuditedContent(
                tuple(row.attachments.split()), hashtags, bool(row.is_of_primary), row.run_id
            )
        found[row.community_id].append(
            AuditedPost(row.published_at, row.url, row.is_repost, row.comment_count, read)
        )
    return found

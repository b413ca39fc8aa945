"""Posts as contests compare them: their counts at a stated moment, and the readings of followers around each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    func,
    or_,
    select,
    true,
)

from collector.domain.period import ReportPeriod
from storage.tables import branch, community, follower_snapshot, post_content, post_snapshot
from storage.tables import post as post_table


@dataclass(frozen=True, slots=True)
class FollowersRead:
    """A reading of followers."""

    follower_count: int | None
    """People; None: the network withheld the number."""
    observed_at: datetime
    run_id: int


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post, with what is known of it at a moment and of its community's followers when it was published."""

    community_id: int
    native_id: str
    url: str
    published_at: datetime
    is_repost: bool
    like_count: int | None
    comment_count: int | None
    share_count: int | None
    counted_at: datetime | None
    """When these counts were read; None: not by that moment."""
    run_id: int | None
    """The run that read them."""
    before: FollowersRead | None
    """The last reading of followers up to its publication."""
    after: FollowersRead | None
    """The first one after it."""


def posts_between(
    conn: Connection,
    period: ReportPeriod,
    kinds: Collection[str],
    counted_until: datetime,
    *more: ColumnElement[Any],
) -> Select[Any]:
    """Posts of branches of these kinds, published in the period, and not known to be deleted by a moment.

    `more`: further columns of `post_content`, `community` or `branch`. Its rows are what `post_of` reads.
    """
    published_at = post_table.c.published_at
    of_community = follower_snapshot.c.community_id == post_table.c.community_id
    read_at = follower_snapshot.c.observed_at
    of_post = and_(
        post_snapshot.c.community_id == post_table.c.community_id,
        post_snapshot.c.native_id == post_table.c.native_id,
    )
    counted = post_snapshot.c.observed_at <= counted_until
    counts, are_counts = _edge(conn, post_snapshot, "counts", of_post & counted, is_newest=True)
    before, is_before = _edge(
        conn, follower_snapshot, "before", of_community & (read_at <= published_at), is_newest=True
    )
    after, is_after = _edge(
        conn, follower_snapshot, "after", of_community & (read_at > published_at), is_newest=False
    )
    joined = (
        post_table.join(community, community.c.id == post_table.c.community_id)
        .join(branch, branch.c.id == community.c.branch_id)
        .outerjoin(counts, are_counts)
        .outerjoin(before, is_before)
        .outerjoin(after, is_after)
        .outerjoin(
            post_content,
            and_(
                post_content.c.community_id == post_table.c.community_id,
                post_content.c.native_id == post_table.c.native_id,
            ),
        )
    )
    return (
        select(
            post_table.c.community_id,
            post_table.c.native_id,
            post_table.c.url,
            published_at,
            post_table.c.is_repost,
            counts.c.like_count,
            counts.c.comment_count,
            counts.c.share_count,
            counts.c.observed_at.label("counted_at"),
            counts.c.run_id,
            *(
                found.c[name].label(f"{found.name}_{name}")
                for found in (before, after)
                for name in ("follower_count", "observed_at", "run_id")
            ),
            *more,
        )
        .select_from(joined)
        .where(
            branch.c.kind.in_(kinds),
            published_at >= period.start,
            published_at < period.end,
            or_(post_table.c.deleted_at.is_(None), post_table.c.deleted_at > counted_until),
        )
        .order_by(post_table.c.community_id, published_at, post_table.c.native_id)
    )


def post_of(row: Row[Any]) -> PostFacts:
    """The post in a row of `posts_between`."""
    return PostFacts(
        row.community_id,
        row.native_id,
        row.url,
        row.published_at,
        row.is_repost,
        row.like_count,
        row.comment_count,
        row.share_count,
        row.counted_at,
        row.run_id,
        _followers(row.before_follower_count, row.before_observed_at, row.before_run_id),
        _followers(row.after_follower_count, row.after_observed_at, row.after_run_id),
    )


def _followers(count: int | None, at: datetime | None, run_id: int | None) -> FollowersRead | None:
    return None if at is None or run_id is None else FollowersRead(count, at, run_id)


def _edge(
    conn: Connection, series: Table, name: str, which: ColumnElement[bool], *, is_newest: bool
) -> tuple[Any, ColumnElement[bool]]:
    """The newest, or the oldest, row of a series for each post, and what joins it: one look into its key a post."""
    at = series.c.observed_at
    if conn.dialect.name == "postgresql":
        # Joined to its own maximum, the whole series would be read.
        newest = select(series).where(which).order_by(at.desc() if is_newest else at).limit(1)
        return newest.correlate(post_table).lateral(name), true()
    edge = select(func.max(at) if is_newest else func.min(at)).where(which).correlate(post_table)
    found = series.alias(name)
    # Of the key all but the instant is the post's own.
    keys = [found.c[key.name] == post_table.c[key.name] for key in series.primary_key if key is not at]
    return found, and_(*keys, found.c.observed_at == edge.scalar_subquery())

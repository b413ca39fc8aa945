"""Posts as contests compare them: their counts at a stated moment, and the readings of followers around each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Alias, ColumnElement, Row, Select, and_, func, or_, select

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
    period: ReportPeriod, kinds: Collection[str], counted_until: datetime, *more: ColumnElement[Any]
) -> Select[Any]:
    """Posts of branches of these kinds, published in the period, and not known to be deleted by a moment.

    `more`: further columns of `post_content`, `community` or `branch`. Its rows are what `post_of` reads.
    """
    counts = _nearest(
        post_snapshot,
        "counts",
        func.max,
        post_snapshot.c.native_id == post_table.c.native_id,
        post_snapshot.c.observed_at <= counted_until,
    )
    before = _nearest(
        follower_snapshot, "before", func.max, follower_snapshot.c.observed_at <= post_table.c.published_at
    )
    after = _nearest(
        follower_snapshot, "after", func.min, follower_snapshot.c.observed_at > post_table.c.published_at
    )
    joined = post_table.join(community, community.c.id == post_table.c.community_id).join(
        branch, branch.c.id == community.c.branch_id
    )
    for series, is_it in (counts, before, after):
        joined = joined.outerjoin(series, is_it)
    joined = joined.outerjoin(
        post_content,
        and_(
            post_content.c.community_id == post_table.c.community_id,
            post_content.c.native_id == post_table.c.native_id,
        ),
    )
    return (
        select(
            post_table.c.community_id,
            post_table.c.native_id,
            post_table.c.url,
            post_table.c.published_at,
            post_table.c.is_repost,
            counts[0].c.like_count,
            counts[0].c.comment_count,
            counts[0].c.share_count,
            counts[0].c.observed_at.label("counted_at"),
            counts[0].c.run_id,
            *(
                series.c[name].label(f"{series.name}_{name}")
                for series, _ in (before, after)
                for name in ("follower_count", "observed_at", "run_id")
            ),
            *more,
        )
        .select_from(joined)
        .where(
            branch.c.kind.in_(kinds),
            post_table.c.published_at >= period.start,
            post_table.c.published_at < period.end,
            or_(post_table.c.deleted_at.is_(None), post_table.c.deleted_at > counted_until),
        )
        .order_by(post_table.c.community_id, post_table.c.published_at, post_table.c.native_id)
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


def _nearest(
    series: Any, name: str, edge: Any, *when: ColumnElement[bool]
) -> tuple[Alias, ColumnElement[bool]]:
    """The newest, or the oldest, row of a post's or a community's series: one look into its key's index a post."""
    at = (
        select(edge(series.c.observed_at))
        .where(series.c.community_id == post_table.c.community_id, *when)
        .correlate(post_table)
        .scalar_subquery()
    )
    found = series.alias(name)
    is_it = and_(found.c.community_id == post_table.c.community_id, found.c.observed_at == at)
    if "native_id" in series.c:
        is_it &= found.c.native_id == post_table.c.native_id
    return found, is_it

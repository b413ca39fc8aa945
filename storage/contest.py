"""What a contest asks: of each community its followers about two days, its posts between, and how it was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, exists, select

from collector.domain.calendar import moscow_day_begins
from collector.domain.model import Access
from collector.domain.period import ReportPeriod
from storage.growth import BranchLine, GrowthFacts, growth_branches, growth_facts
from storage.post_facts import PostFacts, post_of, posts_between
from storage.tables import branch, community, community_access, community_state, follower_snapshot


@dataclass(frozen=True, slots=True)
class ContestCommunity:
    """What is known of a community."""

    growth: GrowthFacts
    """Of the day before the period, and of its last one."""
    listed_at: datetime
    """When it entered the branches file."""
    access: str
    """As last seen by the moment."""
    access_since: datetime | None
    posts_known_since: datetime | None
    wall_last_seen_at: datetime | None
    is_withheld_at_start: bool
    """Whether the network withheld the number of followers near the day before the period."""
    is_withheld_at_end: bool
    posts: tuple[PostFacts, ...]
    """Those of the period, reposts too, in order."""


@dataclass(frozen=True, slots=True)
class ContestFacts:
    """All that a contest is judged by."""

    period: ReportPeriod
    """The days that are compared."""
    counted_until: datetime
    """Counts of posts, and whether a community is open, are as known at this moment."""
    branches: tuple[BranchLine, ...]
    communities: tuple[ContestCommunity, ...]


def contest_facts(
    conn: Connection,
    period: ReportPeriod,
    kinds: Collection[str],
    networks: Collection[str],
    counted_until: datetime,
    near: timedelta,
) -> ContestFacts:
    """Facts of branches of these kinds and their communities on these networks; none named: on all.

    `near`: how far a reading may be from the day that it is for.
    """
    day_before = period.first_day - timedelta(days=1)
    about = ReportPeriod(day_before, period.end_day)
    posts: dict[int, list[PostFacts]] = defaultdict(list)
    for row in conn.execute(posts_between(conn, period, kinds, counted_until)):
        posts[row.community_id].append(post_of(row))
    seen = {
        row.id: row
        for row in conn.execute(
            select(
                community.c.id,
                community.c.created_at,
                community_state.c.posts_known_since,
                community_state.c.wall_last_seen_at,
            )
            .join_from(community, community_state, community_state.c.community_id == community.c.id)
            .join(branch, branch.c.id == community.c.branch_id)
            .where(branch.c.kind.in_(kinds))
        )
    }
    access = {
        row.community_id: row
        for row in conn.execute(
            select(community_access)
            .where(community_access.c.observed_at <= counted_until)
            .order_by(community_access.c.observed_at)
        )
    }
    at_start, at_end = (_withheld(conn, day, near) for day in (day_before, period.last_day))
    return ContestFacts(
        period,
        counted_until,
        tuple(growth_branches(conn, about, kinds)),
        tuple(
            ContestCommunity(
                each,
                seen[each.community_id].created_at,
                access[each.community_id].access if each.community_id in access else Access.UNKNOWN.value,
                access[each.community_id].observed_at if each.community_id in access else None,
                seen[each.community_id].posts_known_since,
                seen[each.community_id].wall_last_seen_at,
                each.community_id in at_start,
                each.community_id in at_end,
                tuple(posts[each.community_id]),
            )
            for each in growth_facts(conn, about, kinds)
            if not networks or each.network in networks
        ),
    )


def _withheld(conn: Connection, day: date, near: timedelta) -> set[int]:
    """Communities of which a reading near a day had no number."""
    series = follower_snapshot.c
    read = exists().where(
        series.community_id == community.c.id,
        series.follower_count.is_(None),
        series.observed_at >= moscow_day_begins(day) - near,
        series.observed_at < moscow_day_begins(day + timedelta(days=1)) + near,
    )
    return set(conn.scalars(select(community.c.id).where(read)))

"""What the growth report asks: of each community, the readings nearest to two days, and its posts between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select

from collector.domain.calendar import moscow_day, moscow_day_begins
from collector.domain.period import ReportPeriod
from storage.report_tables import account_absence
from storage.tables import branch, branch_size, collection_run, community, community_state, follower_snapshot
from storage.tables import post as post_table


@dataclass(frozen=True, slots=True)
class KnownCount:
    """A follower count that was read, or imported: on which Moscow day, and by which run."""

    follower_count: int
    on: date
    run_id: int


@dataclass(frozen=True, slots=True)
class GrowthFacts:
    """What is known of a community about two days: the last known count up to each, and the first one after it."""

    community_id: int
    branch_code: str
    branch_name: str
    network: str
    url: str
    access: str
    primary_count: int | None
    """Of its branch, as known on the second day; where nothing so old is known, the oldest that is."""
    branch_retired_at: datetime | None
    retired_at: datetime | None
    up_to_first: KnownCount | None
    after_first: KnownCount | None
    up_to_last: KnownCount | None
    after_last: KnownCount | None
    absent_on: tuple[date, ...]
    """Days on which it is known to have had no account."""
    post_count: int
    """Posts in the period that were seen and still stand, as far as it was looked at."""
    is_post_count_whole: bool
    """Whether its wall was read back to the period's beginning, and after its end."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Where numbers came from: a round, or an imported file."""

    run_id: int
    kind: str
    source: str | None
    started_at: datetime


def growth_facts(conn: Connection, period: ReportPeriod, kinds: Collection[str]) -> list[GrowthFacts]:
    """Of all communities of branches of these kinds, in the order of the branches file.

    `period`: its first day is the first of the two; its last day the other.
    """
    absences: dict[int, list[date]] = defaultdict(list)
    for row in conn.execute(select(account_absence).order_by(account_absence.c.absent_on)):
        absences[row.community_id].append(row.absent_on)
    posts = {
        row.community_id: row.posts
        for row in conn.execute(
            select(post_table.c.community_id, func.count().label("posts"))
            .where(
                post_table.c.published_at >= period.start,
                post_table.c.published_at < period.end,
                post_table.c.deleted_at.is_(None),
            )
            .group_by(post_table.c.community_id)
        )
    }
    sizes = _sizes(conn, period.last_day)
    found = []
    for row in conn.execute(_query(period, kinds)):
        values = row._mapping
        reaches_back = row.oldest_post_at is not None and row.oldest_post_at < period.start
        since_then = row.wall_first_seen_at is not None and row.wall_first_seen_at < period.start
        found.append(
            GrowthFacts(
                community_id=row.id,
                branch_code=row.code,
                branch_name=row.name,
                network=row.network,
                url=row.url,
                access=row.access,
                primary_count=sizes.get(row.branch_id),
                branch_retired_at=row.branch_retired_at,
                retired_at=row.retired_at,
                **{name: _known(values, name) for name in _EDGES},
                absent_on=tuple(absences.get(row.id, ())),
                post_count=posts.get(row.id, 0),
                is_post_count_whole=(reaches_back or since_then)
                and row.wall_last_seen_at is not None
                and row.wall_last_seen_at >= period.end,
            )
        )
    return found


def runs_by_id(conn: Connection, run_ids: Collection[int]) -> dict[int, RunFacts]:
    """The runs of these numbers."""
    query = select(
        collection_run.c.id, collection_run.c.kind, collection_run.c.source, collection_run.c.started_at
    )
    wanted = set(run_ids)
    return {
        row.id: RunFacts(row.id, row.kind, row.source, row.started_at)
        for row in conn.execute(query)
        if row.id in wanted
    }


_EDGES = ("up_to_first", "after_first", "up_to_last", "after_last")


def _query(period: ReportPeriod, kinds: Collection[str]) -> Select[Any]:
    first_ends = moscow_day_begins(period.first_day + timedelta(days=1))
    edges = {
        "up_to_first": _edge(func.max, follower_snapshot.c.observed_at < first_ends),
        "after_first": _edge(func.min, follower_snapshot.c.observed_at >= first_ends),
        "up_to_last": _edge(func.max, follower_snapshot.c.observed_at < period.end),
        "after_last": _edge(func.min, follower_snapshot.c.observed_at >= period.end),
    }
    oldest = (
        select(func.min(post_table.c.published_at))
        .where(post_table.c.community_id == community.c.id)
        .scalar_subquery()
    )
    inner = (
        select(community.c.id, *(edge.label(name) for name, edge in edges.items()))
        .join_from(community, branch)
        .where(branch.c.kind.in_(kinds))
        .subquery("edges")
    )
    query = (
        select(
            community.c.id,
            community.c.branch_id,
            community.c.network,
            community.c.url,
            community.c.retired_at,
            branch.c.code,
            branch.c.name,
            branch.c.retired_at.label("branch_retired_at"),
            community_state.c.access,
            community_state.c.wall_first_seen_at,
            community_state.c.wall_last_seen_at,
            oldest.label("oldest_post_at"),
        )
        .join_from(inner, community, community.c.id == inner.c.id)
        .join(branch, branch.c.id == community.c.branch_id)
        .join(community_state, community_state.c.community_id == community.c.id)
        .order_by(branch.c.id, community.c.id)
    )
    for name in _EDGES:
        snapshot = follower_snapshot.alias(name)
        query = query.outerjoin(
            snapshot,
            (snapshot.c.community_id == inner.c.id) & (snapshot.c.observed_at == inner.c[name]),
        ).add_columns(
            snapshot.c.follower_count.label(f"{name}_count"),
            snapshot.c.observed_at.label(f"{name}_at"),
            snapshot.c.run_id.label(f"{name}_run"),
        )
    return query


def _edge(newest_or_oldest: Any, condition: ColumnElement[bool]) -> Any:
    return (
        select(newest_or_oldest(follower_snapshot.c.observed_at))
        .where(
            follower_snapshot.c.community_id == community.c.id,
            follower_snapshot.c.follower_count.is_not(None),
            condition,
        )
        .correlate(community)
        .scalar_subquery()
    )


def _known(values: RowMapping, name: str) -> KnownCount | None:
    if values[f"{name}_at"] is None:
        return None
    return KnownCount(values[f"{name}_count"], moscow_day(values[f"{name}_at"]), values[f"{name}_run"])


def _sizes(conn: Connection, on: date) -> dict[int, int]:
    """Of each branch the number of primary organisations known on a day; else the oldest known later."""
    found: dict[int, int] = {}
    for row in conn.execute(select(branch_size).order_by(branch_size.c.valid_from)):
        if row.branch_id not in found or row.valid_from <= on:
            found[row.branch_id] = row.primary_count
    return found

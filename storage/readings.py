"""Readings of followers nearest to a day: what every report that compares days asks of the series."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, true

from collector.domain.calendar import moscow_day, moscow_day_begins
from storage.tables import branch, community, follower_snapshot


@dataclass(frozen=True, slots=True)
class KnownCount:
    """A follower count that was read, or imported: on which Moscow day, and by which run."""

    follower_count: int
    on: date
    run_id: int


def nearest_counts(
    conn: Connection, day: date, kinds: Collection[str]
) -> dict[int, tuple[KnownCount | None, KnownCount | None]]:
    """Of each community the last known count up to a day; and if that is not of the day itself, the first after it."""
    series = follower_snapshot.c
    begins, ends = moscow_day_begins(day), moscow_day_begins(day + timedelta(days=1))
    on_the_day = exists().where(
        *_known_of_community(), series.observed_at >= begins, series.observed_at < ends
    )
    of_kinds = branch.c.kind.in_(kinds)
    before: dict[int, KnownCount] = {}
    for row in conn.execute(_edge(conn, series.observed_at < ends, of_kinds, is_newest=True)):
        # Most are of the day itself: to ask each instant for its day takes longer than all the rest.
        on = day if row.observed_at >= begins else moscow_day(row.observed_at)
        before[row.community_id] = KnownCount(row.follower_count, on, row.run_id)
    after = {
        row.community_id: KnownCount(row.follower_count, moscow_day(row.observed_at), row.run_id)
        for row in conn.execute(
            _edge(conn, series.observed_at >= ends, of_kinds & ~on_the_day, is_newest=False)
        )
    }
    return {each: (before.get(each), after.get(each)) for each in before.keys() | after.keys()}


def _known_of_community() -> tuple[ColumnElement[bool], ...]:
    return (
        follower_snapshot.c.community_id == community.c.id,
        follower_snapshot.c.follower_count.is_not(None),
    )


def _edge(
    conn: Connection, when: ColumnElement[bool], of: ColumnElement[bool], *, is_newest: bool
) -> Select[Any]:
    """Of each of some communities the newest, or the oldest, known count of a time."""
    series = follower_snapshot.c
    wanted = community.join(branch, community.c.branch_id == branch.c.id)
    if conn.dialect.name == "postgresql":
        # One search of the key a community; joined to its own maximum, the whole series would be read.
        found = (
            select(series.community_id, series.follower_count, series.observed_at, series.run_id)
            .where(*_known_of_community(), when)
            .order_by(series.observed_at.desc() if is_newest else series.observed_at)
            .limit(1)
            .lateral("found")
        )
        return select(found).select_from(wanted.join(found, true())).where(of)
    at = (
        select(func.max(series.observed_at) if is_newest else func.min(series.observed_at))
        .where(*_known_of_community(), when)
        .correlate(community)
        .scalar_subquery()
    )
    there = follower_snapshot.alias("found")
    joined = wanted.join(there, (there.c.community_id == community.c.id) & (there.c.observed_at == at))
    return select(there).select_from(joined).where(of)

"""Readings of followers nearest to a day: what every report that compares days asks of the series."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, FromClause, ScalarSelect, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from collector.domain.calendar import moscow_day, moscow_day_begins
from storage.tables import branch, community, follower_snapshot
from storage.types import Id
from storage.upsert import as_table

_When = Callable[[ColumnElement[datetime]], ColumnElement[bool]]


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
    begins, ends = moscow_day_begins(day), moscow_day_begins(day + timedelta(days=1))
    of_kinds = select(community.c.id).join(branch).where(branch.c.kind.in_(kinds))
    wanted = set(conn.scalars(of_kinds))
    of_the_day = _of_the_day(conn, day, begins, ends)
    found: dict[int, tuple[KnownCount | None, KnownCount | None]] = {
        each: (of_the_day[each], None) for each in wanted & of_the_day.keys()
    }
    before = _edge(conn, wanted - found.keys(), lambda at: at < ends, is_newest=True)
    not_of_the_day = {each for each, known in before.items() if known.on != day}
    elsewhere = wanted - found.keys() - (before.keys() - not_of_the_day)
    after = _edge(conn, elsewhere, lambda at: at >= ends, is_newest=False)
    return found | {each: (before.get(each), after.get(each)) for each in before.keys() | after.keys()}


def newest_count_between(
    begins: ColumnElement[datetime], ends: ColumnElement[datetime]
) -> ScalarSelect[int | None]:
    """SQL: of the community of a row its last reading in `[begins, ends)`. NULL: not read in it, or withheld."""
    snapshot = follower_snapshot.c
    return (
        select(snapshot.follower_count)
        .where(
            snapshot.community_id == community.c.id,
            snapshot.observed_at >= begins,
            snapshot.observed_at < ends,
        )
        .order_by(snapshot.observed_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _of_the_day(conn: Connection, day: date, begins: datetime, ends: datetime) -> dict[int, KnownCount]:
    """The last known counts of a day. Nothing on SQLite, which has no index by time: there each is searched for."""
    if conn.dialect.name != "postgresql":
        return {}
    series = follower_snapshot.c
    query = (
        select(series.community_id, series.follower_count, series.run_id)
        .where(series.follower_count.is_not(None), series.observed_at >= begins, series.observed_at < ends)
        .ext(distinct_on(series.community_id))
        .order_by(series.community_id, series.observed_at.desc())
    )
    return {
        community_id: KnownCount(count, day, run_id)
        for community_id, count, run_id in conn.execute(query).all()
    }


def _edge(
    conn: Connection, community_ids: Collection[int], when: _When, *, is_newest: bool
) -> dict[int, KnownCount]:
    """Of each of these communities the newest, or the oldest, known count of a time."""
    if not community_ids:
        return {}
    wanted = as_table(conn, {"id": Id}, [(each,) for each in community_ids])
    found = follower_snapshot.alias("found")
    nearest = (
        select(found)
        .where(
            found.c.community_id == wanted.c.id,
            found.c.follower_count.is_not(None),
            when(found.c.observed_at),
        )
        .order_by(found.c.observed_at.desc() if is_newest else found.c.observed_at)
        .limit(1)
    )
    # One search of the key a community, said as each database is sure to do it.
    joined: FromClause
    if conn.dialect.name == "postgresql":
        one = nearest.lateral("one")
        joined, told = wanted.join(one, true()), one.c
    else:
        at = nearest.with_only_columns(found.c.observed_at).correlate(wanted).scalar_subquery()
        there = follower_snapshot.alias("there")
        is_it = (there.c.community_id == wanted.c.id) & (there.c.observed_at == at)
        joined, told = wanted.join(there, is_it), there.c
    query = select(told.community_id, told.follower_count, told.observed_at, told.run_id).select_from(joined)
    return {
        community_id: KnownCount(count, moscow_day(observed_at), run_id)
        for community_id, count, observed_at, run_id in conn.execute(query).all()
    }

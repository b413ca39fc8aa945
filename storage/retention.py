"""Removes what is too old, community by community: what may go of each, and how far it came.

Each batch finds its rows in a transaction that only reads, and removes them in short ones that hold no other row:
what is old is written no more. A batch that was cut off is done again, to the same end; of one post all goes at once,
as what may go of it is judged by what stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, func, select

from collector.domain.calendar import moscow_day_begins
from collector.domain.period import LONGEST_DISTANCE
from collector.domain.retention import CountsRead, Retained, thinned
from storage.engine import reading, writing
from storage.lock import retention_lock
from storage.report_tables import contest_freeze
from storage.tables import (
    RunKind,
    collection_outcome,
    collection_run,
    community,
    follower_snapshot,
    post,
    post_snapshot,
)
from storage.upkeep_tables import retention_progress
from storage.upsert import delete_known, insert_or_replace, update_known

COMMUNITIES_AT_ONCE = 5
"""In a batch: the first one after years reads all their posts' readings, and a stop waits for its end."""
_KEYS_AT_ONCE = 5_000
"""So many rows go in a transaction: a fraction of a second, for which a round's writing waits on SQLite."""
_NEWEST_OUTCOMES = 5
"""Of each community, scope and kind: storage/doubts.py asks for fewer."""
_AROUND_A_CONTEST = 2 * LONGEST_DISTANCE
"""A contest takes readings no farther than half of that from its days."""

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass over all communities."""

    what: Retained
    before: datetime
    """It looks at what is older than this."""
    since: datetime | None
    """What is older than that was looked at before; None: nothing was."""
    after_community_id: int | None
    """The last community that it is done with."""


@dataclass(frozen=True, slots=True)
class Step:
    """A batch of communities."""

    removed: int
    upto_community_id: int | None
    """The last of them; None: there was none left."""

    @property
    def is_last(self) -> bool:
        """Whether the pass is at its end."""
        return self.upto_community_id is None


class RetentionStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lock(self) -> AbstractContextManager[bool]:
        """One removal at a time: gives whether it is ours."""
        return retention_lock(self._engine)

    def next_pass(self, what: Retained, before: datetime) -> Pass | None:
        """The pass that is under way, else one up to `before`; None: all that is older was looked at."""
        with reading(self._engine) as conn:
            row = conn.execute(
                select(retention_progress).where(retention_progress.c.what == what.value)
            ).one_or_none()
        if row is None:
            return Pass(what, before, None, None)
        if row.pass_before is not None:
            return Pass(what, row.pass_before, row.done_before, row.after_community_id)
        if row.done_before is not None and row.done_before >= before:
            return None
        return Pass(what, before, row.done_before, None)

    def count(self, under_way: Pass) -> Step:
        """How much would go of the next communities."""
        with reading(self._engine) as conn:
            ids = _next_communities(conn, under_way)
            return Step(
                sum(map(len, _FINDERS[under_way.what](conn, ids, under_way))), ids[-1] if ids else None
            )

    def remove(self, under_way: Pass) -> Step:
        """Remove what may go of the next communities, and keep how far it came."""
        removed = 0
        keys: list[Key] = []
        with reading(self._engine) as conn:
            ids = _next_communities(conn, under_way)
            for together in _FINDERS[under_way.what](conn, ids, under_way):
                keys += together
                if len(keys) >= _KEYS_AT_ONCE:
                    with writing(self._engine) as own:
                        _remove(own, under_way.what, keys)
                    removed += len(keys)
                    keys = []
        with writing(self._engine) as conn:
            _remove(conn, under_way.what, keys)
            _keep_progress(conn, under_way, ids[-1] if ids else None)
        return Step(removed + len(keys), ids[-1] if ids else None)


def _next_communities(conn: Connection, under_way: Pass) -> list[int]:
    query = select(community.c.id).order_by(community.c.id).limit(COMMUNITIES_AT_ONCE)
    if under_way.after_community_id is not None:
        query = query.where(community.c.id > under_way.after_community_id)
    return list(conn.scalars(query))


def _keep_progress(conn: Connection, under_way: Pass, upto: int | None) -> None:
    is_over = upto is None
    row = {
        "what": under_way.what.value,
        "done_before": under_way.before if is_over else under_way.since,
        "pass_before": None if is_over else under_way.before,
        "after_community_id": upto,
    }
    insert_or_replace(conn, retention_progress, [row], ["done_before", "pass_before", "after_community_id"])


def _remove(conn: Connection, what: Retained, keys: list[Key]) -> None:
    if what is Retained.RAW_ANSWERS:
        names = [key.name for key in collection_outcome.primary_key]
        rows = [{**dict(zip(names, key, strict=True)), "raw_answer": None} for key in keys]
        update_known(conn, collection_outcome, rows)
    else:
        delete_known(conn, _TABLES[what], keys)


def _raw_answers(conn: Connection, ids: Collection[int], under_way: Pass) -> Iterator[list[Key]]:
    outcome = collection_outcome.c
    yield [
        tuple(row)
        for row in conn.execute(
            select(outcome.community_id, outcome.run_id).where(
                outcome.community_id.in_(ids),
                outcome.observed_at < under_way.before,
                outcome.raw_answer.is_not(None),
            )
        )
    ]


def _outcomes(conn: Connection, ids: Collection[int], under_way: Pass) -> Iterator[list[Key]]:
    outcome = collection_outcome.c
    place = func.row_number().over(
        partition_by=(outcome.community_id, outcome.scope, outcome.failure_kind),
        order_by=outcome.run_id.desc(),
    )
    ranked = (
        select(outcome.community_id, outcome.run_id, outcome.observed_at, place.label("place"))
        .where(outcome.community_id.in_(ids))
        .subquery()
    )
    yield [
        tuple(row)
        for row in conn.execute(
            select(ranked.c.community_id, ranked.c.run_id).where(
                ranked.c.place > _NEWEST_OUTCOMES, ranked.c.observed_at < under_way.before
            )
        )
    ]


def _post_snapshots(conn: Connection, ids: Collection[int], under_way: Pass) -> Iterator[list[Key]]:
    """Post by post. One that was read no more since the pass before is passed over: it was thinned then."""
    seen = post_snapshot.c
    query = (
        select(
            seen.community_id,
            seen.native_id,
            seen.observed_at,
            seen.like_count,
            seen.comment_count,
            seen.share_count,
            seen.view_count,
        )
        .join_from(
            post,
            post_snapshot,
            (seen.community_id == post.c.community_id) & (seen.native_id == post.c.native_id),
        )
        .where(post.c.community_id.in_(ids), seen.observed_at < under_way.before)
        .order_by(seen.community_id, seen.native_id, seen.observed_at)
        .execution_options(yield_per=_KEYS_AT_ONCE)
    )
    if under_way.since is not None:
        query = query.where(post.c.snapshot_at >= under_way.since)
    for key, rows in groupby(conn.execute(query), key=lambda row: (row[0], row[1])):
        going = thinned([CountsRead(row[2], tuple(row[3:])) for row in rows])
        yield [(*key, each.observed_at) for each in going]


def _series(conn: Connection, ids: Collection[int], under_way: Pass) -> Iterator[list[Key]]:
    series = follower_snapshot.c
    edges = (
        select(
            series.community_id,
            func.min(series.observed_at).label("first_at"),
            func.max(series.observed_at).label("newest_at"),
        )
        .where(series.community_id.in_(ids), series.observed_at < under_way.before)
        .group_by(series.community_id)
        .subquery()
    )
    is_imported = exists().where(
        collection_run.c.id == series.run_id, collection_run.c.kind == RunKind.IMPORT.value
    )
    freezes = conn.execute(select(contest_freeze.c.first_on, contest_freeze.c.end_on).distinct()).all()
    contested = [
        and_(
            series.observed_at >= moscow_day_begins(first_on) - _AROUND_A_CONTEST,
            series.observed_at < moscow_day_begins(end_on) + _AROUND_A_CONTEST,
        )
        for first_on, end_on in freezes
    ]
    query = (
        select(series.community_id, series.observed_at)
        .join_from(follower_snapshot, edges, edges.c.community_id == series.community_id)
        .where(
            series.observed_at > edges.c.first_at,
            series.observed_at < edges.c.newest_at,
            ~is_imported,
            *(~each for each in contested),
        )
    )
    yield [tuple(row) for row in conn.execute(query)]


_FINDERS: Mapping[Retained, Callable[[Connection, Collection[int], Pass], Iterator[list[Key]]]] = {
    Retained.RAW_ANSWERS: _raw_answers,
    Retained.OUTCOMES: _outcomes,
    Retained.POST_SNAPSHOTS: _post_snapshots,
    Retained.SERIES: _series,
}
"""Of each the keys of what may go: each list goes in one transaction."""
_TABLES = {
    Retained.OUTCOMES: collection_outcome,
    Retained.POST_SNAPSHOTS: post_snapshot,
    Retained.SERIES: follower_snapshot,
}

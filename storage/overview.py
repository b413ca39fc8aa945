"""What the department's overview asks: which branches, what is known of their communities, their last followers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, func, select, true

from collector.domain.errors import FailureKind
from collector.domain.model import Access, BranchKind
from storage.letter_tables import silence
from storage.readings import newest_count_between
from storage.tables import branch, community, community_state
from storage.types import UtcDateTime
from storage.upsert import as_table


@dataclass(frozen=True, slots=True)
class League:
    """How many live branches of a kind there are, and how many of them have a silence that lasts."""

    kind: BranchKind
    branch_count: int
    silent_count: int


@dataclass(frozen=True, slots=True)
class BranchSlice:
    """Some of the branches that were asked for, by their codes, in order; `total` is how many there are."""

    codes: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class CommunityNow:
    """A live community of a branch, as it is known now. None: not known."""

    community_id: int
    branch_id: int
    network: str
    title: str | None
    url: str
    access: Access
    access_since: datetime | None
    follower_count: int | None
    last_seen_at: datetime | None
    posts_known_since: datetime | None
    wall_last_seen_at: datetime | None
    failure_kind: FailureKind | None


def leagues(conn: Connection) -> list[League]:
    """Of each kind that there is, the city first."""
    rows = conn.execute(
        select(branch.c.kind, func.count(), func.count(silence.c.id))
        .select_from(_with_silence())
        .where(branch.c.retired_at.is_(None))
        .group_by(branch.c.kind)
    )
    found = {kind: League(BranchKind(kind), total, silent) for kind, total, silent in rows}
    return [found[kind] for kind in BranchKind if kind in found]


def branches(
    conn: Connection, kind: BranchKind, sought: str, *, only_silent: bool, offset: int, limit: int
) -> BranchSlice:
    """Live branches of a kind: those that are silent first, the longest silence first; then as in the branches file.

    `sought`: words that must all be in the code or the name, in any case; empty: all.
    """
    query = (
        select(branch.c.code, branch.c.name)
        .select_from(_with_silence())
        .where(branch.c.kind == kind.value, branch.c.retired_at.is_(None))
        .order_by(silence.c.silent_since.is_(None), silence.c.silent_since, branch.c.id)
    )
    if only_silent:
        query = query.where(silence.c.id.is_not(None))
    # Neither database folds Cyrillic for sure: SQLite never does, PostgreSQL by its locale. So it is done here.
    words = _folded(sought).split()
    if words:
        rows = conn.execute(query).all()
        fitting = [code for code, name in rows if _has_all(_folded(f"{code} {name}"), words)]
        return BranchSlice(tuple(fitting[offset : offset + limit]), len(fitting))
    total = conn.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    shown = conn.execute(query.offset(offset).limit(limit))
    return BranchSlice(tuple(row.code for row in shown), total)


def communities(
    conn: Connection, branch_ids: Collection[int], *, with_retired: bool = False
) -> dict[int, list[CommunityNow]]:
    """The communities of these branches, by branch; one without any is left out. `with_retired`: past ones too."""
    state = community_state.c
    query = (
        select(
            community.c.id,
            community.c.branch_id,
            community.c.network,
            community.c.title,
            community.c.url,
            state.access,
            state.access_changed_at,
            state.follower_count,
            state.last_seen_at,
            state.posts_known_since,
            state.wall_last_seen_at,
            state.failure_kind,
        )
        .join(community_state, state.community_id == community.c.id)
        .where(community.c.branch_id.in_(branch_ids))
        .order_by(community.c.branch_id, community.c.network.desc(), community.c.id)
    )
    if not with_retired:
        query = query.where(community.c.retired_at.is_(None))
    found: dict[int, list[CommunityNow]] = defaultdict(list)
    for row in conn.execute(query):
        each = CommunityNow(
            community_id=row.id,
            branch_id=row.branch_id,
            network=row.network,
            title=row.title,
            url=row.url,
            access=Access(row.access),
            access_since=row.access_changed_at,
            follower_count=row.follower_count,
            last_seen_at=row.last_seen_at,
            posts_known_since=row.posts_known_since,
            wall_last_seen_at=row.wall_last_seen_at,
            failure_kind=FailureKind(row.failure_kind) if row.failure_kind is not None else None,
        )
        found[each.branch_id].append(each)
    return found


def follower_lines(
    conn: Connection, branch_ids: Collection[int], spans: Sequence[tuple[datetime, datetime]]
) -> dict[int, list[int | None]]:
    """Of each live community of these branches the last reading in each span `[begin, end)`, by community.

    None: not read in it, or the count was withheld.
    """
    span = as_table(
        conn,
        {"number": Integer(), "begins": UtcDateTime(), "ends": UtcDateTime()},
        [(number, begins, ends) for number, (begins, ends) in enumerate(spans)],
    )
    newest = newest_count_between(span.c.begins, span.c.ends)
    query: Select[Any] = (
        select(community.c.id, newest)
        .select_from(community)
        .join(span, true())
        .where(community.c.branch_id.in_(branch_ids), community.c.retired_at.is_(None))
        .order_by(community.c.id, span.c.number)
    )
    found: dict[int, list[int | None]] = defaultdict(list)
    for community_id, follower_count in conn.execute(query):
        found[community_id].append(follower_count)
    return found


def _with_silence() -> Any:
    lasts = (silence.c.branch_id == branch.c.id) & silence.c.resumed_at.is_(None)
    return branch.outerjoin(silence, lasts)


def _has_all(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")

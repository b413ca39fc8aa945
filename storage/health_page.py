"""What the page of collection's health asks: rounds, what is due, what ops must see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.letter_tables import ops_finding
from storage.tables import branch, collection_run, community, community_state


@dataclass(frozen=True, slots=True)
class RunLine:
    """A round, or an import. See the table for the meaning of each field."""

    run_id: int
    kind: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    due_count: int
    read_count: int
    wall_count: int
    failed_count: int
    request_count: int
    note: str | None


@dataclass(frozen=True, slots=True)
class DueLine:
    """Communities of a network whose turn has come, and since when the first of them waits; None: none does."""

    network: str
    community_count: int
    due_count: int
    waits_since: datetime | None


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """What ops must see to, in English, while it lasts."""

    since: datetime
    detail: str


def runs(conn: Connection, limit: int) -> list[RunLine]:
    """The newest rounds and imports, the newest first."""
    columns = [
        collection_run.c.id if name == "run_id" else collection_run.c[name]
        for name in RunLine.__dataclass_fields__
    ]
    rows = conn.execute(
        select(*columns).order_by(collection_run.c.started_at.desc(), collection_run.c.id.desc()).limit(limit)
    )
    return [RunLine(*row) for row in rows]


def due(conn: Connection, now: datetime) -> list[DueLine]:
    """Live communities by network, and how many of them are due."""
    is_due = community_state.c.next_due_at <= now
    rows = conn.execute(
        select(
            community.c.network,
            func.count(),
            func.count().filter(is_due),
            func.min(community_state.c.next_due_at).filter(is_due),
        )
        .join_from(community, branch)
        .join(community_state, community_state.c.community_id == community.c.id)
        .where(community.c.retired_at.is_(None), branch.c.retired_at.is_(None))
        .group_by(community.c.network)
        .order_by(community.c.network.desc())
    )
    return [DueLine(*row) for row in rows]


def open_findings(conn: Connection, limit: int) -> list[OpenFinding]:
    """What lasts, the longest first."""
    found = ops_finding.c
    rows = conn.execute(
        select(found.first_seen_at, found.detail)
        .where(found.cleared_at.is_(None))
        .order_by(found.first_seen_at, found.key)
        .limit(limit)
    )
    return [OpenFinding(*row) for row in rows]

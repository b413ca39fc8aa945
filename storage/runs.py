"""The record of rounds and imports: where each number in the series came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from storage.tables import RunKind, RunStatus, collection_run


@dataclass(slots=True)
class RunCounts:
    """What a run came to so far."""

    due: int = 0
    read: int = 0
    walls: int = 0
    failed: int = 0
    requests: int = 0


def start(conn: Connection, kind: RunKind, now: datetime, source: str | None = None) -> int:
    """Begin a run and return its number. A round that is still "running" was killed: it is marked so.

    The caller holds the round lock, so that no other round can be alive.
    """
    if kind is RunKind.COLLECT:
        conn.execute(
            update(collection_run)
            .where(collection_run.c.status == RunStatus.RUNNING.value, collection_run.c.kind == kind.value)
            .values(status=RunStatus.ABANDONED.value)
        )
    run_id: int = conn.execute(
        insert(collection_run)
        .values(
            kind=kind.value,
            source=source,
            status=RunStatus.RUNNING.value,
            started_at=now,
            due_count=0,
            read_count=0,
            wall_count=0,
            failed_count=0,
            request_count=0,
        )
        .returning(collection_run.c.id)
    ).scalar_one()
    return run_id


def record(
    conn: Connection,
    run_id: int,
    counts: RunCounts,
    status: RunStatus = RunStatus.RUNNING,
    finished_at: datetime | None = None,
    note: str | None = None,
) -> None:
    """Bring a run's record up to date."""
    conn.execute(
        update(collection_run)
        .where(collection_run.c.id == run_id)
        .values(
            status=status.value,
            finished_at=finished_at,
            due_count=counts.due,
            read_count=counts.read,
            wall_count=counts.walls,
            failed_count=counts.failed,
            request_count=counts.requests,
            note=note,
        )
    )


def last_round(conn: Connection) -> Row[tuple[object, ...]] | None:
    """The newest round, finished or not."""
    return conn.execute(
        select(collection_run)
        .where(collection_run.c.kind == RunKind.COLLECT.value)
        .order_by(collection_run.c.started_at.desc(), collection_run.c.id.desc())
        .limit(1)
    ).first()

"""The record of chores: when the last backup was made, what retention removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from storage.engine import reading, writing
from storage.upkeep_tables import Chore, upkeep_run


@dataclass(frozen=True, slots=True)
class ChoreDone:
    """A chore that was done to its end. `row_count`: rows kept, brought or removed."""

    chore: Chore
    started_at: datetime
    finished_at: datetime
    row_count: int
    note: str | None = None


def record(conn: Connection, done: ChoreDone) -> None:
    """Keep that it was done."""
    conn.execute(
        insert(upkeep_run).values(
            chore=done.chore.value,
            started_at=done.started_at,
            finished_at=done.finished_at,
            row_count=done.row_count,
            note=done.note,
        )
    )


def last(conn: Connection, chore: Chore, by: datetime | None = None) -> ChoreDone | None:
    """When it was last done to its end, up to an instant; None: never."""
    run = upkeep_run.c
    query = (
        select(run.started_at, run.finished_at, run.row_count, run.note)
        .where(run.chore == chore.value)
        .order_by(run.finished_at.desc(), run.id.desc())
        .limit(1)
    )
    row = conn.execute(query if by is None else query.where(run.finished_at <= by)).first()
    return None if row is None else ChoreDone(chore, *row)


class UpkeepStore:
    """What the program keeps of its own upkeep. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, done: ChoreDone) -> None:
        """Keep that a chore was done."""
        with writing(self._engine) as conn:
            record(conn, done)

    def last(self, chore: Chore, by: datetime | None = None) -> ChoreDone | None:
        """When it was last done to its end, up to an instant: what a clock that was ahead did is later. None: never."""
        with reading(self._engine) as conn:
            return last(conn, chore, by)

"""What shows whether the database can be worked with: asked often, hence by indexes alone."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from collector.domain.schedule import CLOCK_TOLERANCE
from storage.engine import reading, shown, sqlite_file
from storage.errors import StoreUnavailableError
from storage.schema import stored_revision
from storage.tables import RunKind, RunStatus, branch, collection_run, community, community_state


@dataclass(frozen=True, slots=True)
class Disk:
    """The file system on which an SQLite database lies."""

    folder: Path
    free_bytes: int
    """What this process may still write."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """The newest round that came to its end."""

    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a look showed. Of a schema that is not this program's nothing more is asked than which it is."""

    schema: str | None
    """None: the database is empty."""
    write_refusal: str | None
    """Why nothing can be written, as far as can be told without writing; None: nothing speaks against it."""
    disk: Disk | None
    """None on PostgreSQL: its disk is another machine's."""
    last_round: RoundTimes | None
    next_due_at: datetime | None
    """When the first live community is due, or was; None: there is none."""


class VitalsStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def look(self, newest_schema: str, now: datetime) -> Vitals:
        """Look once. Takes no lock, so that another's long transaction does not hold it up."""
        path = sqlite_file(self._engine.url)
        if path is not None and not path.exists():
            # SQLite would make an empty one, or go on with a file that has no name any more.
            raise StoreUnavailableError(
                f"{shown(self._engine.url)}: the file is gone; restore it from a backup, then start anew"
            )
        disk = None if path is None else disk_of(path)
        with reading(self._engine) as conn:
            schema = stored_revision(conn)
            refusal = _refusal(conn) if path is None else _refusal_of(path)
            if schema != newest_schema:
                return Vitals(schema, refusal, disk, None, None)
            return Vitals(schema, refusal, disk, _last_round(conn, now), _next_due(conn))


def disk_of(path: Path) -> Disk:
    """The file system of an SQLite database. Raises StoreUnavailableError where it does not answer."""
    folder = path.absolute().parent
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        raise StoreUnavailableError(f"{folder}: {error.strerror}; check the disk") from None
    return Disk(folder, usage.free, usage.total)


def _refusal(conn: Connection) -> str | None:
    is_read_only = conn.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
    return "the server lets nothing be written; is it a standby?" if is_read_only else None


def _refusal_of(path: Path) -> str | None:
    for what, needed in ((path, os.W_OK), (path.absolute().parent, os.W_OK | os.X_OK)):
        if not os.access(what, needed, effective_ids=os.access in os.supports_effective_ids):
            return f"{what} cannot be written; check its owner, its permissions, and how it is mounted"
    return None


def _last_round(conn: Connection, now: datetime) -> RoundTimes | None:
    # One of the future ended while a clock was ahead: it says nothing of today.
    run = collection_run.c
    row = conn.execute(
        select(run.started_at, run.finished_at)
        .where(
            run.kind == RunKind.COLLECT.value,
            run.status == RunStatus.FINISHED.value,
            run.finished_at <= now + CLOCK_TOLERANCE,
        )
        .order_by(run.started_at.desc())
        .limit(1)
    ).first()
    return None if row is None else RoundTimes(*row)


def _next_due(conn: Connection) -> datetime | None:
    # In the order of the index and not the least of all: 80,000 rows are not gone through each few seconds.
    found: datetime | None = conn.scalar(
        select(community_state.c.next_due_at)
        .join_from(community_state, community, community.c.id == community_state.c.community_id)
        .join(branch)
        .where(community.c.retired_at.is_(None), branch.c.retired_at.is_(None))
        .order_by(community_state.c.next_due_at)
        .limit(1)
    )
    return found

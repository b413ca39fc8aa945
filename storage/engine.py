"""Engines and transactions; what differs between SQLite and PostgreSQL to connect to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from storage.errors import StoreError, shown, told_plainly

if TYPE_CHECKING:
    import psycopg

_BUSY_TIMEOUT_S = 15.0
"""How long a SQLite writer waits for another: longer than our longest transaction. An address may name another
time: `sqlite:///collector.db?timeout=60`."""
_CONNECT_TIMEOUT_S = 10
_WRITING_LOCK = 0x77726974  # "writ": an advisory lock, in the database's own number space
_READ_ONLY = "25006"  # PostgreSQL's read_only_sql_transaction
_VANISHED = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server whose machine or network is gone says no goodbye: within a minute its silence is taken for that, where
Linux by itself waits for a quarter of an hour, or two. libpq's names; seconds, and milliseconds in the last."""
_VANISHED_CLIENT = "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
"""The same of us, for the server: a machine that is gone must not keep the locks of rounds and of writing for the two
hours after which Linux asks."""


def database_url(text: str, named: str = "COLLECTOR_DATABASE_URL") -> URL:
    """Parse the setting. Raises StoreError without repeating the text, which may hold a password.

    `named`: what the person who wrote it calls it.
    """
    # libpq and many a host's control panel write postgres://, SQLAlchemy does not know it.
    if text.startswith("postgres://"):
        text = text.replace("postgres://", "postgresql://", 1)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the second of a port that is no number
        url = None
    # After an @ that stands in a password as it is, the rest of that is taken for the host, and would be shown.
    if url is None or url.get_backend_name() not in ("sqlite", "postgresql") or "@" in (url.host or ""):
        raise StoreError(
            f"{named} is not a database address; write sqlite:///collector.db or postgresql://USER@HOST:5432/DATABASE, "
            "a password after USER and a colon, with %40 for an @ in it"
        )
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(
            f"{named} must name a file of SQLite's by its path: sqlite:///collector.db in the working "
            "folder, sqlite:////var/lib/collector.db elsewhere (what is in memory is lost, a file: URI is not read)"
        )
    return url.set(drivername="sqlite")


def make_engine(url: URL) -> Engine:
    """An engine with the settings that the program relies on. Opens nothing yet."""
    if url.get_backend_name() == "sqlite":
        waits = {} if "timeout" in url.query else {"timeout": _BUSY_TIMEOUT_S}
        engine = create_engine(url, connect_args=waits)
        if (path := sqlite_file(url)) is not None:
            event.listen(engine, "do_connect", lambda *_: _free_side_files(path))
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            **_VANISHED,
            "application_name": "collector",
            "options": f"-c timezone=UTC -c lock_timeout=30s -c statement_timeout=300s {_VANISHED_CLIENT}",
        },
    )
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "handle_error", _part_with_read_only)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it or nothing, and one at a time on a database. Raises StoreError.

    What it reads of what others write stays so until its end: it may look whether a row is there, then insert it.
    """
    with (
        told_plainly(engine.url),
        engine.connect().execution_options(collector_writes=True) as conn,
        conn.begin(),
    ):
        # Else two that add the same end in an error, two that change the same rows in another order in a deadlock,
        # and of two that add to a number one is lost.
        hold(conn, _WRITING_LOCK)
        yield conn


def hold(conn: Connection, key: int) -> None:
    """Wait for an advisory lock, and keep it until the transaction's end. SQLite's own transaction is such a lock."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


@contextmanager
def reading(engine: Engine, *, is_one_instant: bool = False) -> Iterator[Connection]:
    """One transaction that only reads. Raises StoreError.

    `is_one_instant`: all its statements see the database as it was at the first; on SQLite they always do.
    """
    with told_plainly(engine.url), engine.connect() as conn:
        if is_one_instant and engine.dialect.name == "postgresql":
            conn = conn.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901
        yield conn


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL, and in memory (Alembic's own command line)."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database)


def _free_side_files(path: Path) -> None:
    """Let the files beside the database be written again, if it can itself.

    SQLite gives them the database's mode: one look while that was read-only leaves a -shm that refuses all
    writers ever after.
    """
    for beside in (Path(f"{path}-shm"), Path(f"{path}-wal")):
        with suppress(OSError):
            if not os.access(beside, os.W_OK) and os.access(path, os.W_OK):
                beside.chmod(path.stat().st_mode & 0o777)


def _prepare_postgresql(dbapi_connection: psycopg.Connection[Any], _record: Any) -> None:
    # Arrays, of which storage/upsert.py makes all its rows, are sent as they are: as text each quote in each string
    # is sought and escaped, which takes longer than all the rest of a letter.
    from psycopg.types.array import ListBinaryDumper  # noqa: PLC0415 - who uses SQLite does not wait for it

    dbapi_connection.adapters.register_dumper(list, ListBinaryDumper)


def _part_with_read_only(context: ExceptionContext) -> None:
    # A session that began while the server let nothing be written (a standby, a disk that is nearly full) may stay so
    # when that is over: it counts as lost, and is not used again.
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


def _prepare_sqlite(dbapi_connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are begun by us (below), not by the driver's guess at what a statement does.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    # Readers do not wait for the writer; a commit survives kill -9, and the last ones may be lost, never torn,
    # when the power fails: those are then read again.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(conn: Connection) -> None:
    # A transaction that begins as a reader and then writes is refused at once when another wrote in between,
    # whatever the busy time-out: so one that will write says so at its beginning.
    writes = conn.get_execution_options().get("collector_writes", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


__all__ = ["database_url", "make_engine", "reading", "shown", "sqlite_file", "writing"]

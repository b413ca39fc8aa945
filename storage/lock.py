"""One round at a time on a database, whichever process starts it; and one removal of what is too old.

The lock dies with its holder, so that after kill -9 the next round begins at once. It saves work and calls;
the truth of the data does not hang on it, since writes are idempotent (a cut session can leave two holders
for half a second).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from storage.engine import sqlite_file
from storage.errors import StoreUnavailableError, told_plainly

# Advisory locks, in the database's own number space.
_ROUND_LOCK = 0x726F756E  # "roun"
_RETENTION_LOCK = 0x72657461  # "reta"


def round_lock(engine: Engine) -> AbstractContextManager[bool]:
    """Give whether this process now holds the lock of a round; release it at the end."""
    return _lock(engine, "round", _ROUND_LOCK)


def retention_lock(engine: Engine) -> AbstractContextManager[bool]:
    """The same of the removal of what is too old."""
    return _lock(engine, "retention", _RETENTION_LOCK)


@contextmanager
def _lock(engine: Engine, name: str, key: int) -> Iterator[bool]:
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine, key) as is_ours:
            yield is_ours
        return
    path = sqlite_file(engine.url)
    if path is None:
        yield True
        return
    lock = FileLock(f"{path}.{name}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise StoreUnavailableError(
            f"{path}.{name}.lock: {error.strerror}; the database's folder must be writable"
        ) from None
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def _advisory_lock(engine: Engine, key: int) -> Iterator[bool]:
    # A connection of its own, in autocommit: a session lock lives as long as its session, and no transaction
    # stays open meanwhile.
    with told_plainly(engine.url):
        conn: Connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    is_ours = False
    try:
        with told_plainly(engine.url):
            is_ours = bool(conn.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
        yield is_ours
    finally:
        # Given back in words: the server takes a moment to notice that a session is gone, and who asks for the
        # lock in that moment is refused. Then the session is closed, and with it the lock whatever state it is in.
        with suppress(DBAPIError):
            if is_ours:
                conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
        with suppress(DBAPIError):
            conn.invalidate()
        conn.close()

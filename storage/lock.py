"""One round at a time on a database, whichever process starts it.

The lock dies with its holder, so that after kill -9 the next round begins at once. It saves work and calls;
the truth of the data does not hang on it, since writes are idempotent (a cut session can leave two holders
for half a second).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from storage.engine import sqlite_file
from storage.errors import StoreUnavailableError, told_plainly

_ROUND_LOCK = 0x726F756E  # "roun": the advisory lock of a round, in the database's own number space


@contextmanager
def round_lock(engine: Engine) -> Iterator[bool]:
    """Give whether this process now holds the lock; release it at the end."""
    if engine.dialect.name == "postgresql":
        with _advisory_lock(engine) as is_ours:
            yield is_ours
        return
    path = sqlite_file(engine.url)
    if path is None:
        yield True
        return
    lock = FileLock(f"{path}.round.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    except OSError as error:
        raise StoreUnavailableError(
            f"{path}.round.lock: {error.strerror}; the database's folder must be writable"
        ) from None
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[bool]:
    # A connection of its own, in autocommit: a session lock lives as long as its session, and no transaction
    # stays open meanwhile.
    with told_plainly(engine.url):
        conn: Connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    is_ours = False
    try:
        with told_plainly(engine.url):
            is_ours = bool(conn.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ROUND_LOCK}))
        yield is_ours
    finally:
        # Given back in words: the server takes a moment to notice that a session is gone, and who asks for the
        # lock in that moment is refused. Then the session is closed, and with it the lock whatever state it is in.
        with suppress(DBAPIError):
            if is_ours:
                conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ROUND_LOCK})
        with suppress(DBAPIError):
            conn.invalidate()
        conn.close()

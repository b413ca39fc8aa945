"""The schema's version: applies migrations and refuses a database that is not this program's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, text
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

import migrations
from storage.engine import hold, reading, shown, sqlite_file, writing
from storage.errors import LockedError, NewerSchemaError, SchemaError, StoreUnavailableError

_MIGRATION_LOCK = 0x636F6C6C  # "coll": the advisory lock under which PostgreSQL is migrated
_PATIENCE = timedelta(minutes=5)
"""How long an upgrade waits for others: a daemon that is at it already, a reader that holds a table."""
_LOCK_TIMEOUT = "3s"
"""How long a migration waits for a table: whoever comes after it waits behind it, readers too. Then all of it is
taken back, and it tries again a second later."""
COPYING = "-copying"
"""Ends the version of a database into which another is being copied: whoever else opens it refuses it."""


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """Where a database stands. `current` is None where it is empty."""

    current: str | None
    newest: str

    @property
    def is_newest(self) -> bool:
        """Whether there is nothing to apply."""
        return self.current == self.newest


def version(engine: Engine) -> SchemaVersion:
    """Where the database stands. Raises SchemaError if it is of a newer program, or somebody else's."""
    path = sqlite_file(engine.url)
    if path is not None and not path.parent.is_dir():
        raise StoreUnavailableError(
            f"{shown(engine.url)}: the folder {path.parent} does not exist; create it"
        )
    if path is not None and not path.exists():
        return SchemaVersion(None, _scripts().get_current_head() or "")
    with reading(engine) as conn:
        return version_within(conn)


def pending(found: SchemaVersion) -> tuple[str, ...]:
    """The migrations that a database lacks, each with what it does, in their order."""
    steps = _scripts().iterate_revisions(found.newest, found.current or "base")
    return tuple(f"{each.revision} ({(each.doc or '').splitlines()[0]})" for each in steps)[::-1]


def upgrade(
    engine: Engine,
    *,
    patience: timedelta = _PATIENCE,
    on_wait: Callable[[LockedError], None] = lambda _: None,
) -> SchemaVersion:
    """Apply what is missing and return where the database stood before. Two at once apply it once.

    All of it is one transaction: what is killed in the middle has changed nothing. `patience`: how long it waits for
    others; `on_wait` is told each time that it could not begin. Raises LockedError when that time is over, SchemaError
    for a database that is not this program's.
    """

    def tell(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, LockedError):
            on_wait(error)

    waits = Retrying(
        retry=retry_if_exception_type(LockedError),
        stop=stop_after_delay(patience),
        wait=wait_fixed(1),
        before_sleep=tell,
        reraise=True,
    )
    return waits(_upgrade, engine)


def _upgrade(engine: Engine) -> SchemaVersion:
    before = version(engine)
    if before.is_newest:
        return before
    # SQLite: the writing transaction itself is the lock. PostgreSQL: an advisory lock until the commit.
    with writing(engine) as conn:
        if engine.dialect.name == "postgresql":
            conn.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            # An index of a large table takes what it takes.
            conn.execute(text("SET LOCAL statement_timeout = 0"))
        hold_lock(conn)
        before = version_within(conn)
        if not before.is_newest:
            build(conn, "head")
    return before


def hold_lock(conn: Connection) -> None:
    """Be the only one to change the schema until the transaction's end; SQLite's own transaction is such a lock."""
    hold(conn, _MIGRATION_LOCK)


def build(conn: Connection, revision: str) -> None:
    """Apply what is missing up to a revision, within the caller's transaction, who holds the lock."""
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def is_known(revision: str) -> bool:
    """Whether this program can make and upgrade a schema of this version."""
    try:
        _scripts().get_revision(revision)
    except CommandError:
        return False
    return True


def require_tables(engine: Engine) -> SchemaVersion:
    """Where a database stands that has the program's tables, of whatever version. Raises SchemaError if it is empty."""
    found = version(engine)
    if found.current is None:
        raise SchemaError(f"{shown(engine.url)} is empty; is COLLECTOR_DATABASE_URL the right one?")
    return found


def require_newest(engine: Engine) -> None:
    """Raise SchemaError unless the database has this program's schema."""
    found = version(engine)
    if not found.is_newest:
        state = (
            "is empty"
            if found.current is None
            else f"has schema {found.current}, this program needs {found.newest}"
        )
        raise SchemaError(f"{shown(engine.url)} {state}; run: collector db upgrade")


def require_writable(engine: Engine) -> None:
    """Raise StoreError if nothing can be written. Whatever is written is taken back."""
    with writing(engine) as conn:
        # To begin does not suffice: of a file that is read-only, SQLite tells at the first change alone.
        conn.execute(text("UPDATE alembic_version SET version_num = version_num"))
        conn.rollback()


def version_within(conn: Connection) -> SchemaVersion:
    """Where the database stands, as `version`, within a transaction."""
    newest = _scripts().get_current_head() or ""
    current = stored_revision(conn)
    where = shown(conn.engine.url)
    if current is None:
        strangers = set(inspect(conn).get_table_names()) & {"branch", "community", "post"}
        if strangers:
            raise SchemaError(
                f"{where} has tables of another program ({', '.join(sorted(strangers))}); use another one"
            )
        return SchemaVersion(None, newest)
    if current.endswith(COPYING):
        raise SchemaError(
            f"{where} is half of a copy; finish it by the same `collector db copy`, or name another database"
        )
    if not is_known(current):
        raise NewerSchemaError(
            f"{where} has schema {current}, newer than this program's {newest}; "
            "run the newer program, or restore a backup made before it was upgraded"
        )
    return SchemaVersion(current, newest)


def stored_revision(conn: Connection) -> str | None:
    """What Alembic noted of the database; None where it never was at it.

    Alembic's own way to ask makes a table of SQLAlchemy's anew each time, and SQLAlchemy keeps each with the statement
    that it compiles for it: 10 MB of a daemon that asks once a minute.
    """
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def has_its_dialect(dialect: str) -> Callable[..., bool]:
    """For Alembic's comparison of models with a database of this dialect: what is only on another is left out."""

    def include(thing: Any, *_: object) -> bool:
        return bool(getattr(thing, "info", {}).get("only_on", dialect) == dialect)

    return include


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return config


@cache  # a running program stays what it is, whatever is installed over it
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())

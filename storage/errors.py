"""What can be wrong with a database, in words for ops, without the password that its address holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, exc

from collector.domain.errors import CollectorError
from collector.domain.redaction import Redactor

_LOCKED = "database is locked"
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's lock_timeout is over
_SQLITE_WORDS = (
    (_LOCKED, "another program holds the database; wait, or stop it"),
    ("readonly", "the database file or its folder cannot be written; check owner and permissions"),
    ("unable to open", "the file cannot be opened; check that its folder exists and may be written"),
    ("disk is full", "the disk is full; free some room"),
    ("disk i/o error", "the disk does not answer; check it and the room on it"),
    ("not a database", "the file is no SQLite database, or is damaged; restore it from a backup"),
    ("malformed", "the file is damaged; restore it from a backup"),
)
_POSTGRESQL_WORDS = (
    (
        "authentication failed",
        "correct the user or the password in COLLECTOR_DATABASE_URL, or in COLLECTOR_DATABASE_PASSWORD",
    ),
    ("resolve host", "start that machine, or correct the host in COLLECTOR_DATABASE_URL"),
    ("does not exist", "create it, or correct COLLECTOR_DATABASE_URL"),
    ("read-only transaction", "the server lets nothing be written; is it a standby, or its disk full?"),
    ("no space left", "the server's disk is full; free some room"),
    ("statement timeout", "the server took too long; what else is it busy with?"),
    ("deadlock", "another program changes the same rows; try again"),
)


class StoreError(CollectorError):
    """The database did not do what it was asked; nothing of the transaction was written."""


class StoreUnavailableError(StoreError):
    """It may pass by itself: locked, gone, full. The daemon waits and goes on."""


class LockedError(StoreUnavailableError):
    """Another program holds what is needed."""


class SchemaError(StoreError):
    """The database's schema is not this program's."""


class NewerSchemaError(SchemaError):
    """A newer program has upgraded the database: this one must not write to it any more."""


@contextmanager
def told_plainly(url: URL) -> Iterator[None]:
    """Turn the driver's exceptions into a StoreError that says what, where, and what to do."""
    try:
        yield
    except exc.DBAPIError as error:
        told = _in_words(error, url)
    except exc.TimeoutError:
        told = StoreUnavailableError(f"{shown(url)}: no free connection; is another round still at work?")
    else:
        return
    raise told


def shown(url: URL) -> str:
    """The database's address as it may be shown: without the password, and without the query, where one may be too."""
    return url.set(query={}).render_as_string(hide_password=True)


def _in_words(error: exc.DBAPIError, url: URL) -> StoreError:
    queried = url.query.get("password", "")
    secrets = [url.password or "", *([queried] if isinstance(queried, str) else queried)]
    driver_says = Redactor(secrets)(
        str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
    )
    for mark, advice in _SQLITE_WORDS:
        if mark in driver_says.lower():
            kind = LockedError if mark == _LOCKED else StoreUnavailableError
            return kind(f"{shown(url)}: {driver_says}: {advice}")
    if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
        return LockedError(
            f"{shown(url)}: {driver_says}: another session holds what is needed; wait, or find it in pg_stat_activity "
            "and end it"
        )
    if isinstance(error, exc.OperationalError | exc.InterfaceError) or error.connection_invalidated:
        told = driver_says.lower()
        advice = next(
            (words for mark, words in _POSTGRESQL_WORDS if mark in told), "check that the server runs"
        )
        return StoreUnavailableError(f"{shown(url)}: {driver_says or 'no connection'}; {advice}")
    return StoreError(f"{shown(url)}: {driver_says}")

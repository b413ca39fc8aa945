"""The database: whether it answers, what it is run by, its schema, its disk."""

from __future__ import annotations

from collections.abc import Iterator

from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, unknown, warning, well
from collector.bootstrap.doctor.machine import of_disk
from storage.errors import StoreError
from storage.schema import SchemaVersion, pending
from storage.store import Store

_UPGRADE = "collector db upgrade (collect and run do it by themselves)"


def database(store: Store) -> Iterator[Diagnosis]:
    """A line on the schema, one on the server, one on the disk where it is this machine's."""
    what = f"database {store.shown}"
    try:
        found = store.version()
        if found.is_newest:
            store.require_writable()
    except StoreError as error:
        yield failure(what, str(error), "see the message; COLLECTOR_DATABASE_URL names the database")
    else:
        yield _schema(what, found)
    yield _server(store)
    try:
        disk = store.disk()
    except StoreError as error:
        yield unknown("disk of the database", str(error), "see the message")
    else:
        if disk is not None:
            yield of_disk("disk of the database", disk)


def _schema(what: str, found: SchemaVersion) -> Diagnosis:
    if found.is_newest:
        return well(what, f"schema {found.current}, the newest")
    if found.current is None:
        return well(what, "empty, or not there yet", _UPGRADE)
    waiting = pending(found)
    count = "1 migration is" if len(waiting) == 1 else f"{len(waiting)} migrations are"
    return failure(
        what,
        f"schema {found.current}, newest is {found.newest}; {count} pending: {', '.join(waiting)}",
        f"make a backup, then {_UPGRADE}",
    )


def _server(store: Store) -> Diagnosis:
    what = "database's version"
    try:
        found = store.server()
    except StoreError:
        return unknown(what, "the database does not answer", "see the line above")
    told = f"{found.product} {found.version}"
    if found.is_supported:
        return well(what, told)
    return warning(
        what,
        f"{told} is older than {found.oldest}, with which this program is tested",
        f"upgrade {found.product} to {found.oldest} or newer",
    )

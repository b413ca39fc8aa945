"""What the database is run by, and whether that is new enough."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sqlalchemy import Engine, text

from storage.engine import reading

_OLDEST_POSTGRESQL = (15,)
"""The oldest that the tests run on."""
_OLDEST_SQLITE = (3, 35)
"""The first with RETURNING (https://www.sqlite.org/lang_returning.html)."""


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A product and its version; `oldest`: the first that will do."""

    product: str
    version: str
    oldest: str
    is_supported: bool


def server(engine: Engine) -> DatabaseServer:
    """Of SQLite the library in this process, of PostgreSQL the server. Raises StoreError."""
    if engine.dialect.name == "sqlite":
        return _judged("SQLite", sqlite3.sqlite_version, sqlite3.sqlite_version_info, _OLDEST_SQLITE)
    with reading(engine) as conn:
        shown = str(conn.scalar(text("SHOW server_version"))).split()[0]
        number = int(conn.scalar(text("SHOW server_version_num")) or 0)
    return _judged("PostgreSQL", shown, (number // 10_000,), _OLDEST_POSTGRESQL)


def _judged(product: str, shown: str, version: tuple[int, ...], oldest: tuple[int, ...]) -> DatabaseServer:
    return DatabaseServer(product, shown, ".".join(map(str, oldest)), version >= oldest)

"""A row or three in each table, with what is hard to carry: NULL beside '', Cyrillic, emoji, far days, huge texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table

import storage.report_tables
import storage.upkeep_tables  # noqa: F401
from storage.backup.shape import BY_MIGRATIONS
from storage.engine import writing
from storage.store import Store
from storage.tables import metadata
from storage.types import UtcDateTime

NASTY = "Ёлка «ы» 😀 \\N \\. \t\r\n'\";\x1b\x7f\u2028 " + "много слов " * 1_000
_INSTANTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]
_DAYS = [date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 30)]
_WORDS: dict[tuple[str, str], Any] = {
    ("branch", "kind"): "primary",
    ("contact", "role"): "chair",
    ("community_state", "access"): "open",
    ("community_access", "access"): "closed",
    ("collection_run", "kind"): "collect",
    ("collection_run", "status"): "finished",
    ("collection_outcome", "scope"): "wall",
    ("silence", "end_reason"): "posted",
    ("silence", "resumed_at"): _INSTANTS[1],
    ("outbox_message", "kind"): "silence",
    ("outbox_message", "audience"): "chair",
    ("outbox_message", "status"): "pending",
    ("branch_pause", "ends_on"): _DAYS[2],
    ("contest_freeze", "end_on"): date(9999, 12, 31),
    ("upkeep_run", "chore"): "retention",
    # A branch below one that came later: so it is when the tree is changed.
    ("branch", "parent_id"): 3,
}

_UNIQUE = {
    ("contact", "email"),
    ("community", "network"),
    ("community", "native_id"),
    ("community", "address"),
}


def fill_every_table(store: Store) -> None:
    """Three rows a table: what may be NULL is so in the first, as little as can be in the second."""
    with writing(store._engine) as conn:
        for table in metadata.sorted_tables:
            if table.name not in BY_MIGRATIONS:
                # The highest number first, so that those that refer to it find it.
                conn.execute(table.insert(), [_row(table, number) for number in (3, 2, 1)])
        if conn.dialect.name == "postgresql":
            for name in ("branch", "collection_run", "outbox_message"):
                conn.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 3)")


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(table, column, number) for column in table.columns}


def _value(table: Table, column: Column[Any], number: int) -> Any:
    if (word := _WORDS.get((table.name, column.name))) is not None:
        return word
    if column.nullable and number == 1:
        return None
    if isinstance(column.type, UtcDateTime):
        return _INSTANTS[number - 1]
    if isinstance(column.type, Date):
        return _DAYS[number - 1]
    if isinstance(column.type, Boolean):
        return number == 2
    is_found_by = column.primary_key or column.unique or (table.name, column.name) in _UNIQUE
    if column.name == "id" or column.foreign_keys or is_found_by:
        return number if isinstance(column.type, Integer | BigInteger) else f"{number}{NASTY[:40]}"
    if isinstance(column.type, BigInteger):
        return {1: 1, 2: 0, 3: 2**40}[number]
    if isinstance(column.type, Integer):
        return {1: 1, 2: 0, 3: 2**31 - 1}[number]
    return {1: f"{table.name} {number}", 2: "", 3: NASTY}[number]


NIGHT = datetime(2026, 11, 23, 1, tzinfo=UTC)


def save(store: Store, file: Path) -> Path:
    """A backup of it, made that night."""
    with file.open("wb") as out:
        store.backups.make(out, NIGHT)
    return file


def add_readings(store: Store, communities: int, days: int) -> None:
    """So many rows more in the longest series, in the order of time."""
    first = datetime(2026, 1, 1, 9, tzinfo=UTC)
    rows = [
        {
            "community_id": 100 + number,
            "observed_at": first + timedelta(days=day),
            "follower_count": number * day or None,
            "run_id": 1,
        }
        for day in range(days)
        for number in range(communities)
    ]
    with writing(store._engine) as conn:
        conn.execute(metadata.tables["follower_snapshot"].insert(), rows)

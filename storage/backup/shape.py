"""What the tables of a database are like, whatever the version of its schema: their columns, and the order of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import Boolean, Connection, Date, DateTime, Integer, Table, Text, inspect
from sqlalchemy.types import TypeEngine

import storage.letter_tables
import storage.report_tables
import storage.upkeep_tables  # noqa: F401 - these make their tables known to `metadata`
from storage.errors import StoreError, shown
from storage.tables import metadata

BY_MIGRATIONS = frozenset({"calendar_day"})
"""Tables that migrations fill: with rows in these alone a database is empty."""
_BY_TIME = {"follower_snapshot": ("observed_at", "community_id")}
"""PostgreSQL finds a day's readings by an index that works only where rows lie in the order of time (BRIN)."""


class Kind(Enum):
    """What a column holds, as far as it must be turned into what SQLite stores."""

    NUMBER = auto()
    TEXT = auto()
    INSTANT = auto()
    DAY = auto()
    YES_OR_NO = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what this database holds in it. SQLite's are numbers and texts alone."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Shape:
    """A table. `order`: columns that no two rows share, in whose order rows are read and written."""

    name: str
    columns: tuple[Column, ...]
    order: tuple[Column, ...]
    is_tree: bool
    """Whether rows refer to rows of the same table, so that no part of it can be written before the rest."""

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]


def shapes(conn: Connection) -> list[Shape]:
    """The program's tables in this database, those that others refer to first. Strangers' tables are left out.

    Raises StoreError for a column of a type that the program does not use.
    """
    inspector = inspect(conn)
    there = set(inspector.get_table_names())
    mine = [table for table in metadata.sorted_tables if table.name in there]
    return [_shape(conn, table, inspector.get_columns(table.name)) for table in mine]


def _shape(conn: Connection, table: Table, reflected: Sequence[Any]) -> Shape:
    columns = {each["name"]: Column(each["name"], _kind(conn, table, each)) for each in reflected}
    order = _BY_TIME.get(table.name) or [key.name for key in table.primary_key]
    return Shape(
        table.name,
        tuple(columns.values()),
        tuple(columns[name] for name in order),
        any(key.column.table is table for key in table.foreign_keys),
    )


def _kind(conn: Connection, table: Table, column: Any) -> Kind:
    held: TypeEngine[Any] = column["type"]
    if conn.dialect.name == "sqlite":
        # Its days are texts, its yes and no numbers: they are what all else is turned into.
        return Kind.TEXT if isinstance(held, Text | Date) else Kind.NUMBER
    for known, kind in (
        (DateTime, Kind.INSTANT),
        (Date, Kind.DAY),
        (Boolean, Kind.YES_OR_NO),
        (Integer, Kind.NUMBER),
        (Text, Kind.TEXT),
    ):
        if isinstance(held, known):
            return kind
    raise StoreError(
        f"{shown(conn.engine.url)}: {table.name}.{column['name']} is a {held}, which the program does not use; "
        "was it added by hand? Take it away, or move it to a table of its own"
    )

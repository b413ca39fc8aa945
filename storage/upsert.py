"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy gives by dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def _insert(conn: Connection, table: Table) -> Any:
    # The two dialects' constructs have the same methods and no common type that shows them.
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; one whose key is there already is passed over."""
    if rows:
        conn.execute(_insert(conn, table).on_conflict_do_nothing(), rows)


def insert_or_add(conn: Connection, table: Table, row: Mapping[str, Any], column: str) -> None:
    """Insert a row, or add its `column` to that of the row with its key."""
    statement = _insert(conn, table)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={column: table.c[column] + statement.excluded[column]},
        ),
        row,
    )

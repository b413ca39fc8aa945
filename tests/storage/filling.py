"""Fills the tables of any version of the schema with rows that its own constraints allow."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Inspector,
    Integer,
    MetaData,
    Table,
    insert,
    inspect,
    select,
)

ROWS = 2
"""Of each table, at each filling: one with a value in each column, one with as many NULL as it takes."""
_FIRST_AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
_FILLED_BY_MIGRATION = {"calendar_day", "alembic_version"}
_IS_INSTANT = re.compile(r"_(at|since|from|until)$")
_WORDS = {
    # What the program reads, and must therefore make sense to it.
    "network": "vk",
    "last_post_network": "vk",
    "proof": "[]",
    "about": "{}",
    "facts": "{}",
    "result": "{}",
    "league": "territorial",
    "failure_kind": "unexpected_response",
    "attachments": "photo",
    "hashtags": "#профсоюз",
}
_REFERRED_TO = {
    "community_id": "community",
    "run_id": "collection_run",
    "last_post_community_id": "community",
}
"""Numbers that no foreign key holds: none leaves a series."""

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
"""What stands in the tables: by table, and by key."""


class Filling:
    """Fills a database, time after time, with rows that no earlier one had."""

    def __init__(self) -> None:
        self._ids: dict[str, list[Any]] = defaultdict(list)
        self._number = 0

    def fill(self, conn: Connection) -> MetaData:
        """Add rows to every table that there is; gives the tables, as this version has them."""
        present = MetaData()
        present.reflect(conn)
        inspector = inspect(conn)
        numbered = [table for table in present.sorted_tables if _own_number(table) is not None]
        others = [table for table in present.sorted_tables if _own_number(table) is None]
        for place in range(ROWS):
            self._number += 1
            for table in [*numbered, *others]:
                if table.name in _FILLED_BY_MIGRATION:
                    continue
                words = _allowed_words(inspector, table)
                row = {
                    column.name: self._value(column, words)
                    for column in table.columns
                    if column is not _own_number(table)
                    and not (place and column.nullable and not column.foreign_keys)
                }
                made = conn.execute(insert(table).values(row))
                if _own_number(table) is not None:
                    self._ids[table.name].append(made.inserted_primary_key[0])
        return present

    def _value(self, column: Column[Any], words: Mapping[str, str]) -> Any:
        referred = next((key.column.table.name for key in column.foreign_keys), _REFERRED_TO.get(column.name))
        if referred is not None:
            of_table = self._ids[referred]
            # Of the table itself, such as a branch's parent: the one before, if there is one.
            return of_table[-1] if of_table else None
        if isinstance(column.type, Boolean):
            return True
        # Later columns are later times, as the end comes after the beginning.
        place = list(column.table.columns).index(column)
        if isinstance(column.type, Date):
            return date(2026, 9, 1) + timedelta(days=100 * self._number + place)
        at = _FIRST_AT + timedelta(days=self._number, minutes=place)
        if isinstance(column.type, DateTime):
            return at
        if isinstance(column.type, Integer):
            return int(at.timestamp()) if _IS_INSTANT.search(column.name) else 100 + self._number
        return words.get(column.name) or _WORDS.get(column.name) or f"{column.name} № {self._number} «ё»"


def rows(conn: Connection, tables: MetaData, without: Collection[tuple[str, str]] = ()) -> Rows:
    """All that stands in these tables; without these columns, and the calendar, which is no data."""
    found: Rows = {}
    for table in tables.sorted_tables:
        if table.name not in _FILLED_BY_MIGRATION:
            kept = [column for column in table.columns if (table.name, column.name) not in without]
            found[table.name] = {
                tuple(row[key.name] for key in table.primary_key): dict(row)
                for row in conn.execute(select(*kept)).mappings()
            }
    return found


def _own_number(table: Table) -> Column[Any] | None:
    """The key that the database gives."""
    column = table.columns.get("id")
    return column if column is not None and column.primary_key else None


def _allowed_words(inspector: Inspector, table: Table) -> dict[str, str]:
    """Of columns that hold one of several words the first, from the constraint that says so."""
    found = {}
    for constraint in inspector.get_check_constraints(table.name):
        words = re.findall(r"'(\w+)'", constraint["sqltext"])
        named = [
            column.name for column in table.columns if re.search(rf"\b{column.name}\b", constraint["sqltext"])
        ]
        if words and len(named) == 1:
            found[named[0]] = words[0]
    return found

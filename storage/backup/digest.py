"""Checksums of tables: the same for the same rows, on SQLite, on PostgreSQL and in a backup."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic_core import to_json
from sqlalchemy import Connection, Engine

from storage import schema
from storage.backup import rows as table_rows
from storage.backup.rows import Row
from storage.backup.shape import shapes
from storage.engine import reading

NOT_COMPARED = frozenset({"upkeep_run"})
"""The record of backups, copies and restores: each of them adds to it, so that it never is as it was."""


@dataclass(frozen=True, slots=True)
class TableDigest:
    """How many rows a table has, and the SHA-256 of all its lines in its order: see `line`."""

    name: str
    row_count: int
    sha256: str


class Digest:
    """A table's digest while its lines pass by."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._sha = hashlib.sha256()

    def add(self, written: bytes) -> None:
        """Take one more line."""
        self._count += 1
        self._sha.update(written)

    def done(self) -> TableDigest:
        """The digest of the lines so far."""
        return TableDigest(self._name, self._count, self._sha.hexdigest())


def line(row: Row) -> bytes:
    """A row as it is counted and kept: JSON without spaces, in UTF-8, and a line feed."""
    return to_json(row) + b"\n"


def passing(rows: Iterable[Row], digest: Digest) -> Iterator[Row]:
    """The rows, counted as they pass."""
    for row in rows:
        digest.add(line(row))
        yield row


def digests(engine: Engine) -> list[TableDigest]:
    """Those of all tables, as they are at one instant. Raises SchemaError for a database without the tables."""
    schema.require_tables(engine)
    with reading(engine, is_one_instant=True) as conn:
        return digests_within(conn)


def digests_within(conn: Connection) -> list[TableDigest]:
    """The same, within a transaction."""
    table_rows.expect_many(conn)
    found = []
    for shape in shapes(conn):
        digest = Digest(shape.name)
        for row in table_rows.read(conn, shape):
            digest.add(line(row))
        found.append(digest.done())
    return found


def differing(ones: Iterable[TableDigest], others: Iterable[TableDigest]) -> list[str]:
    """Names of tables that are not the same; the record of backups themselves is not compared."""
    left, right = ({each.name: each for each in some} for some in (ones, others))
    names = [name for name in {**left, **right} if name not in NOT_COMPARED]
    return [name for name in names if left.get(name) != right.get(name)]

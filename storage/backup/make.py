"""Makes a backup: all rows of one instant, while others write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import BinaryIO

from sqlalchemy import Connection, Engine, text

from storage import schema
from storage.backup import rows
from storage.backup.digest import TableDigest
from storage.backup.file import BackupHeader, BackupWriter
from storage.backup.shape import shapes
from storage.engine import reading


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made or read."""

    header: BackupHeader
    tables: Sequence[TableDigest]

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(each.row_count for each in self.tables)


def make_backup(engine: Engine, out: BinaryIO, made_at: datetime) -> Backup:
    """Write all that the database holds, whatever the version of its schema.

    Raises SchemaError for a database that is empty, of a newer program, or somebody else's.
    """
    schema.require_tables(engine)
    with reading(engine) as conn:
        names = [shape.name for shape in shapes(conn)]
    with reading(engine, is_one_instant=True) as conn:
        _hold_schema(conn, names)
        rows.expect_many(conn)
        found = shapes(conn)
        at = schema.version_within(conn).current or ""
        tables = [(shape.name, shape.names) for shape in found]
        writer = BackupWriter(
            out, BackupHeader(made_at, version("union-collector"), at, conn.dialect.name, tables)
        )
        for shape in found:
            writer.table(shape.name, rows.read(conn, shape))
    writer.seal()
    return Backup(writer.header, writer.digests)


def _hold_schema(conn: Connection, names: Sequence[str]) -> None:
    """Let an upgrade wait, from before the instant: a table that it makes anew would be empty at that instant.

    SQLite's instant is of the schema too.
    """
    if conn.dialect.name == "postgresql":
        listed = ", ".join(map(conn.dialect.identifier_preparer.quote, names))
        conn.execute(text(f"LOCK TABLE {listed} IN ACCESS SHARE MODE"))

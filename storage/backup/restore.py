"""Brings a backup into an empty database: all of it, proven to be what was saved, or nothing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, text

from storage import schema
from storage.backup import rows
from storage.backup.digest import digests_within
from storage.backup.file import BackupError, BackupReader, open_backup
from storage.backup.make import Backup
from storage.backup.shape import shapes
from storage.backup.target import make_ready
from storage.engine import shown, writing
from storage.errors import SchemaError


def restore(engine: Engine, file: Path) -> Backup:
    """Bring a backup into an empty database, whose schema then is the backup's: `upgrade` is the caller's.

    Raises BackupError for a file that is damaged, or of a newer program; StoreError for a database that is not empty.
    """
    with open_backup(file) as backup:
        wanted = backup.header.schema
        if not schema.is_known(wanted):
            raise SchemaError(
                f"{file} is of schema {wanted}, newer than this program's; restore it by the newer program"
            )
        with writing(engine) as conn:
            rows.expect_many(conn, writes=True)
            make_ready(conn, wanted)
            _load(conn, backup, file)
            # As they now are in the database: what came in is what went out.
            if digests_within(conn) != backup.digests:
                raise BackupError(
                    f"{shown(engine.url)} does not give back what {file} holds; nothing was restored. "
                    "Please report this as a bug"
                )
        return Backup(backup.header, backup.digests)


def _load(conn: Connection, backup: BackupReader, file: Path) -> None:
    by_name = {shape.name: shape for shape in shapes(conn)}
    for name, columns, read in backup.tables():
        if name not in by_name:
            raise BackupError(f"{file} has a table {name}, which its schema has not; use another backup")
        if not set(columns) <= set(by_name[name].names):
            raise BackupError(f"{file} has columns in {name} which its schema has not; use another backup")
        rows.write(conn, by_name[name], columns, read)
        rows.number_on(conn, by_name[name])
    if conn.dialect.name == "postgresql":
        # What the server knows of the rows, it would else guess until it looks for itself.
        conn.execute(text("ANALYZE"))

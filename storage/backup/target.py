"""Makes a database ready to take another's rows: empty, with the tables of a given version."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from storage import schema
from storage.backup import rows
from storage.backup.shape import BY_MIGRATIONS, shapes
from storage.errors import SchemaError, StoreError, shown
from storage.views import VIEWS


def make_ready(conn: Connection, revision: str) -> None:
    """Make the tables of this version, without a row.

    Raises StoreError for a database that holds anything but what migrations bring.
    """
    schema.hold_lock(conn)
    current = schema.version_within(conn).current
    _require_empty(conn)
    if current not in (None, revision):
        _drop(conn)
    schema.build(conn, revision)
    _clear(conn)


def begin_copy(conn: Connection, revision: str, *, again: bool) -> None:
    """Make it ready for a copy of this version, and mark it so; one that was begun is gone on with.

    `again`: what was begun is thrown away. Raises StoreError as `make_ready`, and for another version's copy.
    """
    schema.hold_lock(conn)
    current = schema.stored_revision(conn) or ""
    if not current.endswith(schema.COPYING):
        make_ready(conn, revision)
    elif again:
        _drop(conn)
        schema.build(conn, revision)
        _clear(conn)
    elif current == revision + schema.COPYING:
        return
    else:
        raise SchemaError(
            f"{shown(conn.engine.url)} is half of a copy by another version of this program; copy with --again"
        )
    _mark(conn, revision + schema.COPYING)


def end_copy(conn: Connection, revision: str) -> None:
    """Let it be a database as any other."""
    _mark(conn, revision)


def _mark(conn: Connection, version: str) -> None:
    conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def _require_empty(conn: Connection) -> None:
    counts = {
        shape.name: rows.count(conn, shape) for shape in shapes(conn) if shape.name not in BY_MIGRATIONS
    }
    held = [f"{name} ({count:,})" for name, count in counts.items() if count]
    if held:
        more = f" and {len(held) - 3} tables more" if len(held) > 3 else ""
        raise StoreError(
            f"{shown(conn.engine.url)} is not empty, there are rows in {', '.join(held[:3])}{more}; name an empty "
            "database, or make one (nothing was changed)"
        )


def _drop(conn: Connection) -> None:
    views = [view.name for view in VIEWS if view.name in set(inspect(conn).get_view_names())]
    tables = [shape.name for shape in reversed(shapes(conn))]
    if conn.dialect.name == "postgresql" and views:
        conn.execute(text(f"DROP VIEW {', '.join(views)}"))
        views = []
    for name in views:
        conn.execute(text(f"DROP VIEW {name}"))
    for name in [*tables, "alembic_version"]:
        conn.execute(text(f"DROP TABLE {name}"))


def _clear(conn: Connection) -> None:
    """Take away what migrations put into tables: it comes with all the other rows."""
    for shape in shapes(conn):
        if shape.name in BY_MIGRATIONS:
            conn.execute(text(f"DELETE FROM {shape.name}"))  # noqa: S608 - our own names

"""The public views: what the information department's SQL, its tables and dashboards may rely on.

A view holds no data, so all are made anew with each change of the schema (`renew`), from the definitions here; no
migration repeats them. Who was allowed to read them still is.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

from storage.views import branches, followers, health, letters, posts
from storage.views.dialect import Holds, PostgreSql, Sqlite, View, holds

VIEWS: tuple[View, ...] = (
    branches.BRANCHES,
    branches.COMMUNITIES,
    followers.LATEST,
    followers.DAILY,
    followers.MONTHLY,
    posts.POSTS,
    posts.POSTS_DAILY,
    letters.SILENCES,
    health.FINDINGS,
    health.HEALTH,
    health.RUNS,
)


def drop(conn: Connection) -> dict[str, set[str]]:
    """Drop what there is of them; gives who could read each, for `create`."""
    there = set(inspect(conn).get_view_names())
    readers = {view.name: _readers(conn, view.name) for view in VIEWS if view.name in there}
    for name in readers:
        conn.execute(text(f"DROP VIEW {name}"))
    return readers


def create(conn: Connection, readers: dict[str, set[str]] | None = None) -> None:
    """Make them all, with their comments. `readers`: what `drop` gave."""
    for view in VIEWS:
        for statement in definition(view, conn.dialect.name):
            conn.exec_driver_sql(statement)
    known = set().union(*(readers or {}).values())
    for role in sorted(known):
        # Who could read all but a new one can read that too: it is one set.
        grant(conn, role)


def grant(conn: Connection, role: str) -> None:
    """Let a role of PostgreSQL read the views."""
    quoted = conn.dialect.identifier_preparer.quote_identifier(role)
    conn.exec_driver_sql(f"GRANT SELECT ON {', '.join(view.name for view in VIEWS)} TO {quoted}")


def definition(view: View, dialect: str) -> Sequence[str]:
    """The statements that make a view. SQLite has no comments: there they stand in the view's own text."""
    if dialect == "sqlite":
        told = "".join(f"\n  {name}: {comment}" for name, comment in view.columns.items())
        return [f"CREATE VIEW {view.name} AS\n/* {view.comment}{told} */{view.select(Sqlite())}"]
    return [
        f"CREATE VIEW {view.name} AS{view.select(PostgreSql())}",
        f"COMMENT ON VIEW {view.name} IS {_literal(view.comment)}",
        *(
            f"COMMENT ON COLUMN {view.name}.{name} IS {_literal(comment)}"
            for name, comment in view.columns.items()
        ),
    ]


def _literal(words: str) -> str:
    escaped = words.replace("'", "''")
    return f"'{escaped}'"


def _readers(conn: Connection, name: str) -> set[str]:
    """Roles that may read a view without owning it."""
    if conn.dialect.name == "sqlite":
        return set()
    found = conn.execute(
        text(
            "SELECT g.grantee FROM information_schema.role_table_grants g JOIN pg_views v ON v.viewname = g.table_name "
            "AND v.schemaname = g.table_schema WHERE g.table_name = :name AND g.table_schema = current_schema() "
            "AND g.privilege_type = 'SELECT' AND g.grantee <> v.viewowner"
        ),
        {"name": name},
    )
    return set(found.scalars())


__all__ = ["VIEWS", "Holds", "View", "create", "definition", "drop", "grant", "holds"]

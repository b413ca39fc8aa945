"""The public views: what the information department's SQL, its tables and dashboards may rely on.

A view holds no data, so all are made anew with each change of the schema, from the definitions here; no migration
repeats them. On PostgreSQL each is replaced in place where it can be: who may read it still may, and views that
people built upon it stand. A migration that takes a column away from under them drops them itself first.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import InternalError, ProgrammingError

from storage.errors import StoreError, shown
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


def make_way(conn: Connection) -> None:
    """Before tables change. SQLite changes a table by copying it, and refuses to while a view reads it."""
    if conn.dialect.name == "sqlite":
        for name in _present(conn):
            conn.exec_driver_sql(f"DROP VIEW {name}")


def renew(conn: Connection) -> None:
    """Make them all as they are defined here, with their comments.

    Raises StoreError where one cannot be replaced, as somebody's own view is built upon what it was.
    """
    before = {name: _readers(conn, name) for name in _present(conn)}
    made = set()
    for view in VIEWS:
        first, *comments = definition(view, conn.dialect.name)
        try:
            with conn.begin_nested():
                conn.exec_driver_sql(first)
        except ProgrammingError:
            # Other columns than before: then it is another view.
            _drop(conn, view.name)
            conn.exec_driver_sql(first)
            made.add(view.name)
        for comment in comments:
            conn.exec_driver_sql(comment)
    # A new view is for those who could read all there were: they were given the set.
    of_all = set.intersection(*before.values()) if before else set()
    for view in VIEWS:
        for role in sorted(
            before[view.name] if view.name in made else of_all if view.name not in before else ()
        ):
            grant(conn, role, [view.name])


def _drop(conn: Connection, name: str) -> None:
    try:
        with conn.begin_nested():
            conn.exec_driver_sql(f"DROP VIEW {name}")
    except InternalError as error:
        told = " ".join(str(error.orig).split())
        raise StoreError(
            f"{shown(conn.engine.url)}: {told}; {name} has other columns now: drop what was built upon it, upgrade, "
            "and build it anew"
        ) from None


def _present(conn: Connection) -> list[str]:
    there = set(inspect(conn).get_view_names())
    return [view.name for view in VIEWS if view.name in there]


def grant(conn: Connection, role: str, names: Sequence[str] = ()) -> None:
    """Let a role of PostgreSQL read these views; without names, all."""
    # PUBLIC is everybody, and no role: quoted it would be one.
    quoted = role if role == "PUBLIC" else conn.dialect.identifier_preparer.quote_identifier(role)
    listed = ", ".join(names or [view.name for view in VIEWS])
    conn.exec_driver_sql(f"GRANT SELECT ON {listed} TO {quoted}")


def definition(view: View, dialect: str) -> Sequence[str]:
    """The statements that make a view. SQLite has no comments: there they stand in the view's own text."""
    if dialect == "sqlite":
        told = "".join(f"\n  {name}: {comment}" for name, comment in view.columns.items())
        return [f"CREATE VIEW {view.name} AS\n/* {view.comment}{told} */{view.select(Sqlite())}"]
    return [
        f"CREATE OR REPLACE VIEW {view.name} AS{view.select(PostgreSql())}",
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


__all__ = ["VIEWS", "Holds", "View", "definition", "grant", "holds", "make_way", "renew"]

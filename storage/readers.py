"""Roles of PostgreSQL that may read the public views and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from storage import views
from storage.engine import shown, writing
from storage.errors import StoreError


@dataclass(frozen=True, slots=True)
class Reader:
    """A role that may read the views. `is_new`: it was made just now, and has no password yet."""

    role: str
    is_new: bool
    views: tuple[str, ...]
    may_create: bool
    """Whether it can make tables of its own: until PostgreSQL 14 everybody may, in the schema `public`."""


def grant_readonly(engine: Engine, role: str, password: str | None = None) -> Reader:
    """Let a role read the views, and make it if it is not there. Twice does no harm.

    `password`: is from now on the role's; None: it keeps the one it has. The server gets a hash of it alone, so
    that no log of statements can hold it.

    Raises StoreError for SQLite, for a role that could do more than read, and where we may not make it.
    """
    if engine.dialect.name != "postgresql":
        raise StoreError(
            f"{shown(engine.url)}: SQLite has no roles; who only reads opens a copy of the file, or the file itself "
            "by a program that opens it read-only"
        )
    with writing(engine) as conn:
        is_new = _require_harmless(conn, role)
        quoted = conn.dialect.identifier_preparer.quote_identifier(role)
        if is_new:
            _create(conn, role, quoted)
        if password is not None:
            _set_password(conn, role, quoted, password)
        schema = conn.dialect.identifier_preparer.quote_identifier(
            conn.scalar(text("SELECT current_schema()"))
        )
        conn.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
        views.grant(conn, role)
        _require_views_alone(conn, role)
        may_create = conn.scalar(
            text("SELECT has_schema_privilege(:role, current_schema(), 'CREATE')"), {"role": role}
        )
    return Reader(role, is_new, tuple(view.name for view in views.VIEWS), bool(may_create))


def _require_harmless(conn: Connection, role: str) -> bool:
    """Whether the role is still to be made. Raises StoreError for one that may do more, or cannot be."""
    if role.lower() == "public" or role.startswith("pg_"):
        raise StoreError(f"the name {role} is PostgreSQL's own; name another")
    found = conn.execute(
        text(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS is_mighty, "
            "rolname = current_user AS is_ours FROM pg_roles WHERE rolname = :role"
        ),
        {"role": role},
    ).one_or_none()
    if found is None:
        return True
    if found.is_mighty or found.is_ours:
        what = "is a superuser or the like" if found.is_mighty else "is the program's own"
        raise StoreError(f"the role {role} {what} and may write; name another, it is made if it is not there")
    return False


def _create(conn: Connection, role: str, quoted: str) -> None:
    try:
        conn.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN")
    except ProgrammingError:
        raise StoreError(
            f"there is no role {role}, and this database's user may not make one; "
            f"let an administrator of the server run: CREATE ROLE {quoted} LOGIN PASSWORD '...'; then run this again"
        ) from None


def _set_password(conn: Connection, role: str, quoted: str, password: str) -> None:
    driver: Any = conn.connection.driver_connection
    hashed = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode(
        "ascii"
    )
    conn.exec_driver_sql(f"ALTER ROLE {quoted} PASSWORD '{hashed}'")


def _require_views_alone(conn: Connection, role: str) -> None:
    """Raises StoreError, and so takes all back, if the role can read or write any of our tables."""
    reached = conn.execute(
        text(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
            "AND c.relkind IN ('r', 'p') AND (has_table_privilege(:role, c.oid, 'DELETE, TRUNCATE') OR "
            "has_any_column_privilege(:role, c.oid, 'SELECT, INSERT, UPDATE')) ORDER BY c.relname"
        ),
        {"role": role},
    ).scalars()
    if names := list(reached):
        raise StoreError(
            f"the role {role} has other rights already, on {', '.join(names[:3])}{' ...' * (len(names) > 3)}; "
            "take them from it, or name another role"
        )

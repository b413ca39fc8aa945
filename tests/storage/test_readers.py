"""A role that may read the views and nothing else, tried by connecting as it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from storage.errors import StoreError
from storage.store import Store, open_store
from storage.tables import metadata
from storage.views import VIEWS
from tests.storage.worlds import NOON, World, read


@pytest.fixture
def role(store: Store, backend: str) -> Iterator[str]:
    """A name that must be quoted; the role is gone afterwards, as it would outlive its database."""
    name = f'отдел "{uuid.uuid4().hex[:8]}" 100%'
    yield name
    if backend != "sqlite":
        with psycopg.connect(address(store), autocommit=True) as conn:
            there = conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
            if there:
                conn.execute(SQL("DROP OWNED BY {}").format(Identifier(name)))
                conn.execute(SQL("DROP ROLE {}").format(Identifier(name)))


def address(store: Store) -> str:
    return make_url(store._engine.url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def connected_as(store: Store, role: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(address(store), user=role, autocommit=True) as conn:
        yield conn


def test_sqlite_has_no_roles(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        with pytest.raises(StoreError, match="SQLite has no roles; who only reads opens a copy of the file"):
            store.grant_readonly(role)
        return
    assert store.grant_readonly(role).is_new


def test_it_gets_the_password_that_it_is_given(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        return
    store.grant_readonly(role, "first")
    first = kept_password(store, role)
    store.grant_readonly(role)
    assert kept_password(store, role) == first, "without a password it keeps its own"
    store.grant_readonly(role, "it's another")
    assert kept_password(store, role) != first
    assert first.startswith("SCRAM-SHA-256$"), "the server got its hash alone"


def kept_password(store: Store, role: str) -> str:
    with psycopg.connect(address(store)) as conn:
        row = conn.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchone()
        assert row is not None
        return str(row[0])


def test_it_reads_every_view_and_nothing_else(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        return
    World(store).round(read(NOON))
    made = store.grant_readonly(role)
    assert (made.is_new, made.may_create) == (True, False)
    with connected_as(store, role) as conn:
        for view in VIEWS:
            conn.execute(SQL("SELECT * FROM {}").format(Identifier(view.name)))
        assert conn.execute("SELECT count(*) FROM v_followers_daily").fetchone() == (1,)
        for table in [*metadata.tables, "alembic_version"]:
            for refused in ("SELECT * FROM {}", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(SQL(refused).format(Identifier(table)))
        for refused in ("CREATE TABLE mine (id int)", "DELETE FROM v_collection_runs", "DROP VIEW v_posts"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(refused)


def test_twice_does_no_harm(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        return
    assert store.grant_readonly(role).is_new
    assert not store.grant_readonly(role).is_new


def test_who_could_do_more_is_refused(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        return
    with pytest.raises(
        StoreError, match="the role collector is a superuser or the like and may write; name another"
    ):
        store.grant_readonly("collector")
    store.grant_readonly(role)
    with psycopg.connect(address(store), autocommit=True) as conn:
        conn.execute(SQL("GRANT INSERT ON branch TO {}").format(Identifier(role)))
    with pytest.raises(StoreError, match="has other rights already, on branch; take them from it"):
        store.grant_readonly(role)
    for reserved in ("public", "pg_reads"):
        with pytest.raises(StoreError, match=f"the name {reserved} is PostgreSQL's own"):
            store.grant_readonly(reserved)


def test_who_may_read_one_column_of_a_table_is_refused(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        return
    store.grant_readonly(role)
    with psycopg.connect(address(store), autocommit=True) as conn:
        conn.execute(SQL("GRANT SELECT (email) ON contact TO {}").format(Identifier(role)))
    with pytest.raises(StoreError, match="has other rights already, on contact"):
        store.grant_readonly(role)


def test_where_no_role_may_be_made_it_is_told_what_to_do(store: Store, backend: str, role: str) -> None:
    if backend == "sqlite":
        return
    made = store.grant_readonly(role).role
    with (
        open_store(store._engine.url.set(username=made).render_as_string()) as powerless,
        pytest.raises(StoreError, match="may not make one; let an administrator of the server run: CREATE"),
    ):
        powerless.grant_readonly("another")

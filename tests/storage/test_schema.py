"""The schema: made from empty, once, the same as the models; a stranger's or a newer one is refused."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

import storage.letter_tables
import storage.upkeep_tables  # noqa: F401
from storage.engine import database_url, make_engine, reading, writing
from storage.errors import SchemaError, StoreError, StoreUnavailableError
from storage.schema import has_its_dialect
from storage.store import Store, open_store
from storage.tables import metadata


def test_migrations_run_from_empty_and_make_what_the_models_say(store: Store) -> None:
    with reading(store._engine) as conn:
        options = {"compare_type": True, "include_object": has_its_dialect(conn.dialect.name)}
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []


def test_an_upgrade_tells_where_it_stood_and_twice_does_nothing(database_url: str) -> None:
    with open_store(database_url) as store:
        assert store.version().current is None
        assert store.upgrade().current is None
        assert store.upgrade().is_newest
        store.require_newest()


def test_four_that_start_together_migrate_once(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(4)]
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(stores))

    def start(store: Store) -> None:
        barrier.wait()
        try:
            store.upgrade()
        except BaseException as error:  # noqa: BLE001 - reported below
            errors.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for store in stores:
        assert store.version().is_newest
        store.close()


def test_every_table_and_column_says_what_it_holds() -> None:
    silent = [table.name for table in metadata.sorted_tables if not table.comment]
    silent += [
        str(column) for table in metadata.sorted_tables for column in table.columns if not column.comment
    ]
    assert silent == []


def test_postgresql_keeps_the_comments(store: Store, backend: str) -> None:
    inspector = inspect(store._engine)
    for table in metadata.sorted_tables:
        if backend == "sqlite":  # has no comments: there they stand in storage/tables.py only
            continue
        assert inspector.get_table_comment(table.name)["text"] == table.comment
        assert {column["name"]: column["comment"] for column in inspector.get_columns(table.name)} == {
            column.name: column.comment for column in table.columns
        }


def test_each_series_key_begins_with_the_community_and_no_foreign_key_leaves_it() -> None:
    series = (
        "follower_snapshot",
        "post",
        "post_snapshot",
        "collection_outcome",
        "community_access",
        "community_state",
    )
    for name in series:
        table = metadata.tables[name]
        assert next(iter(table.primary_key.columns)).name == "community_id"
        assert not table.foreign_keys


def test_a_newer_schema_is_refused(store: Store) -> None:
    ours = store.version().newest
    set_version = text("UPDATE alembic_version SET version_num = :version")
    with writing(store._engine) as conn:
        conn.execute(set_version, {"version": "9999"})
    for call in (store.upgrade, store.require_newest):
        with pytest.raises(SchemaError, match=r"schema 9999, newer than this program's .*restore a backup"):
            call()
    # Who is lent this database next may ask for its version.
    with writing(store._engine) as conn:
        conn.execute(set_version, {"version": ours})


def test_an_empty_database_is_refused_by_whoever_only_reads(database_url: str) -> None:
    with (
        open_store(database_url) as store,
        pytest.raises(SchemaError, match=r"is empty; run: collector db upgrade"),
    ):
        store.require_newest()


def test_a_strangers_tables_are_left_alone(database_url: str) -> None:
    with open_store(database_url) as store:
        with writing(store._engine) as conn:
            conn.execute(text("CREATE TABLE post (id integer)"))
        with pytest.raises(SchemaError, match=r"tables of another program \(post\)"):
            store.upgrade()


def test_a_wrong_address_is_told_without_repeating_it() -> None:
    no_port, at_sign = "postgresql://user:geheim@host:port/db", "postgresql://user:x@geheim@host/db"
    for wrong in ("mysql://user:geheim@host/db", no_port, at_sign, "geheim", ""):
        with pytest.raises(StoreError) as caught:
            make_engine(database_url(wrong))
        assert "geheim" not in str(caught.value)
        assert "postgresql://USER@HOST:5432/DATABASE" in str(caught.value)


def test_an_address_is_shown_without_any_password() -> None:
    for address in ("postgresql://user:geheim@host/db", "postgresql://host/db?user=user&password=geheim"):
        with open_store(address) as store:
            assert "host/db" in store.shown
            assert "geheim" not in store.shown


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x.db?uri=true"]
)
def test_an_sqlite_database_is_a_file_named_by_its_path(address: str) -> None:
    with pytest.raises(
        StoreError, match=r"must name a file of SQLite's by its path: sqlite:///collector\.db"
    ):
        make_engine(database_url(address))


def test_another_driver_of_the_same_database_is_not_asked_for() -> None:
    for address in ("sqlite+aiosqlite:///collector.db", "postgresql+asyncpg://user@host/db"):
        make_engine(database_url(address)).dispose()


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with (
        open_store("postgresql://user:geheim@127.0.0.1:1/db") as store,
        pytest.raises(StoreUnavailableError) as caught,
    ):
        store.upgrade()
    assert "geheim" not in str(caught.value)
    assert "127.0.0.1:1/db" in str(caught.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: object) -> None:
    missing = pytest.raises(StoreUnavailableError, match=r"nowhere does not exist; create it")
    with open_store(f"sqlite:///{tmp_path}/nowhere/collector.db") as store, missing:
        store.upgrade()


def test_a_file_that_is_no_database_is_told(tmp_path: object) -> None:
    with open(f"{tmp_path}/collector.db", "w") as file:
        file.write("это не база данных " * 100)
    damaged = pytest.raises(StoreUnavailableError, match=r"no SQLite database, or is damaged")
    with open_store(f"sqlite:///{tmp_path}/collector.db") as store, damaged:
        store.upgrade()

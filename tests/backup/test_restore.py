"""Restoring: all of a backup or nothing, into an empty database alone; then the program goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text

from storage import schema
from storage.backup.digest import differing
from storage.backup.file import BackupError, BackupHeader, BackupWriter, read_digests
from storage.backup.shape import shapes
from storage.engine import reading, writing
from storage.errors import SchemaError, StoreError
from storage.store import Store, open_store
from storage.tables import branch
from tests.backup.full import NIGHT, add_readings, fill_every_table, save
from tests.backup.killing import killed
from tests.storage.worlds import NOON, vk
from tests.storage.worlds import branch as declared

_KILLED_RESTORING = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from storage.store import open_store

@event.listens_for(Engine, "before_cursor_execute")
def kill(conn, cursor, statement, *_):
    # Most of the rows are there by then.
    if statement.startswith(("INSERT INTO outbox_message", "ANALYZE")):
        os.kill(os.getpid(), signal.SIGKILL)

with open_store(sys.argv[1]) as store:
    store.backups.restore(Path(sys.argv[2]))
"""


def test_the_program_goes_on_with_new_numbers(store: Store, empty_url: str, tmp_path: Path) -> None:
    fill_every_table(store)
    add_readings(store, communities=40, days=5)
    file = save(store, tmp_path / "kept.backup")
    with open_store(empty_url) as restored:
        restored.backups.restore(file)
        restored.require_newest()
        assert restored.start_round(NOON) == 4
        restored.sync_branches((declared("ВАО", vk("77")),), NOON)
        with reading(restored._engine) as conn:
            assert conn.scalars(select(branch.c.id).order_by(branch.c.id)).all() == [1, 2, 3, 4]
            if conn.dialect.name == "postgresql":
                # Of an index by time (BRIN) there is no use where rows do not lie so.
                lying = conn.scalars(text("SELECT observed_at FROM follower_snapshot ORDER BY ctid")).all()
                assert lying == sorted(lying)


def test_a_damaged_one_is_refused_and_nothing_is_made(saved: Path, empty_url: str, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:])
    with open_store(empty_url) as store:
        with pytest.raises(BackupError, match=r"damaged\.backup is damaged or cut off"):
            store.backups.restore(damaged)
        assert store.version().current is None


def test_columns_that_the_schema_has_not_are_refused(empty_url: str, tmp_path: Path) -> None:
    file = tmp_path / "strange.backup"
    strange = ("branch", ["id", "code) VALUES (1, 2); DROP TABLE branch; --"])
    with file.open("wb") as out:
        writer = BackupWriter(out, BackupHeader(NIGHT, "0.1.0", "0009", "sqlite", [strange]))
        writer.table("branch", [[1, "ВАО"]])
        writer.seal()
    with open_store(empty_url) as store:
        with pytest.raises(BackupError, match="columns in branch which its schema has not"):
            store.backups.restore(file)
        assert store.version().current is None


def test_rows_that_the_database_refuses_leave_it_empty(empty_url: str, tmp_path: Path) -> None:
    """The last of all rows breaks a constraint."""
    file = tmp_path / "wrong.backup"
    a_branch = ("branch", ["id", "code", "name", "kind"])
    size = ("branch_size", ["branch_id", "valid_from", "primary_count"])
    with file.open("wb") as out:
        writer = BackupWriter(out, BackupHeader(NIGHT, "0.1.0", "0009", "sqlite", [a_branch, size]))
        writer.table("branch", [[1, "ВАО", "Восток", "primary"]])
        writer.table("branch_size", [[1, "2026-01-01", 7], [1, "2026-02-01", -7]])
        writer.seal()
    with open_store(empty_url) as store:
        with pytest.raises(StoreError, match="branch_size"):
            store.backups.restore(file)
        assert store.version().current is None


def test_what_comes_in_otherwise_than_it_went_out_is_not_kept(empty_url: str, tmp_path: Path) -> None:
    """A text in a column of numbers becomes one: then its checksum is another."""
    file = tmp_path / "wrong.backup"
    with open_store(f"sqlite:///{tmp_path / 'pattern.db'}") as pattern:
        newest = pattern.upgrade().newest
        with reading(pattern._engine) as conn:
            tables = [(shape.name, shape.names) for shape in shapes(conn)]
    with file.open("wb") as out:
        writer = BackupWriter(out, BackupHeader(NIGHT, "0.1.0", newest, "sqlite", tables))
        for name, _ in tables:
            writer.table(
                name, [["1", "ВАО", "Восток", "primary", None, None, None]] if name == "branch" else []
            )
        writer.seal()
    with open_store(empty_url) as store:
        with pytest.raises(BackupError, match="does not give back what"):
            store.backups.restore(file)
        assert store.version().current is None


def test_only_an_empty_database_takes_it(store: Store, saved: Path) -> None:
    store.sync_branches((declared("ВАО", vk("1")),), NOON)
    before = store.backups.digests()
    with pytest.raises(
        StoreError, match=r"is not empty, there are rows in branch \(1\), community_state \(1\)"
    ):
        store.backups.restore(saved)
    assert store.backups.digests() == before


def test_nothing_is_restored_beside_a_round(store: Store, database_url: str, saved: Path) -> None:
    refused = pytest.raises(StoreError, match="stop the daemon")
    with open_store(database_url) as other, other.round_lock(), refused:
        store.backups.restore(saved)
    # One with tables, but no row, takes it.
    assert list(store.backups.restore(saved).tables) == store.backups.digests()


def test_one_of_an_older_version_is_restored_and_then_upgraded(
    database_url: str, empty_url: str, tmp_path: Path
) -> None:
    with open_store(empty_url) as old:
        with writing(old._engine) as conn:
            schema.build(conn, "0005")
            conn.execute(text("INSERT INTO branch (code, name, kind) VALUES ('ВАО', 'Восток', 'city')"))
        file = save(old, tmp_path / "old.backup")
        kept = old.backups.digests()
    with open_store(database_url) as store:
        # By a daemon, say, that was started too early.
        store.upgrade()
        assert store.backups.restore(file).header.schema == "0005"
        assert store.version().current == "0005"
        assert store.backups.digests() == kept
        assert store.upgrade().current == "0005"
        assert [each.code for each in store.branches()] == ["ВАО"]


def test_one_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "new.backup"
    with file.open("wb") as out:
        BackupWriter(out, BackupHeader(NIGHT, "9.0", "9999", "sqlite", [])).seal()
    with open_store(f"sqlite:///{tmp_path / 'collector.db'}") as store:
        with pytest.raises(SchemaError, match=r"schema 9999, newer than this program's"):
            store.backups.restore(file)
        assert store.version().current is None


def test_there_is_nothing_to_keep_of_an_empty_database(empty_url: str, tmp_path: Path) -> None:
    with open_store(empty_url) as store, pytest.raises(SchemaError, match="is empty"):
        save(store, tmp_path / "kept.backup")


def test_checksums_tell_what_differs(store: Store) -> None:
    fill_every_table(store)
    before = store.backups.digests()
    with writing(store._engine) as conn:
        conn.execute(text("UPDATE post SET like_count = NULL WHERE like_count = 0"))
        conn.execute(text("UPDATE upkeep_run SET note = 'other'"))
    assert differing(before, store.backups.digests()) == ["post"]


def test_a_restore_that_was_killed_is_begun_anew(saved: Path, empty_url: str) -> None:
    killed(_KILLED_RESTORING, empty_url, saved)
    with open_store(empty_url) as store:
        assert store.version().current is None
        assert list(store.backups.restore(saved).tables) == read_digests(saved)[1]


def test_a_column_of_somebody_elses_type_is_told(backend: str, empty_url: str, tmp_path: Path) -> None:
    with open_store(empty_url) as store:
        store.upgrade()
        with writing(store._engine) as conn:
            conn.execute(text("ALTER TABLE branch ADD COLUMN extra double precision"))
        if backend == "sqlite":  # holds whatever it is given: what it is does not show
            save(store, tmp_path / "kept.backup")
        else:
            with pytest.raises(StoreError, match=r"branch\.extra is a .*added by hand"):
                save(store, tmp_path / "kept.backup")

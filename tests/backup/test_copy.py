"""Copying into another database: in steps that a kill does not undo, and proven at the end."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.backup.digest import differing
from storage.engine import writing
from storage.errors import SchemaError, StoreError
from storage.store import Store, open_store
from storage.upkeep_tables import Chore
from tests.backup.full import NIGHT, add_readings, fill_every_table
from tests.storage.worlds import NOON


class _CutError(Exception):
    pass


def now() -> datetime:
    return NIGHT


def cut(name: str, there: int) -> None:
    """After the first step of the longest series."""
    if name == "follower_snapshot":
        raise _CutError(there)


@pytest.fixture(scope="module")
def source_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("source") / "collector.db"
    with open_store(f"sqlite:///{file}") as made:
        made.upgrade()
        fill_every_table(made)
        add_readings(made, communities=5, days=4)
        with writing(made._engine) as conn:
            # Each step is a transaction: the calendar would take thousands.
            conn.execute(text("DELETE FROM calendar_day WHERE day > '2006-01-05'"))
    return file


@pytest.fixture
def source(source_file: Path, tmp_path: Path) -> Store:
    made = Store(f"sqlite:///{tmp_path / 'source.db'}")
    (tmp_path / "source.db").write_bytes(source_file.read_bytes())
    return made


def test_one_that_was_cut_goes_on_and_ends_the_same(source: Store, empty_url: str) -> None:
    with pytest.raises(_CutError, match="2"):
        source.backups.copy_to(empty_url, now, at_once=2, progress=cut)
    with open_store(empty_url) as target:
        for call in (target.upgrade, target.require_newest, target.backups.digests):
            with pytest.raises(SchemaError, match="half of a copy; finish it"):
                call()
        _, done = source.backups.copy_to(empty_url, now, at_once=1)
        assert 0 < done.found_count < done.row_count
        assert differing(target.backups.digests(), source.backups.digests()) == []
        assert target.start_round(NOON) == 4
        assert (target.upkeep.last(Chore.COPY) or done).row_count == done.row_count == source_rows(source)
        with pytest.raises(StoreError, match="is not empty"):
            source.backups.copy_to(empty_url, now)
    source.close()


def source_rows(source: Store) -> int:
    return sum(table.row_count for table in source.backups.digests())


def test_a_source_that_is_written_meanwhile_is_told_and_copied_again(source: Store, empty_url: str) -> None:
    def write(name: str, _there: int) -> None:
        if name == "follower_snapshot":
            with writing(source._engine) as conn:
                conn.execute(text("UPDATE branch SET name = name || '!'"))

    with pytest.raises(StoreError, match=r"is not the same in branch: .*copy with --again"):
        source.backups.copy_to(empty_url, now, at_once=2, progress=write)
    with open_store(empty_url) as target:
        with pytest.raises(SchemaError, match="half of a copy"):
            target.upgrade()
        source.backups.copy_to(empty_url, now, again=True)
        assert differing(target.backups.digests(), source.backups.digests()) == []
    source.close()


def test_neither_side_may_be_collected_into(source: Store, store: Store, database_url: str) -> None:
    for busy in (source, store):
        with busy.round_lock(), pytest.raises(StoreError, match="stop the daemon"):
            source.backups.copy_to(database_url, now)
    source.close()


def test_it_knows_itself_by_another_address(store: Store) -> None:
    """With a password, which the setting has elsewhere; else it would say that a daemon is at work."""
    address = store._engine.url.render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="is the database itself"):
        store.backups.copy_to(address, now, password="of the database")


def test_it_is_no_copy_of_itself(source: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is the database itself"):
        source.backups.copy_to(f"sqlite:///{tmp_path}/../{tmp_path.name}/source.db", now)
    source.close()


def test_what_postgresql_cannot_hold_is_told(source: Store, backend: str, empty_url: str) -> None:
    with writing(source._engine) as conn:
        conn.execute(text("UPDATE contact SET name = 'a' || char(0) || 'b' WHERE id = 1"))
    if backend == "sqlite":
        source.backups.copy_to(empty_url, now)
    else:
        with pytest.raises(StoreError, match=r"contact: .*NUL"):
            source.backups.copy_to(empty_url, now)
    source.close()

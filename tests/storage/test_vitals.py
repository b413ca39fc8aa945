"""What a look at the database shows of it."""

from __future__ import annotations

import gc
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, text, update

from storage.engine import sqlite_file, writing
from storage.errors import StoreError, StoreUnavailableError
from storage.runs import RunCounts
from storage.store import Store, open_store
from storage.tables import community_state
from storage.vitals import RoundTimes
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, vk

MINUTE = timedelta(minutes=1)


def newest(store: Store) -> str:
    return store.version().newest


def test_what_a_database_without_rounds_shows(store: Store) -> None:
    found = store.vitals.look(newest(store), NOON)
    assert (found.schema, found.write_refusal, found.last_round, found.next_due_at) == (
        newest(store), None, None, None,
    )  # fmt: skip
    path = sqlite_file(store._engine.url)
    if path is None:
        assert found.disk is None
    else:
        assert found.disk is not None
        usage = os.statvfs(path.parent)
        assert (found.disk.folder, found.disk.size_bytes) == (path.parent, usage.f_blocks * usage.f_frsize)
        assert 0 < found.disk.free_bytes <= found.disk.size_bytes


def test_looks_keep_nothing(store: Store) -> None:
    """What is asked once a minute was kept for each time that it was asked: 10 MB in three days."""

    def tables() -> int:
        gc.collect()
        return sum(isinstance(each, Table) for each in gc.get_objects())

    store.vitals.look(newest(store), NOON)
    before = tables()
    for _ in range(10):
        store.vitals.look(newest(store), NOON)
    assert tables() == before


def test_the_last_round_that_ended_counts(store: Store) -> None:
    World(store, branch("ВАО", vk("1")))
    for started, lasts, stopped in (
        (NOON - 3 * HOUR, 2 * MINUTE, False),
        (NOON - 2 * HOUR, MINUTE, True),
        (NOON - HOUR, None, False),
        # Of a clock that was ahead.
        (NOON + 30 * DAY, MINUTE, False),
    ):
        run_id = store.start_round(started)
        if lasts is not None:
            store.finish_round(run_id, RunCounts(), started + lasts, stopped=stopped, note=None)
    found = store.vitals.look(newest(store), NOON)
    assert found.last_round == RoundTimes(NOON - 3 * HOUR, NOON - 3 * HOUR + 2 * MINUTE)


def test_the_first_live_community_that_is_due_counts(store: Store) -> None:
    World(store, branch("ВАО", vk("1"), vk("2")), branch("САО", vk("3")))
    with writing(store._engine) as conn:
        for number, ago in ((1, 2 * HOUR), (2, HOUR), (3, 3 * HOUR)):
            which = community_state.c.community_id == number
            conn.execute(update(community_state).where(which).values(next_due_at=NOON - ago))
    assert store.vitals.look(newest(store), NOON).next_due_at == NOON - 3 * HOUR
    store.sync_branches([branch("ВАО", vk("2"))], NOON)
    assert store.vitals.look(newest(store), NOON).next_due_at == NOON - HOUR
    store.sync_branches([branch("ВАО")], NOON)
    assert store.vitals.look(newest(store), NOON).next_due_at is None


def test_of_another_schema_nothing_more_is_asked(store: Store) -> None:
    ours = newest(store)
    with writing(store._engine) as conn:
        conn.execute(text("ALTER TABLE collection_run RENAME TO other_run"))
    try:
        with pytest.raises(StoreError):
            store.vitals.look(ours, NOON)
        found = store.vitals.look("0001", NOON)
        assert (found.schema, found.last_round, found.next_due_at) == (ours, None, None)
    finally:
        with writing(store._engine) as conn:
            conn.execute(text("ALTER TABLE other_run RENAME TO collection_run"))


def test_another_writer_holds_no_look_up(store: Store) -> None:
    with writing(store._engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = version_num"))
        assert store.vitals.look(newest(store), NOON).schema is not None


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "collector.db"
    with open_store(f"sqlite:///{path}") as store:
        store.upgrade()
        path.unlink()
        with pytest.raises(StoreUnavailableError, match="the file is gone"):
            store.vitals.look(newest(store), NOON)
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/collector.db") as store:
        store.upgrade()
        assert store.vitals.look(newest(store), NOON).write_refusal is None
        Path(folder).chmod(0o555)
        with as_nobody():
            refusal = store.vitals.look(newest(store), NOON).write_refusal
        Path(folder).chmod(0o755)
    assert refusal is not None
    assert refusal.startswith(folder)
    assert refusal.endswith("cannot be written; check its owner, its permissions, and how it is mounted")


@contextmanager
def as_nobody() -> Iterator[None]:
    """root may write anywhere."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_server_that_lets_nothing_be_written_is_told(store: Store) -> None:
    if store._engine.dialect.name == "sqlite":
        return
    with open_store(store._engine.url.render_as_string(hide_password=False)) as other:
        with writing(other._engine) as conn:
            conn.execute(text("SET SESSION default_transaction_read_only = on"))
        found = other.vitals.look(newest(store), NOON)
    assert found.write_refusal == "the server lets nothing be written; is it a standby?"

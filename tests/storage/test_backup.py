"""Backups on each database that there is: the same from and into either, and of one instant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select

from storage.backup.file import read_digests
from storage.engine import reading, writing
from storage.store import Store, open_store
from storage.tables import branch, collection_run, follower_snapshot, post_snapshot
from tests.backup.full import NASTY, NIGHT, add_readings, fill_every_table, save
from tests.storage.worlds import NOON


def test_it_goes_through_the_other_kind_and_back_unchanged(
    store: Store, empty_url: str, tmp_path: Path
) -> None:
    fill_every_table(store)
    add_readings(store, communities=3, days=4)
    kept = store.backups.digests()
    assert all(table.row_count >= 3 for table in kept)
    first = save(store, tmp_path / "first.backup")
    with open_store(f"sqlite:///{tmp_path / 'between.db'}") as between, open_store(empty_url) as last:
        assert list(between.backups.restore(first).tables) == kept
        second = save(between, tmp_path / "second.backup")
        assert list(last.backups.restore(second).tables) == kept
        assert between.backups.digests() == last.backups.digests() == kept == read_digests(second)[1]
        with reading(last._engine) as conn:
            names = conn.scalars(select(branch.c.name).order_by(branch.c.id)).all()
            assert names == ["branch 1", "", NASTY]


def test_checksums_do_not_hang_on_where_the_server_stands(
    backend: str, pg_servers: dict[str, str], tmp_path: Path
) -> None:
    """Elsewhere ё follows е, and b follows A: here rows go by their bytes."""
    if backend == "sqlite":
        return
    name = "russian"
    with psycopg.connect(pg_servers[backend], autocommit=True) as conn:
        made = f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'ru' LOCALE 'C'"
        try:
            conn.execute(made)
        except psycopg.errors.FeatureNotSupported:
            return  # the wheel's server is built without; Debian's has it
    try:
        found = []
        for url in (f"{pg_servers[backend].rsplit('/', 1)[0]}/{name}", f"sqlite:///{tmp_path / 'other.db'}"):
            with open_store(url) as store:
                store.upgrade()
                with writing(store._engine) as conn:
                    rows = [_snapshot_of(post) for post in ("e", "B", "ё", "a", "Я", "е", "б")]
                    conn.execute(post_snapshot.insert(), rows)
                found.append(store.backups.digests())
        assert found[0] == found[1]
    finally:
        with psycopg.connect(pg_servers[backend], autocommit=True) as conn:
            conn.execute(f"DROP DATABASE {name}")


def _snapshot_of(post: str) -> dict[str, Any]:
    return {"community_id": 1, "native_id": post, "observed_at": NOON, "run_id": 1}


class _WritingMeanwhile:
    """A file to write a backup to; whenever some of it comes, the database gets a round with its reading."""

    def __init__(self, out: Any, store: Store) -> None:
        self._out, self._store = out, store
        self.rounds = 0

    def write(self, some: bytes) -> int:
        self.rounds += 1
        with writing(self._store._engine) as conn:
            at = NOON + timedelta(hours=self.rounds)
            run = {"id": 100 + self.rounds, "kind": "collect", "status": "finished", "started_at": at}
            run |= dict.fromkeys(
                ["due_count", "read_count", "wall_count", "failed_count", "request_count"], self.rounds
            )
            conn.execute(collection_run.insert(), run)
            conn.execute(
                follower_snapshot.insert(), {"community_id": 1, "observed_at": at, "run_id": run["id"]}
            )
        return int(self._out.write(some))

    def flush(self) -> None:
        self._out.flush()

    def fileno(self) -> int:
        return int(self._out.fileno())


def test_it_is_of_one_instant_while_others_write(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    before = {table.name: table for table in store.backups.digests()}
    with file.open("wb") as out:
        meddling = _WritingMeanwhile(out, store)
        store.backups.make(meddling, NIGHT)  # type: ignore[arg-type]
    assert meddling.rounds > 3
    _, kept = read_digests(file)
    assert {table.name: table for table in kept} == before
    now = {table.name: table.row_count for table in store.backups.digests()}
    assert now["collection_run"] == now["follower_snapshot"] == meddling.rounds

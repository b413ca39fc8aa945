"""What processes write to one database at the same time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection, text, update

from storage.engine import reading, writing
from storage.store import Store, open_store
from storage.tables import branch
from tests.storage.worlds import NOON, vk
from tests.storage.worlds import branch as declared


def _rename(conn: Connection, code: str, name: str) -> None:
    conn.execute(update(branch).where(branch.c.code == code).values(name=name))


def _wait_for_a_waiter(store: Store) -> None:
    """Until another transaction waits for a lock. On SQLite it waits before its beginning, which nobody can see."""
    if store._engine.dialect.name == "sqlite":
        return
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(3_000):
        with reading(store._engine) as conn:
            if conn.scalar(text(waiting)):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_two_that_change_the_same_rows_in_another_order_both_do(store: Store, database_url: str) -> None:
    store.sync_branches([declared("А", vk("1")), declared("Б", vk("2"))], NOON)

    def other_way_round() -> None:
        with open_store(database_url) as own, writing(own._engine) as conn:
            _rename(conn, "Б", "второй")
            _rename(conn, "А", "второй")

    with ThreadPoolExecutor(1) as pool:
        with writing(store._engine) as conn:
            _rename(conn, "А", "первый")
            second = pool.submit(other_way_round)
            _wait_for_a_waiter(store)
            _rename(conn, "Б", "первый")
        second.result()
    assert [each.name for each in store.branches()] == ["второй", "второй"]


def test_a_quota_that_several_take_and_give_back_is_counted_right(store: Store, database_url: str) -> None:
    barrier = threading.Barrier(4, timeout=30)

    def daemon() -> None:
        with open_store(database_url) as own:
            barrier.wait()
            for _ in range(25):
                own.quota.take("vk", "a", "wall.get", 10, 1_000, NOON)
                own.quota.give_back("vk", "a", "wall.get", 10, NOON)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(daemon) for _ in range(4)]:
            each.result()
    assert store.quota.used("vk", "wall.get", NOON) == {"a": 0}

"""One round at a time, and a killed one does not stand in the way."""

from __future__ import annotations

import subprocess
import sys
import time

from storage.store import Store, open_store
from storage.tables import collection_run
from tests.storage.worlds import HOUR, NOON, World

_HOLDER = """
import sys, time
from storage.store import Store
with Store(sys.argv[1]).round_lock() as is_ours:
    print(is_ours, flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(store: Store, database_url: str) -> None:
    with open_store(database_url) as other:
        with store.round_lock() as ours, other.round_lock() as theirs:
            assert (ours, theirs) == (True, False)
        with other.round_lock() as theirs:
            assert theirs


def test_kill_9_frees_the_lock(store: Store, database_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, database_url], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with store.round_lock() as ours:
            assert not ours
        holder.kill()
    # The server notices a cut connection in its own time, milliseconds as a rule.
    for _ in range(100):
        with store.round_lock() as ours:
            if ours:
                break
        time.sleep(0.05)
    assert ours


def test_a_round_that_was_killed_is_marked_by_the_next(store: Store) -> None:
    store.start_round(NOON)
    store.start_round(NOON + HOUR)
    world = World.__new__(World)
    world.store = store
    assert [row.status for row in world.rows(collection_run)] == ["abandoned", "running"]


def test_rounds_follow_each_other_without_a_pause(store: Store) -> None:
    for _ in range(50):
        with store.round_lock() as ours:
            assert ours

"""Detects silences on the database given, in processes that are killed at one statement after another.

    python -m tests.storage.detecting ADDRESS ISO-INSTANT

A child that is forked for each try ends itself with SIGKILL before its n-th statement or commit, n = 1, 2, 3 ...,
until one comes through. After each the numbers of open episodes and of letters are printed.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event, func, select

from collector.jobs.detect_silence import DetectPolicy, detect
from storage.engine import reading
from storage.letter_tables import outbox_message, silence
from storage.store import open_store


def _detect_until(killed_at: int, url: str, now: datetime) -> None:
    """Runs in a child."""
    with open_store(url) as store:
        steps = itertools.count(1)

        def step(*_: Any) -> None:
            if next(steps) == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(store._engine, "before_cursor_execute", step)
        event.listen(store._engine, "commit", step)
        detect(store, DetectPolicy(), now)


def main(url: str, now: datetime) -> None:
    """Kill at every step there is."""
    for killed_at in itertools.count(1):
        pid = os.fork()
        if pid == 0:
            _detect_until(killed_at, url, now)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        with open_store(url) as store, reading(store._engine) as conn:
            counts = [
                conn.scalar(select(func.count()).select_from(table)) for table in (silence, outbox_message)
            ]
        print("killed", killed_at, *counts)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))

"""The databases that a soak may use, and how they are away for a while."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path

from tests import postgres


class Sqlite:
    """A file that another program may lock."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "soak.db"
        self._lock: sqlite3.Connection | None = None
        # What is longer than an instant of the machine's is an outage of hours of the calendar's.
        self.url = f"sqlite:///{self._file}?timeout=0.2"

    def go(self) -> None:
        """Let nobody write."""
        self._lock = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        self._lock.execute("BEGIN IMMEDIATE")

    def come_back(self) -> None:
        """Let everybody write again."""
        if self._lock is not None:
            self._lock.rollback()
            self._lock.close()
            self._lock = None


class PostgreSql:
    """A server that may be stopped: the newest that the tests find."""

    def __init__(self, stack: ExitStack) -> None:
        self._server = stack.enter_context(postgres.running(list(postgres.installations().values())[-1]))
        self.url = self._server.url

    def go(self) -> None:
        """Stop it at once, whoever is connected."""
        self._server.stop()

    def come_back(self) -> None:
        """Start it."""
        self._server.start()

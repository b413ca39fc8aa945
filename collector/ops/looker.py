"""Looks at the database for all who ask: one look at a time, and nobody waits for one without end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from collector.domain.errors import CollectorError

T = TypeVar("T")


class NoAnswerError(CollectorError):
    """The database is being asked, and has not answered for longer than anybody waits."""


class Looker(Generic[T]):
    """A look that is made when asked for, kept for a moment, and shared by those who ask meanwhile.

    In a thread of its own: a database that hangs holds one thread and one connection, however often it is asked for.
    """

    def __init__(self, look: Callable[[], T], *, kept_s: float, patience_s: float) -> None:
        """`kept_s`: how old what is given may be; no failure is kept. `patience_s`: how long a look is waited for."""
        self._look = look
        self._kept_s = kept_s
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._future: Future[T] | None = None
        self._began_at = 0.0

    def latest(self) -> T:
        """What a look showed. Raises what it raised, and NoAnswerError where it has not come back in time."""
        with self._lock:
            future = self._future
            if future is None or (future.done() and not self._is_fresh(future)):
                future = self._future = Future()
                self._began_at = time.monotonic()
                # A daemon: a look that hangs does not keep the process from ending.
                threading.Thread(target=self._run, args=(future,), name="look", daemon=True).start()
            began_at = self._began_at
        try:
            return future.result(timeout=self._patience_s)
        except TimeoutError:
            if future.done():
                raise
        waited = time.monotonic() - began_at
        raise NoAnswerError(f"the database has not answered for {waited:.0f} s; check that it runs")

    def _is_fresh(self, future: Future[T]) -> bool:
        """A failure is never kept: whoever asks next may meet a database that is back."""
        return future.exception() is None and time.monotonic() - self._began_at < self._kept_s

    def _run(self, future: Future[T]) -> None:
        try:
            future.set_result(self._look())
        except BaseException as error:  # noqa: BLE001 - handed to those who asked
            future.set_exception(error)

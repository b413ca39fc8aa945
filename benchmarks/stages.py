"""Where a process's CPU time goes, by stage: read from each thread's own clock where work passes a boundary.

A sampling profiler would need a package more, and a tracing one slows small functions down most. Here the functions
at the boundaries are wrapped while a measurement runs; time in an inner stage is not counted in the outer one.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, RootTransaction

from collector.networks.vk.adapter import VkAdapter
from collector.networks.vk.client import VkClient
from storage import posts, series
from storage.store import Store

PARSING, DECIDING, WRITING = "parsing", "deciding", "writing"

_STAGES: list[tuple[str, Any, str]] = [
    # HTTP and JSON, in the threads of the requests; mapping, in the thread that takes the outcomes.
    (PARSING, VkClient, "call"),
    (PARSING, VkAdapter, "read"),
    # All that the store does but what is named below: comparing, and choosing what is to be written.
    (DECIDING, Store, "write_outcomes"),
    # What goes to the database and comes from it: SQLAlchemy, the driver, SQLite itself.
    (WRITING, Connection, "execute"),
    (WRITING, Connection, "__init__"),
    (WRITING, Connection, "close"),
    (WRITING, RootTransaction, "__init__"),
    (WRITING, RootTransaction, "commit"),
    (WRITING, series, "_states"),
    (WRITING, series, "known_posts"),
    (WRITING, posts, "insert_new"),
    (WRITING, Store, "due_communities"),
]


class Stages:
    """CPU seconds by stage, summed over all threads."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._of_thread = threading.local()

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count while this is open."""
        with ExitStack() as stack:
            for stage, owner, name in _STAGES:
                inner = getattr(owner, name)
                wrap = self._iterator if name == "read" else self._function
                stack.enter_context(patch.object(owner, name, wrap(stage, inner)))
            yield

    def _function(self, stage: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self._in(stage):
                return inner(*args, **kwargs)

        return timed

    def _iterator(self, stage: str, inner: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def timed(*args: Any, **kwargs: Any) -> Iterator[Any]:
            items = inner(*args, **kwargs)
            while True:
                with self._in(stage):
                    item = next(items, self)
                if item is self:
                    return
                yield item

        return timed

    @contextmanager
    def _in(self, stage: str) -> Iterator[None]:
        thread = self._of_thread
        outer = getattr(thread, "stage", None)
        self._pass(outer)
        thread.stage = stage
        try:
            yield
        finally:
            self._pass(stage)
            thread.stage = outer

    def _pass(self, stage: str | None) -> None:
        """What this thread did since it last passed here belongs to `stage`."""
        now = time.thread_time()
        if stage is not None:
            with self._lock:
                self.seconds[stage] += now - self._of_thread.since
        self._of_thread.since = now

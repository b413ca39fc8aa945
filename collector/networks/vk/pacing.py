"""How fast one token asks, and the threads that ask for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from pyrate_limiter import Decision, Rate, RateItem, StateBucket

# VK counts in windows of one second by its own clock. Requests that leave evenly spaced can arrive unevenly
# by this share of three intervals, 50 ms at 3 requests/s, before four of them fall into one window.
MARGIN = 0.05


class Pace:
    """Evenly spaced turns for the requests of one token, so that latency costs no turn.

    pyrate_limiter's GCRA decides; its `Limiter` is not used, since that sleeps at least 50 ms longer than
    needed and cannot be woken by a stop.
    """

    def __init__(self, per_second: float) -> None:
        """`per_second`: more than 1,000 is no limit, by the resolution of the limiter's clock."""
        # A thousand seconds' worth, so that 0.5 a second is as exact as 3.
        limit = max(1, round(per_second * 1000))
        self._bucket = StateBucket([Rate(limit, round(1_000_000 * (1 + MARGIN)), burst=1)])
        self._turn = threading.Lock()

    def wait(self, stop: threading.Event) -> None:
        """Return when it is this thread's turn, or at once when `stop` is set."""
        with self._turn:
            while not stop.is_set():
                now: int = self._bucket.now()  # type: ignore[no-untyped-call]
                decision = self._bucket.put_decision(RateItem("request", now))
                if not isinstance(decision, Decision) or decision.allowed:
                    return
                stop.wait((decision.retry_after_ms or 1) / 1000)


class Lanes:
    """Threads that run tasks, started as they are needed, at most `size`.

    No concurrent.futures: its threads are joined when the interpreter ends, so that one hung server would keep
    the process alive. These are daemons, and are not waited for.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unfinished = 0
        self._threads = 0

    def submit(self, task: Callable[[], None]) -> None:
        """Run `task`, which must not raise, in a thread as soon as one is free."""
        with self._lock:
            self._unfinished += 1
            starts_one = self._unfinished > self._threads and self._threads < self._size
            if starts_one:
                self._threads += 1
                number = self._threads
        self._tasks.put(task)
        if starts_one:
            threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    def close(self) -> None:
        """Let the threads end when they have nothing to do."""
        with self._lock:
            for _ in range(self._threads):
                self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            finally:
                with self._lock:
                    self._unfinished -= 1
            del task

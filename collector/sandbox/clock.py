"""The sandbox's own clock: where it starts, and how fast it goes.

Everything that the sandbox tells follows this clock, so that a rehearsal of weeks fits into minutes. Only
rate limits and delays go by real time, since real clients feel them.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """A clock that starts at an instant of one's choice and may run faster than real time, or stand still."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        """`start`: aware; now if None. `speed`: sandbox seconds a real second; 0 stands still."""
        self.start = (start or datetime.now(UTC)).astimezone(UTC)
        self._lock = threading.Lock()
        self._base = self.start.timestamp()
        self._since = time.monotonic()
        self._speed = speed

    @property
    def speed(self) -> float:
        """Sandbox seconds a real second."""
        return self._speed

    def timestamp(self) -> float:
        """The present instant in seconds since 1970."""
        with self._lock:
            return self._base + (time.monotonic() - self._since) * self._speed

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def advance(self, step: timedelta) -> None:
        """Jump ahead by `step`."""
        with self._lock:
            self._base += step.total_seconds()

    def set_speed(self, speed: float) -> None:
        """Go on from the present instant at another speed."""
        with self._lock:
            present = time.monotonic()
            self._base += (present - self._since) * self._speed
            self._since = present
            self._speed = speed

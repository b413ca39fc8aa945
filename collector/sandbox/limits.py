"""What tokens may do: kinds, requests a second, uses a day."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class VkToken:
    """A VK token that the sandbox knows, and its limits; None is no limit."""

    value: str = field(repr=False)
    kind: Literal["user", "service", "group"] = "service"
    may_execute: bool = True
    requests_per_second: float | None = 3
    daily_wall_reads: int | None = 5_000
    group_id: int | None = None
    """Of a community's token: its community."""


@dataclass(frozen=True, slots=True)
class GraphToken:
    """A Graph token that the sandbox knows. Instants in seconds since 1970; 0 is never."""

    value: str = field(repr=False)
    kind: Literal["user", "page", "system_user", "app"] = "system_user"
    expires_at: int = 0
    data_access_expires_at: int = 0
    scopes: tuple[str, ...] = ("pages_read_engagement", "pages_read_user_content", "public_profile")
    calls_per_hour: int | None = None
    """Of sandbox time. None: no limit, and no usage headers."""


class SlidingWindow:
    """At most `limit` takes in any `seconds`."""

    def __init__(self, limit: float, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, at: float) -> bool:
        """Take one at an instant; False where that would be one too many, and it does not count then."""
        with self._lock:
            self._forget(at)
            if len(self._taken) >= self._limit:
                return False
            self._taken.append(at)
            return True

    def used(self, at: float) -> int:
        """How many were taken in the window that ends at an instant."""
        with self._lock:
            self._forget(at)
            return len(self._taken)

    def _forget(self, at: float) -> None:
        while self._taken and self._taken[0] <= at - self._seconds:
            self._taken.popleft()

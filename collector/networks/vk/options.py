"""VK's section of the settings, as the adapter takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from collector.networks.http import Timeouts


@dataclass(frozen=True, slots=True)
class VkOptions:
    """What `COLLECTOR_VK__...` says. Times in seconds."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    api_url: str = "https://api.vk.ru"
    """The part before `/method/...`."""
    requests_per_second: float = 3.0
    """For each token (https://dev.vk.com/ru/api/api-requests)."""
    daily_wall_reads: int = 4500
    """For each token; VK allows 5,000 calls of wall.get a day, those inside execute very probably included."""
    proxy: str | None = field(default=None, repr=False)
    api_version: str = "5.199"
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    total_timeout: float = 30.0
    wall_window: int = 20
    """Posts read of a wall that is known: new ones, counters that move, deletions."""
    first_wall_window: int = 100
    """Posts read of a wall the first time."""
    max_posts_back: int = 1000
    """How far back a wall is paged to close a gap."""
    retry_wait: float = 0.8
    """Before the second attempt; doubles for the third. VK's limit of requests a second is over after one."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> VkOptions:
        """From a mapping of plain values; other keys, and None, are passed over."""
        known = {entry.name for entry in fields(cls)}
        given = {key: value for key, value in options.items() if key in known and value is not None}
        # One token named twice would be paced twice: VK counts by token.
        given["tokens"] = tuple(dict.fromkeys(token for token in given.get("tokens", ()) if token))
        return cls(**given)

    @property
    def timeouts(self) -> Timeouts:
        """For the session."""
        return Timeouts(self.connect_timeout, self.read_timeout, self.total_timeout)

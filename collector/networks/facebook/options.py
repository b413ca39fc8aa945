"""The adapter's settings: the `facebook` section as plain values, made whole and safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from collector.networks.http import Timeouts

LARGEST_WINDOW = 100
"""Graph refuses a larger `limit` on a Page's posts."""
LARGEST_BATCH = 50
"""Graph refuses a larger batch."""


@dataclass(frozen=True, slots=True)
class Options:
    """Times in seconds. `api_url` is the part of the address before `/v26.0/...`."""

    token: str | None = field(default=None, repr=False)
    app_secret: str | None = field(default=None, repr=False)
    api_url: str = "https://graph.facebook.com"
    api_version: str = "v26.0"
    proxy: str | None = field(default=None, repr=False)
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    total_timeout: float = 30.0
    retry_wait: float = 0.5
    """Before the second attempt at what failed in passing; it doubles with each."""
    post_window: int = 25
    """Posts asked for at a time."""
    max_posts_back: int = 1000
    """Paging back to the last known post ends here."""
    batch_size: int = LARGEST_BATCH

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "api_url", self.api_url.rstrip("/"))
        set_(self, "api_version", self.api_version.strip("/"))
        set_(self, "post_window", min(max(1, self.post_window), LARGEST_WINDOW))
        set_(self, "batch_size", min(max(1, self.batch_size), LARGEST_BATCH))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Options:
        """From a mapping of plain values. Keys that mean nothing here are passed over; None is the default."""
        known = {entry.name for entry in fields(cls)}
        given = {name: value for name, value in values.items() if name in known and value is not None}
        for name in ("token", "app_secret", "proxy"):
            if name in given:
                given[name] = str(given[name]).strip() or None
        return cls(**given)

    @property
    def timeouts(self) -> Timeouts:
        """The time limits, as the transport takes them."""
        return Timeouts(self.connect_timeout, self.read_timeout, self.total_timeout)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may never be seen: the token, its part after `|` (an app's token is `id|secret`), the secret."""
        token = self.token or ""
        # Answers quote the token, and JSON may write the bar as an escape.
        escaped = [token.replace("|", bar) for bar in ("\\u007C", "\\u007c")] if "|" in token else []
        return tuple(filter(None, (token, *escaped, token.partition("|")[2], self.app_secret)))

"""What a stand-in network hands to the HTTP server: an answer, and what it was about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Answer:
    """An HTTP answer before transport faults, with what the request log wants to know."""

    method: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    communities: tuple[str, ...] = ()
    inner_methods: tuple[str, ...] = ()
    error_code: int | None = None


def to_json(value: Any) -> bytes:
    """JSON as the networks write it: compact, Cyrillic as it is."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Half a pair can only be spelled.
        return json.dumps(value, separators=(",", ":")).encode()

"""Strangers' texts as they can be kept and shown: JSON may spell what no database, terminal or reader takes."""

from __future__ import annotations

import re

_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text, with U+FFFD for each NUL (PostgreSQL refuses it) and each half of a pair (no UTF-8 has it)."""
    return _UNSTORABLE.sub("\ufffd", text)


def undirected(text: str) -> str:
    """The text without marks that only steer the direction of writing: by them a line could read as another."""
    return _DIRECTION_MARKS.sub("", text)


def kept(text: str, limit: int) -> str:
    """A stranger's text as it is kept: storable, undirected, and of what exceeds `limit` characters an ellipsis."""
    clean = undirected(storable(text[: 2 * limit]))
    return clean if len(clean) <= limit else clean[: limit - 1].rstrip() + "…"

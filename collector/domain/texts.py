"""Texts of networks as they can be kept: JSON may spell what no database and no terminal takes."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text, with U+FFFD for each NUL (PostgreSQL refuses it) and each half of a pair (no UTF-8 has it)."""
    return _UNSTORABLE.sub("\ufffd", text)

"""Where a page begins, as one word in an address: the key of the last row before it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import date

from collector.domain.texts import storable
from storage.export import Value
from storage.views import Holds, View, holds

LONGEST_CURSOR = 2_000
_LARGEST_NUMBER = 2**63 - 1


class CursorError(ValueError):
    """Not one of ours for this view."""


def cursor(key: Sequence[Value]) -> str:
    """The word for a key."""
    told = [each.isoformat() if isinstance(each, date) else each for each in key]
    content = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return urlsafe_b64encode(content).decode().rstrip("=")


def key_of(word: str, view: View) -> list[Value]:
    """The key that a word stands for. Raises CursorError.

    It is not signed, as it permits nothing: so it may hold anything, and is read strictly.
    """
    try:
        content = json.loads(urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, list) or len(content) != len(view.key):
        raise CursorError("take it from `next` of the answer before")
    return [_value(each, holds(column)) for each, column in zip(content, view.key, strict=True)]


def _value(told: object, kind: Holds) -> Value:
    if kind is Holds.NUMBER and type(told) is int and abs(told) <= _LARGEST_NUMBER:
        return told
    if kind is Holds.TEXT and isinstance(told, str) and storable(told) == told:
        return told
    if kind is Holds.DAY and isinstance(told, str) and (day := iso_day(told)) is not None:
        return day
    raise CursorError("take it from `next` of the answer before")


def iso_day(written: str) -> date | None:
    """A day as 2026-12-31 and no other way: Python takes 20261231 and 2026-W53-4 as well."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.isoformat() == written else None

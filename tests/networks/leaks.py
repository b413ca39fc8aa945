"""Looks for planted secrets wherever an object leads, and in every log line."""

from __future__ import annotations

import logging
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType, TracebackType
from typing import Any

_BARRED = (ModuleType, FunctionType, MethodType, CodeType, FrameType, TracebackType, type, logging.Logger)


def leaks(thing: object, secrets: tuple[str, ...]) -> list[str]:
    """Where in `thing`'s whole object graph a secret shows; tracebacks' frames are not walked."""
    found: list[str] = []
    seen: set[int] = set()
    pending: list[tuple[str, Any]] = [("", thing)]
    while pending:
        where, value = pending.pop()
        if id(value) in seen or isinstance(value, _BARRED):
            continue
        seen.add(id(value))
        text = value.decode("latin-1") if isinstance(value, bytes | bytearray) else value
        if isinstance(text, str):
            found += [where for secret in secrets if secret in text]
            continue
        if isinstance(value, dict):
            for key, inner in value.items():
                pending += [(f"{where} key", key), (f"{where}[{key!r:.30}]", inner)]
        elif isinstance(value, list | tuple | set | frozenset):
            pending += [(f"{where}[]", inner) for inner in value]
        for name in _attributes(value):
            try:
                pending.append((f"{where}.{name}", getattr(value, name)))
            except Exception:  # noqa: BLE001 - an attribute that cannot be read leaks nothing
                continue
    return found


def _attributes(value: object) -> list[str]:
    names = list(getattr(value, "__dict__", None) or ())
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    if isinstance(value, BaseException):
        names += ["args", "__cause__", "__context__", "__notes__"]
    return names

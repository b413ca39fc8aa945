"""Owns how a YAML file that is a list of entries is read: its text, an entry's keys, and mistakes in our words.

What the entries hold, it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from collector.branches.located import Place, Plain, Table, UnreadableError, place_of
from collector.branches.mistakes import Mistake, decoding_advice, nearest, shown
from collector.branches.values import wrong

_NULLS = ("", "~", "null", "Null", "NULL")


class Entry(BaseModel):
    """What a person writes as keys and values: no other key than these; a value left empty is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise wrong("is no mapping", f"write keys and values: {', '.join(keys_of(cls))}")
        return {key: each for key, each in value.items() if not (isinstance(each, Plain) and each in _NULLS)}


def keys_of(entry: type[BaseModel]) -> list[str]:
    """The keys that an entry may have."""
    return [field.alias or name for name, field in entry.model_fields.items()]


def read_yaml(path: Path, max_bytes: int, what: str, advice: str) -> str:
    """The file's text. `what` it should be and `advice`, how to name another, are told where it is not.

    Raises UnreadableError.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path of a file"
        raise UnreadableError(Mistake(None, None, "", f"cannot be read: {reason}", advice)) from None
    if len(raw) > max_bytes:
        message = f"is larger than {max_bytes // 1024 // 1024} MB"
        raise UnreadableError(Mistake(None, None, "", message, f"is this {what}?"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        line, saved_as = decoding_advice(raw)
        raise UnreadableError(
            Mistake(line, None, "", f"is not UTF-8: {saved_as}", "save it with the encoding UTF-8")
        ) from None


def mistakes_in(
    error: ValidationError,
    where: tuple[str, int],
    value: Any,
    place: Place,
    keys_at: Callable[[tuple[int | str, ...]], Sequence[str]],
) -> Iterator[Mistake]:
    """pydantic's errors in our words, with their places.

    `where`: the list's key and the entry's number; `keys_at`: the keys that may stand at a path within it.
    """
    for each in error.errors(include_url=False):
        loc = each["loc"]
        at = place_of(value, loc) or place
        if each["type"] == "extra_forbidden":
            known = keys_at(loc[:-1])
            hint = nearest(str(loc[-1]), known) or f"the keys here are {', '.join(known)}"
            yield Mistake(
                *_key_place(value, loc, at),
                path_of((*where, *loc[:-1])),
                f"unknown key {shown(loc[-1])}",
                hint,
            )
        elif each["type"] == "missing":
            yield Mistake(
                *at,
                path_of((*where, *loc[:-1])),
                f"the key {loc[-1]} is missing",
                f"write `{loc[-1]}: ...`",
            )
        elif each["type"] == "list_type":
            yield Mistake(*at, path_of((*where, *loc)), "is no list", "begin each entry of it with `- `")
        else:
            context = each.get("ctx", {})
            message = context.get("message", each["msg"])
            yield Mistake(*at, path_of((*where, *loc)), message, context.get("hint", ""))


def path_of(steps: tuple[int | str, ...]) -> str:
    """A path as people read it: `branches[1].kind`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _key_place(value: Any, loc: tuple[int | str, ...], otherwise: Place) -> Place:
    for step in loc[:-1]:
        value = value[step]
    return value.key_places.get(str(loc[-1]), otherwise) if isinstance(value, Table) else otherwise

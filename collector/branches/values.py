"""Owns how a scalar of the branches file becomes a value: texts, numbers, days, e-mail addresses.

A scalar comes as the text that it was, so each type of value says itself what it accepts and what to write
instead.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from collector.branches.located import Plain
from collector.branches.mistakes import is_invisible, nearest, shown
from collector.domain.model import BranchKind, ContactRole

MAX_CODE, MAX_NAME, MAX_EMAIL, MAX_PRIMARY = 64, 300, 254, 1_000_000
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?")
_IN_RUSSIAN = {
    "городская": "city",
    "территориальная": "territorial",
    "тпо": "territorial",
    "первичная": "primary",
    "ппо": "primary",
    "председатель": "chair",
    "администратор": "administrator",
    "отдел": "department",
}


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    """A mistake in a value, with what would be right."""
    # Through placeholders, since the template would take braces in the message for its own.
    return PydanticCustomError("entry", "{message}", {"message": message, "hint": hint})


def _scalar(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    found = (
        "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "something else"
    )
    raise wrong(f"{found} stands where {what} belongs", f"write {what} after the colon")


def _line(value: object, what: str, limit: int) -> str:
    """A text for people: on one line, without what cannot be seen, its blanks single, composed (NFC)."""
    text = unicodedata.normalize("NFC", _scalar(value, what)).strip()
    for character in () if text.isprintable() else text:
        if is_invisible(character):
            message = f"holds the invisible character U+{ord(character):04X}"
            raise wrong(message, "take it out; write the text on one line")
    text = " ".join(text.split())
    if not text:
        raise wrong("is empty", f"write {what}")
    if len(text) > limit:
        raise wrong(f"is {len(text)} characters long", f"at most {limit} are allowed")
    return text


def _code(value: object) -> str:
    return _line(value, "a short code", MAX_CODE)


def _name(value: object) -> str:
    return _line(value, "a name", MAX_NAME)


def _address_text(value: object) -> str:
    return _line(value, "an address", 2000)


def one_of(value: object, kind: type[StrEnum]) -> StrEnum:
    """One of an enumeration's words. Raises PydanticCustomError else."""
    text, words = _scalar(value, "a word").strip(), [str(word) for word in kind]
    if text in words:
        return kind(text)
    meant = _IN_RUSSIAN.get(text.lower().split(" ")[0])
    hint = f"did you mean {meant}?" if meant in words else nearest(text, words)
    raise wrong(f"{shown(text)} is none of {', '.join(words)}", hint)


def _kind(value: object) -> StrEnum:
    return one_of(value, BranchKind)


def _role(value: object) -> StrEnum:
    return one_of(value, ContactRole)


def integer(value: object, low: int, high: int) -> int:
    """A whole number from `low` to `high`. Raises PydanticCustomError else."""
    text = _scalar(value, "a number")
    if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        if not isinstance(text, Plain):
            raise wrong(f'"{text}" is a text, not a number', f"write {int(text)} without quotes")
        if low <= int(text) <= high:
            return int(text)
        raise wrong(f"{int(text)} is out of bounds", f"from {low} to {high}")
    raise wrong(f"{shown(text)} is no whole number", f"write a number from {low} to {high}")


def _count(value: object) -> int:
    return integer(value, 0, MAX_PRIMARY)


def _days(value: object) -> int:
    return integer(value, 1, 365)


def _date(value: object) -> date:
    text = _scalar(value, "a date").strip()
    russian = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text)
    if russian:
        day, month, year = russian.groups()
        raise wrong(f"{shown(text)} is no date as it is written here", f"write {year}-{month:0>2}-{day:0>2}")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise wrong(f"{shown(text)} is no date", "write it as 2026-07-01: year, month, day")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong(f"there is no such day as {text}", "write it as 2026-07-01: year, month, day") from None


def _email(value: object) -> str:
    text = _line(value, "an e-mail address", 1000)
    local, _, domain = text.rpartition("@")
    labels = domain.rstrip(".").split(".")
    hint = "write one bare address such as vao@example.org"
    if not local or len(local) > 64 or len(text) > MAX_EMAIL or len(labels) < 2:
        raise wrong(f"{shown(text)} is no e-mail address", hint)
    if any(letter in text for letter in ' <>,;:"()'):
        raise wrong(f"{shown(text)} is more than an e-mail address", hint)
    if not _LOCAL.fullmatch(local):
        letters = "".join(sorted({letter for letter in local if not letter.isascii()}))
        raise wrong(
            f"{shown(text)} is no e-mail address", f"before the @ stands {letters!r}" if letters else hint
        )
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise wrong(f"{shown(text)} is no e-mail address: {shown(label)} is no part of a domain", hint)
        if not label.isascii() and re.search("[A-Za-z]", label):
            message = f"{shown(text)} mixes Latin and other letters in {shown(label)}"
            raise wrong(message, "type that part again in one alphabet")
    return text


Code = Annotated[
    str, BeforeValidator(_code), WithJsonSchema({"type": ["string", "integer"], "maxLength": MAX_CODE})
]
Name = Annotated[str, BeforeValidator(_name), WithJsonSchema({"type": "string", "maxLength": MAX_NAME})]
Kind = Annotated[
    BranchKind, BeforeValidator(_kind), WithJsonSchema({"enum": [str(kind) for kind in BranchKind]})
]
Role = Annotated[ContactRole, BeforeValidator(_role), WithJsonSchema({"enum": [str(r) for r in ContactRole]})]
Count = Annotated[
    int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_PRIMARY})
]
Days = Annotated[
    int, BeforeValidator(_days), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 365})
]
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Email = Annotated[str, BeforeValidator(_email), WithJsonSchema({"type": "string", "format": "email"})]
Word = Annotated[str, BeforeValidator(_address_text), WithJsonSchema({"type": "string", "examples": ["vk"]})]
AddressText = Annotated[
    Any, BeforeValidator(_address_text), WithJsonSchema({"type": ["string", "integer"], "maxLength": 2000})
]

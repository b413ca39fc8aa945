"""The Graph API's field lists: `id,posts.limit(5).summary(true){id,from{id}}` as a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|\(([^()]*)\)|[.,{}])")


class FieldSyntaxError(ValueError):
    """A field list that does not parse."""


@dataclass(slots=True)
class Field:
    """A field asked for, with its modifiers and sub-fields; None where no sub-fields were named."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    children: list[Field] | None = None


def parse_fields(text: str) -> list[Field]:
    """The tree of a field list. Raises FieldSyntaxError."""
    tokens: list[str] = []
    place = 0
    text = text.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise FieldSyntaxError(
                f'Syntax error "Unexpected character at {place}." at character {place}: {text}'
            )
        tokens.append(match[1])
        place = match.end()
    found, rest = _list(tokens, 0)
    if rest != len(tokens):
        raise FieldSyntaxError(f'Syntax error "Expected end of string instead of "{tokens[rest]}"."')
    return found


def _list(tokens: list[str], place: int) -> tuple[list[Field], int]:
    found = []
    while True:
        item, place = _item(tokens, place)
        found.append(item)
        if place >= len(tokens) or tokens[place] != ",":
            return found, place
        place += 1


def _item(tokens: list[str], place: int) -> tuple[Field, int]:
    item = Field(_name(tokens, place))
    place += 1
    while place < len(tokens) and tokens[place] == ".":
        modifier = _name(tokens, place + 1)
        place += 2
        if place >= len(tokens) or not tokens[place].startswith("("):
            raise FieldSyntaxError(f'Syntax error "Expected ( after {modifier}."')
        item.modifiers[modifier] = tokens[place][1:-1].strip()
        place += 1
    if place < len(tokens) and tokens[place] == "{":
        item.children, place = _list(tokens, place + 1)
        if place >= len(tokens) or tokens[place] != "}":
            raise FieldSyntaxError('Syntax error "Expected }."')
        place += 1
    return item, place


def _name(tokens: list[str], place: int) -> str:
    if place >= len(tokens) or not (tokens[place][0].isalpha() or tokens[place][0] == "_"):
        raise FieldSyntaxError('Syntax error "Expected name."')
    return tokens[place]

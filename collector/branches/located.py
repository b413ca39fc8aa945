"""Owns YAML as plain values that know their lines. What they should be, it does not know.

From the parser's events, not PyYAML's node tree: an entry's nodes are gone before the next one's are made,
so that a file of 80,000 branches fits in little memory; and a scalar stays the text that it was, so that
`code: no` is no truth value and `code: 012` no octal number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml import events as ev

from collector.branches.mistakes import Mistake, nearest, shown

Place = tuple[int, int]
"""Line and column, from 1."""

MAX_DEPTH = 20
MAX_VALUES = 10_000_000
"""Values in a file with all aliases written out: 80,000 branches with everything have 4 million."""
_STRING_TAG = "tag:yaml.org,2002:str"
# What YAML 1.2 calls printable; libyaml itself tells no line for the others.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Plain(str):
    """A scalar without quotes; one in quotes is a bare `str`."""

    __slots__ = ()


class Table(dict[str, Any]):
    """A mapping, with the place of each key and of each value."""

    __slots__ = ("at", "key_places", "value_places")

    def __init__(self, at: Place) -> None:
        """Empty, beginning at this place."""
        super().__init__()
        self.at = at
        self.key_places: dict[str, Place] = {}
        self.value_places: dict[str, Place] = {}


class Items(list[Any]):
    """A list, with the place of each item."""

    __slots__ = ("at", "places")

    def __init__(self, at: Place) -> None:
        """Empty, beginning at this place."""
        super().__init__()
        self.at = at
        self.places: list[Place] = []


class UnreadableError(Exception):
    """The text cannot be read on from here."""

    def __init__(self, mistake: Mistake) -> None:
        """`mistake`: why not."""
        super().__init__(mistake.message)
        self.mistake = mistake


def place_of(root: Any, path: tuple[str | int, ...]) -> Place | None:
    """Where the value at `path` stands, or as near to it as there is something."""
    place: Place | None = getattr(root, "at", None)
    for step in path:
        if isinstance(root, Table) and step in root:
            place, root = root.value_places[str(step)], root[str(step)]
        elif isinstance(root, Items) and isinstance(step, int) and step < len(root):
            place, root = root.places[step], root[step]
        else:
            break
    return place


class Reader:
    """Reads one document whose top is a mapping with a list under `key`. `mistakes` grows as it goes."""

    def __init__(self, text: str, key: str, *, pure_python: bool = False) -> None:
        """`pure_python`: do without libyaml even where it is there."""
        self.mistakes: list[Mistake] = []
        self._text = text
        self._key = key
        self._values = 0
        self._anchors: dict[str, tuple[Any, int]] = {}
        use_c = yaml.__with_libyaml__ and not pure_python
        self._loader: type[Any] = yaml.CSafeLoader if use_c else yaml.SafeLoader

    def entries(self) -> Iterator[tuple[Any, Place]]:
        """The list's entries with their places. Raises UnreadableError where the text is no YAML."""
        bad = _UNPRINTABLE.search(self._text)
        if bad:
            line, column = _position(self._text, bad.start())
            message = f"the character U+{ord(bad[0]):04X} is not allowed"
            raise UnreadableError(Mistake(line, column, "", message, "delete it; it may be invisible"))
        self._events: Iterator[Any] = yaml.parse(self._text, Loader=self._loader)
        try:
            yield from self._document()
        except yaml.MarkedYAMLError as error:
            raise UnreadableError(_syntax(error, self._text)) from None
        except yaml.YAMLError as error:
            raise UnreadableError(Mistake(1, None, "", f"no YAML: {error}", "")) from None
        finally:
            self._events = iter(())

    def _document(self) -> Iterator[tuple[Any, Place]]:
        empty = Mistake(1, 1, "", "the file is empty", f"begin with a line `{self._key}:`")
        next(self._events)
        if isinstance(next(self._events), ev.StreamEndEvent):
            raise UnreadableError(empty)
        top = next(self._events)
        if isinstance(top, ev.ScalarEvent) and not top.value and not top.style:
            raise UnreadableError(empty)
        if not isinstance(top, ev.MappingStartEvent):
            what = "a list" if isinstance(top, ev.SequenceStartEvent) else "a text"
            hint = f"put a line `{self._key}:` above it"
            raise UnreadableError(Mistake(*_place(top), "", f"{what} stands at the top", hint))
        yield from self._top(top)
        next(self._events)
        second = next(self._events)
        if not isinstance(second, ev.StreamEndEvent):
            self._add(_place(second), "", "a second document begins", "take out the line `---`")

    def _top(self, top: Any) -> Iterator[tuple[Any, Place]]:
        found: Place | None = None
        while not isinstance(event := next(self._events), ev.MappingEndEvent):
            at = _place(event)
            key = self._value(event, 1)[0]
            event = next(self._events)
            if key != self._key:
                if not str(key).startswith("x-"):  # such a key may hold anchors
                    hint = nearest(str(key), [self._key]) or f"the one key here is {self._key}"
                    self._add(at, "", f"unknown key {shown(key)}", hint)
                self._value(event, 1)
            elif found:
                self._add(at, "", f"{self._key} stands twice, first in line {found[0]}", "join the two lists")
                self._value(event, 1)
            else:
                found = at
                if isinstance(event, ev.SequenceStartEvent):
                    yield from self._entries()
                else:
                    self._value(event, 1)
                    self._add(_place(event), self._key, "is no list", "begin each entry with `- `")
        if not found:
            self._add(_place(top), "", f"the key {self._key} is missing", f"begin with a line `{self._key}:`")

    def _entries(self) -> Iterator[tuple[Any, Place]]:
        while not isinstance(event := next(self._events), ev.SequenceEndEvent):
            yield self._value(event, 2)[0], _place(event)

    def _value(self, event: Any, depth: int) -> tuple[Any, int]:
        """The value that begins with this event, and of how many values it consists."""
        if depth > MAX_DEPTH:
            raise UnreadableError(
                Mistake(*_place(event), "", f"nested more than {MAX_DEPTH} deep", "look for a stray [ or {")
            )
        kind = type(event)
        if kind is ev.AliasEvent:
            return self._alias(event)
        value: Any
        if kind is ev.ScalarEvent:
            value = Plain(event.value) if not event.style and event.tag is None else event.value
            size = 1
        elif kind is ev.SequenceStartEvent:
            value, size = self._list(event, depth)
        else:
            value, size = self._table(event, depth)
        if event.tag not in (None, "!", _STRING_TAG):
            self._add(_place(event), "", f"the tag {shown(event.tag)} is not used here", "take it out")
        self._count(event, 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, size)
        return value, size

    def _list(self, start: Any, depth: int) -> tuple[Items, int]:
        items, size = Items(_place(start)), 1
        while type(event := next(self._events)) is not ev.SequenceEndEvent:
            items.places.append(_place(event))
            value, inner = self._value(event, depth + 1)
            items.append(value)
            size += inner
        return items, size

    def _table(self, start: Any, depth: int) -> tuple[Table, int]:
        table, size = Table(_place(start)), 1
        merged: list[Any] = []
        while type(event := next(self._events)) is not ev.MappingEndEvent:
            at = _place(event)
            key, key_size = self._value(event, depth + 1)
            event = next(self._events)
            value_at = _place(event)
            value, inner = self._value(event, depth + 1)
            size += key_size + inner
            if not isinstance(key, str):
                self._add(at, "", "a key is a list or a mapping", "write a word before the colon")
            elif key == "<<" and isinstance(key, Plain):
                merged += [value] if isinstance(value, Table) else value if isinstance(value, Items) else []
            elif key in table:
                first = table.key_places[key][0]
                self._add(at, "", f"the key {shown(key)} stands twice, first in line {first}", "keep one")
            else:
                name = str(key)
                table[name], table.key_places[name], table.value_places[name] = value, at, value_at
        for other in merged:
            if isinstance(other, Table):
                _merge(table, other)
        return table, size

    def _alias(self, event: Any) -> tuple[Any, int]:
        if event.anchor not in self._anchors:
            message = f"*{event.anchor[:60]} names nothing that stands above it"
            hint = "put a text that begins with * in quotes" if self._anchors else "put the text in quotes"
            raise UnreadableError(Mistake(*_place(event), "", message, hint))
        value, size = self._anchors[event.anchor]
        self._count(event, size)
        return value, size

    def _count(self, event: Any, size: int) -> None:
        self._values += size
        if self._values > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values, aliases written out"
            raise UnreadableError(Mistake(*_place(event), "", message, "use fewer aliases (*)"))

    def _add(self, at: Place, path: str, message: str, hint: str) -> None:
        self.mistakes.append(Mistake(*at, path, message, hint))


def _merge(table: Table, other: Table) -> None:
    for key in other:
        if key not in table:
            table[key] = other[key]
            table.key_places[key] = other.key_places[key]
            table.value_places[key] = other.value_places[key]


def _place(event: Any) -> Place:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _position(text: str, index: int) -> Place:
    breaks = [found.end() for found in _LINE_BREAK.finditer(text, 0, index)]
    return len(breaks) + 1, index - (breaks[-1] if breaks else 0) + 1


_SYNTAX_HINTS = (
    ("mapping values are not allowed", "put a value that holds a colon and a blank in quotes"),
    ("could not find expected ':'", "write a colon and a blank after the key"),
    ("expected ':'", "write a colon and a blank after the key"),
    ("block end", "give the lines of one entry the same indentation"),
    ("did not find expected key", "give the lines of one entry the same indentation"),
    ("unexpected end of stream", "close the quotation mark"),
    ("',' or ']'", "close the bracket ]"),
    ("',' or '}'", "close the bracket }"),
    ("cannot start any token", "put a text that begins with this character in quotes"),
    ("escape", "write \\\\ for a backslash, or use single quotes"),
)


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Mistake:
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "it cannot be read"
    if mark is None:
        return Mistake(1, None, "", f"no YAML: {problem}", "")
    lines = text.splitlines()
    written = lines[mark.line] if mark.line < len(lines) else ""
    hint = next(
        (hint for words, hint in _SYNTAX_HINTS if words in problem), "check the indentation and the quotes"
    )
    if written[: mark.column + 1].strip(" -").startswith("\t") or "\t" in written[: mark.column + 1]:
        hint = "a tab stands here; indent with blanks"
    return Mistake(mark.line + 1, mark.column + 1, "", f"no YAML: {problem}", hint)

"""Owns the branches file: from its path to declarations of branches, or to all that is wrong in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from collector.branches.entries import mistakes_in, read_yaml
from collector.branches.located import Place, Reader, UnreadableError, place_of
from collector.branches.mistakes import FileMistakesError, Mistake, nearest, shown
from collector.branches.schema import BranchEntry, branches_schema, keys_at
from collector.domain.model import BranchDeclaration, Contact, Pause
from collector.networks.base import Network
from collector.networks.base import networks as installed_networks

__all__ = ["BranchesFileError", "Mistake", "branches_schema", "load_branches"]

MAX_FILE_BYTES = 64 * 1024 * 1024
"""80,000 branches with every key take 45 MB."""
_KEY = "branches"
_ADVICE = "name another with COLLECTOR_BRANCHES_FILE or --branches"


class BranchesFileError(FileMistakesError):
    """A branches file that cannot be used, with all its mistakes."""


@dataclass(slots=True)
class _Seen:
    """What is kept of an entry until all are read and can be held against each other."""

    index: int
    code: str | None
    code_at: Place
    parent: str | None
    parent_at: Place


def load_branches(
    path: Path, *, networks: Mapping[str, Network] | None = None
) -> tuple[BranchDeclaration, ...]:
    """The branches that the file declares, in its order.

    `networks`: those that may be named; None: all that installed packages bring.
    Raises BranchesFileError with all mistakes at once; then nothing of the file is given.
    """
    found = installed_networks() if networks is None else networks
    mistakes: list[Mistake] = []
    try:
        text = read_yaml(path, MAX_FILE_BYTES, "the branches file", _ADVICE)
        declared = _Checked(found, mistakes).declarations(Reader(text, _KEY))
    except UnreadableError as error:
        mistakes.append(error.mistake)
    if mistakes:
        raise BranchesFileError(path, mistakes)
    return declared


class _Checked:
    """Turns entries into declarations and gathers what is wrong, in each and between them."""

    def __init__(self, networks: Mapping[str, Network], mistakes: list[Mistake]) -> None:
        self._networks = networks
        self._mistakes = mistakes
        self._seen: list[_Seen] = []
        self._community_lines: dict[tuple[str, str], int] = {}

    def declarations(self, reader: Reader) -> tuple[BranchDeclaration, ...]:
        declared = []
        try:
            for index, (value, place) in enumerate(reader.entries()):
                branch = self._branch(index, value, place)
                if branch is not None:
                    declared.append(branch)
            if not self._seen and not reader.mistakes:
                self._add(
                    (1, 1), _KEY, "holds no branch", "it would retire all branches; list those that there are"
                )
            self._check_codes_and_parents()
        finally:
            self._mistakes += reader.mistakes
        return tuple(declared)

    def _branch(self, index: int, value: Any, place: Place) -> BranchDeclaration | None:
        try:
            entry = BranchEntry.model_validate(value, context=self._networks)
        except ValidationError as error:
            self._mistakes += mistakes_in(error, (_KEY, index), value, place, keys_at)
            self._note(index, value, place, _text_at(value, "code"), _text_at(value, "parent"))
            return None
        self._note(index, value, place, entry.code, entry.parent)
        for number, community in enumerate(entry.communities):
            at = place_of(value, ("communities", number, "address")) or place
            key = (community.network, community.address.key)
            if key in self._community_lines:
                message = f"the same community stands in line {self._community_lines[key]} already"
                where = f"{_KEY}[{index}].communities[{number}].address"
                self._add(at, where, message, "keep it under the one branch that it belongs to")
            self._community_lines.setdefault(key, at[0])
        return _declaration(entry)

    def _note(self, index: int, value: Any, place: Place, code: str | None, parent: str | None) -> None:
        code_at = place_of(value, ("code",)) or place
        parent_at = place_of(value, ("parent",)) or place
        self._seen.append(_Seen(index, code, code_at, parent, parent_at))

    def _check_codes_and_parents(self) -> None:
        by_code: dict[str, _Seen] = {}
        for each in self._seen:
            if each.code is None:
                continue
            first = by_code.setdefault(each.code, each)
            if first is not each:
                message = f"the code {shown(each.code)} stands in line {first.code_at[0]} already"
                self._add(
                    each.code_at, f"{_KEY}[{each.index}].code", message, "give each branch a code of its own"
                )
        codes = sorted(by_code)
        for each in by_code.values():
            if each.parent is not None and each.parent not in by_code:
                message = f"there is no branch {shown(each.parent)}"
                hint = nearest(each.parent, codes) or "write the code of a branch of this file"
                self._add(each.parent_at, f"{_KEY}[{each.index}].parent", message, hint)
        for circle in _circles(by_code):
            first = by_code[circle[0]]
            message = f"{' → '.join([*circle, circle[0]])} goes round in a circle"
            self._add(
                first.parent_at,
                f"{_KEY}[{first.index}].parent",
                message,
                "a branch is above another or below it",
            )

    def _add(self, at: Place, path: str, message: str, hint: str) -> None:
        self._mistakes.append(Mistake(*at, path, message, hint))


def _circles(by_code: Mapping[str, _Seen]) -> Iterator[list[str]]:
    """Each circle of parents once, as codes in the order child, parent, ..."""
    done: set[str] = set()
    for start in by_code:
        way: dict[str, int] = {}
        code: str | None = start
        while code is not None and code in by_code and code not in done and code not in way:
            way[code] = len(way)
            code = by_code[code].parent
        if code is not None and code in way:
            yield list(way)[way[code] :]
        done.update(way)


def _text_at(value: Any, key: str) -> str | None:
    """The text that a faulty entry has under `key`, so that others' references to it are not told as faulty."""
    text = value.get(key) if isinstance(value, dict) else None
    return unicodedata.normalize("NFC", text.strip()) if isinstance(text, str) and text.strip() else None


def _declaration(entry: BranchEntry) -> BranchDeclaration:
    days = entry.silence_threshold_days
    return BranchDeclaration(
        code=entry.code,
        name=entry.name,
        kind=entry.kind,
        parent_code=entry.parent,
        primary_count=entry.primary_count,
        silence_threshold=None if days is None else timedelta(days=days),
        pauses=tuple(Pause(each.starts_on, each.ends_on, each.reason) for each in entry.pauses),
        contacts=tuple(Contact(each.role, each.name, each.email) for each in entry.contacts),
        communities=tuple(each.address for each in entry.communities),
    )

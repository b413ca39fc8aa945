"""Owns the table of followers that people keep in a spreadsheet: one row an organisation, one column a count.

Header: `organization,primary_count,facebook_2017-12-31,vk_2017-12-31,...`. As Excel saves it in Russia it is
welcome too: semicolons, Windows-1251, a byte order mark, blanks in numbers. In a column of followers 0 means
that there was no account yet, and an empty cell that nobody knows: neither is a count.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from collector.branches.csv_text import read_text
from collector.branches.mistakes import FileMistakesError, Mistake, is_invisible, nearest, shown
from collector.networks.base import networks as installed_networks

MAX_FOLLOWERS = 2_147_483_647
MAX_PRIMARY = 1_000_000
_FIRST, _SECOND = "organization", "primary_count"
_HEADER = f"{_FIRST},{_SECOND},vk_2018-04-20"
_BLANKS = " \u00a0\u2009\u202f"
_GROUPED = re.compile(rf"[0-9]{{1,3}}(?:[{_BLANKS}][0-9]{{3}})+|[0-9]+")
_COLUMN = re.compile(r"(\w+)_([0-9]{4}-[0-9]{2}-[0-9]{2})")

Column = tuple[str, date]
"""A network's name and the day on whose evening the followers were counted."""


class FollowersFileError(FileMistakesError):
    """A table of followers that cannot be used, with all its mistakes."""


@dataclass(frozen=True, slots=True)
class FollowersRow:
    """What the table says of one organisation."""

    line: int
    organization: str
    """The branch's code."""
    primary_count: int | None
    followers: Mapping[Column, int | None]
    """For every column of the table; None: there was no account, or nobody knows."""
    without_account: frozenset[Column]
    """Where the table has 0: there was no account yet. None elsewhere in `followers` is unknown."""


@dataclass(frozen=True, slots=True)
class FollowersTable:
    """A table of followers. Its columns and rows keep the file's order."""

    columns: tuple[Column, ...]
    rows: tuple[FollowersRow, ...]


def read_followers_csv(path: Path, *, today: date, networks: Collection[str] | None = None) -> FollowersTable:
    """The table in the file.

    `today`: no column may be of a later day. `networks`: the names that columns may begin with; None: all
    that installed packages bring. Raises FollowersFileError with all mistakes at once.
    """
    mistakes: list[Mistake] = []
    text = read_text(path, FollowersFileError)
    known = sorted(installed_networks() if networks is None else networks)
    table = _Table(today, known, mistakes).read(text)
    if mistakes or table is None:
        raise FollowersFileError(path, mistakes)
    return table


class _Table:
    def __init__(self, today: date, networks: list[str], mistakes: list[Mistake]) -> None:
        self._today = today
        self._networks = networks
        self._mistakes = mistakes

    def read(self, text: str) -> FollowersTable | None:
        first = next((line for line in text.splitlines() if line.strip()), "")
        if not first:
            self._wrong(1, "", "the file is empty", f"begin with the line {_HEADER}")
            return None
        separator = max(",;\t", key=first.count)
        lines = self._lines(text, separator)
        header = next(lines, None)
        if header is None and not self._mistakes:
            self._wrong(1, "", "no cell holds anything", f"begin with the line {_HEADER}")
        columns = self._columns(*header) if header else None
        if columns is None:
            return None
        rows = []
        first_lines: dict[str, int] = {}
        for number, cells in lines:
            row = self._row(number, cells, columns)
            if row is None:
                continue
            earlier = first_lines.setdefault(row.organization, number)
            if earlier != number:
                self._wrong(
                    number, _FIRST, f"{shown(row.organization)} stands in line {earlier} already", "keep one"
                )
            rows.append(row)
        if not rows and not self._mistakes:
            self._wrong(1, "", "there is no row under the header", "write one for each organisation")
        return FollowersTable(tuple(columns), tuple(rows))

    def _lines(self, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
        """The lines that hold anything, with their numbers, cells stripped."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        end = 0
        try:
            for cells in reader:
                # A quoted cell may span lines: a row is where it begins.
                number, end = end + 1, reader.line_num
                stripped = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
                if any(stripped):
                    yield number, stripped
        except csv.Error as error:
            self._wrong(end + 1, "", f"is no CSV: {error}", "check the quotation marks")

    def _columns(self, number: int, cells: list[str]) -> list[Column] | None:
        while cells and not cells[-1]:
            cells.pop()
        names = [cell.lower() for cell in cells]
        if names[:2] != [_FIRST, _SECOND]:
            message = f"no header: the first line begins with {shown(', '.join(cells[:2]))}"
            self._wrong(number, "", message, f"put above it a line such as {_HEADER}")
            return None
        if not names[2:]:
            self._wrong(number, "", "the header names no column of followers", f"write it as {_HEADER}")
        before = len(self._mistakes)
        columns: list[Column] = []
        for cell, name in zip(cells[2:], names[2:], strict=True):
            column = self._column(number, cell, name)
            if column is None:
                continue
            if column in columns:
                self._wrong(number, cell, "the column stands twice", "keep one")
            columns.append(column)
        # Rows can be told right from wrong only under a header that can be read.
        return columns if len(self._mistakes) == before and columns else None

    def _column(self, number: int, cell: str, name: str) -> Column | None:
        matched = _COLUMN.fullmatch(name)
        if not matched:
            self._wrong(
                number, shown(cell), "is no column of followers", "write it as vk_2018-04-20: network_date"
            )
            return None
        network, day = matched.groups()
        try:
            on = date.fromisoformat(day)
        except ValueError:
            self._wrong(number, cell, f"there is no such day as {day}", "write year-month-day")
            return None
        if network not in self._networks:
            message = f"{shown(network)} is no installed network; there are {', '.join(self._networks)}"
            self._wrong(number, cell, message, nearest(network, self._networks))
            return None
        if on > self._today:
            self._wrong(number, cell, f"{on} is in the future", "write the day on which it was counted")
            return None
        return network, on

    def _row(self, number: int, cells: list[str], columns: list[Column]) -> FollowersRow | None:
        width = len(columns) + 2
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) != width:
            hint = "an unknown number is an empty cell; a comma within a cell needs quotes around it"
            self._wrong(number, "", f"{len(cells)} cells under a header of {width}", hint)
            return None
        organization = " ".join(cells[0].split())
        if not organization or any(is_invisible(character) for character in organization):
            what = "holds an invisible character" if organization else "is empty"
            self._wrong(number, _FIRST, what, "write the branch's code")
            return None
        primary_count = self._number(number, _SECOND, cells[1], MAX_PRIMARY)
        counted = {
            column: self._number(number, f"{column[0]}_{column[1]}", cell, MAX_FOLLOWERS)
            for column, cell in zip(columns, cells[2:], strict=True)
        }
        without_account = frozenset(column for column, count in counted.items() if count == 0)
        followers = {column: count or None for column, count in counted.items()}
        return FollowersRow(number, organization, primary_count, followers, without_account)

    def _number(self, line: int, name: str, cell: str, high: int) -> int | None:
        if not cell:
            return None
        if re.fullmatch(r"[-\u2212\u2013\u2014]+|[?]+|(?i:n/?a|нет|н/д)", cell):
            self._wrong(line, name, f"{shown(cell)} is no number", "leave the cell empty where nobody knows")
        elif re.fullmatch(r"[-\u2212][0-9]+", cell):
            self._wrong(line, name, f"{shown(cell)} is below zero", "write how many there were")
        elif not _GROUPED.fullmatch(cell):
            self._wrong(line, name, f"{shown(cell)} is no whole number", "write digits alone, such as 1234")
        else:
            digits = re.sub(f"[{_BLANKS}]", "", cell)
            if len(digits) <= 12 and int(digits) <= high:
                return int(digits)
            self._wrong(line, name, f"{shown(cell)} is more than there can be", f"at most {high}")
        return None

    def _wrong(self, line: int, path: str, message: str, hint: str) -> None:
        self._mistakes.append(Mistake(line, None, path, message, hint))

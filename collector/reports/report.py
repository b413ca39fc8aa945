"""What a report is, whatever it tells and however it is shown: tables of cells, and how they were counted.

A cell is a value or the word that stands where there is none; a number is never made up to fill a place. What must be
said of a value (it was read two days later) is its note, and every value's origin is in a table of sources.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

Value = str | int | float | date


class Kind(StrEnum):
    """What a column holds, for widths, alignment and number formats."""

    TEXT = "text"
    LONG = "long"
    """A link or a digest: text without blanks that must be broken somewhere."""
    LINK = "link"
    """A web address, to be followed where it is shown."""
    COUNT = "count"
    CHANGE = "change"
    """A count with its sign."""
    PERCENT = "percent"
    """In percent: 136.8 means 136.8 %."""
    SHARE = "share"
    """The same with two decimals: 0.37 means 0.37 %."""
    RATIO = "ratio"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what stands above it, and above it and its neighbours of the same `group`."""

    title: str
    kind: Kind = Kind.TEXT
    group: str = ""
    short: str = ""
    """The group in few letters, for a screen."""


class Cell(NamedTuple):
    """A value, or None and the `word` that is shown in its place.

    A tuple, since a report of the whole union has a million: made in half the time.
    """

    value: Value | None
    word: str = ""
    note: str = ""
    """What must be known of the value; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; `totals` is a last row, told apart."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Cell] = ()
    name: str = ""
    """In Latin letters, for the file that a table behind the first is in CSV; of the first it is not needed."""
    is_drawn: bool = False
    """Whether a chart shows it, so that a report of one page leaves it out on paper."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn of a table's columns."""

    title: str
    labels: int
    """The column with the rows' names, or days."""
    series: Sequence[tuple[str, int]]
    """What a column's bars or line are called, and the column."""
    table: int = 0
    """Which of the report's tables."""
    is_narrow: bool = False
    """Whether it has half of a page's width, beside another."""


@dataclass(frozen=True, slots=True)
class Bars(Chart):
    """A group of bars for each row, one for each of some columns."""


@dataclass(frozen=True, slots=True)
class Lines(Chart):
    """A line for each of some columns, over the days in `labels`. Where a cell has no value the line is broken."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report to be shown. `tables[0]` is what it is about; `sources` says where each number comes from."""

    name: str
    """In Latin letters, for files."""
    title: str
    period: str
    """In words: which days it is about."""
    tables: Sequence[Table]
    sources: Callable[[], Table] | None = None
    """Made when it is shown: it has many times as many cells as what it is about."""
    method: Sequence[tuple[str, str]] = ()
    """«Как считалось»: what was asked, and the answer, in Russian."""
    warnings: Sequence[str] = ()
    """What whoever reads the numbers must know first."""
    gaps: Callable[[], Sequence[str]] = list
    """Each value that is not there, or is not of its very day, in words; made when it is shown."""
    charts: Sequence[Chart] = field(default=())
    is_one_page: bool = False
    """Whether it is to be one upright page on paper; how it was counted is then on the screen and in Excel alone."""


def text(words: str, note: str = "") -> Cell:
    """A cell of words."""
    return Cell(words, note=note)


def nothing(word: str, note: str = "") -> Cell:
    """A cell without a value."""
    return Cell(None, word, note)

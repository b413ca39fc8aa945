"""How a table is laid out on a page: headings above headings, and numbered notes below."""

from __future__ import annotations

from dataclasses import dataclass

from collector.reports.report import Cell, Column, Kind, Table

_NUMBERS = frozenset({Kind.COUNT, Kind.CHANGE, Kind.PERCENT, Kind.SHARE, Kind.RATIO})


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring columns under one heading; without a title, one column."""

    title: str
    columns: tuple[Column, ...]


def groups(table: Table) -> list[Group]:
    """A table's columns as they stand under common headings."""
    found: list[Group] = []
    for column in table.columns:
        if column.group and found and found[-1].title == column.group:
            found[-1] = Group(column.group, (*found[-1].columns, column))
        else:
            found.append(Group(column.group, (column,)))
    return found


def style_of(column: Column) -> str:
    """A class for a style: `number`, or what the column holds."""
    return "number" if column.kind in _NUMBERS else column.kind.value


class Notes:
    """Numbers the notes of a table's cells, the same words by the same number."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def number(self, cell: Cell) -> int | None:
        """The number of a cell's note; None: it has none."""
        if not cell.note:
            return None
        if cell.note not in self.words:
            self.words.append(cell.note)
        return self.words.index(cell.note) + 1

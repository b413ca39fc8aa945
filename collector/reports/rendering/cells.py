"""What the ways of showing a report have in common: a cell as Russian text, and text that Excel will not run."""

from __future__ import annotations

from datetime import date, datetime

from collector.domain.texts import undirected
from collector.notifications import words
from collector.reports.report import Cell, Column, Kind

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def shown(cell: Cell, column: Column) -> str:
    """A cell for people: numbers with thin spaces, a comma before decimals, changes with their sign."""
    value = cell.value
    if value is None:
        return cell.word
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, str):
        return undirected(value)
    told = words.number(value) if isinstance(value, int) else words.decimals(value, _decimals(column))
    sign = "+" if column.kind in (Kind.CHANGE, Kind.PERCENT) and column.group and value > 0 else ""
    return f"{sign}{told}".replace("-", "\u2212")


def _decimals(column: Column) -> int:
    return 2 if column.kind is Kind.SHARE else 1


def harmless(value: str) -> str:
    """A text as it is, or after an apostrophe if Excel would take it for a formula: its words may be a stranger's."""
    text = undirected(value)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def csv_cell(value: str | float | date | datetime | None) -> str:
    """A value as Excel in Russian reads it: a comma before decimals, days as here; unknown is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return str(value).replace(".", ",")


def link(cell: Cell, column: Column) -> str | None:
    """Where a cell leads; None: nowhere. A stranger's address of another kind than https is text, and no more."""
    value = cell.value
    is_link = column.kind is Kind.LINK and isinstance(value, str) and value.startswith("https://")
    return undirected(str(value)) if is_link else None


def short_heading(column: Column) -> str:
    """The same in two short lines."""
    return f"{column.short or column.group}\n{column.title}" if column.group else column.title


def heading(column: Column) -> str:
    """A column's title with that of its group, where only one line is to be had."""
    return f"{column.group}: {column.title}" if column.group else column.title

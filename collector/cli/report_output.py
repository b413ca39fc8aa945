"""Where a report goes: the screen, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from collector.cli import console
from collector.cli.files import whole_file
from collector.reports.rendering.cells import short_heading, shown
from collector.reports.rendering.csv_file import as_csv
from collector.reports.rendering.files import as_file
from collector.reports.report import Cell, Kind, Report, Table

_GAPS_TOLD = 20
"""On a screen. A file has them all."""


def print_report(report: Report) -> None:
    """The tables, the notes of their cells, and how they were counted."""
    out = console.out()
    out.print(f"{report.title}, {report.period}", markup=False)
    for warning in report.warnings:
        out.print(f"! {warning}", markup=False)
    for table in report.tables:
        _print_table(table, table.title if len(report.tables) > 1 else None)
    gaps = report.gaps()
    for gap in gaps[:_GAPS_TOLD]:
        out.print(f"Пропуск: {gap}", markup=False)
    if len(gaps) > _GAPS_TOLD:
        out.print(f"Пропуск: и ещё {len(gaps) - _GAPS_TOLD}; все они в файле (--output)", markup=False)
    for asked, told in report.method:
        out.print(f"{asked}: {told}", markup=False)


def write_report(report: Report, form: str, file: Path) -> list[Path]:
    """Write it; gives the files. Raises CollectorError where one cannot be written; then nothing is half-written.

    CSV holds one table: further ones, and the sources, are files beside it.
    """
    contents = {file: as_file(report, form)}
    if form == "csv":
        for number, table in enumerate(report.tables[1:], start=2):
            contents[file.with_stem(f"{file.stem}-{table.name or number}")] = as_csv(table)
        if report.sources is not None:
            contents[file.with_stem(f"{file.stem}-sources")] = as_csv(report.sources())
    with ExitStack() as stack:
        for each, content in contents.items():
            stack.enter_context(whole_file(each)).write_bytes(content)
    return list(contents)


def _print_table(table: Table, title: str | None) -> None:
    columns = [short_heading(column) for column in table.columns]
    right = [
        title
        for title, column in zip(columns, table.columns, strict=True)
        if column.kind not in (Kind.TEXT, Kind.LONG, Kind.LINK)
    ]
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    notes: list[str] = []
    shown_rows = [_shown(table, row, notes) for row in rows]
    out = console.out()
    out.print(console.table(title, columns, shown_rows, right=right))
    for number, note in enumerate(notes, start=1):
        out.print(f"*{number} {note}", markup=False)


def _shown(table: Table, row: Sequence[Cell], notes: list[str]) -> list[str]:
    """The row's cells as texts; each that has a note bears its number."""
    found = []
    for cell, column in zip(row, table.columns, strict=True):
        if cell.note and cell.note not in notes:
            notes.append(cell.note)
        found.append(shown(cell, column) + (f" *{notes.index(cell.note) + 1}" if cell.note else ""))
    return found

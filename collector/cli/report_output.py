"""Where a report goes: the screen, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from collector.cli import console
from collector.cli.files import whole_file
from collector.reports.rendering.cells import short_heading, shown
from collector.reports.rendering.csv_file import as_csv
from collector.reports.report import Cell, Kind, Report, Table


def print_report(report: Report) -> None:
    """The tables, the notes of their cells, and how they were counted."""
    out = console.out()
    out.print(f"{report.title}, {report.period}", markup=False)
    for warning in report.warnings:
        out.print(f"! {warning}", markup=False)
    for table in report.tables:
        _print_table(table)
    for gap in report.gaps():
        out.print(f"* {gap}", markup=False)
    for asked, told in report.method:
        out.print(f"{asked}: {told}", markup=False)


def write_report(report: Report, form: str, file: Path) -> list[Path]:
    """Write it; gives the files. Raises CollectorError where one cannot be written; then nothing is half-written.

    CSV holds one table: its sources are a second file beside it.
    """
    if form == "xlsx":
        from collector.reports.rendering.workbook import as_workbook

        return [_write(file, as_workbook(report))]
    if form == "html":
        from collector.reports.rendering.page import as_page

        return [_write(file, as_page(report).encode())]
    written = [_write(file, as_csv(report.tables[0]))]
    if report.sources is not None:
        written.append(_write(file.with_stem(f"{file.stem}-sources"), as_csv(report.sources())))
    return written


def _write(file: Path, content: bytes) -> Path:
    with whole_file(file) as beside:
        beside.write_bytes(content)
    return file


def _print_table(table: Table) -> None:
    columns = [short_heading(column) for column in table.columns]
    right = [
        title for title, column in zip(columns, table.columns, strict=True) if column.kind is not Kind.TEXT
    ]
    rows = [*table.rows, *([table.totals] if table.totals else [])]
    console.out().print(console.table(None, columns, [_shown(table, row) for row in rows], right=right))


def _shown(table: Table, row: Sequence[Cell]) -> list[str]:
    return [
        shown(cell, column) + ("*" if cell.note else "")
        for cell, column in zip(row, table.columns, strict=True)
    ]

"""A report as an Excel workbook: real numbers and dates, a frozen header, a chart, and the sheet «Как считалось»."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from collector.domain.texts import undirected
from collector.reports.rendering.cells import link, shown
from collector.reports.report import Cell, Chart, Column, Kind, Lines, Report, Table

_FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.CHANGE: "+#,##0;-#,##0;0",
    Kind.PERCENT: "0.0",
    Kind.SHARE: "0.00",
    Kind.RATIO: "0.0",
    Kind.DATE: "dd.mm.yyyy",
}
_WIDEST, _NARROWEST = 60, 9
_LONGEST_LINK, _MOST_LINKS = 2_000, 30_000
"""Excel follows no longer ones, and takes 65,530 of them a sheet: what is beyond is text."""
_CHART_HEIGHT = 380


def as_workbook(report: Report) -> bytes:
    """The file's content."""
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook waits for it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": report.title, "subject": report.period})
        styles = _Styles(book)
        for at, table in enumerate(report.tables):
            sheet = _sheet(book, styles, table, f"{report.title}, {report.period}")
            for number, chart in enumerate(each for each in report.charts if each.table == at):
                _chart(book, sheet, table, chart, number)
        _method(book, styles, report)
        if report.sources is not None:
            _sheet(book, styles, report.sources(), f"{report.title}: откуда каждое число")
    return out.getvalue()


class _Styles:
    """The formats of cells, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.title = self.of(bold=True, font_size=14)
        self.head = self.of(
            bold=True, text_wrap=True, valign="vcenter", align="center", bg_color="#E4E7EB", border=1
        )
        self.wrapped = self.of(text_wrap=True, valign="top")
        self.bold = self.of(bold=True, valign="top", text_wrap=True)

    def of(self, **given: Any) -> Any:
        key = tuple(sorted(given.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(given)
        return self._made[key]

    def cell(self, column: Column, *, is_total: bool, is_word: bool) -> Any:
        given: dict[str, Any] = {"border": 1, "border_color": "#CBD2D9"}
        if column.kind in _FORMATS:
            given |= {"num_format": _FORMATS[column.kind], "align": "right"}
        elif column.kind is Kind.TEXT:
            # A sentence is longer than the widest column; Excel makes the row as high as it needs.
            given |= {"text_wrap": True, "valign": "top"}
        if column.kind is Kind.LINK and not is_word:
            given |= {"font_color": "#0B5CAD", "underline": 1}
        if is_word:
            given |= {"font_color": "#52606D", "align": "center"}
        if is_total:
            given |= {"bold": True, "top": 2}
        return self.of(**given)


def _sheet(book: Any, styles: _Styles, table: Table, title: str) -> Any:
    sheet = book.add_worksheet(table.title[:31])
    sheet.write_string(0, 0, title, styles.title)
    _head(sheet, styles, table.columns)
    for number, row in enumerate(table.rows):
        _row(sheet, styles, _FIRST_ROW + number, table.columns, row, is_total=False)
    if table.totals:
        _row(sheet, styles, _FIRST_ROW + len(table.rows), table.columns, table.totals, is_total=True)
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, _width(table, at, column))
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(1, _FIRST_ROW - 1)
    return sheet


_FIRST_ROW = 3
"""Above it: the title, and two lines of the header."""


def _head(sheet: Any, styles: _Styles, columns: Sequence[Column]) -> None:
    at = 0
    while at < len(columns):
        group = columns[at].group
        end = at
        while group and end + 1 < len(columns) and columns[end + 1].group == group:
            end += 1
        if not group:
            sheet.merge_range(1, at, 2, at, columns[at].title, styles.head)
        elif end > at:
            sheet.merge_range(1, at, 1, end, group, styles.head)
        else:
            sheet.write_string(1, at, group, styles.head)
        if group:
            for each in range(at, end + 1):
                sheet.write_string(2, each, columns[each].title, styles.head)
        at = end + 1
    sheet.set_row(1, 34)
    sheet.set_row(2, 30)


def _row(
    sheet: Any, styles: _Styles, at: int, columns: Sequence[Column], cells: Sequence[Cell], *, is_total: bool
) -> None:
    for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        style = styles.cell(column, is_total=is_total, is_word=cell.value is None)
        value = cell.value
        if value is None:
            sheet.write_string(at, place, cell.word, style)
        elif (address := link(cell, column)) and len(address) <= _LONGEST_LINK and at < _MOST_LINKS:
            sheet.write_url(at, place, address, style, string=address)
        elif isinstance(value, date):
            sheet.write_datetime(at, place, value, style)
        elif isinstance(value, str):
            # Not write(): a stranger's text stays text, whatever it begins with.
            sheet.write_string(at, place, undirected(value), style)
        else:
            sheet.write_number(at, place, value, style)
        if cell.note:
            sheet.write_comment(at, place, cell.note, {"x_scale": 1.5})


def _width(table: Table, at: int, column: Column) -> float:
    cells = [shown(row[at], column) for row in [*table.rows, *([table.totals] if table.totals else [])]]
    longest = max([len(cell) for cell in cells] + [max(map(len, column.title.split()), default=0)])
    return min(max(longest + 2, _NARROWEST), _WIDEST)


def _chart(book: Any, sheet: Any, table: Table, chart: Chart, number: int) -> None:
    """`number`: how many stand above it already."""
    is_line = isinstance(chart, Lines)
    drawn = book.add_chart({"type": "line" if is_line else "column"})
    last = _FIRST_ROW + len(table.rows) - 1
    for name, column in chart.series:
        drawn.add_series(
            {
                "name": name,
                "categories": [sheet.get_name(), _FIRST_ROW, chart.labels, last, chart.labels],
                "values": [sheet.get_name(), _FIRST_ROW, column, last, column],
                **({"marker": {"type": "circle", "size": 5}} if is_line else {}),
            }
        )
    if is_line:
        drawn.set_x_axis({"date_axis": True, "num_format": "dd.mm"})
    drawn.set_title({"name": chart.title, "name_font": {"size": 12}})
    drawn.set_legend({"position": "bottom"})
    drawn.set_size({"width": 900, "height": _CHART_HEIGHT})
    sheet.insert_chart(last + 4, 0, drawn, {"y_offset": number * (_CHART_HEIGHT + 20)})


def _method(book: Any, styles: _Styles, report: Report) -> None:
    sheet = book.add_worksheet("Как считалось")
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, report.title, styles.title)
    lines = [*report.method, *(("Обратите внимание", warning) for warning in report.warnings)]
    lines += [("Пропуски", gap) for gap in report.gaps()] or [("Пропуски", "нет")]
    for number, (asked, told) in enumerate(lines, start=2):
        sheet.write_string(number, 0, asked, styles.bold)
        sheet.write_string(number, 1, told, styles.wrapped)

"""A report's charts: lines are broken where nothing is known, long names are written aslant, Excel draws its own."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl

from collector.reports.rendering.chart import as_svg
from collector.reports.rendering.workbook import as_workbook
from collector.reports.report import Bars, Cell, Column, Kind, Lines, Report, Table, nothing, text

DAYS = Table(
    "Дни",
    [Column("День", Kind.DATE), Column("Подписчиков", Kind.COUNT)],
    [
        [Cell(date(2026, 10, day)), nothing("нет замера") if day == 3 else Cell(100 + day)]
        for day in range(1, 6)
    ],
)
LINE = Lines("Подписчики", 0, [("ВКонтакте", 1)], table=1)


def names(*given: str) -> Table:
    rows = [[text(name), Cell(1)] for name in given]
    return Table("Организации", [Column("Организация"), Column("Публикаций", Kind.COUNT)], rows)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    svg = as_svg(DAYS, LINE) or ""
    (line,) = re.findall(
        r'aria-label="[^"]*" role="graphics-symbol"[^>]*aria-roledescription="line mark"[^>]*d="([^"]*)"', svg
    )
    assert line.count("M") == 2
    assert svg.count('aria-roledescription="point"') == 4


def test_a_chart_without_any_value_is_none() -> None:
    empty = Table("Дни", DAYS.columns, [[row[0], nothing("нет замера")] for row in DAYS.rows])
    assert as_svg(empty, LINE) is None


def test_names_that_have_no_room_are_written_aslant() -> None:
    bars = Bars("Публикации", 0, [("Публикаций", 1)])
    short, long = names("ВАО", "САО"), names(*(f"ТПО округа {number}" for number in range(20)))
    assert "rotate(320)" not in (as_svg(short, bars) or "")
    assert "rotate(320)" in (as_svg(long, bars) or "")


def test_excel_draws_each_chart_beside_its_table() -> None:
    charts = [
        Bars("Публикации", 0, [("Публикаций", 1)]),
        LINE,
        Lines("Ещё раз", 0, [("ВКонтакте", 1)], table=1),
    ]
    report = Report("x", "Отчёт", "период", [names("ВАО"), DAYS], charts=charts)
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))
    assert [type(chart).__name__ for chart in book["Организации"]._charts] == ["BarChart"]
    first, second = book["Дни"]._charts
    assert [type(chart).__name__ for chart in (first, second)] == ["LineChart", "LineChart"]
    assert first.anchor._from.row < second.anchor._from.row

"""The growth report over a store, and its cells by what stands beside and above them."""

from __future__ import annotations

from datetime import date
from typing import Any

from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod
from collector.reports.growth import growth
from collector.reports.growth_report import growth_report
from collector.reports.rendering.cells import heading
from collector.reports.report import Cell, Report
from storage.store import Store

LATER = date(2027, 1, 31)


def report_of(store: Store, first: date, last: date, today: date = LATER, **more: Any) -> Report:
    period = ReportPeriod.of_days(first, last)
    kinds = more.get("kinds", (BranchKind.TERRITORIAL,))
    lines, facts = store.reports.growth(period, kinds)
    numbers = growth(lines, facts, period, today)
    return growth_report(numbers, store.reports.runs_by_id(range(1, 1000)))


def cells(report: Report) -> dict[str, dict[str, Cell]]:
    """By the first column and the heading."""
    table = report.tables[0]
    return {
        str(row[0].value): {heading(column): cell for column, cell in zip(table.columns, row, strict=True)}
        for row in [*table.rows, *([table.totals] if table.totals else [])]
    }


def words(report: Report, branch: str) -> dict[str, Any]:
    """Of a branch's line the values, and words where there is none; headings in short."""
    short = {"Прирост: ВКонтакте": "change", "Прирост, %: ВКонтакте": "percent"}
    return {
        short.get(title, title.removeprefix("Кол. подписчиков на ")): cell.word
        if cell.value is None
        else cell.value
        for title, cell in cells(report)[branch].items()
    }

"""A report as one HTML file: nothing is fetched, charts are inside, and it prints on A4."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from collector.reports.rendering.cells import shown
from collector.reports.rendering.chart import as_svg
from collector.reports.report import Cell, Column, Kind, Report, Table

_NUMBERS = frozenset({Kind.COUNT, Kind.CHANGE, Kind.PERCENT, Kind.SHARE, Kind.RATIO})


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring columns under one heading; without a group, one column."""

    title: str
    columns: tuple[Column, ...]


def as_page(report: Report) -> str:
    """The file's content."""
    environment = Environment(
        loader=PackageLoader("collector.reports.rendering"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda column: "number" if column.kind in _NUMBERS else column.kind.value
    environment.globals["shown"] = shown
    environment.globals["groups"] = _groups
    environment.globals["notes"] = _Notes
    charts = [(as_svg(report.tables[chart.table], chart), chart.is_narrow) for chart in report.charts]
    # Of our own drawing: its texts are escaped by the library that draws it.
    drawn = [(Markup(svg), is_narrow) for svg, is_narrow in charts if svg is not None]  # noqa: S704
    return environment.get_template("report.html.jinja").render(report=report, charts=drawn)


def _groups(table: Table) -> list[_Group]:
    found: list[_Group] = []
    for column in table.columns:
        if column.group and found and found[-1].title == column.group:
            found[-1] = _Group(column.group, (*found[-1].columns, column))
        else:
            found.append(_Group(column.group, (column,)))
    return found


class _Notes:
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

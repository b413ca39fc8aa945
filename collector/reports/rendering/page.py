"""A report as one HTML file: nothing is fetched, charts are inside, and it prints on A4."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from collector.reports.rendering.cells import link, shown
from collector.reports.rendering.chart import as_svg
from collector.reports.rendering.grid import Notes, groups, style_of
from collector.reports.report import Report


def as_page(report: Report) -> str:
    """The file's content."""
    environment = Environment(
        loader=PackageLoader("collector.reports.rendering"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = style_of
    environment.globals["shown"] = shown
    environment.globals["link"] = link
    environment.globals["groups"] = groups
    environment.globals["notes"] = Notes
    charts = [(as_svg(report.tables[chart.table], chart), chart.is_narrow) for chart in report.charts]
    # Of our own drawing: its texts are escaped by the library that draws it.
    drawn = [(Markup(svg), is_narrow) for svg, is_narrow in charts if svg is not None]  # noqa: S704
    return environment.get_template("report.html.jinja").render(report=report, charts=drawn)

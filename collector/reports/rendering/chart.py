"""A report's charts as SVG: no browser, no network, no script."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from collector.reports.report import Chart, Lines, Table

if TYPE_CHECKING:
    import altair as alt

_COLORS = ("#0b5cad", "#c2410c", "#1f7a3d", "#7c3aed", "#52606d")
_FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
_SPACED = "replace(format(datum.value, ',d'), /,/g, '\u202f')"
_MOST_ROWS = 40
"""More bars cannot be told apart; the table has them all."""
_WIDE, _NARROW, _HEIGHT = 900, 420, 240
_LETTER = 7
"""A letter's width in the axis' script: longer names than there is room for are written aslant."""


def as_svg(table: Table, chart: Chart) -> str | None:
    """The chart; None where no row has a value, or there are more than can be told apart."""
    import vl_convert  # noqa: PLC0415 - heavy: only who asks for a chart waits for it

    values: list[dict[str, Any]] = [
        {"name": _name(row[chart.labels].value), "series": name, "value": row[column].value}
        for row in table.rows
        for name, column in chart.series
        if row[column].value is not None or isinstance(chart, Lines)
    ]
    is_line = isinstance(chart, Lines)
    if all(each["value"] is None for each in values) or (not is_line and len(table.rows) > _MOST_ROWS):
        return None
    drawn = _lines(values, chart) if is_line else _bars(values, table, chart)
    drawn = (
        drawn.properties(title=chart.title, width=_width(chart), height=_HEIGHT)
        .configure(font=_FONT, background="#ffffff")
        .configure_title(anchor="start", fontSize=15, color="#102a43")
        .configure_view(stroke=None)
    )
    made: str = vl_convert.vegalite_to_svg(drawn.to_json())
    return made


def _bars(values: list[dict[str, Any]], table: Table, chart: Chart) -> alt.Chart:
    import altair as alt  # noqa: PLC0415

    names = [_name(row[chart.labels].value) for row in table.rows]
    has_room = max(map(len, names)) * _LETTER < _width(chart) / len(names)
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar()
        .encode(
            x=alt.X("name:N", sort=names, title=None, axis=alt.Axis(labelAngle=0 if has_room else -40)),
            xOffset=alt.XOffset("series:N", sort=[name for name, _ in chart.series]),
            y=_counts(is_from_zero=True),
            color=_series(chart),
        )
    )
    return drawn


def _lines(values: list[dict[str, Any]], chart: Chart) -> alt.Chart:
    import altair as alt  # noqa: PLC0415

    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(point=True, invalid="break-paths-show-domains")
        .encode(
            x=alt.X("name:T", title=None, axis=alt.Axis(format="%d.%m", labelOverlap=True)),
            y=_counts(is_from_zero=False),
            color=_series(chart),
        )
    )
    return drawn


def _counts(*, is_from_zero: bool) -> alt.Y:
    import altair as alt  # noqa: PLC0415

    return alt.Y(
        "value:Q",
        title=None,
        axis=alt.Axis(labelExpr=_SPACED, tickMinStep=1),
        scale=alt.Scale(zero=is_from_zero),
    )


def _series(chart: Chart) -> alt.Color:
    import altair as alt  # noqa: PLC0415

    names = [name for name, _ in chart.series]
    return alt.Color(
        "series:N",
        sort=names,
        title=None,
        scale=alt.Scale(domain=names, range=list(_COLORS[: len(names)])),
        legend=alt.Legend(orient="top"),
    )


def _width(chart: Chart) -> int:
    return _NARROW if chart.is_narrow else _WIDE


def _name(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)

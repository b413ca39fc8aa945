"""A report's bars as SVG: no browser, no network, no script."""

from __future__ import annotations

from typing import Any

from collector.reports.report import Bars, Table

_COLORS = ("#0b5cad", "#c2410c", "#1f7a3d", "#7c3aed", "#52606d")
_FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
_SPACED = "replace(format(datum.value, ',d'), /,/g, '\u202f')"
_MOST_ROWS = 40
"""More bars cannot be told apart; the table has them all."""


def as_svg(table: Table, bars: Bars) -> str | None:
    """The chart; None where no row has a value, or there are more than can be told apart."""
    import altair as alt  # noqa: PLC0415 - heavy: only who asks for a chart waits for it
    import vl_convert  # noqa: PLC0415

    values: list[dict[str, Any]] = [
        {"name": str(row[bars.labels].value), "series": name, "value": row[column].value}
        for row in table.rows
        for name, column in bars.series
        if row[column].value is not None
    ]
    if not values or len(table.rows) > _MOST_ROWS:
        return None
    names = [str(row[bars.labels].value) for row in table.rows]
    series = [name for name, _ in bars.series]
    chart = (
        alt.Chart(alt.InlineData(values=values), title=bars.title, width=900, height=240)
        .mark_bar()
        .encode(
            x=alt.X("name:N", sort=names, title=None, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("series:N", sort=series),
            y=alt.Y(
                "value:Q",
                title=None,
                axis=alt.Axis(labelExpr=_SPACED, tickMinStep=1),
                scale=alt.Scale(zero=True),
            ),
            color=alt.Color(
                "series:N",
                sort=series,
                title=None,
                scale=alt.Scale(domain=series, range=list(_COLORS[: len(series)])),
                legend=alt.Legend(orient="top"),
            ),
        )
        .configure(font=_FONT, background="#ffffff")
        .configure_title(anchor="start", fontSize=15, color="#102a43")
        .configure_view(stroke=None)
    )
    made: str = vl_convert.vegalite_to_svg(chart.to_json())
    return made

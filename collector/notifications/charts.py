"""The one chart of the month's letter: followers as lines, posts of each day as bars. No browser, no network.

Altair and vl-convert are heavy: they are loaded when the first chart is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from collector.notifications.words import month

_WIDTH = 500
_SCALE = 2
_FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
_COLORS = ("#0b5cad", "#c2410c", "#1f7a3d", "#7c3aed", "#52606d")
"""Told apart by people who see no red and green too: blue, orange, green, violet, grey."""
_AXIS: dict[str, Any] = {
    "domainColor": "#cbd2d9",
    "gridColor": "#e4e7eb",
    "tickColor": "#cbd2d9",
    "labelColor": "#52606d",
}


def month_chart(
    days: Sequence[date], followers: Mapping[str, Sequence[int | None]], posts: Sequence[int] | None
) -> bytes:
    """A PNG, 2 pixels a point. `followers` by the lines' names, a value a day; `posts` None: they are not known.

    A day without a value leaves a gap in its line. Needs at least one value.
    """
    import vl_convert  # noqa: PLC0415 - heavy: see the module

    parts = []
    if any(value is not None for values in followers.values() for value in values):
        parts.append(_lines(days, followers))
    if posts is not None:
        parts.append(_bars(days, posts))
    if not parts:
        raise ValueError("a chart of nothing")
    spec = _stacked(parts).to_json()
    return vl_convert.vegalite_to_png(spec, scale=_SCALE)


def _lines(days: Sequence[date], followers: Mapping[str, Sequence[int | None]]) -> Any:
    import altair as alt  # noqa: PLC0415

    names = list(followers)
    rows: list[dict[str, Any]] = [
        {"day": day.day, "name": name, "value": value}
        for name, values in followers.items()
        for day, value in zip(days, values, strict=True)
    ]
    return (
        alt.Chart(alt.InlineData(values=rows), title="Подписчики по дням", width=_WIDTH, height=170)
        .mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=22, filled=True))
        .encode(
            x=_day_axis(days, month(days[0])),
            y=alt.Y(
                "value:Q",
                title=None,
                scale=alt.Scale(zero=False, nice=True, padding=6),
                axis=alt.Axis(tickMinStep=1, tickCount=5, labelExpr=_SPACED),
            ),
            color=alt.Color(
                "name:N",
                title=None,
                sort=names,
                scale=alt.Scale(domain=names, range=[_COLORS[at % len(_COLORS)] for at in range(len(names))]),
                legend=alt.Legend(orient="top", labelLimit=_WIDTH, columns=2),
            ),
        )
    )


def _bars(days: Sequence[date], posts: Sequence[int]) -> Any:
    import altair as alt  # noqa: PLC0415

    rows: list[dict[str, Any]] = [
        {"day": day.day, "value": value} for day, value in zip(days, posts, strict=True)
    ]
    return (
        alt.Chart(alt.InlineData(values=rows), title="Публикации по дням", width=_WIDTH, height=110)
        .mark_bar(color="#486581", size=_WIDTH / len(days) * 0.7)
        .encode(
            x=_day_axis(days, month(days[0])),
            y=alt.Y(
                "value:Q",
                title=None,
                scale=alt.Scale(domainMin=0, domainMax=max(*posts, 3)),
                axis=alt.Axis(tickMinStep=1, tickCount=4),
            ),
        )
    )


_SPACED = "replace(format(datum.value, ',d'), /,/g, '\u202f')"
"""Thousands apart as Russian has them."""


def _day_axis(days: Sequence[date], title: str | None) -> Any:
    import altair as alt  # noqa: PLC0415

    return alt.X(
        "day:Q",
        title=title,
        scale=alt.Scale(domain=[0.5, len(days) + 0.5], nice=False, zero=False, padding=0),
        axis=alt.Axis(values=[1, *range(5, len(days) + 1, 5)], format="d", grid=False),
    )


def _stacked(parts: Sequence[Any]) -> Any:
    import altair as alt  # noqa: PLC0415

    text: dict[str, Any] = {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": "#52606d",
    }
    return (
        alt.vconcat(*parts, spacing=22, background="#ffffff", padding=12)
        .resolve_legend(color="independent")
        .configure(
            font=_FONT,
            axis=alt.AxisConfig(**_AXIS, **text),
            title=alt.TitleConfig(anchor="start", fontSize=16, color="#102a43", offset=10),
            axisY=alt.AxisConfig(minExtent=48),
            legend=alt.LegendConfig(labelFontSize=15, labelColor="#1f2933", symbolType="stroke"),
            view=alt.ViewConfig(stroke=None),
        )
    )

"""The charts of a branch: Vega-Lite's words for them, drawn by the browser. A day that was not read is a gap.

Words and numbers are Russian. What is told of a point is made here, so that it reads as everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from collector.notifications import words

_COLORS = ("#2f7fd1", "#d9691e", "#2f9e5b", "#9263e0", "#8291a0")
"""Told apart by people who see no red and green too, on light paper and on dark."""
_HEIGHT = 260
_A_QUARTER = 92
_A_YEAR = 366
_Y_ROOM = 44
"""The days of both charts stand below each other."""
_FONT = '"Noto Sans", "DejaVu Sans", "Liberation Sans", Arial, sans-serif'


@dataclass(frozen=True, slots=True)
class Point:
    """A value, or None where there is none, and what is told of it."""

    value: int | None
    told: str


def followers_chart(days: Sequence[date], followers: Mapping[str, Sequence[Point]]) -> dict[str, Any]:
    """Followers by days, a line a community. A day without a value is a gap, and its words say why."""
    import altair as alt  # noqa: PLC0415 - heavy: only who looks at a chart waits for it

    rows = [
        {"day": day.isoformat(), "name": name, "value": point.value}
        for name, points in followers.items()
        for day, point in zip(days, points, strict=True)
    ]
    lines = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=12, filled=True))
        .encode(
            x=_day_axis(days),
            y=alt.Y(
                "value:Q",
                title="подписчиков",
                scale=alt.Scale(zero=False, nice=True, padding=8),
                axis=alt.Axis(format=",d", tickMinStep=1, tickCount=5, minExtent=_Y_ROOM),
            ),
            color=_color(list(followers)),
        )
    )
    # A whole day answers to the pointer, with all its communities: nobody has to hit a point.
    told = [
        {"day": day.isoformat(), "on": words.day(day)}
        | {f"of{at}": points[number].told for at, points in enumerate(followers.values())}
        for number, day in enumerate(days)
    ]
    pointed = alt.selection_point(
        name="pointed", on="pointerover", clear="pointerout", fields=["day"], empty=False
    )
    columns = (
        alt.Chart(alt.InlineData(values=told))
        .mark_bar(color=_COLORS[-1])
        .encode(
            x=_day_axis(days),
            y=alt.value(0),
            y2=alt.value("height"),
            opacity=alt.condition(pointed, alt.value(0.25), alt.value(0)),
            tooltip=[
                alt.Tooltip("on:N", title="День"),
                *(alt.Tooltip(f"of{at}:N", title=name) for at, name in enumerate(followers)),
            ],
        )
        .add_params(pointed)
    )
    return _spec(alt.layer(lines, columns), "Подписчики по дням")


def posts_chart(days: Sequence[date], posts: Mapping[str, Mapping[date, int]]) -> dict[str, Any]:
    """Posts by days, the communities' bars upon each other."""
    import altair as alt  # noqa: PLC0415

    rows = [
        {
            "day": day.isoformat(),
            "on": words.day(day),
            "name": name,
            "value": count,
            "told": words.number(count),
        }
        for name, by_day in posts.items()
        for day, count in sorted(by_day.items())
    ]
    highest = max([sum(by_day.get(day, 0) for by_day in posts.values()) for day in days], default=0)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=_day_axis(days),
            y=alt.Y(
                "value:Q",
                title="публикаций",
                stack="zero",
                scale=alt.Scale(domain=[0, max(highest, 3)]),
                axis=alt.Axis(format=",d", tickMinStep=1, tickCount=4, minExtent=_Y_ROOM),
            ),
            color=_color(list(posts)),
            tooltip=[
                alt.Tooltip("on:N", title="День"),
                alt.Tooltip("name:N", title="Сообщество"),
                alt.Tooltip("told:N", title="Публикаций"),
            ],
        )
    )
    return _spec(chart, "Публикации по дням")


@cache
def locale_options() -> dict[str, Any]:
    """How the browser is to write numbers and days: d3's Russian, as vl-convert brings it."""
    import vl_convert  # noqa: PLC0415 - heavy

    return {
        "formatLocale": vl_convert.get_format_locale("ru-RU"),
        "timeFormatLocale": vl_convert.get_time_format_locale("ru-RU"),
    }


def _day_axis(days: Sequence[date]) -> Any:
    import altair as alt  # noqa: PLC0415

    return alt.X(
        # Days are days: in UTC they do not move with the reader's own clock.
        "utcyearmonthdate(day):T",
        bandPosition=0.5,
        title=None,
        scale=alt.Scale(domain=[days[0].isoformat(), (days[-1] + timedelta(days=1)).isoformat()]),
        axis=alt.Axis(
            format="%d.%m.%Y" if len(days) > _A_YEAR else "%e %b",
            grid=False,
            tickCount={"interval": "month", "step": 1}
            if len(days) > _A_QUARTER
            else {"interval": "week", "step": 1},
            labelOverlap="greedy",
            labelSeparation=12,
        ),
    )


def _color(names: Sequence[str]) -> Any:
    import altair as alt  # noqa: PLC0415

    colors = [_COLORS[at % len(_COLORS)] for at in range(len(names))]
    return alt.Color(
        "name:N",
        title=None,
        sort=list(names),
        scale=alt.Scale(domain=list(names), range=colors),
        legend=alt.Legend(orient="top", direction="horizontal", labelLimit=300, columns=2),
    )


def _spec(chart: Any, description: str) -> dict[str, Any]:
    whole = chart.properties(
        width="container", height=_HEIGHT, description=description, background="transparent", autosize="fit-x"
    )
    # Colours of texts and lines are the page's style's: they differ by day and night.
    styled = whole.configure(font=_FONT).configure_axis(
        labelFontSize=13, titleFontSize=13, titleFontWeight="normal"
    )
    made: dict[str, Any] = styled.configure_legend(labelFontSize=14).configure_view(stroke=None).to_dict()
    return made

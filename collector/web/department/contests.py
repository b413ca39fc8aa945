"""The tables of contests: of each league, for the newest period that is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fastapi import FastAPI, Request
from fastapi.responses import Response

from collector.domain.calendar import moscow_day
from collector.reports.offered import FieldKind, FormMistakeError, Offered
from collector.reports.report import Report
from collector.web.department.desk import Desk
from collector.web.department.reports import FormLine, Maker, form_lines

ROWS = 20
"""Of a table so many are shown here; the report's own page shows more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A contest of a league. `report` None: it could not be made, and `mistake` says what to do."""

    offered: Offered
    heading: str
    form: list[FormLine]
    report: Report | None
    mistake: str


def add_to(app: FastAPI, desk: Desk, maker: Maker) -> None:
    """The route of the contests."""

    @app.api_route("/contests", methods=["GET", "HEAD"])
    def contests(request: Request) -> Response:
        today = moscow_day(desk.now())
        shown = [
            each for offered in desk.reports if offered.is_contest for each in _shown(maker, offered, today)
        ]
        return desk.page(request, "contests.html.j2", current="contests", contests=shown, rows_shown=ROWS)


def _shown(maker: Maker, offered: Offered, today: date) -> Iterator[Shown]:
    """The report with what its form offers at first, once for each of its choices."""
    texts = {field.name: field.default(today) for field in offered.fields}
    choices = [
        (field.name, value, title)
        for field in offered.fields
        if field.kind is FieldKind.CHOICE
        for value, title in field.choices
    ]
    for name, value, title in choices or [("", "", "")]:
        typed = {**texts, name: value} if name else texts
        report, mistake = None, ""
        try:
            report = maker.make(offered, typed)
        except FormMistakeError as error:
            mistake = error.words
        heading = f"{offered.title}: {title}" if title else offered.title
        yield Shown(offered, heading, form_lines(offered, typed, today, None), report, mistake)

"""The tables of contests: a tab for each contest and league, for the newest period that is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from collector.domain.calendar import moscow_day
from collector.reports.offered import FieldKind, FormMistakeError, Offered
from collector.web.department.desk import Desk
from collector.web.department.reports import Maker

ROWS = 50
"""Of a table so many are shown here; the report's own page shows more."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A contest of a league, with what its form offers at first."""

    offered: Offered
    heading: str
    texts: dict[str, str]


def add_to(app: FastAPI, desk: Desk, maker: Maker) -> None:
    """The route of the contests. One is made at a time: those of 80,000 branches take long."""

    @app.api_route("/contests", methods=["GET", "HEAD"])
    def contests(request: Request, tab: Annotated[int, Query(ge=1, le=100)] = 1) -> Response:
        tabs = list(_tabs(desk.reports, moscow_day(desk.now())))
        if tab > max(len(tabs), 1):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        chosen = tabs[tab - 1] if tabs else None
        report, mistake = None, ""
        if chosen is not None:
            try:
                report = maker.make(chosen.offered, chosen.texts)
            except FormMistakeError as error:
                mistake = error.words
        return desk.page(
            request,
            "contests.html.j2",
            current="contests",
            tabs=tabs,
            number=tab,
            chosen=chosen,
            report=report,
            mistake=mistake,
            rows_shown=ROWS,
        )


def _tabs(reports: Sequence[Offered], today: date) -> Iterator[Tab]:
    for offered in reports:
        if not offered.is_contest:
            continue
        texts = {field.name: field.default(today) for field in offered.fields}
        choices = [
            (field.name, value, title)
            for field in offered.fields
            if field.kind is FieldKind.CHOICE
            for value, title in field.choices
        ]
        if not choices:
            yield Tab(offered, offered.title, texts)
        for name, value, title in choices:
            yield Tab(offered, f"{offered.title}: {title}", {**texts, name: value})

"""The reports: a form for each, the tables on the page, the same as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from threading import BoundedSemaphore, Lock

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from collector.domain.calendar import moscow_day
from collector.domain.errors import CollectorError
from collector.domain.texts import undirected
from collector.reports.offered import Asked, FieldKind, FormMistakeError, Offered
from collector.reports.rendering.files import MEDIA_TYPES, as_file
from collector.reports.report import Report
from collector.web.department.desk import HEADERS, Desk
from collector.web.department.download import attachment
from storage.errors import StoreError
from storage.views import VIEWS

log = structlog.get_logger(__name__)

ROWS = 200
"""Of a table so many are shown on the page; the file has them all."""
_PATIENCE_S = 60
_MOST_WAITING = 8
"""Each waits in one of the 40 threads that serve all pages, a chair's from a letter too."""
_REFUSED = (
    "С такими условиями этот отчёт построить нельзя. Измените условия, а если не поможет, скажите тем, кто "
    "обслуживает программу."
)


@dataclass(frozen=True, slots=True)
class FormLine:
    """A field of a form as it is shown, with what was typed, and what is wrong with it."""

    name: str
    label: str
    kind: FieldKind
    value: str
    choices: Sequence[tuple[str, str]]
    mistake: str


class Maker:
    """Makes reports, one at a time: one of 80,000 branches takes seconds of a processor and much memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._places = BoundedSemaphore(1 + _MOST_WAITING)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """While it is one's turn. Raises HTTPException where that does not come, at once where too many wait."""
        if not self._places.acquire(blocking=False):
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            if not self._lock.acquire(timeout=_PATIENCE_S):
                raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE)
            try:
                yield
            finally:
                self._lock.release()
        finally:
            self._places.release()

    def make(self, offered: Offered, texts: Mapping[str, str]) -> Report:
        """A report. Raises FormMistakeError where what was typed cannot be used."""
        with self.turn():
            return _made(offered, texts)

    def file(self, offered: Offered, texts: Mapping[str, str], form: str) -> bytes:
        """The same as a file of this form, which takes as much memory again."""
        with self.turn():
            return as_file(_made(offered, texts), form)


def _made(offered: Offered, texts: Mapping[str, str]) -> Report:
    try:
        return offered.make(Asked(texts))
    except StoreError:
        raise
    except CollectorError as error:
        log.warning("report not made", report=offered.name, error=str(error))
        raise FormMistakeError("", _REFUSED) from None


def add_to(app: FastAPI, desk: Desk, maker: Maker) -> None:
    """The routes of reports."""
    by_name = {each.name: each for each in desk.reports}

    def wanted(name: str) -> Offered:
        if name not in by_name:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return by_name[name]

    def form_page(
        request: Request,
        offered: Offered,
        report: Report | None,
        mistake: FormMistakeError | None,
    ) -> Response:
        return desk.page(
            request,
            "report.html.j2",
            HTTPStatus.OK if mistake is None else HTTPStatus.UNPROCESSABLE_ENTITY,
            current="contests" if offered.is_contest else "reports",
            offered=offered,
            form=form_lines(offered, request.query_params, moscow_day(desk.now()), mistake),
            mistake="" if mistake is None or mistake.field else mistake.words,
            report=report,
            rows_shown=ROWS,
        )

    @app.api_route("/reports", methods=["GET", "HEAD"])
    def reports(request: Request) -> Response:
        return desk.page(request, "reports.html.j2", current="reports", reports=desk.reports, views=VIEWS)

    @app.api_route("/reports/{name}", methods=["GET", "HEAD"])
    def report(request: Request, name: str) -> Response:
        offered = wanted(name)
        made, mistake = None, None
        if request.query_params or not offered.fields:
            try:
                made = maker.make(offered, request.query_params)
            except FormMistakeError as error:
                mistake = error
        return form_page(request, offered, made, mistake)

    @app.api_route("/reports/{name}/file", methods=["GET", "HEAD"])
    def file(request: Request, name: str) -> Response:
        offered = wanted(name)
        form = request.query_params.get("as", "")
        if form not in MEDIA_TYPES:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        try:
            content = maker.file(offered, request.query_params, form)
        except FormMistakeError as error:
            return form_page(request, offered, None, error)
        asked = {field.name: request.query_params.get(field.name, "").strip() for field in offered.fields}
        shown = [dict(field.choices).get(asked[field.name], asked[field.name]) for field in offered.fields]
        return Response(
            content,
            media_type=MEDIA_TYPES[form],
            headers={
                **HEADERS,
                **attachment(
                    file_name([offered.title, *shown], form),
                    file_name(
                        [offered.name, *(each for each in asked.values() if each.isascii())], form, "-"
                    ),
                ),
            },
        )


def form_lines(
    offered: Offered, typed: Mapping[str, str], today: date, mistake: FormMistakeError | None
) -> list[FormLine]:
    """The form of a report, as it was filled in, or before anybody typed."""
    return [
        FormLine(
            each.name,
            each.label,
            each.kind,
            typed.get(each.name, "") if typed else each.default(today),
            each.choices,
            mistake.words if mistake is not None and mistake.field == each.name else "",
        )
        for each in offered.fields
    ]


def file_name(parts: Sequence[str], ending: str, between: str = " ") -> str:
    """A file's name of some words, without what a file's name may not have."""
    name = between.join(undirected(each) for each in parts if each)
    return (
        "".join(each if each.isprintable() and each not in '\\/:*?"<>|' else "_" for each in name)
        + f".{ending}"
    )

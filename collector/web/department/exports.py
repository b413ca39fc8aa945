"""The public views' rows as files: however many, made whole beside and then sent, so that none arrives torn."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from http import HTTPStatus
from pathlib import Path
from threading import Lock

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from collector.domain.calendar import written_day
from collector.reports.rendering.files import MEDIA_TYPES
from collector.reports.rendering.rows import write_csv, write_workbook
from collector.web.department.desk import HEADERS, Desk
from collector.web.department.download import attachment
from storage.views import VIEWS, View

_FORMS = ("csv", "xlsx")


class _SentOnce(FileResponse):
    """A file that was made for one answer: sent whole whatever part is asked for, and gone however that ends.

    Parts of files that were made at different times would make a torn one.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [each for each in scope["headers"] if each[0] != b"range"]
        try:
            await super().__call__({**scope, "headers": headers}, receive, send)
        finally:
            Path(self.path).unlink(missing_ok=True)


def add_to(app: FastAPI, desk: Desk) -> None:
    """The route of exports."""
    views = {view.name: view for view in VIEWS}
    lock = Lock()

    @app.api_route("/exports/file", methods=["GET", "HEAD"])
    def export(request: Request) -> Response:
        asked = request.query_params
        view, form = views.get(asked.get("view", "")), asked.get("as", "")
        if view is None or form not in _FORMS:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        first, last = (_day(asked.get(name, "")) for name in ("from", "to"))
        if view.period_column is None:
            # It tells of now: there is nothing to choose from.
            first = last = None
        if not lock.acquire(blocking=False):
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            file = _written(desk, view, form, first, last)
        finally:
            lock.release()
        days = [str(each) for each in (first, last) if each is not None]
        return _SentOnce(
            file,
            media_type=MEDIA_TYPES[form],
            headers={
                **HEADERS,
                "Accept-Ranges": "none",
                **attachment(
                    " ".join([view.title, *days]) + f".{form}", "-".join([view.name, *days]) + f".{form}"
                ),
            },
        )


def _written(desk: Desk, view: View, form: str, first: date | None, last: date | None) -> Path:
    """A file of its rows, which the caller has to delete."""
    handle, name = tempfile.mkstemp(prefix="collector-export-", suffix=f".{form}")
    os.close(handle)
    file = Path(name)
    try:
        with desk.store.reports.view_rows(view.name, first, last) as found:
            if form == "xlsx":
                write_workbook(found.columns, found.rows, file)
            else:
                with file.open("wb") as out:
                    write_csv(found.columns, found.rows, out)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return file


def _day(text: str) -> date | None:
    """A day; None: none was named. Raises HTTPException for what is none."""
    if not text.strip():
        return None
    day = written_day(text)
    if day is None or not 2000 <= day.year <= 2100:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return day

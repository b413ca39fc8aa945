"""The API's application: a route for each public view, and mistakes as problems (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.exceptions import HTTPException

from collector.domain.calendar import MOSCOW
from collector.web.access.cookies import SESSION_COOKIE
from collector.web.api.cursor import CursorError, cursor, key_of
from collector.web.api.resources import RESOURCES, Resource
from collector.web.problems import ProblemResponse, problem
from storage.errors import StoreError
from storage.export import Value
from storage.store import Store

log = structlog.get_logger(__name__)

_ABOUT = """\
Открытые представления базы, постранично: те же имена, столбцы и слова, что в словаре данных (docs/data-dictionary.md).

- Неизвестное — `null`, никогда не 0.
- Дни — по московскому времени, `2026-12-31`; времена — с указанием пояса, `2026-12-31T12:00:00+03:00`.
- Дальше читают так: значение `next` из ответа — в параметр `after`; `null` — строк больше нет. Остальные параметры
  повторяют.
- Для чтения нужен вход: в браузере — обычный, в программе — заголовок `Authorization: Bearer TOKEN`; токен даёт
  `collector users token NAME`.
"""
_LOGINS: list[Any] = [
    Depends(HTTPBearer(auto_error=False, description="Токен для программ")),
    Depends(APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Вход в браузере")),
]
"""For the description alone: it is the gate that asks for them."""


_PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Что делать"},
        "errors": {
            "type": "array",
            "description": "Какие параметры неверны",
            "items": {
                "type": "object",
                "required": ["parameter", "message"],
                "properties": {"parameter": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_PROBLEMS = {
    401: "Нужен вход",
    422: "Параметр неверен, или такого нет",
    503: "База данных не ответила: попробуйте позже",
}


def make_api(store: Store, public_url: str) -> FastAPI:
    """The API. `public_url`: where people reach the page; empty: not known."""
    api = FastAPI(
        title="Монитор сообществ Профсоюза",
        version="1",
        description=_ABOUT,
        servers=[{"url": f"{public_url.rstrip('/')}/api"}],
        root_path_in_servers=False,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses={
            status: {"description": words, "content": {ProblemResponse.media_type: {"schema": _PROBLEM}}}
            for status, words in _PROBLEMS.items()
        },
    )
    for resource in RESOURCES:
        api.get(
            resource.path,
            name=resource.view.name,
            operation_id=resource.view.name,
            summary=resource.view.comment,
            response_model=resource.answer,
            dependencies=_LOGINS,
        )(_reading(store, resource))
    _tell_problems(api)
    return api


def _reading(store: Store, resource: Resource) -> Callable[..., Response]:
    def read(asked: Any) -> Response:
        first, last = getattr(asked, "first", None), getattr(asked, "last", None)
        if first is not None and last is not None and last < first:
            return _mistake("to", "is before `from`")
        try:
            after = None if asked.after is None else key_of(asked.after, resource.view)
        except CursorError as error:
            return _mistake("after", str(error))
        given = {by: getattr(asked, name) for name, by in resource.filters.items()}
        page = store.reports.view_page(
            resource.view.name,
            limit=asked.limit,
            after=after,
            first=first,
            last=last,
            only={by: wanted for by, wanted in given.items() if wanted is not None},
        )
        rows = [_row(page.columns, row) for row in page.rows]
        return JSONResponse(
            {"rows": rows, "next": None if page.next_after is None else cursor(page.next_after)}
        )

    # Made here, as each view has other parameters.
    read.__annotations__["asked"] = Annotated[resource.parameters, Query()]
    return read


def _row(columns: Sequence[str], row: Sequence[Value]) -> dict[str, Any]:
    return {name: _told(value) for name, value in zip(columns, row, strict=True)}


def _told(value: Value) -> Any:
    # The views' times are Moscow's without saying so; a script is told the zone.
    if isinstance(value, datetime):
        return value.replace(tzinfo=MOSCOW).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _mistake(parameter: str, message: str) -> ProblemResponse:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors=[{"parameter": parameter, "message": message}])


def _tell_problems(api: FastAPI) -> None:
    @api.exception_handler(RequestValidationError)
    def unreadable(_request: Request, error: RequestValidationError) -> Response:
        mistakes = [{"parameter": str(each["loc"][-1]), "message": each["msg"]} for each in error.errors()]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, errors=mistakes)

    @api.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> Response:
        answer = problem(HTTPStatus(error.status_code))
        answer.headers.update(error.headers or {})
        return answer

    @api.exception_handler(StoreError)
    def database_away(_request: Request, error: Exception) -> Response:
        log.error("data not served: the database did not answer", error=str(error))
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "try again in a few minutes")

    @api.exception_handler(Exception)
    def bug(_request: Request, _error: Exception) -> Response:
        # It is raised again after this answer, so that the server logs it.
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR)

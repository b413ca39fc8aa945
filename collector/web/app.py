"""The application: routes, and how what goes wrong is told to a visitor.

GET and HEAD change nothing, whatever their query: mail scanners open every link. A form's POST does what it says
and leads back to the letter's page (303), which shows how things stand, so that neither a second click nor a reload
does anything twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp

from collector.domain.calendar import moscow_day
from collector.domain.episode import mute_days
from collector.notifications.links import LetterLink, LinkExpiredError, LinkInvalidError, LinkSigner
from collector.web import department
from collector.web.access import Access
from collector.web.access.gate import API
from collector.web.api import guide, make_api
from collector.web.department import Desk
from collector.web.forms import LONGEST_REASON, MuteForm, read_mute_form
from collector.web.guard import Guarded, is_of_this_site
from collector.web.letter_page import LetterPage, letter_page
from collector.web.shown import STYLESHEET, page, told, up
from storage.errors import StoreError
from storage.store import Store

log = structlog.get_logger(__name__)

_LONGEST_BODY = 16 * 1024
"""A reason of 500 Cyrillic letters, percent-encoded, takes 3000."""

_READ = ["GET", "HEAD"]
_TextField = Annotated[str, Form()]


def make_app(
    store: Store,
    links: LinkSigner,
    now: Callable[[], datetime],
    access: Access,
    *,
    public_url: str,
    desk: Desk,
) -> ASGIApp:
    """The application. `public_url`: where people reach it; empty: not known. `desk`: of the department's pages."""
    app = FastAPI(
        title="Collector",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=_LONGEST_BODY)
    _tell_errors(app)
    _add_plain_routes(app)
    _Letters(store, links, now, public_url).add_to(app)
    department.add_to(app, desk)
    app.mount(API, make_api(store, public_url))
    guide.add_to(app, desk, public_url)
    # Last, hence before all else: see there.
    access.add_to(app)
    return Guarded(app, public_url)


def _add_plain_routes(app: FastAPI) -> None:
    @app.api_route("/healthz", methods=_READ)
    def healthz() -> Response:
        return PlainTextResponse("ok")

    @app.api_route("/style.css", methods=_READ)
    def style() -> Response:
        return Response(STYLESHEET, media_type="text/css; charset=utf-8")


class _Letters:
    """The pages of letters."""

    def __init__(self, store: Store, links: LinkSigner, now: Callable[[], datetime], public_url: str) -> None:
        self._store = store
        self._links = links
        self._now = now
        self._public_url = public_url

    def add_to(self, app: FastAPI) -> None:
        app.api_route("/letters/{token}", methods=_READ)(self.show)
        app.post("/letters/{token}/acknowledge")(self.acknowledge)
        app.post("/letters/{token}/mute")(self.mute)
        app.post("/letters/{token}/unmute")(self.unmute)

    def show(self, request: Request, token: str, done: str = "") -> Response:
        link = self._links.read(token, self._now())
        return self._page(request, token, self._facts(link), done=done)

    def acknowledge(self, request: Request, token: str) -> Response:
        link, facts = self._asked(request, token)
        if facts.episode is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        self._store.silences.acknowledge(facts.episode.silence_id, self._who(link), self._now())
        return self._back(request, token, "acknowledge")

    def mute(self, request: Request, token: str, until: _TextField = "", reason: _TextField = "") -> Response:
        link, facts = self._asked(request, token)
        if not facts.branch.is_live:
            return self._page(request, token, facts, status=HTTPStatus.CONFLICT)
        form = read_mute_form(until, reason, moscow_day(self._now()))
        if form.until is None or form.mistakes:
            return self._page(request, token, facts, status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
        self._store.silences.mute(facts.branch.code, form.until, form.reason, self._who(link), self._now())
        return self._back(request, token, "mute")

    def unmute(self, request: Request, token: str) -> Response:
        link, facts = self._asked(request, token)
        if not facts.branch.is_live:
            return self._page(request, token, facts, status=HTTPStatus.CONFLICT)
        self._store.silences.unmute(facts.branch.code, self._who(link), self._now())
        return self._back(request, token, "unmute")

    def _asked(self, request: Request, token: str) -> tuple[LetterLink, LetterPage]:
        """Whose form it is, and about what."""
        link = self._links.read(token, self._now())
        if not is_of_this_site(request.headers, self._public_url):
            log.warning("form of another site refused", who=link.email)
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return link, self._facts(link)

    def _facts(self, link: LetterLink) -> LetterPage:
        found = letter_page(self._store, link, self._now())
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return found

    def _who(self, link: LetterLink) -> str:
        name = self._store.contact_name(link.email)
        shown = link.email if name is None else f"{name} ({link.email})"
        return f"{shown}, по ссылке из письма"

    def _page(
        self,
        request: Request,
        token: str,
        facts: LetterPage,
        *,
        done: str = "",
        status: int = HTTPStatus.OK,
        form: MuteForm | None = None,
    ) -> Response:
        earliest, latest = mute_days(moscow_day(self._now()))
        return page(
            request,
            "letter.html.j2",
            status,
            facts=facts,
            done=done,
            form=form or MuteForm.of(facts.mute),
            action=f"{up(request)}letters/{token}",
            earliest=earliest,
            latest=latest,
            longest_reason=LONGEST_REASON,
        )

    def _back(self, request: Request, token: str, done: str) -> Response:
        return RedirectResponse(f"{up(request)}letters/{token}?done={done}", HTTPStatus.SEE_OTHER)


_SAID = {
    HTTPStatus.NOT_FOUND: ("Такой страницы нет", "Проверьте адрес."),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Сейчас не получилось",
        "Готовится другой отчёт или файл. Попробуйте через минуту.",
    ),
}
_ELSE_SAID = ("Так эту страницу открыть нельзя", "Проверьте адрес и то, что указано в форме.")
_SAID_OF_LETTERS = {
    HTTPStatus.NOT_FOUND: (
        "Такой страницы нет",
        "Проверьте, что ссылка из письма скопирована целиком, или откройте её прямо из письма. Не помогло? Ответьте на "
        "письмо.",
    ),
    HTTPStatus.FORBIDDEN: (
        "Форма отправлена с чужого сайта",
        "Ничего не изменено. Откройте ссылку из письма и нажмите кнопку на нашей странице.",
    ),
}
_ELSE_SAID_OF_LETTERS = ("Так эту страницу открыть нельзя", "Откройте ссылку из письма.")


def _told_of(request: Request, status: HTTPStatus) -> Response:
    """A page that says why there is no other, to those who came from a letter in words of their own."""
    if request.scope["path"].startswith("/letters/"):
        return told(request, status, *_SAID_OF_LETTERS.get(status, _ELSE_SAID_OF_LETTERS))
    return told(request, status, *_SAID.get(status, _ELSE_SAID), leads_on=True)


def _tell_errors(app: FastAPI) -> None:
    """What went wrong, in words for the visitor; the details are for the log."""

    @app.exception_handler(LinkExpiredError)
    def expired(request: Request, _error: Exception) -> Response:
        return told(
            request,
            HTTPStatus.GONE,
            "Ссылка устарела",
            "Ответьте на письмо, из которого вы пришли: ответ получит информационный отдел.",
        )

    @app.exception_handler(LinkInvalidError)
    def invalid(request: Request, _error: Exception) -> Response:
        return _told_of(request, HTTPStatus.NOT_FOUND)

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        answer = _told_of(request, HTTPStatus(error.status_code))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, _error: Exception) -> Response:
        return _told_of(request, HTTPStatus.BAD_REQUEST)

    @app.exception_handler(StoreError)
    def database_away(request: Request, error: Exception) -> Response:
        log.error("page not served: the database did not answer", error=str(error))
        return told(
            request,
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Сейчас не получилось",
            "Попробуйте ещё раз через несколько минут.",
        )

    @app.exception_handler(Exception)
    def bug(request: Request, _error: Exception) -> Response:
        # It is raised again after this answer, so that the server logs it.
        return told(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "Что-то сломалось у нас",
            "Попробуйте ещё раз, а если не получится, ответьте на письмо.",
        )

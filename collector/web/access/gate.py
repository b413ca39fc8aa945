"""The gate before every page: who has no session gets to the login, who has one is told to the page.

It stands before the routes, and lets through only what is named here, so a page that is added later is guarded by
itself. What a page may know stands in `request.state.visitor`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.web.access.parts import Parts
from collector.web.access.policy import Asks, is_from_this_machine
from collector.web.access.sessions import Session
from collector.web.access.users import Users, token_hash
from collector.web.guard import is_of_this_site
from collector.web.problems import problem
from collector.web.shown import told, up

LOGIN, LOGOUT = "/login", "/logout"
_OPEN = {LOGIN, "/healthz", "/style.css"}
_OPEN_BELOW = "/letters/"
"""Each by the token in its own address."""
API = "/api"
_LONGEST_NEXT = 2_000
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page. `form_token`: for the form that logs out; empty for a script."""

    name: str
    form_token: str


class Gate:
    """Asks for a login, where one is asked for."""

    def __init__(self, app: ASGIApp, *, asks: Asks, parts: Parts) -> None:
        self._app = app
        self._asks = asks
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        users = self._parts.users.users()
        now = self._parts.now()
        session = self._parts.sessions.read(self._parts.cookies.session(request), users, now)
        visitor = self._visitor(request, session, users, now)
        request.state.visitor = visitor
        request.state.session = session
        refused = None if _is_open(scope["path"]) else self._refusal(request, visitor, users)
        if refused is not None:
            await refused(scope, receive, send)
        elif session is not None and session.is_to_be_renewed(now) and scope["path"] not in (LOGIN, LOGOUT):
            cookie = self._parts.cookies.with_session(
                self._parts.sessions.renew(session, users[session.user], now)
            )
            await self._app(scope, receive, _with_cookie(send, cookie))
        else:
            await self._app(scope, receive, send)

    def _visitor(
        self, request: Request, session: Session | None, users: Users, now: datetime
    ) -> Visitor | None:
        if session is not None:
            return Visitor(session.user, self._parts.forms.token(session.id, now))
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # A script's token is good for what scripts read, no more.
        if scheme.lower() == "bearer" and _is_api(request.scope["path"]):
            hashed = token_hash(token.strip())
            return next(
                (Visitor(user.name, "") for user in users.values() if user.token_hash == hashed), None
            )
        return None

    def _refusal(self, request: Request, visitor: Visitor | None, users: Users) -> Response | None:
        """The answer to who may not go on; None: they may."""
        is_asked = self._asks is Asks.EVERYBODY or (
            self._asks is Asks.NOT_THIS_MACHINE and not is_from_this_machine(request.headers)
        )
        if is_asked and visitor is None:
            return _without_login(request, users)
        if request.method not in _SAFE and not is_of_this_site(request.headers, self._parts.public_url):
            return told(
                request, HTTPStatus.FORBIDDEN, "Форма отправлена с чужого сайта", "Ничего не изменено."
            )
        return None


def without_users(request: Request) -> Response:
    """What everybody is told while there is nobody who could log in."""
    return told(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Вход ещё не настроен",
        "Эту страницу видно из сети, поэтому её читают только после входа, а пользователей пока нет.",
        "Тем, кто обслуживает программу: добавьте их командой collector users add ИМЯ. Если они уже добавлены, причина "
        "названа в журнале программы.",
        "Ссылки из писем работают и без входа.",
    )


def _without_login(request: Request, users: Users) -> Response:
    if _is_api(request.scope["path"]):
        answer = problem(
            HTTPStatus.UNAUTHORIZED,
            "log in with a browser, or send a script's token: Authorization: Bearer TOKEN "
            "(`collector users token NAME` makes one)",
        )
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if not users:
        return without_users(request)
    back = _way_back(request)
    return RedirectResponse(
        f"{up(request)}{LOGIN.removeprefix('/')}{f'?next={back}' if back else ''}", HTTPStatus.SEE_OTHER
    )


def _way_back(request: Request) -> str:
    """Where the visitor wanted to go, as a value of a query; empty: to the beginning."""
    if request.method not in ("GET", "HEAD"):
        return ""
    # As it was written: %2F in a branch's code is no slash between folders.
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    wanted = f"{path}?{query}" if query else path
    return quote(wanted, safe="/") if wanted != "/" and len(wanted) <= _LONGEST_NEXT else ""


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_BELOW)


def _is_api(path: str) -> bool:
    return path.startswith(f"{API}/")


def _with_cookie(send: Send, cookie: str) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # What is no page may be kept by a cache, and given to others.
            if headers.get("content-type", "").startswith("text/html"):
                headers.append("set-cookie", cookie)
        await send(message)

    return send_with_cookie

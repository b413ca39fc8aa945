"""The pages of the login: a form, and the way out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from ipaddress import ip_address
from typing import Annotated

import structlog
from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from collector.web.access.brakes import Brakes, Counted, Suspect
from collector.web.access.gate import LOGIN, LOGOUT, without_users
from collector.web.access.next_page import own_path
from collector.web.access.parts import Parts
from collector.web.access.passwords import PasswordCheck, TooManyLoginsError
from collector.web.access.users import User, user_name
from collector.web.guard import is_of_this_site
from collector.web.shown import page, told, up

log = structlog.get_logger(__name__)

_TextField = Annotated[str, Form()]
_WRONG = "Имя или пароль не подходят. Проверьте раскладку и заглавные буквы."
_STALE = "Форма устарела, или браузер не сохраняет cookie. Войдите ещё раз; cookie для этого сайта нужны."
_BUSY = "Сейчас входит слишком много людей. Попробуйте через несколько секунд."


class LoginPages:
    """Where people log in and out."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._passwords = PasswordCheck()
        self._brakes = Brakes()

    def add_to(self, app: FastAPI) -> None:
        """Add the routes."""
        app.api_route(LOGIN, methods=["GET", "HEAD"])(self.show)
        app.post(LOGIN)(self.enter)
        app.post(LOGOUT)(self.leave)

    def show(self, request: Request, next: str = "") -> Response:
        """The form; who is logged in already is led on."""
        if not self._parts.users.users():
            return without_users(request)
        if request.state.session is not None:
            return self._onward(request, next)
        return self._form(request, next)

    def enter(
        self,
        request: Request,
        name: _TextField = "",
        password: _TextField = "",
        next: _TextField = "",
        token: _TextField = "",
    ) -> Response:
        """Log in."""
        users, now = self._parts.users.users(), self._parts.now()
        if not users:
            return without_users(request)
        if not is_of_this_site(request.headers, self._parts.public_url):
            log.warning("login form of another site refused")
            return told(request, HTTPStatus.FORBIDDEN, "Форма отправлена с чужого сайта", "Вход не выполнен.")
        bound_to = self._parts.cookies.form(request)
        if not bound_to or not self._parts.forms.is_ours(token, bound_to, now):
            return self._form(request, next, name, _STALE, HTTPStatus.FORBIDDEN)
        found = user_name(name)
        user = None if found is None else users.get(found)
        suspects = self._suspects(request, user, found or "", now)
        wait = self._brakes.attempt(suspects, now)
        if wait > timedelta(0):
            return self._slowed(request, next, name, user, wait)
        try:
            is_known = suspects[0].counted is Counted.BY_BROWSER
            is_right = self._passwords.is_right(user, password, is_known=is_known)
        except TooManyLoginsError:
            self._brakes.unjudged(suspects)
            return self._form(request, next, name, _BUSY, HTTPStatus.SERVICE_UNAVAILABLE)
        if user is None or not is_right:
            log.warning("login refused", who=_known(user))
            return self._form(request, next, name, _WRONG, HTTPStatus.FORBIDDEN)
        self._brakes.succeeded(suspects)
        log.info("logged in", who=user.name)
        answer = self._onward(request, next)
        self._parts.cookies.set_session(answer, self._parts.sessions.begin(user, now))
        self._parts.cookies.set_browser(answer, self._parts.browsers.mark(user, now))
        return answer

    def leave(self, request: Request, token: _TextField = "") -> Response:
        """Log out. The gate has let only somebody with a session come here, or somebody on this machine."""
        session, now = request.state.session, self._parts.now()
        answer = RedirectResponse(f"{up(request)}{LOGIN.removeprefix('/')}", HTTPStatus.SEE_OTHER)
        if session is None:
            return answer
        if not self._parts.forms.is_ours(token, session.id, now):
            return told(
                request,
                HTTPStatus.FORBIDDEN,
                "Форма устарела",
                "Вы ещё не вышли. Вернитесь на страницу, обновите её и нажмите «Выйти» ещё раз.",
            )
        self._parts.sessions.end(session, now)
        log.info("logged out", who=session.user)
        self._parts.cookies.end_session(answer)
        return answer

    def _suspects(self, request: Request, user: User | None, name: str, now: datetime) -> list[Suspect]:
        """Who is slowed if this fails: a browser that is known answers for itself alone."""
        browser = user and self._parts.browsers.number(self._parts.cookies.browser(request), user.name, now)
        if browser:
            return [Suspect(Counted.BY_BROWSER, browser)]
        address = _address(request)
        return [
            Suspect(Counted.BY_USER, name),
            *([Suspect(Counted.BY_ADDRESS, address)] if address else []),
        ]

    def _slowed(self, request: Request, next: str, name: str, user: User | None, wait: timedelta) -> Response:
        seconds = int(wait.total_seconds()) + 1
        log.warning("login slowed", who=_known(user), seconds=seconds)
        mistake = f"Слишком много неудачных попыток. Следующая возможна через {seconds} с."
        answer = self._form(request, next, name, mistake, HTTPStatus.TOO_MANY_REQUESTS)
        answer.headers["Retry-After"] = str(seconds)
        return answer

    def _form(
        self,
        request: Request,
        next: str,
        name: str = "",
        mistake: str = "",
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        # Kept where there is one, so that a second window's form does not make the first one's stale.
        bound_to = self._parts.cookies.form(request)
        if not (16 <= len(bound_to) <= 64):
            bound_to = secrets.token_urlsafe(18)
        answer = page(
            request,
            "login.html.j2",
            status,
            name=name,
            next=next,
            mistake=mistake,
            token=self._parts.forms.token(bound_to, self._parts.now()),
        )
        self._parts.cookies.set_form(answer, bound_to)
        return answer

    def _onward(self, request: Request, next: str) -> Response:
        return RedirectResponse(f"{up(request)}{own_path(next)}", HTTPStatus.SEE_OTHER)


def _address(request: Request) -> str:
    """Where a request comes from; empty: from a proxy on this machine, behind which all are alike."""
    host = request.client.host if request.client else ""
    try:
        return "" if ip_address(host).is_loopback else host
    except ValueError:
        return ""


def _known(user: User | None) -> str:
    """For the log: a name that is nobody's may be a password in the wrong field."""
    return "nobody known" if user is None else user.name

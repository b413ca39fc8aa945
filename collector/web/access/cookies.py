"""The cookies: what they are called, and how narrowly a browser is told to handle them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from collector.web.access.sessions import BROWSER_KNOWN_FOR, FORM_LASTS, SESSION_LASTS

SESSION_COOKIE = "collector_session"
_BROWSER, _FORM = "collector_browser", "collector_form"


class Cookies:
    """Sent to our own paths alone, out of scripts' reach, not with other sites' forms; over TLS if we have it.

    SameSite is Lax: Strict would show the login to whoever follows a link in a mail, and a GET changes nothing.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._path = parts.path.rstrip("/") or "/"
        self._is_secure = parts.scheme == "https"

    def session(self, request: Request) -> str:
        """The session's cookie; empty: there is none."""
        return request.cookies.get(SESSION_COOKIE, "")

    def browser(self, request: Request) -> str:
        """The mark of a browser that is known; empty: there is none."""
        return request.cookies.get(_BROWSER, "")

    def form(self, request: Request) -> str:
        """What the login form's token is bound to; empty: there is none."""
        return request.cookies.get(_FORM, "")

    def with_session(self, value: str) -> str:
        """The header that sets a session's cookie."""
        answer = Response()
        self.set_session(answer, value)
        return answer.headers["set-cookie"]

    def set_session(self, answer: Response, value: str) -> None:
        """Keep a session."""
        self._set(answer, SESSION_COOKIE, value, SESSION_LASTS)

    def set_browser(self, answer: Response, value: str) -> None:
        """Keep the mark of a known browser."""
        self._set(answer, _BROWSER, value, BROWSER_KNOWN_FOR)

    def set_form(self, answer: Response, value: str) -> None:
        """Keep what the form's token is bound to."""
        self._set(answer, _FORM, value, FORM_LASTS)

    def end_session(self, answer: Response) -> None:
        """Forget the session."""
        self._set(answer, SESSION_COOKIE, "", timedelta(0))

    def _set(self, answer: Response, name: str, value: str, lasts: timedelta) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path=self._path,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )

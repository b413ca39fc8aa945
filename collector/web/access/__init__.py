"""Who may read the page: users and their passwords, sessions, the login, and the gate before every other page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import FastAPI

from collector.web.access.cookies import Cookies
from collector.web.access.gate import Gate, Visitor
from collector.web.access.pages import LoginPages
from collector.web.access.parts import Parts
from collector.web.access.policy import Asks
from collector.web.access.sessions import FormTokens, KnownBrowsers, Sessions
from collector.web.access.users_file import UsersFile


class Access:
    """All that guards an application."""

    def __init__(
        self, asks: Asks, users: UsersFile, secret: str, now: Callable[[], datetime], public_url: str
    ) -> None:
        """`secret`: what cookies are signed with; another one ends all sessions."""
        self.asks = asks
        self.users = users
        self._parts = Parts(
            users,
            Sessions(secret),
            FormTokens(secret),
            KnownBrowsers(secret),
            Cookies(public_url),
            now,
            public_url,
        )

    def add_to(self, app: FastAPI) -> None:
        """Add the login, and put the gate before every route, those that are added later too."""
        LoginPages(self._parts).add_to(app)
        app.add_middleware(Gate, asks=self.asks, parts=self._parts)


__all__ = ["Access", "Visitor"]

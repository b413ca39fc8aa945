"""What the gate and the login's pages both work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collector.web.access.cookies import Cookies
from collector.web.access.sessions import FormTokens, KnownBrowsers, Sessions
from collector.web.access.users_file import UsersFile


@dataclass(frozen=True, slots=True)
class Parts:
    """Who may log in, what their browsers show for it, when it is, and where people reach the page ("": not known)."""

    users: UsersFile
    sessions: Sessions
    forms: FormTokens
    browsers: KnownBrowsers
    cookies: Cookies
    now: Callable[[], datetime]
    public_url: str

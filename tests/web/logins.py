"""Users of the page, and a browser that logs in over HTTP."""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType

import httpx
from argon2 import PasswordHasher

from collector.web.access.users import User, read_users, users_text
from tests.web.site import NOW

PASSWORD = "четыре-слова-и-точка"
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hash bears its own cost: the program checks it as any other, only sooner."""


def a_user(name: str, password: str = PASSWORD, token_hash: str | None = None) -> User:
    return User(name=name, password_hash=_QUICK.hash(password), token_hash=token_hash, added_at=NOW)


def write_users(path: Path, *users: User) -> None:
    """Whole, as the command does it."""
    beside = path.with_suffix(".new")
    beside.write_text(users_text(users))
    beside.replace(path)
    assert set(read_users(path)) == {user.name for user in users}


class Browser:
    """Keeps cookies, follows no redirect by itself."""

    def __init__(self, base: str) -> None:
        self.http = httpx.Client(base_url=base, timeout=30, verify=False, trust_env=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def login(self, name: str, password: str = PASSWORD, next: str = "") -> httpx.Response:
        """Fill in the form and send it."""
        form = self.get("login")
        assert form.status_code == 200, form.text
        return self.send(name, password, next, hidden(form))

    def send(self, name: str, password: str, next: str, token: str) -> httpx.Response:
        return self.http.post(
            "login", data={"name": name, "password": password, "next": next, "token": token}
        )

    @property
    def session(self) -> str | None:
        return self.http.cookies.get("collector_session")


def hidden(page: httpx.Response) -> str:
    """The token in a page's form."""
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]

"""The page as a visitor meets it: served by uvicorn over HTTP, on a real database."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Table, insert, select, update
from starlette.types import ASGIApp

from collector.bootstrap.page import background, web_app
from collector.bootstrap.program import Program
from collector.domain.model import BranchDeclaration, BranchKind, Contact, ContactRole
from collector.domain.redaction import Redactor
from collector.notifications.links import LetterLink, LinkSigner
from collector.settings import Settings
from storage.engine import reading, writing
from storage.letter_tables import branch_mute, outbox_message, silence
from storage.store import Store

NOW = datetime(2026, 10, 15, 11, 5, tzinfo=UTC)
DAY = timedelta(days=1)
LAST_POST = datetime(2026, 10, 1, 9, tzinfo=UTC)
CHAIR = Contact(ContactRole.CHAIR, "Иванова Анна Петровна", "chair@example.org")
SECRET = "a-secret-of-at-least-32-characters"
TABLES: tuple[Table, ...] = (silence, branch_mute, outbox_message)


@dataclass
class Site:
    """A store with one branch, number 1, and the page on it. `declares` False: with what it has already."""

    store: Store
    public_url: str = "https://collector.example.org"
    name: str = "ТПО Восточного округа"
    now: datetime = NOW
    declares: bool = True
    login: str = "never"
    users_file: Path = Path("no-users.json")
    contest_rules_file: Path | None = None
    base: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.declares:
            self.store.sync_branches([self.declared], NOW - 100 * DAY)

    @property
    def declared(self) -> BranchDeclaration:
        return BranchDeclaration("ВАО", self.name, BranchKind.TERRITORIAL, contacts=(CHAIR,))

    @property
    def signer(self) -> LinkSigner:
        return LinkSigner(SECRET, self.public_url, 60 * DAY)

    @property
    def parts(self) -> Program:
        web = {
            "secret": SECRET,
            "public_url": self.public_url or None,
            "link_days": 60,
            "login": self.login,
            "users_file": self.users_file,
        }
        settings = Settings(_env_file=None, web=web, contest_rules_file=self.contest_rules_file)  # type: ignore[call-arg, arg-type]
        return Program(
            settings, Redactor(settings.secrets()), self.store, lambda: self.now, threading.Event()
        )

    def app(self, host: str = "127.0.0.1") -> ASGIApp:
        """The application as it would listen there, to be asked in this process."""
        return web_app(self.parts, host)

    @contextmanager
    def served(self) -> Iterator[Site]:
        """While the page is there."""
        with background(self.parts, "127.0.0.1:0") as port:
            self.base = f"http://127.0.0.1:{port}"
            yield self

    def falls_silent(self, **more: Any) -> int:
        """An episode, open unless said otherwise."""
        values = {
            "branch_id": 1,
            "silent_since": LAST_POST + 7 * DAY,
            "detected_at": LAST_POST + 7 * DAY,
            "confirmed_at": NOW - timedelta(minutes=20),
            "threshold_days": 7,
            "counted_from": LAST_POST,
            "last_post_at": LAST_POST,
            "last_post_network": "vk",
            "last_post_url": "https://vk.com/wall-1_1",
            "proof": json.dumps([]),
            **more,
        }
        with writing(self.store._engine) as conn:
            made: int = conn.execute(insert(silence).values(values).returning(silence.c.id)).scalar_one()
            return made

    def posts_again(self, at: datetime = NOW - timedelta(hours=1)) -> None:
        """Every open episode ends."""
        with writing(self.store._engine) as conn:
            conn.execute(
                update(silence)
                .where(silence.c.resumed_at.is_(None))
                .values(resumed_at=at, resume_detected_at=at, end_reason="posted")
            )

    def link(self, silence_id: int | None = None, at: datetime | None = None) -> str:
        """The address in a letter to the chair, as it can be reached here."""
        url = self.signer.url(LetterLink(silence_id, 1, CHAIR.email), at or self.now)
        return self.base + urlsplit(url).path.removeprefix(urlsplit(self.public_url).path.rstrip("/"))

    def rows(self, table: Table) -> list[Any]:
        with reading(self.store._engine) as conn:
            return list(conn.execute(select(table).order_by(table.c.id)))

    def everything(self) -> list[list[Any]]:
        """All that the page could change."""
        return [self.rows(table) for table in TABLES]


def ask(method: str, url: str, **options: Any) -> httpx.Response:
    # It is plain HTTP; to load certificates for each request would take longer than all else.
    return httpx.request(method, url, timeout=30, verify=False, trust_env=False, **options)


def get(url: str) -> httpx.Response:
    return ask("GET", url)


def post(url: str, follow: bool = True, **options: Any) -> httpx.Response:
    return ask("POST", url, follow_redirects=follow, **options)

"""What every page of the department stands on, and the frame around it: navigation, freshness, headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from collector.notifications import words
from collector.reports.offered import Offered
from collector.web.department import assets
from collector.web.shown import page
from storage.store import LastRound, Store

HEADERS = {
    # Own scripts draw the charts and fetch their data from here; nothing comes from elsewhere, nothing stands inline.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A page that the header leads to: its path below ours, and its name."""

    path: str
    title: str


NAVIGATION = (
    NavigationItem("", "Обзор"),
    NavigationItem("contests", "Конкурсы"),
    NavigationItem("reports", "Отчёты"),
    NavigationItem("health", "Как идёт сбор"),
)


@dataclass(frozen=True, slots=True)
class SilenceRule:
    """What the settings say of silence, where a branch says nothing itself."""

    threshold: timedelta
    count_reposts: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that the pages are made with."""

    store: Store
    now: Callable[[], datetime]
    rule_now: Callable[[], SilenceRule]
    """Settings may change while the page is served."""
    reports: Sequence[Offered]

    @property
    def rule(self) -> SilenceRule:
        """What the settings say of silence now."""
        return self.rule_now()

    def page(
        self, request: Request, template: str, status: int = HTTPStatus.OK, *, current: str, **values: Any
    ) -> Response:
        """A page in the department's frame. `current`: the path of the navigation's item that it belongs to."""
        answer = page(
            request,
            f"department/{template}",
            status,
            navigation=NAVIGATION,
            asset=assets.address,
            current=current,
            freshness=freshness(self.store.last_round(), self.now()),
            **values,
        )
        answer.headers.update(HEADERS)
        return answer


def freshness(last: LastRound | None, now: datetime) -> str:
    """How old what is shown may be, in one sentence."""
    if last is None:
        return "Обходов ещё не было: данных пока нет."
    begun = f"Последний обход начат {words.near_moment(last.started_at, now)}"
    if last.finished_at is None:
        return f"{begun} и ещё не закончен."
    ended = words.clock(last.finished_at)
    told = f"прочитано {words.number(last.read_count)} из {words.number(last.due_count)}"
    return f"{begun}, закончен в {ended}: {told}. Время московское."

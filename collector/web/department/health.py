"""How collection goes, for ops and for whoever wonders why a number is old."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from collector.domain.errors import FailureKind
from collector.domain.notification import MessageStatus
from collector.web.department.desk import Desk

_RUNS = 20
_FINDINGS = 50

STATUSES = {
    "running": "идёт",
    "finished": "закончен",
    "stopped": "остановлен",
    "abandoned": "прерван",
}
LETTERS = {
    MessageStatus.PENDING: "ждут отправки",
    MessageStatus.SENT: "отправлены",
    MessageStatus.FAILED: "не доставлены",
    MessageStatus.CANCELLED: "отменены",
}
FAILURES = {
    FailureKind.TEMPORARY: "сеть временно не ответила",
    FailureKind.RATE_LIMITED: "сеть просит спрашивать реже",
    FailureKind.QUOTA_SPENT: "исчерпан суточный лимит запросов",
    FailureKind.CLOCK_WRONG: "часы сервера идут неверно",
    FailureKind.INTERRUPTED: "обход остановили раньше",
    FailureKind.NO_TOKEN: "нет ключа доступа к сети",
    FailureKind.TOKEN_REFUSED: "сеть не приняла ключ доступа",
    FailureKind.TOKEN_WRONG_KIND: "ключ доступа не того вида",
    FailureKind.TOKEN_SUSPECTED: "похоже, дело в ключе доступа",
    FailureKind.CAPTCHA: "сеть требует ввести код с картинки",
    FailureKind.PERMISSION_MISSING: "ключу доступа не хватает прав",
    FailureKind.CLOSED: "сообщество закрыто",
    FailureKind.PRIVATE: "сообщество закрыто, вход по приглашению",
    FailureKind.BANNED: "сообщество заблокировано",
    FailureKind.DELETED: "сообщество удалено",
    FailureKind.MISSING: "сообщество не найдено",
    FailureKind.NOT_A_COMMUNITY: "по этой ссылке не сообщество",
    FailureKind.WALL_DISABLED: "стена отключена",
    FailureKind.DUPLICATE: "две ссылки ведут в одно сообщество",
    FailureKind.UNEXPECTED_RESPONSE: "ответ сети непонятен",
    FailureKind.REQUEST_REJECTED: "сеть отвергла запрос",
}


def add_to(app: FastAPI, desk: Desk) -> None:
    """The route of the page."""

    @app.api_route("/health", methods=["GET", "HEAD"])
    def health(request: Request) -> Response:
        now = desk.now()
        store = desk.store
        return desk.page(
            request,
            "health.html.j2",
            current="health",
            networks={each.network: each for each in store.findings.networks(now)},
            due=store.department.due(now),
            runs=store.department.runs(_RUNS),
            findings=store.department.open_findings(_FINDINGS),
            failures=store.findings.failures(),
            failure_words=FAILURES,
            letters=store.outbox.counts(),
            letter_words=LETTERS,
            statuses=STATUSES,
            now=now,
        )

"""A letter in hand and in words, for the tests of mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from collector.domain.notification import (
    Audience,
    NotificationKind,
    OutboxLetter,
    Recipient,
)
from collector.notifications.message import Sender
from collector.notifications.rendering import Rendered

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
SENDER = Sender("collector@example.org", "Монитор сообществ Профсоюза")


def letter(name: str = "Анна Иванова", email: str = "chair@example.org", number: int = 1) -> OutboxLetter:
    recipient = Recipient(Audience.CHAIR, name, email)
    return OutboxLetter(
        number, f"silence:{number}:{email}", NotificationKind.SILENCE, recipient, 1, number, {}, NOW, 0
    )


def rendered(subject: str = "ВАО: 12 дней без публикаций", **more: Any) -> Rendered:
    words = {"text": "Здравствуйте!\n.\n..Точки.\n", "html": "<html><body><p>Здравствуйте!</p></body></html>"}
    return Rendered(subject, **{**words, **more})

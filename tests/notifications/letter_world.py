"""A silence to write letters about, and every letter that can be written of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from collector.domain.model import BranchKind
from collector.domain.notification import Audience, Recipient
from collector.notifications import letters
from collector.notifications.letters import (
    Addressed,
    BranchInLetter,
    LookInLetter,
    PostInLetter,
    ResumedFacts,
    SilenceFacts,
    WarningFacts,
)
from collector.notifications.rendering import Rendered, Renderer

NOW = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
POSTED = datetime(2026, 11, 3, 11, 5, tzinfo=UTC)
LINK = "https://collector.example.org/letters/signed.token"

CHAIR = Recipient(Audience.CHAIR, "Иванова Ирина Петровна", "chair@vao.example.org")
ADMINISTRATOR = Recipient(Audience.ADMINISTRATOR, "Пётр Сидоров", "smm@vao.example.org")
DEPARTMENT = Recipient(Audience.DEPARTMENT, "Информационный отдел", "info@mgo.example.org")
PARENT = Recipient(Audience.CHAIR, "Смирнова Мария Андреевна", "chair@mgo.example.org")

BRANCH = BranchInLetter.of(
    "ВАО", "Организация Восточного административного округа", BranchKind.TERRITORIAL, 2
)
POST = PostInLetter(POSTED, "vk", "https://vk.com/wall-1_7")
LOOKS = (
    LookInLetter("Профсоюз ВАО", "vk", "https://vk.com/club1", NOW, "новых публикаций нет", True),
    LookInLetter(None, "facebook", "https://www.facebook.com/vao", NOW, "закрыто", False),
)
FACTS = SilenceFacts(
    branch=BRANCH,
    days=9,
    paused_days=0,
    threshold_days=7,
    counts_reposts=True,
    counted_from=POSTED,
    last_post=POST,
    looks=LOOKS,
    chairs=(CHAIR,),
    administrators=(ADMINISTRATOR,),
)
RESUMED = ResumedFacts(BRANCH, 14, True, datetime(2026, 11, 17, 8, 0, tzinfo=UTC), "https://vk.com/wall-1_8")
WARNING = WarningFacts(
    BRANCH,
    days=5,
    paused_days=0,
    days_left=2,
    deadline_at=POSTED + timedelta(days=7),
    threshold_days=7,
    counted_from=POSTED,
    last_post=POST,
)

RENDERER = Renderer()
"""One for all, since it compiles each template once."""

Write = Callable[[Renderer, SilenceFacts, ResumedFacts, WarningFacts, Addressed], Rendered]


def _silence(to: Recipient) -> Write:
    return lambda renderer, facts, _resumed, _warning, addressed: letters.silence(
        renderer, replace(addressed, to=to), facts
    )


def _reminder(to: Recipient) -> Write:
    return lambda renderer, facts, _resumed, _warning, addressed: letters.reminder(
        renderer, replace(addressed, to=to), facts, number=1
    )


def _escalation(to: Recipient) -> Write:
    return lambda renderer, facts, _resumed, _warning, addressed: letters.escalation(
        renderer, replace(addressed, to=to), facts
    )


EVERY: dict[str, Write] = {
    "silence to the chair": _silence(CHAIR),
    "silence to the administrator": _silence(ADMINISTRATOR),
    "reminder to the chair": _reminder(CHAIR),
    "reminder to the administrator": _reminder(ADMINISTRATOR),
    "escalation to the department": _escalation(DEPARTMENT),
    "escalation to the parent's chair": _escalation(PARENT),
    "resumed": lambda renderer, _facts, resumed, _warning, addressed: letters.resumed(
        renderer, addressed, resumed
    ),
    "warning": lambda renderer, _facts, _resumed, warning, addressed: letters.warning(
        renderer, replace(addressed, to=ADMINISTRATOR), warning
    ),
}


def letter(
    name: str,
    facts: SilenceFacts = FACTS,
    resumed: ResumedFacts = RESUMED,
    warning: WarningFacts = WARNING,
    *,
    to: Recipient = CHAIR,
    office: Recipient | None = DEPARTMENT,
    link: str | None = LINK,
) -> Rendered:
    """One of `EVERY`, of these facts."""
    return EVERY[name](RENDERER, facts, resumed, warning, Addressed(to, office, link))


def plain(text: str) -> str:
    """A text on one line, with plain spaces: to look for sentences in it, wherever its lines end."""
    return " ".join(text.split())

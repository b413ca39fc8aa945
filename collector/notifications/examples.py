"""Invented letters, to look at where there is nothing real to tell yet. `BANNER` is to stand on top of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from collector.domain.finding import KeptFinding
from collector.domain.model import Access
from collector.domain.notification import Audience, NotificationKind, Recipient
from collector.notifications import letters
from collector.notifications.letters import (
    Addressed,
    BranchInLetter,
    LookInLetter,
    PostInLetter,
    ResumedFacts,
    SilenceFacts,
    WarningFacts,
    state_in_words,
)
from collector.notifications.ops import ops
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.words import days_between

BANNER = "ПРИМЕР: люди, числа и ссылки выдуманы, письмо никому не отправлено."

CHAIR = Recipient(Audience.CHAIR, "Примерова Ирина Петровна", "chair@vao.example.org")
ADMINISTRATOR = Recipient(Audience.ADMINISTRATOR, "Олег Образцов", "smm@vao.example.org")
DEPARTMENT = Recipient(Audience.DEPARTMENT, "Информационный отдел", "info@mgo.example.org")
OPS = Recipient(Audience.OPS, "Operations", "ops@example.org")
PARENT_CHAIR = Recipient(Audience.CHAIR, "Условная Мария Андреевна", "chair@mgo.example.org")

_POST_URL = "https://vk.com/wall-1_245"


def example(
    renderer: Renderer,
    kind: NotificationKind,
    to: Recipient,
    branch: BranchInLetter,
    link: str | None,
    now: datetime,
) -> Rendered:
    """An invented letter of a kind about a branch. Raises KeyError for the letters of the calendar."""
    return _OF_KIND[kind](renderer, Addressed(to, DEPARTMENT, link), branch, now)


def _silence(renderer: Renderer, addressed: Addressed, branch: BranchInLetter, now: datetime) -> Rendered:
    return letters.silence(renderer, addressed, _facts(branch, now, 9))


def _reminder(renderer: Renderer, addressed: Addressed, branch: BranchInLetter, now: datetime) -> Rendered:
    return letters.reminder(renderer, addressed, _facts(branch, now, 16), number=1)


def _escalation(renderer: Renderer, addressed: Addressed, branch: BranchInLetter, now: datetime) -> Rendered:
    return letters.escalation(renderer, addressed, _facts(branch, now, 31))


def _resumed(renderer: Renderer, addressed: Addressed, branch: BranchInLetter, now: datetime) -> Rendered:
    facts = ResumedFacts(
        branch, days=22, had_post=True, resumed_at=now - timedelta(hours=3), post_url=_POST_URL
    )
    return letters.resumed(renderer, addressed, facts)


def _warning(renderer: Renderer, addressed: Addressed, branch: BranchInLetter, now: datetime) -> Rendered:
    deadline_at = now + timedelta(days=2)
    posted_at = deadline_at - timedelta(days=7)
    facts = WarningFacts(
        branch,
        days=days_between(posted_at, now),
        paused_days=0,
        days_left=days_between(now, deadline_at),
        deadline_at=deadline_at,
        threshold_days=7,
        counted_from=posted_at,
        last_post=PostInLetter(posted_at, "vk", _POST_URL),
    )
    return letters.warning(renderer, addressed, facts)


def _ops(renderer: Renderer, _addressed: Addressed, _branch: BranchInLetter, now: datetime) -> Rendered:
    findings = (
        KeptFinding(
            "token:vk",
            "vk refuses its token, so 12 communities cannot be read",
            "set a new token in COLLECTOR_VK__TOKENS; `collector check` tries it out",
            now - timedelta(hours=7),
            None,
        ),
        KeptFinding(
            "quota:vk",
            "the day's quota of wall reads on vk was spent",
            "nothing, if it was once; else add a token",
            now - timedelta(hours=30),
            now - timedelta(hours=20),
        ),
    )
    return ops(renderer, findings, now)


_Example = Callable[[Renderer, Addressed, BranchInLetter, datetime], Rendered]
_OF_KIND: Mapping[NotificationKind, _Example] = MappingProxyType(
    {
        NotificationKind.SILENCE: _silence,
        NotificationKind.REMINDER: _reminder,
        NotificationKind.ESCALATION: _escalation,
        NotificationKind.RESUMED: _resumed,
        NotificationKind.WARNING: _warning,
        NotificationKind.OPS: _ops,
    }
)


def _facts(branch: BranchInLetter, now: datetime, days: int) -> SilenceFacts:
    posted_at = now - timedelta(days=days)
    looked_at = now - timedelta(minutes=20)
    return SilenceFacts(
        branch=branch,
        days=days,
        paused_days=0,
        threshold_days=7,
        counts_reposts=True,
        counted_from=posted_at,
        last_post=PostInLetter(posted_at, "vk", _POST_URL),
        looks=(
            LookInLetter(
                f"Профсоюз образования {branch.label}",
                "vk",
                "https://vk.com/example.union",
                looked_at,
                state_in_words(Access.OPEN, is_readable=True),
                True,
            ),
            LookInLetter(
                f"{branch.label}: профсоюз",
                "facebook",
                "https://www.facebook.com/example.union",
                looked_at,
                state_in_words(Access.CLOSED, is_readable=False),
                False,
            ),
        ),
        chairs=(CHAIR,),
        administrators=(ADMINISTRATOR,),
    )

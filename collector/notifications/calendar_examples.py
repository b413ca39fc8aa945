"""Invented letters of every kind, those of the calendar too: to try templates out, never to be shown to people."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.domain.figures import CommunityFigures, DayFigures, SilentSpan
from collector.domain.model import Access, BranchKind
from collector.domain.notification import NotificationKind, Recipient
from collector.domain.period import month_before, months_before, week_before
from collector.notifications.examples import (
    ADMINISTRATOR,
    CHAIR,
    DEPARTMENT,
    OPS,
    PARENT_CHAIR,
    example,
)
from collector.notifications.letters import BranchInLetter
from collector.notifications.monthly import BranchMonth, monthly
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.standing import Standing
from collector.notifications.weekly import (
    BranchLine,
    PrimariesLine,
    SilentPrimary,
    Tally,
    WeeklyFacts,
    weekly,
)

_NAME = "Территориальная организация Примерного округа"
_LINK = "https://collector.example.org/letters/example"

ALL_EXAMPLES = (
    (NotificationKind.SILENCE, CHAIR),
    (NotificationKind.SILENCE, ADMINISTRATOR),
    (NotificationKind.REMINDER, CHAIR),
    (NotificationKind.REMINDER, ADMINISTRATOR),
    (NotificationKind.ESCALATION, DEPARTMENT),
    (NotificationKind.ESCALATION, PARENT_CHAIR),
    (NotificationKind.RESUMED, CHAIR),
    (NotificationKind.WARNING, ADMINISTRATOR),
    (NotificationKind.WEEKLY, DEPARTMENT),
    (NotificationKind.MONTHLY, CHAIR),
    (NotificationKind.OPS, OPS),
)
"""Every kind of letter with everybody whom it is for."""


def invented(renderer: Renderer, kind: NotificationKind, to: Recipient, now: datetime) -> Rendered:
    """A letter of a kind, with facts that take it through as much of its templates as one letter can."""
    if kind is NotificationKind.WEEKLY:
        return weekly(renderer, to, _week(now))
    if kind is NotificationKind.MONTHLY:
        return monthly(renderer, to, DEPARTMENT, _month(now))
    branch = BranchInLetter.of("ПРИМЕР", _NAME, BranchKind.TERRITORIAL, 1, 1)
    return example(renderer, kind, to, branch, _LINK, now)


def _week(now: datetime) -> WeeklyFacts:
    tally = Tally(total=3, active=1, silent=1, unknown=1)
    line = BranchLine(
        "ТПО ПРИМЕР", Standing.SILENT, "молчит 9 дней", ("письмо отправлено",), ("ВКонтакте: 120",), "0", "2"
    )
    return WeeklyFacts(
        week=week_before(now),
        seen_at=now,
        tally=tally,
        closed_count=1,
        lines=(line,),
        lines_left_out=1,
        primaries=(PrimariesLine("ТПО ПРИМЕР", tally),),
        primaries_left_out=1,
        silent_primaries=(SilentPrimary("ППО № 1", "молчит 9 дней"),),
        silent_left_out=1,
    )


def _month(now: datetime) -> BranchMonth:
    month = month_before(now)
    start, end = month.start, month.end
    figures = CommunityFigures(
        1, 1, "vk", "https://vk.com/example", "Пример", Access.OPEN.value, None, 100, start, 120, end, 3, 2
    )
    return BranchMonth(
        code="ПРИМЕР",
        name=_NAME,
        kind=BranchKind.TERRITORIAL,
        month=month,
        before=months_before(month),
        figures=(figures,),
        days=tuple(DayFigures(1, day, 100, 1) for day in month.days),
        silences=(SilentSpan(start + timedelta(days=3), start + timedelta(days=12), end),),
    )

"""A branch's silences, and letters about it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.domain.episode import EndReason, Episode
from collector.domain.notification import MessageStatus, NotificationKind
from collector.notifications import words
from storage.branch_page import LetterLine

_KINDS = {
    NotificationKind.SILENCE: "о молчании",
    NotificationKind.REMINDER: "напоминание о молчании",
    NotificationKind.ESCALATION: "о долгом молчании",
    NotificationKind.RESUMED: "молчание закончилось",
    NotificationKind.WARNING: "скоро будет молчание",
    NotificationKind.MONTHLY: "итоги месяца",
    NotificationKind.WEEKLY: "итоги недели",
    NotificationKind.OPS: "о неполадках сбора",
}
_STATUSES = {
    MessageStatus.PENDING: "ждёт отправки",
    MessageStatus.SENT: "отправлено",
    MessageStatus.FAILED: "не доставлено",
    MessageStatus.CANCELLED: "отменено",
}
_ENDED = {
    EndReason.POSTED: "вышла публикация",
    EndReason.WITHDRAWN: "изменились правила или список сообществ",
    EndReason.RETIRED: "организация исключена из списка",
}


@dataclass(frozen=True, slots=True)
class EpisodeLine:
    """A silence, in words. `days`: without a post, to its end or to the last proof that it lasts."""

    since: datetime
    days: int
    ended_at: datetime | None
    ended: str
    acknowledged: str


@dataclass(frozen=True, slots=True)
class LetterWords:
    """A letter, in words. `at`: when it was sent, or else ended, or was owed."""

    at: datetime
    about: str
    subject: str | None
    to: str
    status: str


def episode_line(each: Episode) -> EpisodeLine:
    """An episode in words."""
    acknowledged = ""
    if each.acknowledged_at is not None:
        acknowledged = f"{words.day(each.acknowledged_at)}: {each.acknowledged_by or ''}"
    return EpisodeLine(
        since=each.silent_since,
        days=words.days_between(each.counted_from, each.resumed_at or each.confirmed_at),
        ended_at=each.resumed_at,
        ended="" if each.end_reason is None else _ENDED[each.end_reason],
        acknowledged=acknowledged,
    )


def letter_line(each: LetterLine) -> LetterWords:
    """A letter in words."""
    status = _STATUSES[each.status]
    return LetterWords(
        at=each.finished_at or each.created_at,
        about=_KINDS[each.kind],
        subject=each.subject,
        to=each.name,
        status=f"{status} (проба)" if each.is_rehearsal else status,
    )

"""How a branch stands, in Russian words: the Monday letter and the department's pages say it alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from collector.domain.calendar import moscow_day
from collector.domain.episode import Episode, Mute
from collector.domain.model import Access, Pause
from collector.domain.silence import Assessment, BranchFacts, Evidence, UnknownReason, Verdict
from collector.notifications.words import counted, days_between, near_day, network_name

_CLOSED = {
    Access.CLOSED: "закрыто",
    Access.PRIVATE: "закрыто, вход по приглашению",
    Access.BANNED: "заблокировано",
    Access.DELETED: "удалено",
    Access.MISSING: "не найдено",
}
_UNKNOWN = {
    UnknownReason.NOT_READ: "неизвестно: сообщества пока не удалось прочитать",
    UnknownReason.NEVER_READ: "неизвестно: сообщества ещё ни разу не удалось прочитать",
    UnknownReason.NONE_READABLE: "неизвестно: все сообщества закрыты или недоступны",
    UnknownReason.NO_COMMUNITY: "нет сообществ",
}


class Standing(StrEnum):
    """How a branch stands, in the order in which it needs attention."""

    SILENT = "silent"
    UNKNOWN = "unknown"
    ACTIVE = "active"


def standing(verdict: Assessment) -> Standing:
    """How a branch stands."""
    return Standing(verdict.verdict.value)


def attention(facts: BranchFacts, verdict: Assessment) -> tuple[int, float]:
    """Sorts branches: the silent ones first, the longest silence first; then the unknown, those with a closed group."""
    order = {Verdict.SILENT: 0, Verdict.UNKNOWN: 1, Verdict.ACTIVE: 3}[verdict.verdict]
    if verdict.verdict is Verdict.ACTIVE and any(is_closed(each) for each in facts.communities):
        order = 2
    since = verdict.counted_from.timestamp() if verdict.counted_from and order < 2 else 0.0
    return order, since


def is_closed(community: Evidence) -> bool:
    """Whether a community is closed to us, or not to be found."""
    return community.access in _CLOSED


def access_in_words(access: Access) -> str:
    """How far a community is open: «открыто», «закрыто»."""
    if access is Access.UNKNOWN:
        return "ещё не известно"
    return _CLOSED.get(access, "открыто")


def state_in_words(verdict: Assessment, now: datetime) -> str:
    """«активна»; «молчит 12 дней, последняя публикация 3 ноября»; «неизвестно: ...»."""
    if verdict.verdict is Verdict.ACTIVE:
        return "активна"
    if verdict.reason is not None:
        return _UNKNOWN[verdict.reason]
    if verdict.last_post is None or verdict.counted_from is None:
        since = f" с\u00a0{near_day(verdict.counted_from, now)}" if verdict.counted_from else ""
        return f"молчит: не было ни одной публикации, наблюдаем{since}"
    days = days_between(verdict.last_post.published_at, now)
    last = near_day(verdict.last_post.published_at, now)
    return f"молчит {counted(days, 'день')}, последняя публикация {last}"


def silence_in_short(verdict: Assessment, now: datetime) -> str:
    """«12 дней», for a list of many."""
    if verdict.last_post is None:
        return "не было ни одной публикации"
    return counted(days_between(verdict.last_post.published_at, now), "день")


def notes_in_words(
    facts: BranchFacts,
    verdict: Assessment,
    access_since: Mapping[int, datetime | None],
    episode: Episode | None,
    mute: Mute | None,
    now: datetime,
) -> list[str]:
    """What must be known beside the state: who is on it, what is closed, pauses, mutes.

    `access_since`: when each community, by its number, was first seen to be as open as it is; None: not known.
    """
    notes = []
    if verdict.verdict is Verdict.UNKNOWN and episode is not None:
        notes.append(f"до этого молчала: отмечено {near_day(episode.detected_at, now)}")
    if verdict.verdict is Verdict.SILENT and episode is not None and episode.acknowledged_at is not None:
        notes.append(f"занимаются: отметили {near_day(episode.acknowledged_at, now)}")
    for each in facts.communities:
        if is_closed(each):
            at = access_since.get(each.community_id)
            seen = f", замечено {near_day(at, now)}" if at is not None else ""
            notes.append(f"{network_name(each.network)}: {_CLOSED[each.access]}{seen}")
    pause = _pause(facts.policy.pauses, now)
    if pause is not None:
        notes.append(f"перерыв до {near_day(pause.ends_on, now)}: {pause.reason}")
    if mute is not None:
        notes.append(f"заглушено до {near_day(mute.muted_until, now)}: {mute.reason}")
    return notes


def _pause(pauses: Sequence[Pause], now: datetime) -> Pause | None:
    today = moscow_day(now)
    running = [each for each in pauses if each.starts_on <= today <= each.ends_on]
    return max(running, key=lambda each: each.ends_on, default=None)

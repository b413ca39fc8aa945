"""The letter of the week to the information department: all branches on one page, the troubled ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collector.domain.calendar import moscow_day
from collector.domain.episode import Episode, Mute
from collector.domain.figures import CommunityFigures
from collector.domain.model import Access, Pause
from collector.domain.notification import NotificationKind, Recipient
from collector.domain.period import ReportPeriod
from collector.domain.silence import Assessment, BranchFacts, Evidence, UnknownReason, Verdict
from collector.notifications.figures import community_name, followers_change, followers_end, post_total
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.words import (
    branch_label,
    counted,
    days_between,
    near_day,
    network_name,
    short_day,
)

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


@dataclass(frozen=True, slots=True)
class Tally:
    """How many branches stand how. `without_community` are counted apart from `unknown`."""

    total: int = 0
    active: int = 0
    silent: int = 0
    unknown: int = 0
    without_community: int = 0


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch's line of the table, in words. `followers` is a line a community."""

    label: str
    standing: Standing
    state: str
    notes: tuple[str, ...]
    followers: tuple[str, ...]
    posts: str
    posts_before: str


@dataclass(frozen=True, slots=True)
class PrimariesLine:
    """The primary organisations below one branch."""

    label: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class SilentPrimary:
    """A primary organisation that is silent, in words."""

    label: str
    state: str


@dataclass(frozen=True, slots=True)
class WeeklyFacts:
    """All that the letter tells. `primaries` and what follows: where there are too many for lines of their own."""

    week: ReportPeriod
    seen_at: datetime
    tally: Tally
    closed_count: int
    """Communities that are closed or cannot be reached."""
    lines: tuple[BranchLine, ...]
    lines_left_out: int = 0
    primaries: tuple[PrimariesLine, ...] = ()
    primaries_left_out: int = 0
    silent_primaries: tuple[SilentPrimary, ...] = ()
    silent_left_out: int = 0


def weekly(renderer: Renderer, to: Recipient, facts: WeeklyFacts) -> Rendered:
    """The letter. Answers go to its sender: the department is who others answer to."""
    return renderer.render(
        NotificationKind.WEEKLY.value, {"to": to, "it": facts, "week": week_in_words(facts.week)}
    )


def week_in_words(week: ReportPeriod) -> str:
    """«9–15 ноября», «26 октября – 1 ноября»."""
    if week.first_day.month == week.last_day.month:
        return f"{week.first_day.day}–{short_day(week.last_day)}"
    return f"{short_day(week.first_day)} – {short_day(week.last_day)}"


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


def branch_line(
    facts: BranchFacts,
    verdict: Assessment,
    figures: Sequence[CommunityFigures],
    episode: Episode | None,
    mute: Mute | None,
    week: ReportPeriod,
    now: datetime,
) -> BranchLine:
    """A branch's line."""
    hidden = {each.community_id for each in facts.communities if not each.is_readable}
    return BranchLine(
        label=branch_label(facts.kind, facts.code),
        standing=standing(verdict),
        state=state_in_words(verdict, now),
        notes=tuple(_notes(facts, verdict, figures, episode, mute, now)),
        followers=tuple(_followers(each, figures, week) for each in figures),
        posts=_posts([(each.posts, each.community_id in hidden) for each in figures]),
        posts_before=_posts([(each.posts_before, each.community_id in hidden) for each in figures]),
    )


def _notes(
    facts: BranchFacts,
    verdict: Assessment,
    figures: Sequence[CommunityFigures],
    episode: Episode | None,
    mute: Mute | None,
    now: datetime,
) -> list[str]:
    notes = []
    if verdict.verdict is Verdict.UNKNOWN and episode is not None:
        notes.append(f"до этого молчала: отмечено {near_day(episode.detected_at, now)}")
    if verdict.verdict is Verdict.SILENT and episode is not None and episode.acknowledged_at is not None:
        notes.append(f"занимаются: отметили {near_day(episode.acknowledged_at, now)}")
    since = {each.community_id: each.access_since for each in figures}
    for each in facts.communities:
        if is_closed(each):
            at = since.get(each.community_id)
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


def _followers(figures: CommunityFigures, among: Sequence[CommunityFigures], week: ReportPeriod) -> str:
    change = followers_change(figures, week)
    told = f"{community_name(figures, among)}: {followers_end(figures, week)}"
    return told if change is None else f"{told}\u00a0({change})"


def _posts(counts: Sequence[tuple[int | None, bool]]) -> str:
    """Of what cannot be read any more only what was; that it is closed is told beside."""
    return post_total([count for count, is_hidden in counts if count is not None or not is_hidden])

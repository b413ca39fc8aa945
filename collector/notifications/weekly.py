"""The letter of the week to the information department: all branches on one page, the troubled ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.episode import Episode, Mute
from collector.domain.figures import CommunityFigures
from collector.domain.notification import NotificationKind, Recipient
from collector.domain.period import ReportPeriod
from collector.domain.silence import Assessment, BranchFacts
from collector.notifications.figures import community_name, followers_change, followers_end, post_total
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.standing import Standing, notes_in_words, standing, state_in_words
from collector.notifications.words import branch_label, short_day


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
        notes=tuple(
            notes_in_words(
                facts,
                verdict,
                {each.community_id: each.access_since for each in figures},
                episode,
                mute,
                now,
            )
        ),
        followers=tuple(_followers(each, figures, week) for each in figures),
        posts=_posts([(each.posts, each.community_id in hidden) for each in figures]),
        posts_before=_posts([(each.posts_before, each.community_id in hidden) for each in figures]),
    )


def _followers(figures: CommunityFigures, among: Sequence[CommunityFigures], week: ReportPeriod) -> str:
    change = followers_change(figures, week)
    told = f"{community_name(figures, among)}: {followers_end(figures, week)}"
    return told if change is None else f"{told}\u00a0({change})"


def _posts(counts: Sequence[tuple[int | None, bool]]) -> str:
    """Of what cannot be read any more only what was; that it is closed is told beside."""
    return post_total([count for count, is_hidden in counts if count is not None or not is_hidden])

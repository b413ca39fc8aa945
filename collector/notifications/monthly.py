"""The letter of the month to a branch's chair: their own numbers, in words, in a table, and as one chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from collector.domain.figures import CommunityFigures, DayFigures, SilentSpan
from collector.domain.model import Access, BranchKind
from collector.domain.notification import NotificationKind, Recipient
from collector.domain.period import ReportPeriod
from collector.notifications.charts import month_chart
from collector.notifications.figures import (
    NO_DATA,
    community_name,
    followers_change,
    followers_end,
    followers_start,
    post_total,
)
from collector.notifications.rendering import InlineImage, Rendered, Renderer
from collector.notifications.words import branch_label, counted, near_day, number, short_day

_CID = "month@collector"
_WEEK = 7


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community's line of the table, in words. `change` None: it cannot be known."""

    name: str
    url: str
    start: str
    end: str
    change: str | None
    posts: str
    posts_before: str


@dataclass(frozen=True, slots=True)
class BranchMonth:
    """What is known of a branch's month.

    `days` are of the communities of `figures`, each with all its days.
    """

    code: str
    name: str
    kind: BranchKind
    month: ReportPeriod
    before: ReportPeriod
    figures: tuple[CommunityFigures, ...]
    days: tuple[DayFigures, ...]
    silences: tuple[SilentSpan, ...]


@dataclass(frozen=True, slots=True)
class MonthInLetter:
    """The month in words. None: it cannot be known."""

    label: str
    name: str
    month: ReportPeriod
    lines: tuple[CommunityLine, ...]
    posts: str
    is_posts_known: bool
    per_week: str
    per_week_before: str
    quiet_days: int | None
    day_count: int
    best_day: date | None
    best_count: int
    silences: tuple[str, ...]
    closed: tuple[str, ...]


def monthly(renderer: Renderer, to: Recipient, office: Recipient | None, facts: BranchMonth) -> Rendered:
    """The letter. `office`: the information department, that answers go to."""
    told = in_words(facts)
    images = (_chart(facts, told),) if _has_chart(facts) else ()
    return renderer.render(
        NotificationKind.MONTHLY.value,
        {
            "to": to,
            "office": office,
            "it": told,
            "chart": images[0].cid if images else None,
            "alt": images[0].alt if images else None,
        },
        images=images,
        reply_to=office,
    )


def in_words(facts: BranchMonth) -> MonthInLetter:
    """What the letter says."""
    seen = _seen(facts.figures)
    by_day = _posts_by_day(facts)
    best_count = max(by_day.values(), default=0)
    best = [day for day, count in by_day.items() if count == best_count > 1]
    return MonthInLetter(
        label=branch_label(facts.kind, facts.code),
        name=facts.name,
        month=facts.month,
        lines=tuple(_line(each, facts) for each in facts.figures),
        posts=post_total([each.posts for each in seen]),
        is_posts_known=any(each.posts is not None for each in seen),
        per_week=_per_week([each.posts for each in seen], facts.month),
        per_week_before=_per_week([each.posts_before for each in seen], facts.before),
        quiet_days=sum(not count for count in by_day.values()) if by_day else None,
        day_count=len(facts.month.days),
        best_day=best[0] if len(best) == 1 else None,
        best_count=best_count,
        silences=tuple(_span(each, facts.month) for each in facts.silences),
        closed=tuple(
            f"{community_name(each, facts.figures)}: закрыто или недоступно"
            + (
                f", замечено {near_day(each.access_since, facts.month.first_day)}"
                if each.access_since
                else ""
            )
            for each in facts.figures
            if not _is_open(each)
        ),
    )


def _is_open(figures: CommunityFigures) -> bool:
    return figures.access in (Access.OPEN, Access.UNKNOWN)


def _seen(figures: Sequence[CommunityFigures]) -> list[CommunityFigures]:
    """Those whose posts can be told: of a closed one only what was read before it closed."""
    return [each for each in figures if _is_open(each) or each.posts is not None]


def _line(figures: CommunityFigures, facts: BranchMonth) -> CommunityLine:
    return CommunityLine(
        name=community_name(figures, facts.figures),
        url=figures.url,
        start=followers_start(figures, facts.month),
        end=followers_end(figures, facts.month),
        change=followers_change(figures, facts.month, percent=True),
        posts=post_total([figures.posts]),
        posts_before=post_total([figures.posts_before]),
    )


def _per_week(counts: Sequence[int | None], period: ReportPeriod) -> str:
    """Posts a week on average. One that is not known leaves none: half a number misleads beside a whole one."""
    known = [each for each in counts if each is not None]
    if not known or len(known) < len(counts):
        return NO_DATA
    return number(round(sum(known) * _WEEK / len(period.days), 1))


def _posts_by_day(facts: BranchMonth) -> dict[date, int]:
    """Posts of each day, where they are known of all that can be seen; else nothing."""
    seen = _seen(facts.figures)
    if not seen or any(each.posts is None for each in seen):
        return {}
    ids = {each.community_id for each in seen}
    counts = dict.fromkeys(facts.month.days, 0)
    for each in facts.days:
        if each.community_id in ids:
            counts[each.day] += each.posts
    return counts


def _span(span: SilentSpan, month: ReportPeriod) -> str:
    """«с 3 по 12 ноября», «с 3 ноября, в конце месяца ещё длилось»."""
    since = f"с\u00a0{near_day(span.silent_since, month.first_day)}"
    if span.resumed_at is None:
        # Whether it lasts now nobody knows while its communities cannot be read.
        seen = (
            "в конце месяца"
            if span.confirmed_at >= month.end
            else near_day(span.confirmed_at, month.first_day)
        )
        return f"{since}, {seen} ещё длилось"
    if span.resumed_at >= month.end:
        return f"{since}, закончилось {near_day(span.resumed_at, month.first_day)}"
    return f"{since} по\u00a0{near_day(span.resumed_at, month.first_day)}"


def _followers_by_day(facts: BranchMonth) -> dict[str, list[int | None]]:
    """A line a community, of those of which any day is known. Of the same name, the first."""
    lines: dict[str, list[int | None]] = {}
    for figures in facts.figures:
        values = [each.followers for each in facts.days if each.community_id == figures.community_id]
        if any(value is not None for value in values):
            lines.setdefault(community_name(figures, facts.figures), values)
    return lines


def _has_chart(facts: BranchMonth) -> bool:
    return bool(_followers_by_day(facts) or _posts_by_day(facts))


def _chart(facts: BranchMonth, told: MonthInLetter) -> InlineImage:
    by_day = _posts_by_day(facts)
    png = month_chart(facts.month.days, _followers_by_day(facts), list(by_day.values()) or None)
    followers = "; ".join(f"{line.name} с\u00a0{line.start} до\u00a0{line.end}" for line in told.lines)
    posts = f". Публикации по дням: {told.posts} за месяц" if by_day else ""
    if told.best_day is not None:
        posts += f", больше всего {short_day(told.best_day)}: {counted(told.best_count, 'публикация')}"
    return InlineImage(_CID, png, f"График. Подписчики по дням: {followers}{posts}.")

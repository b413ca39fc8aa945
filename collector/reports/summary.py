"""The summary's numbers: what a month or a quarter brought, of those branches alone of which it is known.

Followers are compared from the day before the period to its last one, over the same communities: what was, what is and
what came between always add up, and whoever is left out is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.domain.calendar import moscow_day
from collector.domain.period import ReportPeriod, as_far_as_over
from collector.reports.growth import GrowthNumbers, growth
from collector.reports.sources import UsedReading
from collector.reports.summary_followers import DayFollowers, Followers, by_days, followers
from storage.access import KnownAccess
from storage.growth import GrowthFacts
from storage.summary import SilenceFacts, SummaryFacts

_OPEN = ("open", "unknown")


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts of those communities alone whose walls were seen all the time; None: of none."""

    before: int | None
    now: int | None
    left_out: tuple[str, ...]
    """Codes of branches of which a community is left out."""


@dataclass(frozen=True, slots=True)
class BranchPosts:
    """Posts of a branch, as far as they were seen; `is_whole`: all its walls were seen all the time."""

    code: str
    count: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """A branch's days of silence in the period, from its last post to the one that ended it."""

    branch_code: str
    days: int
    is_least: bool
    """Whether the newest look that proves it is older than the period's end."""
    last_post_on: date | None
    """None: it never posted."""
    fell_silent_on: date | None
    """When it last fell silent in the period, by its deadline; None: it did not."""
    resumed_on: date | None
    """When it last posted again in the period; None: it did not."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A community that is closed, or not to be found, at the period's end."""

    branch_code: str
    network: str
    access: KnownAccess


@dataclass(frozen=True, slots=True)
class Look:
    """How many of the days on which a community was in the branches file it was read on."""

    branch_code: str
    network: str
    seen_days: int
    days: int


@dataclass(frozen=True, slots=True)
class SummaryNumbers:
    """The whole report's numbers. `period`: `asked` as far as it is over."""

    asked: ReportPeriod
    period: ReportPeriod
    today: date
    growth: GrowthNumbers
    """From the day before the period to its last one."""
    followers: tuple[Followers, ...]
    """By network; where there are several, all together last."""
    days: tuple[DayFollowers, ...]
    posts: Posts
    """Of the period and of the one before; where the period is not over, it cannot be compared."""
    branch_posts: tuple[BranchPosts, ...]
    branch_posts_before: tuple[BranchPosts, ...]
    silences: tuple[Silence, ...]
    silent_before: int | None
    """Branches that were silent when the period began; None: nobody had been read yet."""
    silent_after: int | None
    closed_before: int | None
    closed: tuple[Closed, ...]
    looks: tuple[Look, ...]
    between: tuple[UsedReading, ...]
    """The readings of the days between the two."""

    @property
    def run_ids(self) -> set[int]:
        """The runs that brought the numbers."""
        return self.growth.run_ids | {each.reading.run_id for each in self.between}


def summary(asked: ReportPeriod, facts: SummaryFacts, today: date) -> SummaryNumbers:
    """The numbers from what is known of the days that are over. Raises ValueError where none is."""
    period = as_far_as_over(asked, today)
    if period is None:
        raise ValueError(f"no day of {asked} is over on {today}")
    about = ReportPeriod(period.first_day - timedelta(days=1), period.end_day)
    numbers = growth(facts.lines, facts.growth, about, today)
    days, between = by_days(numbers, facts.near, period)
    live_before, live = (_live_at(facts.growth, instant) for instant in (period.start, period.end))
    return SummaryNumbers(
        asked,
        period,
        today,
        numbers,
        tuple(followers(numbers)),
        days,
        _posts(facts.posts, facts.posts_before if period == asked else None),
        _of_branches(facts, facts.posts),
        _of_branches(facts, facts.posts_before),
        _silences(facts, period),
        _silent_at(facts.silences, period.start) if facts.access_before else None,
        _silent_at(facts.silences, period.end) if facts.access else None,
        len(_closed(live_before, facts.access_before)) if facts.access_before else None,
        _closed(live, facts.access),
        tuple(_looks(facts, period)),
        between,
    )


def _posts(now: Sequence[GrowthFacts], before: Sequence[GrowthFacts] | None) -> Posts:
    """`before`: of the period before; None: it is not to be compared."""
    whole_now, whole_before = (
        {each.community_id: each.post_count for each in facts if each.is_post_count_whole}
        for facts in (now, before or ())
    )
    counted = whole_now.keys() if before is None else whole_now.keys() & whole_before.keys()
    return Posts(
        sum(whole_before[number] for number in counted) if counted and before is not None else None,
        sum(whole_now[number] for number in counted) if counted else None,
        tuple(dict.fromkeys(each.branch_code for each in now if each.community_id not in counted)),
    )


def _of_branches(facts: SummaryFacts, posts: Sequence[GrowthFacts]) -> tuple[BranchPosts, ...]:
    by_branch: dict[str, list[GrowthFacts]] = defaultdict(list)
    for each in posts:
        by_branch[each.branch_code].append(each)
    return tuple(
        BranchPosts(
            line.code, sum(each.post_count for each in own), all(each.is_post_count_whole for each in own)
        )
        for line in facts.lines
        if (own := by_branch.get(line.code))
    )


def _silences(facts: SummaryFacts, period: ReportPeriod) -> tuple[Silence, ...]:
    by_branch: dict[str, list[SilenceFacts]] = defaultdict(list)
    for each in facts.silences:
        by_branch[each.branch_code].append(each)
    return tuple(_silence(code, own, period) for code, own in by_branch.items())


def _silence(code: str, own: Sequence[SilenceFacts], period: ReportPeriod) -> Silence:
    last = own[-1]
    fell = [each.silent_since for each in own if each.silent_since >= period.start]
    resumed = [
        each.resumed_at
        for each in own
        if each.is_posted and each.resumed_at is not None and each.resumed_at < period.end
    ]
    return Silence(
        code,
        sum(_silent_days(each, period) for each in own),
        last.resumed_at is None and last.confirmed_at < period.end,
        moscow_day(last.last_post_at) if last.last_post_at is not None else None,
        moscow_day(max(fell)) if fell else None,
        moscow_day(max(resumed)) if resumed else None,
    )


def _silent_days(silence: SilenceFacts, period: ReportPeriod) -> int:
    begins = max(silence.counted_from, period.start)
    ends = min(silence.resumed_at or silence.confirmed_at, period.end)
    return max((moscow_day(ends) - moscow_day(begins)).days, 0)


def _silent_at(silences: Sequence[SilenceFacts], instant: datetime) -> int:
    """How many branches are silent at an instant, as far as that is known now."""
    return len(
        {
            each.branch_code
            for each in silences
            if each.silent_since < instant and (each.resumed_at is None or each.resumed_at >= instant)
        }
    )


def _live_at(communities: Sequence[GrowthFacts], instant: datetime) -> list[GrowthFacts]:
    """Those that had not left the branches file by an instant."""
    return [each for each in communities if each.retired_at is None or each.retired_at >= instant]


def _closed(communities: Sequence[GrowthFacts], access: Mapping[int, KnownAccess]) -> tuple[Closed, ...]:
    return tuple(
        Closed(each.branch_code, each.network, known)
        for each in communities
        if (known := access.get(each.community_id)) is not None and known.access not in _OPEN
    )


def _looks(facts: SummaryFacts, period: ReportPeriod) -> list[Look]:
    found = []
    for each in facts.growth:
        begins = max(facts.listed_at[each.community_id], period.start)
        ends = min(each.retired_at or period.end, period.end)
        first, end = moscow_day(begins), moscow_day(ends)
        days = (end - first).days
        if begins < ends and days > 0:
            found.append(
                Look(
                    each.branch_code, each.network, min(facts.seen_days.get(each.community_id, 0), days), days
                )
            )
    return found

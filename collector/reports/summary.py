"""The summary's numbers: what a month or a quarter brought, of those branches alone of which it is known.

Followers are compared from the day before the period to its last one, over the same communities: what was, what is and
what came between always add up, and whoever is left out is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.domain.calendar import moscow_day
from collector.domain.period import ReportPeriod, as_far_as_over
from collector.reports.growth import BranchGrowth, Growth, GrowthNumbers, What, growth
from collector.reports.sources import UsedReading
from storage.access import KnownAccess
from storage.growth import GrowthFacts
from storage.readings import KnownCount
from storage.summary import Near, SilenceFacts, SummaryFacts

NEAR = timedelta(days=3)
"""A reading farther than this from a day between says too little of it: days are a week apart."""
_OPEN = ("open", "unknown")


@dataclass(frozen=True, slots=True)
class Followers:
    """All branches' followers on one network, or on all: of the same communities at both days."""

    network: str | None
    """None: on all."""
    start: int | None
    end: int | None
    left_out: tuple[str, ...]
    """Codes of branches whose change is not known."""

    @property
    def change(self) -> int | None:
        """What came between; None: not known of any."""
        return None if self.start is None or self.end is None else self.end - self.start


@dataclass(frozen=True, slots=True)
class DayFollowers:
    """Followers of a day by network, of the same communities as in `Followers`; None: not each was read near it."""

    day: date
    counts: dict[str, int | None]


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


def days_between(period: ReportPeriod) -> tuple[date, ...]:
    """Days a week apart, from the day before the period; the last one is the period's, so that none is near it."""
    first = period.first_day - timedelta(days=1)
    weeks = ((period.last_day - first).days - NEAR.days) // 7
    return tuple(first + timedelta(days=7 * number) for number in range(1, weeks + 1))


def summary(asked: ReportPeriod, facts: SummaryFacts, today: date) -> SummaryNumbers:
    """The numbers from what is known of the days that are over. Raises ValueError where none is."""
    period = as_far_as_over(asked, today)
    if period is None:
        raise ValueError(f"no day of {asked} is over on {today}")
    about = ReportPeriod(period.first_day - timedelta(days=1), period.end_day)
    numbers = growth(facts.lines, facts.growth, about, today)
    days, between = _days(numbers, facts.near, period)
    silences = [each for line in facts.lines if (each := _silence(line.code, facts.silences, period))]
    live = {
        each.community_id: each
        for each in facts.growth
        if each.retired_at is None or each.retired_at >= period.end
    }
    return SummaryNumbers(
        asked,
        period,
        today,
        numbers,
        tuple(_followers(numbers)),
        days,
        _posts(facts.posts, facts.posts_before if period == asked else None),
        _of_branches(facts, facts.posts),
        _of_branches(facts, facts.posts_before),
        tuple(silences),
        _silent_at(facts.silences, period.start) if facts.access_before else None,
        _silent_at(facts.silences, period.end) if facts.access else None,
        _closed_count(facts.access_before) if facts.access_before else None,
        tuple(
            Closed(each.branch_code, each.network, access)
            for number, each in live.items()
            if (access := facts.access.get(number)) is not None and access.access not in _OPEN
        ),
        tuple(_looks(facts, period)),
        between,
    )


def _known(numbers: GrowthNumbers, network: str) -> list[tuple[BranchGrowth, Growth]]:
    return [
        (branch, branch.networks[network])
        for branch in numbers.branches
        if network in branch.networks and branch.networks[network].change is not None
    ]


def _followers(numbers: GrowthNumbers) -> list[Followers]:
    found = []
    for network in numbers.networks:
        known = [each for _, each in _known(numbers, network)]
        there = [branch for branch in numbers.branches if network in branch.networks]
        found.append(
            Followers(
                network,
                sum(each.start.count or 0 for each in known) if known else None,
                sum(each.end.count or 0 for each in known) if known else None,
                tuple(
                    branch.code
                    for branch in there
                    if branch.networks[network].change is None
                    and branch.networks[network].end.what not in (What.ABSENT, What.LEFT)
                ),
            )
        )
    with_numbers = [each for each in found if each.start is not None]
    if len(found) > 1 and with_numbers:
        left_out = dict.fromkeys(code for each in found for code in each.left_out)
        start = sum(each.start or 0 for each in with_numbers)
        end = sum(each.end or 0 for each in with_numbers)
        found.append(Followers(None, start, end, tuple(left_out)))
    return found


def _days(
    numbers: GrowthNumbers, near: Mapping[date, Near], period: ReportPeriod
) -> tuple[tuple[DayFollowers, ...], tuple[UsedReading, ...]]:
    """Of the day before the period, of days a week apart, and of the last day; with the readings of those between."""
    totals = {each.network: each for each in _followers(numbers) if each.network is not None}
    used: list[UsedReading] = []
    before = period.first_day - timedelta(days=1)
    found = [DayFollowers(before, {name: each.start for name, each in totals.items()})]
    for day in days_between(period):
        counts: dict[str, int | None] = {}
        for network in numbers.networks:
            read = [
                (branch.code, community.url, _nearest(near[day].get(community.community_id), day))
                for branch, each in _known(numbers, network)
                for community in _counted(each, day)
            ]
            known = [reading for *_, reading in read if reading is not None]
            is_whole = bool(read) and len(known) == len(read)
            counts[network] = sum(reading.follower_count for reading in known) if is_whole else None
            used += [
                UsedReading(code, network, url, day, reading)
                for code, url, reading in read
                if is_whole and reading is not None
            ]
        found.append(DayFollowers(day, counts))
    found.append(DayFollowers(period.last_day, {name: each.end for name, each in totals.items()}))
    return tuple(found), tuple(used)


def _counted(growth: Growth, day: date) -> list[GrowthFacts]:
    """Those whose followers the sums of both days are made of, but who had left the branches file by a day."""
    counted = {number for point in (growth.start, growth.end) for number, _ in point.readings}
    return [
        each
        for each in growth.communities
        if each.community_id in counted and (each.retired_at is None or moscow_day(each.retired_at) > day)
    ]


def _nearest(around: tuple[KnownCount | None, KnownCount | None] | None, day: date) -> KnownCount | None:
    known = [each for each in around or () if each is not None and abs(each.on - day) <= NEAR]
    return min(known, key=lambda reading: (abs(reading.on - day), reading.on), default=None)


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
    found = []
    for line in facts.lines:
        own = [each for each in posts if each.branch_code == line.code]
        if own:
            is_whole = all(each.is_post_count_whole for each in own)
            found.append(BranchPosts(line.code, sum(each.post_count for each in own), is_whole))
    return tuple(found)


def _silence(code: str, silences: Sequence[SilenceFacts], period: ReportPeriod) -> Silence | None:
    """Of a branch; None: none touches the period."""
    own = [each for each in silences if each.branch_code == code]
    if not own:
        return None
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


def _closed_count(access: Mapping[int, KnownAccess]) -> int:
    return sum(each.access not in _OPEN for each in access.values())


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

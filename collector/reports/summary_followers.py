"""The summary's followers: what was, what is, and the days between, over the same communities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from collector.domain.calendar import moscow_day
from collector.domain.period import ReportPeriod
from collector.reports.growth import BranchGrowth, Growth, GrowthNumbers
from collector.reports.points import What
from collector.reports.sources import UsedReading
from storage.growth import GrowthFacts
from storage.readings import KnownCount
from storage.summary import Near

NEAR = timedelta(days=3)
"""A reading farther than this from a day between says too little of it: days are a week apart."""


@dataclass(frozen=True, slots=True)
class Followers:
    """All branches' followers on one network, or on all: of the same communities at both days."""

    network: str | None
    """None: on all."""
    start: int | None
    """None: not known of any, or none had an account yet."""
    end: int | None
    """None: not known of any."""
    change: int | None
    """What came between; of new accounts all of their followers."""
    new: tuple[str, ...]
    """Codes of branches that had no account at the start: no part of it."""
    left_out: tuple[str, ...]
    """Codes of branches whose change is not known."""
    of_fewer: tuple[str, ...]
    """Codes of branches of which a community left the branches file: the second number is without it."""

    @property
    def is_all_new(self) -> bool:
        """Whether none of them had an account at the start."""
        return self.start is None and self.change is not None


@dataclass(frozen=True, slots=True)
class DayFollowers:
    """Followers of a day by network, of the same communities as in `Followers`; None: not each was read near it."""

    day: date
    counts: dict[str, int | None]


def days_between(period: ReportPeriod) -> tuple[date, ...]:
    """Days a week apart, from the day before the period; the last one is the period's, so that none is near it."""
    first = period.first_day - timedelta(days=1)
    weeks = ((period.last_day - first).days - NEAR.days) // 7
    return tuple(first + timedelta(days=7 * number) for number in range(1, weeks + 1))


def _known(numbers: GrowthNumbers, network: str) -> list[tuple[BranchGrowth, Growth]]:
    return [
        (branch, branch.networks[network])
        for branch in numbers.branches
        if network in branch.networks and branch.networks[network].change is not None
    ]


def followers(numbers: GrowthNumbers) -> list[Followers]:
    """By network; where there are several, all together last."""
    found = []
    for network in numbers.networks:
        known = _known(numbers, network)
        there = [branch for branch in numbers.branches if network in branch.networks]
        found.append(
            Followers(
                network,
                _sum_of(each.start.count for _, each in known),
                _sum_of(each.end.count for _, each in known),
                _sum_of(each.change for _, each in known),
                tuple(branch.code for branch, each in known if each.is_new),
                tuple(
                    branch.code
                    for branch in there
                    if branch.networks[network].change is None
                    and branch.networks[network].end.what not in (What.ABSENT, What.LEFT)
                ),
                tuple(branch.code for branch, each in known if each.is_of_fewer),
            )
        )
    if len(found) > 1:
        found.append(
            Followers(
                None,
                _sum_of(each.start for each in found),
                _sum_of(each.end for each in found),
                _sum_of(each.change for each in found),
                tuple(dict.fromkeys(code for each in found for code in each.new)),
                tuple(dict.fromkeys(code for each in found for code in each.left_out)),
                tuple(dict.fromkeys(code for each in found for code in each.of_fewer)),
            )
        )
    return found


def _sum_of(values: Iterable[int | None]) -> int | None:
    """Of those that are known; None: none is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def by_days(
    numbers: GrowthNumbers, near: Mapping[date, Near], period: ReportPeriod
) -> tuple[tuple[DayFollowers, ...], tuple[UsedReading, ...]]:
    """Of the day before the period, of days a week apart, and of the last day; with the readings of those between."""
    totals = {each.network: each for each in followers(numbers) if each.network is not None}
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

"""The growth report's numbers: of each branch and network, followers at two days and what came between.

Each number is the reading nearest to its day, and how far from it that was is told. What grew from no account is new,
and has no percentage. Where nobody looked, there is no number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from collector.domain.period import ReportPeriod
from collector.reports.points import Point, What, added, difference, nearest_point, rounded, sum_of, together
from storage.growth import BranchLine, GrowthFacts

MILESTONE = 1000
"""Followers that a branch's communities can pass, by the founding resolution."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Followers of one branch on one network, at the period's two days."""

    network: str
    start: Point
    end: Point
    communities: tuple[GrowthFacts, ...]
    post_count: int | None
    """Posts in the period; None: not known of every day."""
    least_post_count: int
    """Those that were seen: never more than there were."""
    is_same_reading: bool
    """Whether both numbers are one reading: it says nothing of what came between."""
    change: int | None
    """`net_follower_change`, people; of a new account all of them. None: not known."""
    percent: float | None
    """The same in percent of the first number; None: not known, or grown from nothing."""

    @property
    def is_new(self) -> bool:
        """Whether there was nothing to grow from."""
        return _is_new(self.start, self.end)

    @property
    def is_of_fewer(self) -> bool:
        """Whether a community of the first number left the branches file: the second is without it."""
        if not self.end.has_left or self.change is None:
            return False
        after = {community_id for community_id, _ in self.end.readings}
        return any(community_id not in after for community_id, _ in self.start.readings)


@dataclass(frozen=True, slots=True)
class BranchGrowth:
    """A branch's line."""

    code: str
    name: str
    kind: str
    primary_count: int | None
    is_retired: bool
    networks: dict[str, Growth]
    """Of the networks on which it has communities."""
    followers: int | None
    """At the second day, over all networks on which it had an account; None: not known of each."""
    change: int | None
    """Over all networks; None: not known of each."""

    @property
    def is_of_fewer(self) -> bool:
        """Whether a community of the first numbers left the branches file: the second are without it."""
        return any(each.is_of_fewer for each in self.networks.values())


@dataclass(frozen=True, slots=True)
class GrowthNumbers:
    """The whole report's numbers."""

    period: ReportPeriod
    today: date
    networks: tuple[str, ...]
    branches: tuple[BranchGrowth, ...]

    @property
    def run_ids(self) -> set[int]:
        """The runs that brought the numbers."""
        return {
            reading.run_id
            for branch in self.branches
            for growth in branch.networks.values()
            for point in (growth.start, growth.end)
            for _, reading in point.origins
        }


def growth(
    lines: Sequence[BranchLine], facts: Sequence[GrowthFacts], period: ReportPeriod, today: date
) -> GrowthNumbers:
    """The numbers from what is known, a branch for each line. `today`: later days have no numbers yet."""
    networks = tuple(sorted({each.network for each in facts}))
    by_branch: dict[str, dict[str, list[GrowthFacts]]] = {}
    for each in facts:
        by_branch.setdefault(each.branch_code, {}).setdefault(each.network, []).append(each)
    branches = tuple(_branch(line, by_branch.get(line.code, {}), period, today) for line in lines)
    return GrowthNumbers(period, today, networks, branches)


def _branch(
    line: BranchLine, by_network: Mapping[str, Sequence[GrowthFacts]], period: ReportPeriod, today: date
) -> BranchGrowth:
    networks = {
        network: _growth(network, facts, period, today) for network, facts in sorted(by_network.items())
    }
    there = [each for each in networks.values() if each.end.what is not What.ABSENT]
    counted = [each.end.count for each in there if each.end.what is not What.LEFT]
    return BranchGrowth(
        line.code,
        line.name,
        line.kind,
        line.primary_count,
        line.retired_at is not None,
        networks,
        sum_of(counted) if counted else None,
        sum_of([each.change for each in there]) if there else None,
    )


@dataclass(frozen=True, slots=True)
class NetworkTotal:
    """All branches together on one network."""

    start: Point
    end: Point
    """Sums of what is known of each day."""
    change: int | None
    """The sum of the branches' changes that are known; None: of none."""
    percent: float | None
    """Of those alone that had an account at the first day; None: of none."""
    post_count: int | None
    least_post_count: int
    left_out: tuple[str, ...]
    """Codes of branches whose change is not known, though they may have had an account."""
    not_at_start: tuple[str, ...]
    """Codes of branches of whose first number nothing is known."""
    not_at_end: tuple[str, ...]


def total(numbers: GrowthNumbers, network: str) -> NetworkTotal:
    """All branches together on one network, of what is known."""
    each = {
        branch.code: branch.networks[network] for branch in numbers.branches if network in branch.networks
    }
    changes = {code: growth.change for code, growth in each.items()}
    known = [change for change in changes.values() if change is not None]
    old = [growth for growth in each.values() if growth.percent is not None]
    before = sum(growth.start.count or 0 for growth in old)
    posts = [growth.post_count for growth in each.values()]
    return NetworkTotal(
        added(growth.start for growth in each.values()),
        added(growth.end for growth in each.values()),
        sum(known) if known else None,
        rounded(100 * sum(growth.change or 0 for growth in old), before) if before else None,
        sum_of(posts) if posts else None,
        sum(growth.least_post_count for growth in each.values()),
        tuple(
            code
            for code, change in changes.items()
            if change is None and each[code].end.what not in (What.ABSENT, What.LEFT)
        ),
        tuple(code for code, growth in each.items() if growth.start.what in _UNKNOWN),
        tuple(code for code, growth in each.items() if growth.end.what in _UNKNOWN),
    )


_UNKNOWN = (What.UNKNOWN, What.FUTURE)


def _growth(network: str, facts: Sequence[GrowthFacts], period: ReportPeriod, today: date) -> Growth:
    starts = [
        nearest_point(each, period.first_day, today, each.up_to_first, each.after_first) for each in facts
    ]
    ends = [nearest_point(each, period.last_day, today, each.up_to_last, each.after_last) for each in facts]
    start, end = together(starts), together(ends)
    is_whole = all(each.is_post_count_whole for each in facts)
    seen = sum(each.post_count for each in facts)
    is_same = any(reading in end.readings for reading in start.readings)
    change = None if is_same else _change(start, end)
    return Growth(
        network,
        start,
        end,
        tuple(facts),
        seen if is_whole else None,
        seen,
        is_same,
        change,
        _percent(start, change),
    )


def _is_new(start: Point, end: Point) -> bool:
    return start.what is What.ABSENT and end.what is What.KNOWN


def _change(start: Point, end: Point) -> int | None:
    return end.count if _is_new(start, end) else difference(end.count, start.count)


def _percent(start: Point, change: int | None) -> float | None:
    # Where one of several is new, part of it grew from nothing.
    if change is None or not start.count or start.absences:
        return None
    return rounded(100 * change, start.count)

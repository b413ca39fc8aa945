"""Checks claims against the data: confirmed, refuted by the real value, or not provable; never more than is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from collector.branches.claims_csv import Claim, Metric
from collector.domain.model import BranchKind
from collector.reports.growth import Growth, GrowthNumbers
from collector.reports.points import What

Days = tuple[date, date]


class Verdict(Enum):
    """What the data say of a claim."""

    CONFIRMED = auto()
    REFUTED = auto()
    NOT_PROVABLE = auto()


class Why(Enum):
    """Why a claim cannot be proven."""

    NO_BRANCH = auto()
    NO_NETWORK = auto()
    """Nothing is collected of it there."""
    NO_BASELINE = auto()
    """There was no account yet: nothing to count a percentage from."""
    FROM_NOBODY = auto()
    """There was an account, and nobody followed it."""
    SOME_WITHOUT_BASELINE = auto()
    UNKNOWN = auto()
    """Nobody looked near one of the days."""
    ONE_READING = auto()
    FUTURE = auto()
    ABSENT = auto()
    """There was no account at the last day either."""
    POSTS_UNSEEN = auto()


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and what the data say of it. `actual` None: not known, and `why` says why."""

    claim: Claim
    verdict: Verdict
    actual: float | None = None
    why: Why | None = None
    farthest: int = 0
    """How many days the farthest of the readings is from its day; before it, negative."""


def judge(claims: Sequence[Claim], numbers: Mapping[Days, GrowthNumbers]) -> list[Judged]:
    """Of each claim. `numbers`: of each pair of days that claims name, of branches of all kinds."""
    return [_judged(claim, numbers[claim.first_day, claim.last_day]) for claim in claims]


def _judged(claim: Claim, numbers: GrowthNumbers) -> Judged:
    branches = [
        branch
        for branch in numbers.branches
        if branch.code == claim.organization
        or (claim.organization is None and branch.kind == BranchKind.TERRITORIAL)
    ]
    if not branches:
        return Judged(claim, Verdict.NOT_PROVABLE, why=Why.NO_BRANCH)
    growths = [
        growth
        for branch in branches
        for network, growth in branch.networks.items()
        if claim.network in (None, network)
    ]
    if not growths:
        return Judged(claim, Verdict.NOT_PROVABLE, why=Why.NO_NETWORK)
    actual = _posts(growths) if claim.metric is Metric.POSTS else _of_followers(claim.metric, growths)
    if isinstance(actual, Why):
        least = sum(growth.least_post_count for growth in growths)
        if actual is Why.POSTS_UNSEEN and least > claim.claimed:
            return Judged(claim, Verdict.REFUTED, least, actual)
        return Judged(claim, Verdict.NOT_PROVABLE, why=actual)
    is_so = abs(actual - claim.claimed) <= _tolerance(claim)
    offs = [point.days_off for growth in growths for point in (growth.start, growth.end)]
    farthest = 0 if claim.metric is Metric.POSTS else max(offs, key=abs)
    return Judged(claim, Verdict.CONFIRMED if is_so else Verdict.REFUTED, actual, farthest=farthest)


def _tolerance(claim: Claim) -> float:
    """A percentage is claimed rounded; people are whole."""
    if claim.metric is not Metric.PERCENT:
        return 0
    return 0.5 if claim.claimed == int(claim.claimed) else 0.05


def _of_followers(metric: Metric, growths: Sequence[Growth]) -> float | Why:
    there = [growth for growth in growths if growth.end.what not in (What.ABSENT, What.LEFT)]
    if not there:
        return Why.ABSENT
    if (unknown := _unknown(there, needs_start=metric is not Metric.FOLLOWERS)) is not None:
        return unknown
    if metric is Metric.FOLLOWERS:
        return sum(growth.end.count or 0 for growth in there)
    change = sum(growth.change or 0 for growth in there)
    if metric is Metric.CHANGE:
        return change
    with_start = [growth for growth in there if growth.start.count and not growth.start.absences]
    if not with_start:
        return Why.NO_BASELINE if any(growth.start.absences for growth in there) else Why.FROM_NOBODY
    if len(with_start) < len(there):
        return Why.SOME_WITHOUT_BASELINE
    return 100 * change / sum(growth.start.count or 0 for growth in there)


def _unknown(growths: Sequence[Growth], *, needs_start: bool) -> Why | None:
    points = [point for growth in growths for point in ([growth.start] * needs_start + [growth.end])]
    for what, why in ((What.FUTURE, Why.FUTURE), (What.UNKNOWN, Why.UNKNOWN)):
        if any(point.what is what for point in points):
            return why
    return Why.ONE_READING if needs_start and any(growth.is_same_reading for growth in growths) else None


def _posts(growths: Sequence[Growth]) -> float | Why:
    counts = [growth.post_count for growth in growths]
    return Why.POSTS_UNSEEN if None in counts else sum(count or 0 for count in counts)

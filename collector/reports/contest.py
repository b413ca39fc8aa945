"""A contest's numbers: each metric's places, their weighted sum, and who is not ranked and why.

Places are those of the numbers as they are shown, so that whoever has the table can count them anew: equal numbers
share a place, and the next one is as many further on (1, 2, 2, 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from collector.domain.contest import LeagueRules, Metric
from collector.domain.period import ReportPeriod
from collector.reports.contest_values import BranchValues, Reason, branch_values
from storage.contest import ContestCommunity, ContestFacts


@dataclass(frozen=True, slots=True)
class Score:
    """A branch's number of one metric."""

    metric: Metric
    value: int | float
    place: int
    points: int
    """The place times the metric's weight."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A branch in the ranking. Its places differ where it shares them: 2 and 3."""

    code: str
    name: str
    first_place: int
    last_place: int
    points: int
    """The fewer the better."""
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class NotRanked:
    """A branch of which a number is not known, or that is not up to the rules."""

    code: str
    name: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ContestResult:
    """Who has which place."""

    ranked: tuple[Ranked, ...]
    not_ranked: tuple[NotRanked, ...]


def whole_days(period: ReportPeriod, today: date) -> ReportPeriod | None:
    """The period's days that are over; None: none is."""
    end_day = min(period.end_day, today)
    return ReportPeriod(period.first_day, end_day) if end_day > period.first_day else None


def counted_until(period: ReportPeriod, rules: LeagueRules, now: datetime) -> datetime:
    """The moment at which counts of posts are taken: as the rules say, or now where that has not come."""
    return min(settled_at(period, rules), now)


def settled_at(period: ReportPeriod, rules: LeagueRules) -> datetime:
    """When the result is final: from then on it may be frozen."""
    return period.end + rules.counts_after


def counting_communities(facts: ContestFacts) -> dict[str, list[ContestCommunity]]:
    """By branch those that were in the branches file to the end: who left it is read no more."""
    found: dict[str, list[ContestCommunity]] = {}
    for each in facts.communities:
        retired_at = each.growth.retired_at
        if retired_at is None or retired_at > facts.counted_until:
            found.setdefault(each.growth.branch_code, []).append(each)
    return found


def of_those_named(facts: ContestFacts, rules: LeagueRules) -> ContestFacts:
    """The facts of those branches that compete by the rules."""
    if not rules.branches:
        return facts
    return replace(
        facts,
        branches=tuple(each for each in facts.branches if each.code in rules.branches),
        communities=tuple(each for each in facts.communities if each.growth.branch_code in rules.branches),
    )


def contest(facts: ContestFacts, rules: LeagueRules) -> ContestResult:
    """The result of what is known."""
    of_branch = counting_communities(facts)
    all_of_them = [
        branch_values(branch, of_branch.get(branch.code, []), facts, rules)
        for branch in facts.branches
        if branch.retired_at is None or branch.retired_at >= facts.period.start
    ]
    competing = [each for each in all_of_them if not each.reasons]
    return ContestResult(
        _ranked(competing, rules),
        tuple(NotRanked(each.code, each.name, each.reasons) for each in all_of_them if each.reasons),
    )


def _ranked(competing: Sequence[BranchValues], rules: LeagueRules) -> tuple[Ranked, ...]:
    places = {
        each.metric: _places([branch.values[each.metric] for branch in competing]) for each in rules.metrics
    }
    scores = {
        branch.code: tuple(
            Score(each.metric, value, place, place * each.weight)
            for each in rules.metrics
            for value in (branch.values[each.metric],)
            for place in (places[each.metric][value],)
        )
        for branch in competing
    }

    def standing(branch: BranchValues) -> tuple[float, ...]:
        """What decides, the least first: the sum, then the metrics for ties, of which more is better."""
        total = sum(score.points for score in scores[branch.code])
        return (total, *(-branch.values[metric] for metric in rules.ties))

    in_order = sorted(competing, key=standing)
    standings = [standing(branch) for branch in in_order]
    last_places = {each: place for place, each in enumerate(standings, start=1)}
    first_places = {each: place for place, each in reversed(list(enumerate(standings, start=1)))}
    return tuple(
        Ranked(
            branch.code,
            branch.name,
            first_places[mine],
            last_places[mine],
            sum(score.points for score in scores[branch.code]),
            scores[branch.code],
        )
        for branch, mine in zip(in_order, standings, strict=True)
    )


def _places(values: Sequence[float]) -> Mapping[float, int]:
    """Of each value its place among them, the greatest first."""
    # Of equal ones the first place is written last.
    return {value: place for place, value in reversed(list(enumerate(sorted(values, reverse=True), start=1)))}

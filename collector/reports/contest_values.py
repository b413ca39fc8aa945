"""What one branch brings to a contest: a number for each metric, or the reasons why it has none.

A number is made of all the branch's communities that count, or not at all: a sum without one of them would be another
branch's number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from collector.domain.calendar import moscow_day
from collector.domain.contest import LeagueRules, Metric
from collector.domain.model import Access
from collector.domain.period import ReportPeriod
from collector.reports.engagement import engagement, engagement_rate, followers_then
from collector.reports.points import Point, What, nearest_point, rounded
from storage.contest import ContestCommunity, ContestFacts
from storage.growth import BranchLine
from storage.post_facts import PostFacts

_AT_END = frozenset({Metric.NET_FOLLOWER_CHANGE, Metric.GROWTH_PERCENT, Metric.FOLLOWERS_PER_PRIMARY})
_AT_START = frozenset({Metric.NET_FOLLOWER_CHANGE, Metric.GROWTH_PERCENT})
_OF_POSTS = frozenset(
    {Metric.OWN_POSTS, Metric.WEEKS_WITH_POST, Metric.DAYS_WITH_POST, Metric.ENGAGEMENT_RATE}
)


class Why(StrEnum):
    """Why a branch is not ranked."""

    RETIRED = "retired"
    NO_COMMUNITY = "no_community"
    NOT_OPEN = "not_open"
    BORN = "born"
    """There was no account yet before the period."""
    LISTED_LATE = "listed_late"
    """It entered the branches file within the period: nobody read it before."""
    WITHHELD = "withheld"
    NO_READING = "no_reading"
    ONE_READING = "one_reading"
    FROM_NOBODY = "from_nobody"
    NO_SIZE = "no_size"
    WALL_UNSEEN_BEFORE = "wall_unseen_before"
    WALL_UNSEEN_AFTER = "wall_unseen_after"
    NO_POSTS = "no_posts"
    FEW_POSTS = "few_posts"
    COUNTS_UNKNOWN = "counts_unknown"
    FOLLOWERS_THEN_UNKNOWN = "followers_then_unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a branch is not ranked, and by which community of its."""

    why: Why
    network: str | None = None
    url: str | None = None
    on: date | None = None
    """The day that a reading was sought for, or since when it is so."""
    count: int | None = None
    """How many posts it is about."""
    access: str | None = None


@dataclass(frozen=True, slots=True)
class BranchValues:
    """A branch with all its numbers, or with the reasons why it is not ranked: then there are none."""

    code: str
    name: str
    values: dict[Metric, int | float]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Followers:
    """Of a community the readings for both ends of the period."""

    start: Point
    end: Point


def branch_values(
    branch: BranchLine, communities: Sequence[ContestCommunity], facts: ContestFacts, rules: LeagueRules
) -> BranchValues:
    """What a branch brings. `communities`: those of its that count."""
    period = facts.period
    wanted = {each.metric for each in rules.metrics}
    reasons: list[Reason] = []
    if branch.retired_at is not None and branch.retired_at <= facts.counted_until:
        reasons.append(Reason(Why.RETIRED, on=moscow_day(branch.retired_at)))
    elif not communities:
        reasons.append(Reason(Why.NO_COMMUNITY))
    for each in communities if not reasons else ():
        reasons += _why_not(each, period, rules, wanted)
    posts = [post for each in communities for post in each.posts if not post.is_repost]
    ends = [followers_at_ends(each, period) for each in communities]
    if not reasons:
        reasons += _why_not_together(branch, ends, posts, rules, wanted)
    if reasons:
        return BranchValues(branch.code, branch.name, {}, tuple(reasons))
    of = _Numbers(branch, ends, posts, period, rules.reading_within)
    return BranchValues(
        branch.code, branch.name, {each.metric: of.of(each.metric) for each in rules.metrics}, ()
    )


def followers_at_ends(community: ContestCommunity, period: ReportPeriod) -> Followers:
    """The readings nearest to the day before the period, and to its last one."""
    of, last = community.growth, period.last_day
    before = period.first_day - timedelta(days=1)
    return Followers(
        nearest_point(of, before, last, of.up_to_first, of.after_first),
        nearest_point(of, last, last, of.up_to_last, of.after_last),
    )


def _why_not(
    community: ContestCommunity, period: ReportPeriod, rules: LeagueRules, wanted: set[Metric]
) -> list[Reason]:
    """What is not known of one community. Of one that is not open nothing else is told: all follows from that."""
    network, url = community.growth.network, community.growth.url

    def reason(why: Why, on: date | None = None, count: int | None = None) -> Reason:
        return Reason(why, network, url, on, count)

    if community.access not in (Access.OPEN, Access.UNKNOWN):
        since = None if community.access_since is None else moscow_day(community.access_since)
        return [Reason(Why.NOT_OPEN, network, url, since, access=community.access)]
    found = []
    ends = followers_at_ends(community, period)
    if wanted & _AT_START and not _is_near(ends.start, rules.reading_within):
        day_before = period.first_day - timedelta(days=1)
        if ends.start.what is What.ABSENT:
            found.append(reason(Why.BORN))
        elif community.is_withheld_at_start:
            found.append(reason(Why.WITHHELD, day_before))
        elif community.listed_at >= period.start:
            found.append(reason(Why.LISTED_LATE, moscow_day(community.listed_at)))
        else:
            found.append(reason(Why.NO_READING, day_before))
    if wanted & _AT_END and not _is_near(ends.end, rules.reading_within):
        found.append(
            reason(Why.WITHHELD if community.is_withheld_at_end else Why.NO_READING, period.last_day)
        )
    if wanted & _AT_START and not found and set(ends.start.readings) & set(ends.end.readings):
        found.append(reason(Why.ONE_READING))
    if wanted & _OF_POSTS or rules.minimum_own_posts:
        found += _why_posts_unknown(community, period, rules, wanted, reason)
    return found


def _why_posts_unknown(
    community: ContestCommunity,
    period: ReportPeriod,
    rules: LeagueRules,
    wanted: set[Metric],
    reason: Callable[..., Reason],
) -> list[Reason]:
    first, last = community.posts_known_since, community.wall_last_seen_at
    found = []
    if first is None or first > period.start:
        found.append(reason(Why.WALL_UNSEEN_BEFORE, None if first is None else moscow_day(first)))
    elif last is None or last < period.end:
        found.append(reason(Why.WALL_UNSEEN_AFTER, None if last is None else moscow_day(last)))
    if Metric.ENGAGEMENT_RATE in wanted:
        own = [post for post in community.posts if not post.is_repost]
        if uncounted := sum(engagement(post) is None for post in own):
            found.append(reason(Why.COUNTS_UNKNOWN, count=uncounted))
        near = rules.reading_within
        alone = sum(not (then := followers_then(post, near)) or not then.follower_count for post in own)
        if alone:
            found.append(reason(Why.FOLLOWERS_THEN_UNKNOWN, count=alone))
    return found


def _why_not_together(
    branch: BranchLine,
    ends: Sequence[Followers],
    posts: Sequence[PostFacts],
    rules: LeagueRules,
    wanted: set[Metric],
) -> list[Reason]:
    found = []
    if Metric.GROWTH_PERCENT in wanted and not sum(each.start.count or 0 for each in ends):
        found.append(Reason(Why.FROM_NOBODY))
    if Metric.FOLLOWERS_PER_PRIMARY in wanted and not branch.primary_count:
        found.append(Reason(Why.NO_SIZE))
    if len(posts) < rules.minimum_own_posts:
        found.append(Reason(Why.FEW_POSTS, count=len(posts)))
    elif not posts and Metric.ENGAGEMENT_RATE in wanted:
        found.append(Reason(Why.NO_POSTS))
    return found


def _is_near(point: Point, within: timedelta) -> bool:
    return point.what is What.KNOWN and timedelta(days=abs(point.days_off)) <= within


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A branch's numbers, once all that they are made of is known. Rounded as they are shown."""

    branch: BranchLine
    ends: Sequence[Followers]
    own: Sequence[PostFacts]
    period: ReportPeriod
    near: timedelta

    def of(self, metric: Metric) -> int | float:
        start = sum(each.start.count or 0 for each in self.ends)
        end = sum(each.end.count or 0 for each in self.ends)
        days = {moscow_day(post.published_at) for post in self.own}
        if metric is Metric.NET_FOLLOWER_CHANGE:
            return end - start
        if metric is Metric.GROWTH_PERCENT:
            return rounded(100 * (end - start), start)
        if metric is Metric.FOLLOWERS_PER_PRIMARY:
            return rounded(end, self.branch.primary_count or 0)
        if metric is Metric.OWN_POSTS:
            return len(self.own)
        if metric is Metric.DAYS_WITH_POST:
            return rounded(100 * len(days), len(self.period.days))
        if metric is Metric.WEEKS_WITH_POST:
            return rounded(100 * len(_weeks(days)), len(_weeks(self.period.days)))
        rates = [engagement_rate(post, self.near) or Fraction(0) for post in self.own]
        mean = sum(rates, Fraction(0)) / len(rates)
        return rounded(mean.numerator, mean.denominator, 2)


def _weeks(days: Sequence[date] | set[date]) -> set[date]:
    """The Mondays of these days' weeks."""
    return {day - timedelta(days=day.weekday()) for day in days}

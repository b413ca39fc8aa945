"""What a contest of communities is judged by: leagues, metrics, their weights and what breaks a tie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from collector.domain.model import BranchKind

COUNTS_AFTER = timedelta(days=7)
READING_WITHIN = timedelta(days=3)
"""What holds where the rules say nothing else; see `LeagueRules`."""


class League(StrEnum):
    """Who competes with each other."""

    TERRITORIAL = "territorial"
    PRIMARY = "primary"


class Metric(StrEnum):
    """What is compared; of each more is better."""

    NET_FOLLOWER_CHANGE = "net_follower_change"
    """Followers at the period's end without those before its beginning, people."""
    GROWTH_PERCENT = "growth_percent"
    """The same in percent of those before its beginning."""
    OWN_POSTS = "own_posts"
    """Posts of the period that are no reposts."""
    WEEKS_WITH_POST = "weeks_with_post"
    """Of the weeks from Monday to Sunday that have a day in the period, those with an own post, in percent."""
    DAYS_WITH_POST = "days_with_post"
    """Of the period's days those with an own post, in percent."""
    ENGAGEMENT_RATE = "engagement_rate"
    """Likes, comments and shares of an own post in percent of the followers at that time, on average. Never reach."""
    FOLLOWERS_PER_PRIMARY = "followers_per_primary"
    """Followers at the period's end for each of the branch's primary organisations."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A metric, and how many times its place counts."""

    metric: Metric
    weight: int = 1


@dataclass(frozen=True, slots=True)
class LeagueRules:
    """By which rules a league competes."""

    league: League
    title: str
    """In Russian, as the contest is called."""
    kinds: tuple[BranchKind, ...]
    metrics: tuple[Weighted, ...]
    ties: tuple[Metric, ...] = ()
    """Of equal sums these are compared in turn, all of them among `metrics`; equal in all share a place."""
    networks: tuple[str, ...] = ()
    """Whose communities count; none named: all."""
    minimum_own_posts: int = 0
    """Who has fewer is not ranked."""
    counts_after: timedelta = COUNTS_AFTER
    """Likes, comments and shares are those known so long after the period's end."""
    branches: tuple[str, ...] = ()
    """Codes of those that compete; none named: all of these kinds."""
    reading_within: timedelta = READING_WITHIN
    """A reading of followers farther than this from the day or the post that it is for says nothing of it."""

"""What the summary asks: followers at some days, posts of two periods, silences, who was open, when we looked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, and_, distinct, func, or_, select

from collector.domain.episode import EndReason
from collector.domain.period import ReportPeriod
from storage.access import KnownAccess, access_at
from storage.growth import BranchLine, GrowthFacts, growth_branches, growth_facts
from storage.letter_tables import silence
from storage.readings import KnownCount, nearest_counts
from storage.report_tables import calendar_day
from storage.tables import branch, community, follower_snapshot

Near = Mapping[int, tuple[KnownCount | None, KnownCount | None]]
"""Of each community the last known count up to a day; and if that is not of the day itself, the first after it."""


@dataclass(frozen=True, slots=True)
class SilenceFacts:
    """A silence that touches a period."""

    branch_code: str
    silent_since: datetime
    """Its deadline."""
    counted_from: datetime
    """When the last post was published; where there was none, the first look."""
    last_post_at: datetime | None
    resumed_at: datetime | None
    """None: its end was not seen."""
    confirmed_at: datetime
    """Up to then it is proven to last."""
    is_posted: bool
    """Whether a post ended it."""


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """All that the summary is made of."""

    lines: Sequence[BranchLine]
    growth: Sequence[GrowthFacts]
    """Of the day before the period, and of its last one."""
    posts: Sequence[GrowthFacts]
    """Of the period, for its posts."""
    posts_before: Sequence[GrowthFacts]
    """Of the period before."""
    near: Mapping[date, Near]
    silences: Sequence[SilenceFacts]
    access_before: Mapping[int, KnownAccess]
    access: Mapping[int, KnownAccess]
    """At the end."""
    seen_days: Mapping[int, int]
    """Of each community, days of the period on which it was read."""
    listed_at: Mapping[int, datetime]
    """When each community entered the branches file."""


def summary_facts(
    conn: Connection,
    period: ReportPeriod,
    before: ReportPeriod,
    days: Collection[date],
    kinds: Collection[str],
) -> SummaryFacts:
    """Facts of branches of these kinds. `before`: whose posts are compared; `days`: of which followers are told."""
    about = ReportPeriod(period.first_day - timedelta(days=1), period.end_day)
    return SummaryFacts(
        lines=growth_branches(conn, about, kinds),
        growth=growth_facts(conn, about, kinds),
        posts=growth_facts(conn, period, kinds),
        posts_before=growth_facts(conn, before, kinds),
        near={day: nearest_counts(conn, day, kinds) for day in days},
        silences=_silences(conn, period, kinds),
        access_before=access_at(conn, period.start, kinds),
        access=access_at(conn, period.end, kinds),
        seen_days=_seen_days(conn, period, kinds),
        listed_at={
            row.id: row.created_at
            for row in conn.execute(
                select(community.c.id, community.c.created_at)
                .join(branch, branch.c.id == community.c.branch_id)
                .where(branch.c.kind.in_(kinds))
            )
        },
    )


def _silences(conn: Connection, period: ReportPeriod, kinds: Collection[str]) -> list[SilenceFacts]:
    """Those that touch the period, in order; those withdrawn left out, as they were none."""
    found = silence.c
    query = (
        select(
            branch.c.code,
            found.silent_since,
            found.counted_from,
            found.last_post_at,
            found.resumed_at,
            found.confirmed_at,
            found.end_reason,
        )
        .join(branch, branch.c.id == found.branch_id)
        .where(
            branch.c.kind.in_(kinds),
            found.silent_since < period.end,
            or_(
                found.resumed_at.is_(None),
                and_(found.resumed_at > period.start, found.end_reason != EndReason.WITHDRAWN.value),
            ),
        )
        .order_by(found.branch_id, found.silent_since)
    )
    return [
        SilenceFacts(
            row.code,
            row.silent_since,
            row.counted_from,
            row.last_post_at,
            row.resumed_at,
            row.confirmed_at,
            row.end_reason == EndReason.POSTED.value,
        )
        for row in conn.execute(query)
    ]


def _seen_days(conn: Connection, period: ReportPeriod, kinds: Collection[str]) -> dict[int, int]:
    """The first reading of each day is a row, so that a day without one was not looked at."""
    day, series = calendar_day.c, follower_snapshot.c
    query = (
        select(series.community_id, func.count(distinct(day.day)).label("days"))
        .select_from(calendar_day)
        .join(
            follower_snapshot,
            (series.observed_at >= day.starts_at) & (series.observed_at < day.ends_at),
        )
        .join(community, community.c.id == series.community_id)
        .join(branch, branch.c.id == community.c.branch_id)
        .where(
            branch.c.kind.in_(kinds),
            day.day.between(period.first_day, period.last_day),
            series.observed_at >= period.start,
            series.observed_at < period.end,
        )
        .group_by(series.community_id)
    )
    return {row.community_id: row.days for row in conn.execute(query)}

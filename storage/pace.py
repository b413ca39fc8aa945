"""What the forecast asks: of each community, the readings nearest to some days, and what stood in a reading's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from collector.domain.calendar import moscow_day, moscow_day_begins
from collector.domain.period import ReportPeriod
from storage.access import KnownAccess, access_at
from storage.growth import Absence
from storage.readings import KnownCount, nearest_counts
from storage.report_tables import account_absence
from storage.tables import branch, community, follower_snapshot


@dataclass(frozen=True, slots=True)
class PaceFacts:
    """What is known of a community's followers around some days."""

    community_id: int
    branch_code: str
    network: str
    url: str
    retired_at: datetime | None
    access: KnownAccess | None
    """At the end of the last day; None: it had not been read yet."""
    near: tuple[tuple[KnownCount | None, KnownCount | None], ...]
    """Of each day the last known count up to it, and where that is not of the day itself, the first one after it."""
    first_on: date | None
    """The day of its oldest known count; None: there is none."""
    withheld_on: tuple[date, ...]
    """Days from `since` to the last one on which the network told no number, in order."""
    absence: Absence | None
    """The newest day on which it is known to have had no account yet."""


def pace_facts(
    conn: Connection, days: Sequence[date], since: date, kinds: Collection[str]
) -> list[PaceFacts]:
    """Of all communities of branches of these kinds, but those that left the branches file before the first day.

    `days`: in order. What came after the last of them is left out, as who stood there did not know it.
    """
    period = ReportPeriod.of_days(days[0], days[-1])
    nearest = [nearest_counts(conn, day, kinds) for day in days]
    withheld = _withheld(conn, since, period.end, kinds)
    firsts = nearest_counts(conn, _BEFORE_ALL, kinds)
    absences = {
        row.community_id: Absence(row.absent_on, row.run_id)
        for row in conn.execute(select(account_absence).order_by(account_absence.c.absent_on))
    }
    access = access_at(conn, period.end, kinds)
    query = (
        select(community.c.id, community.c.network, community.c.url, community.c.retired_at, branch.c.code)
        .join_from(community, branch)
        .where(
            branch.c.kind.in_(kinds),
            *(
                or_(table.c.retired_at.is_(None), table.c.retired_at >= period.start)
                for table in (branch, community)
            ),
        )
        .order_by(branch.c.id, community.c.id)
    )
    found = []
    for row in conn.execute(query):
        near = [
            (before, after if after is not None and after.on <= days[-1] else None)
            for before, after in (of_day.get(row.id, (None, None)) for of_day in nearest)
        ]
        _, first = firsts.get(row.id, (None, None))
        found.append(
            PaceFacts(
                community_id=row.id,
                branch_code=row.code,
                network=row.network,
                url=row.url,
                retired_at=row.retired_at,
                access=access.get(row.id),
                near=tuple(near),
                first_on=first.on if first is not None and first.on <= days[-1] else None,
                withheld_on=tuple(withheld.get(row.id, ())),
                absence=absences.get(row.id),
            )
        )
    return found


_BEFORE_ALL = date(2006, 1, 1)
"""The calendar's first day: no network of ours is older."""


def _withheld(conn: Connection, since: date, end: datetime, kinds: Collection[str]) -> dict[int, list[date]]:
    """Days by community."""
    series = follower_snapshot.c
    query = (
        select(series.community_id, series.observed_at)
        .join(community, community.c.id == series.community_id)
        .join(branch, branch.c.id == community.c.branch_id)
        .where(
            branch.c.kind.in_(kinds),
            series.follower_count.is_(None),
            series.observed_at >= moscow_day_begins(since),
            series.observed_at < end,
        )
        .order_by(series.community_id, series.observed_at)
    )
    found: dict[int, dict[date, None]] = defaultdict(dict)
    for row in conn.execute(query):
        found[row.community_id][moscow_day(row.observed_at)] = None
    return {community_id: list(on) for community_id, on in found.items()}

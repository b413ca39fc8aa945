"""What the growth report asks: of each community, the readings nearest to two days, and its posts between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, or_, select

from collector.domain.period import ReportPeriod
from storage.readings import KnownCount, nearest_counts
from storage.report_tables import account_absence
from storage.tables import branch, branch_size, collection_run, community, community_state
from storage.tables import post as post_table


@dataclass(frozen=True, slots=True)
class Absence:
    """A day on which there was no account yet, by an imported table's word."""

    on: date
    run_id: int


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch that a report has a line for, whether it has communities or not."""

    code: str
    name: str
    kind: str
    primary_count: int | None
    """As known on the period's last day; where nothing so old is known, the oldest that is."""
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrowthFacts:
    """What is known of a community about two days: the last known count up to each, and the first one after it."""

    community_id: int
    branch_code: str
    network: str
    url: str
    access: str
    retired_at: datetime | None
    up_to_first: KnownCount | None
    after_first: KnownCount | None
    up_to_last: KnownCount | None
    after_last: KnownCount | None
    absences: tuple[Absence, ...]
    """Days on which it is known to have had no account, in order."""
    post_count: int
    """Posts in the period that were seen and still stand, as far as it was looked at."""
    is_post_count_whole: bool
    """Whether all its posts of the period are known."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Where numbers came from: a round, or an imported file."""

    run_id: int
    kind: str
    source: str | None
    started_at: datetime


def growth_branches(conn: Connection, period: ReportPeriod, kinds: Collection[str]) -> list[BranchLine]:
    """The branches of these kinds, in the order of the branches file, but those that left it before the period."""
    sizes = _sizes(conn, period.last_day)
    query = (
        select(branch.c.id, branch.c.code, branch.c.name, branch.c.kind, branch.c.retired_at)
        .where(branch.c.kind.in_(kinds), _not_before(branch, period))
        .order_by(branch.c.id)
    )
    return [
        BranchLine(code, name, kind, sizes.get(branch_id), retired_at)
        for branch_id, code, name, kind, retired_at in conn.execute(query).all()
    ]


def growth_facts(conn: Connection, period: ReportPeriod, kinds: Collection[str]) -> list[GrowthFacts]:
    """Of all communities of branches of these kinds, but those that left the branches file before the period.

    `period`: its first day is the first of the two; its last day the other.
    """
    absences: dict[int, list[Absence]] = defaultdict(list)
    for row in conn.execute(select(account_absence).order_by(account_absence.c.absent_on)):
        absences[row.community_id].append(Absence(row.absent_on, row.run_id))
    begins, ends = period.start, period.end
    posted = (
        select(post_table.c.community_id, func.count())
        .join_from(post_table, community, community.c.id == post_table.c.community_id)
        .join(branch, branch.c.id == community.c.branch_id)
        .where(
            branch.c.kind.in_(kinds),
            post_table.c.published_at >= begins,
            post_table.c.published_at < ends,
            post_table.c.deleted_at.is_(None),
        )
        .group_by(post_table.c.community_id)
    )
    # All rows at once: one after another they take longer than the database does.
    posts = {row[0]: row[1] for row in conn.execute(posted).all()}
    first, last = (nearest_counts(conn, day, kinds) for day in (period.first_day, period.last_day))
    nothing = (None, None)
    # By place: a row's names cost as much as all the rest.
    return [
        GrowthFacts(
            community_id,
            code,
            network,
            url,
            access,
            retired_at,
            *first.get(community_id, nothing),
            *last.get(community_id, nothing),
            tuple(absences.get(community_id, ())),
            posts.get(community_id, 0),
            since is not None and since <= begins and until is not None and ends <= until,
        )
        for community_id, network, url, retired_at, code, access, since, until in conn.execute(
            _communities(period, kinds)
        ).all()
    ]


def runs_by_id(conn: Connection, run_ids: Collection[int]) -> dict[int, RunFacts]:
    """The runs of these numbers."""
    query = select(
        collection_run.c.id, collection_run.c.kind, collection_run.c.source, collection_run.c.started_at
    )
    wanted = set(run_ids)
    return {
        row.id: RunFacts(row.id, row.kind, row.source, row.started_at)
        for row in conn.execute(query)
        if row.id in wanted
    }


def _communities(period: ReportPeriod, kinds: Collection[str]) -> Select[Any]:
    return (
        select(
            community.c.id,
            community.c.network,
            community.c.url,
            community.c.retired_at,
            branch.c.code,
            community_state.c.access,
            community_state.c.posts_known_since,
            community_state.c.wall_last_seen_at,
        )
        .join_from(community, branch)
        .join(community_state, community_state.c.community_id == community.c.id)
        .where(branch.c.kind.in_(kinds), _not_before(branch, period), _not_before(community, period))
        .order_by(branch.c.id, community.c.id)
    )


def _not_before(table: Table, period: ReportPeriod) -> ColumnElement[bool]:
    """What was in the branches file on the period's first day, or later."""
    return or_(table.c.retired_at.is_(None), table.c.retired_at >= period.start)


def _sizes(conn: Connection, on: date) -> dict[int, int]:
    """Of each branch the number of primary organisations known on a day; else the oldest known later."""
    found: dict[int, int] = {}
    size = branch_size.c
    query = select(size.branch_id, size.valid_from, size.primary_count).order_by(size.valid_from)
    for branch_id, valid_from, primary_count in conn.execute(query).all():
        if branch_id not in found or valid_from <= on:
            found[branch_id] = primary_count
    return found

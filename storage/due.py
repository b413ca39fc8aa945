"""Whose turn it is: due-ness lives in `community_state.next_due_at`, the scheduler only ticks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Access
from collector.domain.schedule import CLOCK_TOLERANCE, CommunityFacts
from storage.tables import branch, community, community_state

_is_live = community.c.retired_at.is_(None) & branch.c.retired_at.is_(None)


def networks_in_use(conn: Connection) -> dict[str, int]:
    """How many live communities each network has."""
    rows = conn.execute(
        select(community.c.network, func.count())
        .join_from(community, branch)
        .where(_is_live)
        .group_by(community.c.network)
        .order_by(community.c.network.desc())
    )
    return dict(rows.all())


def due_communities(
    conn: Connection, network: str, due_by: datetime | None, default_threshold: timedelta
) -> list[CommunityFacts]:
    """The live communities of a network that are due by an instant; None: all of them."""
    parent = branch.alias("parent")
    days = func.coalesce(branch.c.silence_threshold_days, parent.c.silence_threshold_days)
    query = (
        select(
            community.c.id,
            community.c.native_id,
            community.c.screen_name,
            community_state.c.newest_post_at,
            community_state.c.wall_first_seen_at,
            community_state.c.wall_last_seen_at,
            community_state.c.wall_attempted_at,
            community_state.c.wall_failure_count,
            community_state.c.access,
            community_state.c.failure_kind,
            community_state.c.look_asked_at,
            days.label("days"),
        )
        .select_from(community)
        .join(branch, branch.c.id == community.c.branch_id)
        .outerjoin(parent, parent.c.id == branch.c.parent_id)
        .join(community_state, community_state.c.community_id == community.c.id)
        .where(community.c.network == network, _is_live)
        .order_by(community.c.id)
    )
    if due_by is not None:
        # One that was read "later" was read while a clock was ahead: waiting for its turn could take a year.
        query = query.where(
            (community_state.c.next_due_at <= due_by)
            | (community_state.c.last_attempt_at > due_by + CLOCK_TOLERANCE)
        )
    return [
        CommunityFacts(
            community_id=row.id,
            native_id=row.native_id,
            screen_name=row.screen_name,
            newest_post_at=row.newest_post_at,
            wall_first_seen_at=row.wall_first_seen_at,
            wall_last_seen_at=row.wall_last_seen_at,
            wall_attempted_at=row.wall_attempted_at,
            wall_failure_count=row.wall_failure_count,
            threshold=timedelta(days=row.days) if row.days is not None else default_threshold,
            access=Access(row.access),
            failure_kind=FailureKind(row.failure_kind) if row.failure_kind is not None else None,
            look_asked_at=None if _is_of_the_future(row.look_asked_at, due_by) else row.look_asked_at,
        )
        for row in conn.execute(query)
    ]


def _is_of_the_future(asked_at: datetime | None, by: datetime | None) -> bool:
    """Whether a look was asked for while a clock was ahead."""
    return asked_at is not None and by is not None and asked_at > by + CLOCK_TOLERANCE


def take_up_settings(conn: Connection, now: datetime, interval: timedelta) -> None:
    """What other settings put off, a restart may bring new ones for.

    A shorter interval holds at once; and what failed by a token, whose place a new one may have taken, is due.
    """
    state = community_state.c
    is_well = state.failure_kind.is_(None)
    blamed = [kind.value for kind in FailureKind if kind.blame is Blame.TOKEN]
    for which, due_at in (
        (is_well & (state.last_attempt_at <= now - interval) & (state.next_due_at > now), now),
        (is_well & (state.next_due_at > now + interval), now + interval),
        (state.failure_kind.in_(blamed) & (state.next_due_at > now), now),
    ):
        conn.execute(update(community_state).where(which).values(next_due_at=due_at))


def next_due(conn: Connection) -> datetime | None:
    """When the next live community is due; None where there is none."""
    found: datetime | None = conn.scalar(
        select(func.min(community_state.c.next_due_at))
        .join_from(community_state, community, community.c.id == community_state.c.community_id)
        .join(branch)
        .where(_is_live)
    )
    return found

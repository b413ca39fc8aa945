"""What `collector status` and `collector branches list` show: the newest of everything, by branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, func, select

from storage.tables import branch, branch_size, community, community_state


@dataclass(frozen=True, slots=True)
class CommunityStatus:
    """One community, as the last readings left it."""

    community_id: int
    branch_code: str
    branch_name: str
    network: str
    title: str | None
    url: str
    follower_count: int | None
    post_count: int | None
    newest_post_at: datetime | None
    access: str
    last_seen_at: datetime | None
    last_attempt_at: datetime | None
    failure_kind: str | None
    failure_detail: str | None
    consecutive_failures: int
    next_due_at: datetime


@dataclass(frozen=True, slots=True)
class BranchStatus:
    """One branch, as the branches file last said."""

    code: str
    name: str
    kind: str
    parent_code: str | None
    primary_count: int | None
    primary_count_since: date | None
    community_count: int
    retired_at: datetime | None


def communities(conn: Connection) -> list[CommunityStatus]:
    """Every live community, in the order of the branches file."""
    rows = conn.execute(
        select(
            community.c.id,
            branch.c.code,
            branch.c.name,
            community.c.network,
            community.c.title,
            community.c.url,
            community_state.c.follower_count,
            community_state.c.post_count,
            community_state.c.newest_post_at,
            community_state.c.access,
            community_state.c.last_seen_at,
            community_state.c.last_attempt_at,
            community_state.c.failure_kind,
            community_state.c.failure_detail,
            community_state.c.consecutive_failures,
            community_state.c.next_due_at,
        )
        .select_from(community)
        .join(branch, branch.c.id == community.c.branch_id)
        .join(community_state, community_state.c.community_id == community.c.id)
        .where(community.c.retired_at.is_(None), branch.c.retired_at.is_(None))
        .order_by(branch.c.id, community.c.network.desc(), community.c.id)
    )
    return [CommunityStatus(*cast("Sequence[Any]", row)) for row in rows]


def branches(conn: Connection) -> list[BranchStatus]:
    """Every branch, retired ones last."""
    parent = branch.alias("parent")
    newest = (
        select(branch_size.c.branch_id, func.max(branch_size.c.valid_from).label("valid_from"))
        .group_by(branch_size.c.branch_id)
        .subquery()
    )
    live = (
        select(community.c.branch_id, func.count().label("count"))
        .where(community.c.retired_at.is_(None))
        .group_by(community.c.branch_id)
        .subquery()
    )
    rows = conn.execute(
        select(
            branch.c.code,
            branch.c.name,
            branch.c.kind,
            parent.c.code,
            branch_size.c.primary_count,
            branch_size.c.valid_from,
            func.coalesce(live.c.count, 0),
            branch.c.retired_at,
        )
        .select_from(branch)
        .outerjoin(parent, parent.c.id == branch.c.parent_id)
        .outerjoin(newest, newest.c.branch_id == branch.c.id)
        .outerjoin(
            branch_size,
            (branch_size.c.branch_id == branch.c.id) & (branch_size.c.valid_from == newest.c.valid_from),
        )
        .outerjoin(live, live.c.branch_id == branch.c.id)
        .order_by(branch.c.retired_at.is_not(None), branch.c.id)
    )
    return [BranchStatus(*cast("Sequence[Any]", row)) for row in rows]


def newest_reading(conn: Connection, by: datetime) -> datetime | None:
    """When a community was last read, up to an instant; None: none was."""
    found: datetime | None = conn.scalar(
        select(func.max(community_state.c.last_seen_at)).where(community_state.c.last_seen_at <= by)
    )
    return found

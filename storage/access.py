"""How far communities were open at an instant, from the history of their access."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.tables import branch, community, community_access


@dataclass(frozen=True, slots=True)
class KnownAccess:
    """How far a community was open, and when it was first seen so."""

    access: str
    since: datetime


def access_at(conn: Connection, instant: datetime, kinds: Collection[str]) -> dict[int, KnownAccess]:
    """Of each community of branches of these kinds, by its number; who had not been read yet is not among them."""
    history = community_access
    newest = (
        select(history.c.community_id, func.max(history.c.observed_at).label("since"))
        .where(history.c.observed_at < instant)
        .group_by(history.c.community_id)
        .subquery()
    )
    query = (
        select(history.c.community_id, history.c.access, history.c.observed_at)
        .join(
            newest,
            (newest.c.community_id == history.c.community_id) & (newest.c.since == history.c.observed_at),
        )
        .join(community, community.c.id == history.c.community_id)
        .join(branch, branch.c.id == community.c.branch_id)
        .where(branch.c.kind.in_(kinds))
    )
    return {row.community_id: KnownAccess(row.access, row.observed_at) for row in conn.execute(query)}

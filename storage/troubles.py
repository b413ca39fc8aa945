"""Where trouble for ops shows itself in the tables: readings, rounds, letters, contacts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from collector.domain.errors import FailureKind
from collector.domain.finding import FailureGroup, NetworkHealth, RefusedAddress, RoundSpan
from collector.domain.model import ContactRole
from collector.domain.notification import MessageStatus, NotificationKind
from collector.domain.schedule import CLOCK_TOLERANCE
from storage.letter_tables import outbox_message
from storage.tables import RunKind, branch, collection_run, community, community_state, contact

_ROUNDS = 50
_AT_ONCE = 5_000
_FAILED_WITHIN = timedelta(days=30)
"""A letter that failed longer ago is no news."""
_NEVER_HELD = (NotificationKind.OPS.value, NotificationKind.WEEKLY.value)
"""Letters that no rule holds back: where one waits, the mail server lets it wait."""

_is_live = community.c.retired_at.is_(None) & branch.c.retired_at.is_(None)
_states = community_state.join(community, community.c.id == community_state.c.community_id).join(branch)


def networks(conn: Connection, now: datetime) -> list[NetworkHealth]:
    """How reading goes, by network. What was read in the future was not: a clock was ahead."""
    state = community_state.c
    latest = now + CLOCK_TOLERANCE
    rows = conn.execute(
        select(
            community.c.network,
            func.count(),
            func.min(community.c.created_at),
            func.max(state.last_seen_at).filter(state.last_seen_at <= latest),
            func.max(state.last_attempt_at).filter(state.last_attempt_at <= latest),
        )
        .select_from(_states)
        .where(_is_live)
        .group_by(community.c.network)
        .order_by(community.c.network)
    )
    return [NetworkHealth(*row) for row in rows]


def failures(conn: Connection) -> list[FailureGroup]:
    """What the last attempts met, by network and kind of failure."""
    state = community_state.c
    rows = conn.execute(
        select(
            community.c.network,
            state.failure_kind,
            func.count(),
            func.min(state.failure_detail),
            func.max(state.last_seen_at),
        )
        .select_from(_states)
        .where(_is_live, state.failure_kind.is_not(None))
        .group_by(community.c.network, state.failure_kind)
        .order_by(community.c.network, state.failure_kind)
    )
    return [FailureGroup(row[0], FailureKind(row[1]), *row[2:]) for row in rows]


def networks_without_quota(conn: Connection, before: datetime) -> list[str]:
    """Networks with walls that wait for quota and were last read before an instant."""
    state = community_state.c
    query = select(community.c.network).select_from(_states)
    return list(
        conn.scalars(
            query.where(
                _is_live,
                state.failure_kind == FailureKind.QUOTA_SPENT.value,
                func.coalesce(state.wall_last_seen_at, community.c.created_at) < before,
            ).distinct()
        )
    )


def newest_rounds(conn: Connection, now: datetime) -> list[RoundSpan]:
    """The newest rounds, the newest first. Those of the future are left out: a clock was ahead."""
    run = collection_run.c
    rows = conn.execute(
        select(run.started_at, func.coalesce(run.finished_at, run.started_at), run.read_count)
        .where(run.kind == RunKind.COLLECT.value, run.started_at <= now + CLOCK_TOLERANCE)
        .order_by(run.started_at.desc())
        .limit(_ROUNDS)
    )
    return [RoundSpan(*row) for row in rows]


def refused_addresses(conn: Connection, now: datetime, patience: timedelta) -> list[RefusedAddress]:
    """Addresses to which letters failed and none got through since, or are refused for so long."""
    message = outbox_message.c
    later = outbox_message.alias("later")
    got_through = (
        select(later.c.id)
        .where(
            later.c.email == message.email,
            later.c.status == MessageStatus.SENT.value,
            later.c.finished_at > message.finished_at,
        )
        .exists()
    )
    failed = and_(
        message.status == MessageStatus.FAILED.value,
        message.finished_at > now - _FAILED_WITHIN,
        ~got_through,
    )
    refused = and_(
        message.status == MessageStatus.PENDING.value,
        message.last_error.is_not(None),
        message.created_at <= now - patience,
    )
    rows = conn.execute(
        select(message.email, func.count(), func.min(message.created_at), func.min(message.last_error))
        .where(or_(failed, refused))
        .group_by(message.email)
        .order_by(message.email)
    )
    return [RefusedAddress(*row) for row in rows]


def mail_waits_since(conn: Connection, now: datetime, patience: timedelta) -> datetime | None:
    """Since when a letter waits that nothing holds but the mail server, if for so long."""
    message = outbox_message.c
    since: datetime | None = conn.scalar(
        select(func.min(message.created_at)).where(
            message.status == MessageStatus.PENDING.value,
            message.kind.in_(_NEVER_HELD),
            message.last_error.is_(None),
            message.created_at <= now - patience,
        )
    )
    return since


def branches_without_chair(conn: Connection) -> list[str]:
    """Codes of live branches that have no chair to write to, in the order of the branches file."""
    chair = select(contact.c.id).where(
        contact.c.branch_id == branch.c.id, contact.c.role == ContactRole.CHAIR.value
    )
    query = select(branch.c.code).where(branch.c.retired_at.is_(None), ~chair.exists())
    return list(conn.scalars(query.order_by(branch.c.id)))


def declared_at(conn: Connection, branch_ids: Collection[int]) -> dict[int, datetime]:
    """When the first live community of each of these branches entered the branches file."""
    found: dict[int, datetime] = {}
    ids = sorted(branch_ids)
    for start in range(0, len(ids), _AT_ONCE):
        rows = conn.execute(
            select(community.c.branch_id, func.min(community.c.created_at))
            .where(community.c.branch_id.in_(ids[start : start + _AT_ONCE]), community.c.retired_at.is_(None))
            .group_by(community.c.branch_id)
        )
        found |= {row[0]: row[1] for row in rows}
    return found

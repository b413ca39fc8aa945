"""What metrics tell of the database: how many of each, how old the oldest. Cheap enough for each half minute."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select

from collector.domain.notification import MessageStatus
from storage.engine import reading
from storage.letter_tables import outbox_message, silence
from storage.tables import branch, community, community_state


@dataclass(frozen=True, slots=True)
class Measures:
    """Counts of now."""

    communities: Mapping[tuple[str, str], int]
    """Live ones, by network and access."""
    silences_open: int
    letters_pending: int


class MeasureStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def look(self) -> Measures:
        """Count once."""
        with reading(self._engine) as conn:
            return Measures(_communities(conn), _silences_open(conn), _letters_pending(conn))

    def letters_done(self) -> dict[MessageStatus, int]:
        """Letters that wait no more, by what became of them. Goes through all of the outbox: not for each scrape."""
        done = [status for status in MessageStatus if status is not MessageStatus.PENDING]
        message = outbox_message.c
        with reading(self._engine) as conn:
            rows = conn.execute(
                select(message.status, func.count())
                .where(message.status != MessageStatus.PENDING.value)
                .group_by(message.status)
            )
            found = {MessageStatus(status): count for status, count in rows}
        return {status: found.get(status, 0) for status in done}

    def due_since(self, message_ids: Collection[int]) -> dict[int, datetime]:
        """From when on each of these letters might be tried."""
        message = outbox_message.c
        with reading(self._engine) as conn:
            rows = conn.execute(
                select(message.id, message.next_attempt_at).where(message.id.in_(message_ids))
            )
            return dict(rows.all())


def _communities(conn: Connection) -> dict[tuple[str, str], int]:
    rows = conn.execute(
        select(community.c.network, community_state.c.access, func.count())
        .join_from(community, branch)
        .join(community_state, community_state.c.community_id == community.c.id)
        .where(community.c.retired_at.is_(None), branch.c.retired_at.is_(None))
        .group_by(community.c.network, community_state.c.access)
    )
    return {(network, access): count for network, access, count in rows}


def _silences_open(conn: Connection) -> int:
    query = select(func.count()).select_from(silence).where(silence.c.resumed_at.is_(None))
    return conn.scalar(query) or 0


def _letters_pending(conn: Connection) -> int:
    is_pending = outbox_message.c.status == MessageStatus.PENDING.value
    return conn.scalar(select(func.count()).select_from(outbox_message).where(is_pending)) or 0

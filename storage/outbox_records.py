"""The outbox as people see it and act on it: letters listed, shown, tried again, cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from collector.domain.errors import CollectorError
from collector.domain.notification import MessageStatus, NotificationKind
from collector.domain.schedule import CLOCK_TOLERANCE
from storage.letter_tables import outbox_message
from storage.tables import branch

IN_NO_HAND = {"claimed_by": None, "claimed_at": None, "claimed_until": None}
"""The columns of a letter that no worker has claimed."""


class LetterStateError(CollectorError):
    """A letter that is not there, or that stands otherwise than what was asked of it needs."""


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """A letter with all that became of it, for people; see the table for the meaning of each field."""

    message_id: int
    key: str
    kind: str
    audience: str
    branch_code: str | None
    silence_id: int | None
    email: str
    name: str
    status: str
    created_at: datetime
    next_attempt_at: datetime
    claimed_until: datetime | None
    attempt_count: int
    last_attempt_at: datetime | None
    last_error: str | None
    finished_at: datetime | None
    cancel_reason: str | None
    subject: str | None
    body_text: str | None
    redirected_to: str | None


def counts(conn: Connection) -> dict[MessageStatus, int]:
    """How many letters stand how; each status is there."""
    rows = conn.execute(select(outbox_message.c.status, func.count()).group_by(outbox_message.c.status))
    found: dict[str, int] = dict(tuple(row) for row in rows)
    return {status: found.get(status.value, 0) for status in MessageStatus}


def listed(conn: Connection, status: MessageStatus | None, limit: int | None) -> list[LetterRecord]:
    """Letters in order, the newest last; of more than `limit`, the newest."""
    chosen = _records().order_by(outbox_message.c.id.desc()).limit(limit)
    if status is not None:
        chosen = chosen.where(outbox_message.c.status == status.value)
    return [LetterRecord(*row) for row in reversed(conn.execute(chosen).all())]


def retry(conn: Connection, message_id: int, now: datetime) -> LetterRecord:
    """See `OutboxStore.retry`."""
    found = record(conn, message_id, for_update=True)
    if found.status == MessageStatus.SENT:
        raise LetterStateError(f"letter {message_id} was sent; a second copy is never sent")
    _refuse_in_hand(found, now)
    conn.execute(
        update(outbox_message)
        .where(outbox_message.c.id == message_id)
        .values(
            **IN_NO_HAND,
            status=MessageStatus.PENDING.value,
            next_attempt_at=now,
            attempt_count=0,
            finished_at=None,
            cancel_reason=None,
        )
    )
    return found


def cancel(conn: Connection, message_id: int, reason: str, who: str, now: datetime) -> LetterRecord:
    """See `OutboxStore.cancel`."""
    found = record(conn, message_id, for_update=True)
    if found.status != MessageStatus.PENDING:
        raise LetterStateError(f"letter {message_id} is {found.status}; only a pending one is cancelled")
    _refuse_in_hand(found, now)
    conn.execute(
        update(outbox_message)
        .where(outbox_message.c.id == message_id)
        .values(
            **IN_NO_HAND,
            status=MessageStatus.CANCELLED.value,
            finished_at=now,
            cancel_reason=f"{reason} ({who})",
        )
    )
    return found


def overtake(
    conn: Connection, kind: NotificationKind, owed_before: datetime, reason: str, now: datetime
) -> None:
    """Cancel the letters of a kind that wait since before an instant."""
    conn.execute(
        update(outbox_message)
        .where(
            outbox_message.c.status == MessageStatus.PENDING.value,
            outbox_message.c.kind == kind.value,
            outbox_message.c.created_at < owed_before,
        )
        .values(status=MessageStatus.CANCELLED.value, finished_at=now, cancel_reason=reason)
    )


def record(conn: Connection, message_id: int, *, for_update: bool = False) -> LetterRecord:
    """One letter. Raises LetterStateError if there is none of this number."""
    wanted = _records().where(outbox_message.c.id == message_id)
    if for_update:
        wanted = wanted.with_for_update(of=outbox_message)
    row = conn.execute(wanted).one_or_none()
    if row is None:
        raise LetterStateError(f"no letter has the number {message_id}; `collector outbox list` shows them")
    return LetterRecord(*row)


def _refuse_in_hand(found: LetterRecord, now: datetime) -> None:
    if found.claimed_until is not None and now <= found.claimed_until <= now + CLOCK_TOLERANCE:
        raise LetterStateError(f"letter {found.message_id} is just being sent; try again in some minutes")


def _records() -> Any:
    message = outbox_message.c
    columns = [
        message.id if name == "message_id" else branch.c.code if name == "branch_code" else message[name]
        for name in LetterRecord.__dataclass_fields__
    ]
    return select(*columns).outerjoin(branch, branch.c.id == message.branch_id)

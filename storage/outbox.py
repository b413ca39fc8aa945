"""The outbox: letters owed, claimed, sent, refused, cancelled.

A worker claims one letter at a time, for a while, in a transaction of its own; sends it outside of any; and writes
the result in another. Should it die in between, its claim lapses and the letter is claimed anew. What was stored
while a clock was ahead holds nothing back: it counts as due, and as lapsed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, update

from collector.domain.notification import (
    LONGEST_PAUSE,
    Audience,
    MessageStatus,
    NotificationKind,
    OutboxLetter,
    OwedLetter,
    Recipient,
)
from collector.domain.schedule import CLOCK_TOLERANCE
from storage import outbox_records, people
from storage.engine import reading, writing
from storage.letter_tables import outbox_message, silence
from storage.outbox_records import IN_NO_HAND, LetterRecord
from storage.tables import branch
from storage.upsert import insert_new


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that is due: what decides whether it may leave."""

    message_id: int
    kind: NotificationKind
    audience: Audience
    branch_id: int | None
    branch_code: str | None
    silence_id: int | None


def owe(conn: Connection, letters: Sequence[OwedLetter], now: datetime) -> None:
    """Put letters into the outbox, in the caller's transaction; one whose key is there already is passed over."""
    insert_new(
        conn,
        outbox_message,
        [
            {
                "key": letter.key,
                "kind": letter.kind.value,
                "audience": letter.recipient.audience.value,
                "branch_id": letter.branch_id,
                "silence_id": letter.silence_id,
                "email": letter.recipient.email,
                "name": letter.recipient.name,
                "about": json.dumps(dict(letter.about), ensure_ascii=False),
                "status": MessageStatus.PENDING.value,
                "created_at": now,
                "next_attempt_at": now,
            }
            for letter in letters
        ],
    )


class OutboxStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def owe(self, letters: Sequence[OwedLetter], now: datetime) -> None:
        """Put letters into the outbox; one whose key is there already is passed over."""
        with writing(self._engine) as conn:
            owe(conn, letters, now)

    # For the worker

    def waiting(self, now: datetime, after_id: int = 0, limit: int = 200) -> list[WaitingLetter]:
        """Letters that are due and in nobody's hand, in the order in which they are to leave, from one on."""
        message = outbox_message.c
        with reading(self._engine) as conn:
            rows = conn.execute(
                select(
                    message.id,
                    message.kind,
                    message.audience,
                    message.branch_id,
                    branch.c.code,
                    message.silence_id,
                )
                .outerjoin(branch, branch.c.id == message.branch_id)
                .where(_claimable(now), message.id > after_id)
                .order_by(message.id)
                .limit(limit)
            )
            return [
                WaitingLetter(
                    row.id,
                    NotificationKind(row.kind),
                    Audience(row.audience),
                    row.branch_id,
                    row.code,
                    row.silence_id,
                )
                for row in rows
            ]

    def still_concerned(self, message_ids: Collection[int]) -> set[int]:
        """Those of these letters whose recipient the branches file still names."""
        with reading(self._engine) as conn:
            return people.still_concerned(conn, message_ids)

    def claim(self, message_id: int, worker: str, now: datetime, lease: timedelta) -> OutboxLetter | None:
        """Take a letter in hand until `now + lease`; None if it is in another's, or no longer due.

        `worker` must be another name for each process.
        """
        message = outbox_message.c
        # One that another worker is just claiming is not waited for.
        free = select(message.id).where(message.id == message_id, _claimable(now))
        with writing(self._engine) as conn:
            row = conn.execute(
                update(outbox_message)
                .where(message.id.in_(free.with_for_update(skip_locked=True)))
                .values(claimed_by=worker, claimed_at=now, claimed_until=now + lease)
                .returning(outbox_message)
            ).one_or_none()
        return None if row is None else _letter(row)

    def sent(
        self,
        message_id: int,
        worker: str,
        now: datetime,
        *,
        subject: str,
        body_text: str,
        redirected_to: str | None = None,
    ) -> bool:
        """The mail server took it over. This and the next three give whether the claim was still this worker's.

        That holds even if it was cancelled meanwhile: it cannot be called back.
        """
        return self._write(
            message_id,
            worker,
            (MessageStatus.PENDING, MessageStatus.CANCELLED),
            status=MessageStatus.SENT.value,
            finished_at=now,
            subject=subject,
            body_text=body_text,
            redirected_to=redirected_to,
            cancel_reason=None,
            last_error=None,
            **_attempted(now),
        )

    def put_off(
        self, message_id: int, worker: str, now: datetime, *, error: str, next_attempt_at: datetime
    ) -> bool:
        """It was refused for the time being, or nobody knows."""
        return self._write(
            message_id, worker, next_attempt_at=next_attempt_at, last_error=error, **_attempted(now)
        )

    def failed(self, message_id: int, worker: str, now: datetime, *, error: str) -> bool:
        """It was refused for good, or for days."""
        return self._write(
            message_id,
            worker,
            status=MessageStatus.FAILED.value,
            finished_at=now,
            last_error=error,
            **_attempted(now),
        )

    def released(self, message_id: int, worker: str) -> bool:
        """Nothing was learnt about it: it stands as if it had never been claimed."""
        return self._write(message_id, worker)

    def overtaken(self, message_id: int, now: datetime, reason: str) -> bool:
        """Cancel a letter that is in nobody's hand, since what it says is no longer so. Gives whether it was."""
        with writing(self._engine) as conn:
            done = conn.execute(
                update(outbox_message)
                .where(outbox_message.c.id == message_id, _claimable(now))
                .values(status=MessageStatus.CANCELLED.value, finished_at=now, cancel_reason=reason)
            )
        return done.rowcount == 1

    def owe_rehearsed(self, now: datetime) -> int:
        """Owe the letters again on silences that last and of which a dry run told somebody else; gives how many.

        Reminders among them are left: the first letter itself is yet to come.
        """
        message = outbox_message.c
        lasting = select(silence.c.id).where(silence.c.resumed_at.is_(None))
        with writing(self._engine) as conn:
            done = conn.execute(
                update(outbox_message)
                .where(
                    message.status == MessageStatus.SENT.value,
                    message.redirected_to.is_not(None),
                    message.kind.in_([NotificationKind.SILENCE.value, NotificationKind.ESCALATION.value]),
                    message.silence_id.in_(lasting),
                )
                .values(
                    status=MessageStatus.PENDING.value,
                    next_attempt_at=now,
                    finished_at=None,
                    redirected_to=None,
                )
            )
        return done.rowcount

    def _write(
        self,
        message_id: int,
        worker: str,
        of_status: Sequence[MessageStatus] = (MessageStatus.PENDING,),
        **values: Any,
    ) -> bool:
        message = outbox_message.c
        with writing(self._engine) as conn:
            done = conn.execute(
                update(outbox_message)
                .where(message.id == message_id, message.claimed_by == worker, message.status.in_(of_status))
                .values(**IN_NO_HAND, **values)
            )
        return done.rowcount == 1

    # For people

    def counts(self) -> dict[MessageStatus, int]:
        """How many letters stand how; each status is there."""
        with reading(self._engine) as conn:
            return outbox_records.counts(conn)

    def listed(self, status: MessageStatus | None = None, limit: int | None = None) -> list[LetterRecord]:
        """Letters in order, the newest last; of more than `limit`, the newest. None: of every status, all."""
        with reading(self._engine) as conn:
            return outbox_records.listed(conn, status, limit)

    def show(self, message_id: int) -> LetterRecord:
        """One letter. Raises LetterStateError if there is none of this number."""
        with reading(self._engine) as conn:
            return outbox_records.record(conn, message_id)

    def retry(self, message_id: int, now: datetime) -> LetterRecord:
        """Owe a failed or cancelled letter again, or try a pending one at once. Gives it as it stood.

        Raises LetterStateError if it was sent, or is being sent.
        """
        with writing(self._engine) as conn:
            return outbox_records.retry(conn, message_id, now)

    def cancel(self, message_id: int, reason: str, who: str, now: datetime) -> LetterRecord:
        """Never send a pending letter, by a person's word. Gives it as it stood.

        Raises LetterStateError if it is not pending, or is being sent.
        """
        with writing(self._engine) as conn:
            return outbox_records.cancel(conn, message_id, reason, who, now)


def _claimable(now: datetime) -> ColumnElement[bool]:
    """Pending, due, and in nobody's hand."""
    message = outbox_message.c
    latest = now + CLOCK_TOLERANCE
    return and_(
        message.status == MessageStatus.PENDING.value,
        or_(message.next_attempt_at <= now, message.next_attempt_at > latest + LONGEST_PAUSE),
        or_(message.claimed_until.is_(None), message.claimed_until < now, message.claimed_at > latest),
    )


def _attempted(now: datetime) -> dict[str, Any]:
    return {"attempt_count": outbox_message.c.attempt_count + 1, "last_attempt_at": now}


def _letter(row: Any) -> OutboxLetter:
    return OutboxLetter(
        message_id=row.id,
        key=row.key,
        kind=NotificationKind(row.kind),
        recipient=Recipient(Audience(row.audience), row.name, row.email),
        branch_id=row.branch_id,
        silence_id=row.silence_id,
        about=json.loads(row.about),
        created_at=row.created_at,
        attempt_count=row.attempt_count,
    )

"""The outbox: letters owed, claimed, sent, refused, cancelled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from collector.domain.notification import MessageStatus, OwedLetter
from storage.engine import writing
from storage.letter_tables import outbox_message
from storage.upsert import insert_new


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
                "next_attempt_at": letter.not_before or now,
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

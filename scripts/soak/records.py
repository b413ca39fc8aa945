"""What the program wrote down in its database, as rows: the soak's only look inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, select

from collector.notifications.message import message_id
from storage.engine import database_url, make_engine, reading
from storage.letter_tables import branch_mute, outbox_message, silence
from storage.tables import branch


@dataclass(frozen=True)
class Episode:
    """A silence as the program has it. Instants in seconds since 1970; None for `resumed`: it lasts."""

    number: int
    branch: str
    silent_since: float
    detected: float
    oldest_look: float
    last_post: float
    resumed: float | None
    resume_detected: float | None
    end_reason: str | None


@dataclass(frozen=True)
class Owed:
    """A letter as the outbox has it."""

    key: str
    message_id: str
    kind: str
    audience: str
    email: str
    branch: str | None
    episode: int | None
    status: str
    owed_at: float
    finished: float | None


@dataclass(frozen=True)
class Mute:
    """A mute of a branch, `[begins, ends)`."""

    branch: str
    begins: float
    ends: float


@dataclass(frozen=True)
class Records:
    """All of it."""

    episodes: tuple[Episode, ...]
    outbox: tuple[Owed, ...]
    mutes: tuple[Mute, ...]
    acknowledged: Mapping[int, float]
    """When somebody said that they are on it, by number of the episode."""

    def of(self, branch: str) -> list[Episode]:
        """A branch's episodes, in order."""
        return [each for each in self.episodes if each.branch == branch]


def read(database: str, sender: str) -> Records:
    """Read a database that nobody writes to any more."""
    engine = make_engine(database_url(database))
    domain = sender.partition("@")[2]
    try:
        with reading(engine) as conn:
            episodes = conn.execute(_with_code(silence)).all()
            outbox = conn.execute(_with_code(outbox_message)).all()
            mutes = conn.execute(_with_code(branch_mute)).all()
    finally:
        engine.dispose()
    return Records(
        tuple(_episode(row) for row in episodes),
        tuple(_owed(row, domain) for row in outbox),
        tuple(_mute(row) for row in mutes),
        {row.id: row.acknowledged_at.timestamp() for row in episodes if row.acknowledged_at is not None},
    )


def _episode(row: Any) -> Episode:
    return Episode(
        number=row.id,
        branch=row.code,
        silent_since=row.silent_since.timestamp(),
        detected=row.detected_at.timestamp(),
        oldest_look=min(
            datetime.fromisoformat(look["looked_at"]).timestamp() for look in json.loads(row.proof)
        ),
        last_post=row.last_post_at.timestamp(),
        resumed=None if row.resumed_at is None else row.resumed_at.timestamp(),
        resume_detected=None if row.resume_detected_at is None else row.resume_detected_at.timestamp(),
        end_reason=row.end_reason,
    )


def _owed(row: Any, domain: str) -> Owed:
    return Owed(
        key=row.key,
        message_id=message_id(row.key, row.created_at, domain),
        kind=row.kind,
        audience=row.audience,
        email=row.email,
        branch=row.code,
        episode=row.silence_id,
        status=row.status,
        owed_at=row.created_at.timestamp(),
        finished=None if row.finished_at is None else row.finished_at.timestamp(),
    )


def _mute(row: Any) -> Mute:
    last = row.muted_until
    midnight = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    ends = midnight + 86_400
    return Mute(
        row.code, row.created_at.timestamp(), ends if row.lifted_at is None else row.lifted_at.timestamp()
    )


def _with_code(table: Table) -> Select[Any]:
    return select(table, branch.c.code).select_from(table.outerjoin(branch)).order_by(table.c.id)

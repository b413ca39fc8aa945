"""Episodes of silence: opened, confirmed, acknowledged, ended; and the mutes of branches."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, Select, select, update

from collector.domain.episode import (
    Acknowledged,
    Ended,
    EndReason,
    Episode,
    Look,
    Mute,
    SilenceChange,
    Written,
)
from collector.domain.errors import CollectorError
from collector.domain.notification import Audience, MessageStatus, NotificationKind
from collector.domain.owed import OVERTAKEN, KnownLetter, People
from collector.domain.transitions import Standing
from storage import mutes, people, silence_writing
from storage.engine import reading, writing
from storage.letter_tables import outbox_message, silence
from storage.tables import branch

log = structlog.get_logger(__name__)

_AT_ONCE = 5_000


class SilenceStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Episodes

    def open_episodes(self, branch_ids: Collection[int] | None = None) -> dict[int, Episode]:
        """The episodes that last, by branch id; None: of all branches."""
        with reading(self._engine) as conn:
            return _open_episodes(conn, branch_ids)

    def episode(self, silence_id: int) -> Episode | None:
        """One episode."""
        with reading(self._engine) as conn:
            row = conn.execute(_episodes().where(silence.c.id == silence_id)).one_or_none()
        return _as_episode(row) if row is not None else None

    def episodes(
        self, codes: Collection[str] | None = None, *, only_open: bool = False, limit: int | None = None
    ) -> list[Episode]:
        """Episodes of these branches (None: of all), the newest first."""
        query = _episodes().order_by(silence.c.silent_since.desc(), silence.c.id.desc()).limit(limit)
        if codes is not None:
            query = query.where(branch.c.code.in_(codes))
        if only_open:
            query = query.where(silence.c.resumed_at.is_(None))
        with reading(self._engine) as conn:
            return [_as_episode(row) for row in conn.execute(query)]

    def people(self) -> People:
        """Whom letters about branches go to now."""
        with reading(self._engine) as conn:
            return people.contacts(conn)

    def standing(self, first_id: int, last_id: int) -> Standing:
        """The open episodes of the branches from one id to another, with their letters, and warnings that wait.

        A span of ids and not a list: of thousands, the database would take as long to read the question.
        """
        episodes_between = _episodes().where(
            silence.c.branch_id.between(first_id, last_id), silence.c.resumed_at.is_(None)
        )
        of_episodes = (
            _letters()
            .join(silence, silence.c.id == outbox_message.c.silence_id)
            .where(silence.c.branch_id.between(first_id, last_id), silence.c.resumed_at.is_(None))
        )
        waiting = _letters().where(
            outbox_message.c.kind == NotificationKind.WARNING.value,
            outbox_message.c.status == MessageStatus.PENDING.value,
            outbox_message.c.branch_id.between(first_id, last_id),
        )
        letters: dict[int, list[KnownLetter]] = defaultdict(list)
        warnings: dict[int, list[KnownLetter]] = defaultdict(list)
        with reading(self._engine) as conn:
            episodes = {row.branch_id: _as_episode(row) for row in conn.execute(episodes_between)}
            for row in conn.execute(of_episodes) if episodes else ():
                letters[row.silence_id].append(_as_letter(row))
            for row in conn.execute(waiting):
                warnings[row.branch_id].append(_as_letter(row))
        return Standing(episodes, letters, warnings)

    def write(self, changes: Sequence[SilenceChange], now: datetime) -> Written:
        """Write changes and the letters they owe: all of it, or nothing."""
        if not changes:
            return Written()
        with writing(self._engine) as conn:
            opened, ended = silence_writing.write(conn, changes, now)
            return Written(tuple(opened), _of_ids(conn, ended))

    def retired_open(self) -> list[Episode]:
        """Episodes that last, of branches that left the branches file."""
        query = _episodes().where(silence.c.resumed_at.is_(None), branch.c.retired_at.is_not(None))
        with reading(self._engine) as conn:
            return [_as_episode(row) for row in conn.execute(query.order_by(silence.c.id))]

    def end_retired(self, now: datetime) -> Written:
        """End the episodes of branches that left the branches file."""
        ended: list[Episode] = []
        # In parts, as a statement takes so many parameters: another branches file may retire 80,000.
        for part in _parts(self.retired_open()):
            ended += self.write([Ended(each.silence_id, now, EndReason.RETIRED) for each in part], now).ended
        return Written(ended=tuple(ended))

    def acknowledge(self, silence_id: int, who: str, now: datetime) -> Acknowledged:
        """Note that somebody is on it, once; its reminders stop. Raises CollectorError where there is none such."""
        with writing(self._engine) as conn:
            noted = conn.execute(
                update(silence)
                .where(
                    silence.c.id == silence_id,
                    silence.c.resumed_at.is_(None),
                    silence.c.acknowledged_at.is_(None),
                )
                .values(acknowledged_at=now, acknowledged_by=who)
            )
            if noted.rowcount:
                conn.execute(
                    update(outbox_message)
                    .where(
                        outbox_message.c.silence_id == silence_id,
                        outbox_message.c.kind == NotificationKind.REMINDER.value,
                        outbox_message.c.status == MessageStatus.PENDING.value,
                    )
                    .values(
                        status=MessageStatus.CANCELLED.value,
                        finished_at=now,
                        cancel_reason=f"{OVERTAKEN}: the silence was acknowledged",
                    )
                )
            row = conn.execute(_episodes().where(silence.c.id == silence_id)).one_or_none()
        if row is None:
            raise CollectorError(
                f"silence {silence_id}: there is none; `collector silence list` shows those there are"
            )
        episode = _as_episode(row)
        if noted.rowcount:
            log.info("silence acknowledged", branch=episode.branch_code, silence=silence_id, who=who)
        return Acknowledged(episode, bool(noted.rowcount))

    # Mutes

    def mute(self, branch_code: str, until: date, reason: str, who: str, now: datetime) -> Mute:
        """Mute a branch until a Moscow day, included, in place of any mute it has. Raises MuteRefusedError."""
        with writing(self._engine) as conn:
            made, is_new = mutes.mute(conn, branch_code, until, reason, who, now)
        if is_new:
            log.info("branch muted", branch=branch_code, until=str(until), reason=made.reason, who=who)
        return made

    def unmute(self, branch_code: str, who: str, now: datetime) -> bool:
        """Lift a branch's mute; gives whether it had one. Raises MuteRefusedError."""
        with writing(self._engine) as conn:
            was_muted = mutes.unmute(conn, branch_code, who, now)
        if was_muted:
            log.info("branch unmuted", branch=branch_code, who=who)
        return was_muted

    def mutes(self, now: datetime) -> dict[int, Mute]:
        """The mutes in force, by branch id."""
        with reading(self._engine) as conn:
            return mutes.mutes(conn, now)


def _parts(episodes: Sequence[Episode]) -> Iterator[Sequence[Episode]]:
    for start in range(0, len(episodes), _AT_ONCE):
        yield episodes[start : start + _AT_ONCE]


def _episodes() -> Select[Any]:
    return select(silence, branch.c.code.label("branch_code"), branch.c.name.label("branch_name")).join(
        branch
    )


def _open_episodes(conn: Connection, branch_ids: Collection[int] | None) -> dict[int, Episode]:
    query = _episodes().where(silence.c.resumed_at.is_(None)).order_by(silence.c.id)
    if branch_ids is not None:
        query = query.where(silence.c.branch_id.in_(branch_ids))
    return {row.branch_id: _as_episode(row) for row in conn.execute(query)}


def _of_ids(conn: Connection, silence_ids: Collection[int]) -> tuple[Episode, ...]:
    if not silence_ids:
        return ()
    query = _episodes().where(silence.c.id.in_(silence_ids)).order_by(silence.c.id)
    return tuple(_as_episode(row) for row in conn.execute(query))


def _as_episode(row: Row[Any]) -> Episode:
    found = row._mapping
    own = {
        name: found[name]
        for name in Episode.__dataclass_fields__
        if name not in ("silence_id", "proof", "end_reason")
    }
    looks = json.loads(row.proof)
    return Episode(
        silence_id=row.id,
        proof=tuple(
            Look(**{**each, "looked_at": datetime.fromisoformat(each["looked_at"])}) for each in looks
        ),
        end_reason=EndReason(row.end_reason) if row.end_reason is not None else None,
        **own,
    )


def _letters() -> Select[Any]:
    columns = (
        "id",
        "key",
        "kind",
        "audience",
        "email",
        "status",
        "finished_at",
        "cancel_reason",
        "redirected_to",
    )
    return select(
        *(outbox_message.c[name] for name in columns), outbox_message.c.silence_id, outbox_message.c.branch_id
    ).order_by(outbox_message.c.id)


def _as_letter(row: Row[Any]) -> KnownLetter:
    return KnownLetter(
        message_id=row.id,
        key=row.key,
        kind=NotificationKind(row.kind),
        audience=Audience(row.audience),
        email=row.email,
        status=MessageStatus(row.status),
        finished_at=row.finished_at,
        cancel_reason=row.cancel_reason,
        is_rehearsed=row.redirected_to is not None,
    )

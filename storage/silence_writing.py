"""Writes a batch of changes of episodes with the letters they owe, in one transaction, and idempotent.

Two processes may detect at once. Open episodes are locked first, in order of their ids, and what another has ended
meanwhile is left alone; a second open episode of a branch is refused by the database, a second letter by its key.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, update

from collector.domain.episode import (
    Confirmed,
    Ended,
    Episode,
    Look,
    Opened,
    SilenceChange,
    SilenceFacts,
    Warned,
)
from collector.domain.notification import ABOUT_SILENCE, MessageStatus, NotificationKind, OwedLetter
from collector.domain.owed import NO_CONTACT, OVERTAKEN, silence_letters
from storage.letter_tables import outbox_message, silence
from storage.outbox import owe
from storage.tables import branch
from storage.upsert import insert_new_returning, update_known


def write(
    conn: Connection, changes: Sequence[SilenceChange], now: datetime
) -> tuple[list[Episode], list[int]]:
    """Write the changes; gives the episodes that were opened and the ids of those that were ended."""
    confirmed = [each for each in changes if isinstance(each, Confirmed)]
    ended = [each for each in changes if isinstance(each, Ended)]
    still_open = _lock(conn, [each.silence_id for each in confirmed] + [each.silence_id for each in ended])
    confirmed = [each for each in confirmed if each.silence_id in still_open]
    ended = [each for each in ended if each.silence_id in still_open]

    # Ended ones first, as a branch has one open episode at most.
    _end(conn, ended, now)
    opened = _open(conn, [each for each in changes if isinstance(each, Opened)], now)
    update_known(
        conn,
        silence,
        [{"id": each.silence_id, **_columns(each.facts)} for each in confirmed if each.facts is not None],
    )
    cancelled = [pair for each in confirmed for pair in each.cancelled]
    letters = [letter for each in confirmed for letter in each.letters]
    for warned in changes:
        if isinstance(warned, Warned):
            cancelled += warned.cancelled
            letters += warned.letters
    letters += [letter for each in ended for letter in each.letters]
    _cancel(conn, cancelled, now)
    _owe_anew(conn, letters, now)
    return opened, [each.silence_id for each in ended]


def _lock(conn: Connection, silence_ids: Iterable[int]) -> set[int]:
    """The open ones of these episodes, nobody else's to change until the end of the transaction."""
    query = select(silence.c.id).where(silence.c.id.in_(sorted(silence_ids)), silence.c.resumed_at.is_(None))
    return set(conn.scalars(query.order_by(silence.c.id).with_for_update()))


def _open(conn: Connection, opened: Sequence[Opened], now: datetime) -> list[Episode]:
    made = insert_new_returning(
        conn,
        silence,
        [
            {
                "branch_id": each.branch_id,
                "detected_at": now,
                **_columns(each.facts),
                "proof": json.dumps([_as_json(look) for look in each.proof], ensure_ascii=False),
            }
            for each in opened
        ],
        ("id", "branch_id"),
    )
    ids = {branch_id: silence_id for silence_id, branch_id in made}
    # What waits to say that it posts again, or soon should, is not true any more.
    _cancel_where(
        conn,
        outbox_message.c.branch_id.in_(ids)
        & outbox_message.c.kind.in_([NotificationKind.RESUMED.value, NotificationKind.WARNING.value]),
        f"{OVERTAKEN}: the branch is silent",
        now,
    )
    owe(
        conn,
        [
            letter
            for each in opened
            if each.branch_id in ids
            for letter in silence_letters(ids[each.branch_id], each.branch_id, each.recipients)
        ],
        now,
    )
    named = select(branch.c.id, branch.c.code, branch.c.name).where(branch.c.id.in_(ids))
    names = {branch_id: (code, name) for branch_id, code, name in conn.execute(named)}
    return [
        _episode(ids[each.branch_id], each, *names[each.branch_id], now)
        for each in opened
        if each.branch_id in ids
    ]


def _episode(silence_id: int, opened: Opened, code: str, name: str, now: datetime) -> Episode:
    """As it was just written: to read thousands back would take as long as to write them."""
    told = {
        name: value for name, value in _columns(opened.facts).items() if name in Episode.__dataclass_fields__
    }
    return Episode(silence_id, opened.branch_id, code, name, detected_at=now, proof=opened.proof, **told)


def _end(conn: Connection, ended: Sequence[Ended], now: datetime) -> None:
    update_known(
        conn,
        silence,
        [
            {
                "id": each.silence_id,
                "resumed_at": each.resumed_at,
                "resume_detected_at": now,
                "end_reason": each.reason.value,
                "resumed_post_url": each.post_url,
            }
            for each in ended
        ],
    )
    by_reason: dict[str, list[int]] = defaultdict(list)
    for each in ended:
        by_reason[each.reason.value].append(each.silence_id)
    for reason, silence_ids in by_reason.items():
        _cancel_where(
            conn,
            outbox_message.c.silence_id.in_(silence_ids)
            & outbox_message.c.kind.in_([kind.value for kind in ABOUT_SILENCE]),
            f"{OVERTAKEN}: the silence is over ({reason})",
            now,
        )


def _as_json(look: Look) -> dict[str, Any]:
    return {
        "community_id": look.community_id,
        "network": look.network,
        "url": look.url,
        "access": look.access,
        "looked_at": look.looked_at.isoformat(),
    }


def _columns(facts: SilenceFacts) -> dict[str, Any]:
    post = facts.last_post
    return {
        "silent_since": facts.silent_since,
        "confirmed_at": facts.confirmed_at,
        "threshold_days": facts.threshold_days,
        "counted_from": facts.counted_from,
        "last_post_community_id": post.community_id if post else None,
        "last_post_native_id": post.native_id if post else None,
        "last_post_at": post.published_at if post else None,
        "last_post_network": post.network if post else None,
        "last_post_url": post.url if post else None,
    }


def _owe_anew(conn: Connection, letters: Sequence[OwedLetter], now: datetime) -> None:
    """Owe letters; those that were cancelled as their recipient was no contact wait again."""
    if not letters:
        return
    owe(conn, letters, now)
    conn.execute(
        update(outbox_message)
        .where(
            outbox_message.c.key.in_([each.key for each in letters]),
            outbox_message.c.status == MessageStatus.CANCELLED.value,
            outbox_message.c.cancel_reason == NO_CONTACT,
        )
        .values(status=MessageStatus.PENDING.value, next_attempt_at=now, finished_at=None, cancel_reason=None)
    )


def _cancel(conn: Connection, cancelled: Sequence[tuple[int, str]], now: datetime) -> None:
    by_reason: dict[str, list[int]] = defaultdict(list)
    for message_id, reason in cancelled:
        by_reason[reason].append(message_id)
    for reason, message_ids in by_reason.items():
        _cancel_where(conn, outbox_message.c.id.in_(message_ids), reason, now)


def _cancel_where(conn: Connection, which: ColumnElement[bool], reason: str, now: datetime) -> None:
    conn.execute(
        update(outbox_message)
        .where(which, outbox_message.c.status == MessageStatus.PENDING.value)
        .values(status=MessageStatus.CANCELLED.value, finished_at=now, cancel_reason=reason)
    )

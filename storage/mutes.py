"""Mutes of branches: set, lifted, in force. Rows are never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from collector.domain.calendar import moscow_day
from collector.domain.episode import Mute, mute_days
from collector.domain.errors import CollectorError
from storage.letter_tables import branch_mute
from storage.tables import branch


class MuteRefusedError(CollectorError):
    """A mute that makes no sense: of a branch that is not there, or until a day that is past or far ahead."""


def mute(
    conn: Connection, branch_code: str, until: date, reason: str, who: str, now: datetime
) -> tuple[Mute, bool]:
    """Mute a branch in place of any mute that it has; gives it, and whether anything changed.

    The same once more changes nothing. Raises MuteRefusedError.
    """
    first, last = mute_days(moscow_day(now))
    reason = " ".join(reason.split())
    if until < first:
        raise MuteRefusedError(f"muted until {until}: that day is past; name {first} or a later one")
    if until > last:
        raise MuteRefusedError(
            f"muted until {until}: that is more than a year ahead; name {last} or an earlier day"
        )
    if not reason:
        raise MuteRefusedError("a mute needs a reason: others will ask for it")
    branch_id = _locked_branch(conn, branch_code)
    before = _newest(conn, branch_id, now)
    if before is not None and (before.muted_until, before.reason) == (until, reason):
        return _as_mute(before), False
    _lift(conn, branch_id, who, now)
    conn.execute(
        insert(branch_mute).values(
            branch_id=branch_id, muted_until=until, reason=reason, created_at=now, created_by=who
        )
    )
    made = _newest(conn, branch_id, now)
    if made is None:
        raise MuteRefusedError(f"branch {branch_code}: the mute did not take")
    return _as_mute(made), True


def unmute(conn: Connection, branch_code: str, who: str, now: datetime) -> bool:
    """Lift a branch's mute; gives whether it had one. Raises MuteRefusedError."""
    branch_id = _locked_branch(conn, branch_code)
    is_muted = _newest(conn, branch_id, now) is not None
    _lift(conn, branch_id, who, now)
    return is_muted


def mutes(conn: Connection, now: datetime) -> dict[int, Mute]:
    """The mutes in force, by branch id."""
    return {row.branch_id: _as_mute(row) for row in conn.execute(_in_force(now))}


def _in_force(now: datetime) -> Select[Any]:
    return (
        select(branch_mute, branch.c.code)
        .join(branch)
        .where(branch_mute.c.lifted_at.is_(None), branch_mute.c.muted_until >= moscow_day(now))
        .order_by(branch_mute.c.id)
    )


def _newest(conn: Connection, branch_id: int, now: datetime) -> Row[Any] | None:
    rows: Sequence[Row[Any]] = conn.execute(_in_force(now).where(branch_mute.c.branch_id == branch_id)).all()
    return rows[-1] if rows else None


def _lift(conn: Connection, branch_id: int, who: str, now: datetime) -> None:
    conn.execute(
        update(branch_mute)
        .where(
            branch_mute.c.branch_id == branch_id,
            branch_mute.c.lifted_at.is_(None),
            branch_mute.c.muted_until >= moscow_day(now),
        )
        .values(lifted_at=now, lifted_by=who)
    )


def _locked_branch(conn: Connection, code: str) -> int:
    # Whoever mutes it at the same time waits, so that two mutes are never in force.
    found: int | None = conn.scalar(
        select(branch.c.id).where(branch.c.code == code, branch.c.retired_at.is_(None)).with_for_update()
    )
    if found is None:
        raise MuteRefusedError(
            f"branch {code}: there is none; `collector branches list` shows those there are"
        )
    return found


def _as_mute(row: Row[Any]) -> Mute:
    return Mute(row.code, row.muted_until, row.reason, row.created_at, row.created_by)

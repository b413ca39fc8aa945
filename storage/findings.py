"""What ops must see to: found, told once while it lasts, over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, update

from collector.domain.finding import (
    FailureGroup,
    Finding,
    KeptFinding,
    NetworkHealth,
    RefusedAddress,
    RoundSpan,
)
from collector.domain.notification import NotificationKind, OwedLetter
from collector.domain.schedule import CLOCK_TOLERANCE
from storage import troubles
from storage.engine import reading, writing
from storage.letter_tables import ops_finding, outbox_message
from storage.outbox import owe
from storage.upsert import insert_new, update_known

_BETWEEN = "\n"
"""Between what is wrong and what to do about it: each is one line."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What changed: findings that are new or back, and those that are over."""

    new: tuple[Finding, ...]
    over: tuple[KeptFinding, ...]


class FindingStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # What was found and told

    def observe(
        self,
        found: Sequence[Finding],
        now: datetime,
        *,
        is_all: bool = True,
        unjudged: tuple[str, ...] = (),
    ) -> Observed:
        """Bring what is kept in line with what was found, each key once.

        `is_all`: what was not found is over; otherwise nothing is known of it. `unjudged`: how the keys begin of
        which nothing is known in any case.
        """
        by_key = {each.key: each for each in found}
        finding = ops_finding.c
        with writing(self._engine) as conn:
            rows = conn.execute(
                select(ops_finding).where(finding.cleared_at.is_(None) | finding.key.in_(by_key))
            )
            kept = {row.key: row for row in rows}
            lasting = {key for key, row in kept.items() if row.cleared_at is None}
            new = [each for key, each in by_key.items() if key not in lasting]
            insert_new(conn, ops_finding, [_begun(each, now) for each in new if each.key not in kept])
            update_known(conn, ops_finding, [_begun(each, now) for each in new if each.key in kept])
            update_known(
                conn,
                ops_finding,
                [
                    {
                        "key": key,
                        # What was first seen in the future was seen by a clock that was ahead.
                        "first_seen_at": min(kept[key].first_seen_at, now),
                        "last_seen_at": now,
                        "detail": _detail(by_key[key]),
                    }
                    for key in sorted(lasting & by_key.keys())
                ],
            )
            gone = sorted(lasting - by_key.keys()) if is_all else []
            over = [key for key in gone if not key.startswith(unjudged)]
            update_known(conn, ops_finding, [{"key": key, "cleared_at": now} for key in over])
        return Observed(tuple(new), tuple(_kept(kept[key]) for key in over))

    def untold(self) -> list[KeptFinding]:
        """What ops were not told of, the oldest first; what came and went between two letters too."""
        query = select(ops_finding).where(ops_finding.c.told_at.is_(None))
        return self._findings(query.order_by(ops_finding.c.first_seen_at, ops_finding.c.key))

    def by_keys(self, keys: Collection[str]) -> list[KeptFinding]:
        """These findings as they stand, those that last first."""
        finding = ops_finding.c
        query = select(ops_finding).where(finding.key.in_(keys))
        return self._findings(
            query.order_by(finding.cleared_at.is_not(None), finding.first_seen_at, finding.key)
        )

    def last_letter_at(self, now: datetime) -> datetime | None:
        """When ops were last owed a letter. One of the future is none: a clock was ahead then."""
        message = outbox_message.c
        with reading(self._engine) as conn:
            owed_at: datetime | None = conn.scalar(
                select(func.max(message.created_at)).where(
                    message.kind == NotificationKind.OPS.value, message.created_at <= now + CLOCK_TOLERANCE
                )
            )
        return owed_at

    def tell(self, keys: Collection[str], letters: Sequence[OwedLetter], now: datetime) -> bool:
        """Owe these letters, and note that ops are told of these findings: both or neither.

        False, and nothing is done, where another process told of one of them meanwhile.
        """
        finding = ops_finding.c
        with writing(self._engine) as conn:
            told = conn.execute(
                update(ops_finding)
                .where(finding.key.in_(keys), finding.told_at.is_(None))
                .values(told_at=now)
            )
            if told.rowcount != len(keys):
                conn.rollback()
                return False
            owe(conn, letters, now)
        return True

    def _findings(self, query: Any) -> list[KeptFinding]:
        with reading(self._engine) as conn:
            return [_kept(row) for row in conn.execute(query)]

    # What there is to find

    def networks(self, now: datetime) -> list[NetworkHealth]:
        """How reading goes, by network."""
        with reading(self._engine) as conn:
            return troubles.networks(conn, now)

    def failures(self) -> list[FailureGroup]:
        """What the last attempts met, by network and kind of failure."""
        with reading(self._engine) as conn:
            return troubles.failures(conn)

    def networks_without_quota(self, before: datetime) -> list[str]:
        """Networks with walls that wait for quota and were last read before an instant."""
        with reading(self._engine) as conn:
            return troubles.networks_without_quota(conn, before)

    def newest_rounds(self, now: datetime) -> list[RoundSpan]:
        """The newest rounds, the newest first; some dozens at most."""
        with reading(self._engine) as conn:
            return troubles.newest_rounds(conn, now)

    def refused_addresses(self, now: datetime, patience: timedelta) -> list[RefusedAddress]:
        """Addresses to which letters failed and none got through since, or are refused for so long."""
        with reading(self._engine) as conn:
            return troubles.refused_addresses(conn, now, patience)

    def mail_waits_since(self, now: datetime, patience: timedelta) -> datetime | None:
        """Since when a letter waits that nothing holds but the mail server, if for so long."""
        with reading(self._engine) as conn:
            return troubles.mail_waits_since(conn, now, patience)

    def branches_without_chair(self) -> list[str]:
        """Codes of live branches that have no chair to write to, in the order of the branches file."""
        with reading(self._engine) as conn:
            return troubles.branches_without_chair(conn)

    def declared_at(self, branch_ids: Collection[int]) -> dict[int, datetime]:
        """When the first live community of each of these branches entered the branches file."""
        with reading(self._engine) as conn:
            return troubles.declared_at(conn, branch_ids)


def _begun(finding: Finding, now: datetime) -> dict[str, Any]:
    return {
        "key": finding.key,
        "first_seen_at": min(finding.since or now, now),
        "last_seen_at": now,
        "told_at": None,
        "cleared_at": None,
        "detail": _detail(finding),
    }


def _detail(finding: Finding) -> str:
    return _BETWEEN.join(" ".join(text.split()) for text in (finding.what, finding.advice))


def _kept(row: Any) -> KeptFinding:
    what, _, advice = row.detail.partition(_BETWEEN)
    return KeptFinding(row.key, what, advice, row.first_seen_at, row.cleared_at)

"""Puts the letters of the calendar into the outbox: every Monday to the department, each month to the chairs.

It follows from what is stored, not from ticks: whoever asks late gets the newest week and the month just ended,
never a burst of all that were missed. Nor of all that waited, for a mail server or the end of a mute: the next
letter of its kind cancels one that still does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from collector.domain.notification import NotificationKind, OwedLetter, monthly_key, weekly_key
from collector.domain.period import month_before, week_before
from storage.store import Store

log = structlog.get_logger(__name__)

_WEEKLY_FROM = timedelta(hours=8)
"""How long after Monday's beginning in Moscow a week's letter is due."""
_MONTHLY_WITHIN = timedelta(days=10)
"""A month's letter is owed within so many days of its end: later it would be no news."""


@dataclass(frozen=True, slots=True)
class OwedPeriodic:
    """How many letters were put into the outbox."""

    weekly: int
    monthly: int


def owe_periodic(store: Store, now: datetime) -> OwedPeriodic:
    """Put into the outbox what the calendar owes and the outbox does not have. Cheap where there is nothing."""
    weekly = store.digests.not_owed(_weekly(store, now))
    monthly = _of_known_branches(store, store.digests.not_owed(_monthly(store, now)), now)
    if weekly:
        store.digests.owe_next(NotificationKind.WEEKLY, weekly, week_before(now).end, now)
    if monthly:
        store.digests.owe_next(NotificationKind.MONTHLY, monthly, month_before(now).end, now)
    owed = OwedPeriodic(len(weekly), len(monthly))
    if owed.weekly or owed.monthly:
        log.info("letters of the calendar owed", weekly=owed.weekly, monthly=owed.monthly)
    return owed


def _weekly(store: Store, now: datetime) -> list[OwedLetter]:
    week = week_before(now)
    if now < week.end + _WEEKLY_FROM or not store.digests.covers(week, now):
        return []
    return [
        OwedLetter(
            weekly_key(week.end_day, recipient.email),
            NotificationKind.WEEKLY,
            recipient,
            about={"monday": week.end_day.isoformat()},
        )
        for recipient in store.digests.departments()
    ]


def _monthly(store: Store, now: datetime) -> list[OwedLetter]:
    month = month_before(now)
    if now >= month.end + _MONTHLY_WITHIN or not store.digests.covers(month, now):
        return []
    return [
        OwedLetter(
            monthly_key(branch_id, month.first_day, recipient.email),
            NotificationKind.MONTHLY,
            recipient,
            branch_id=branch_id,
            about={"month": month.first_day.isoformat()},
        )
        for branch_id, recipient in store.digests.chairs()
    ]


def _of_known_branches(store: Store, letters: list[OwedLetter], now: datetime) -> list[OwedLetter]:
    """A month of which nothing is known is not written about."""
    branch_ids = {letter.branch_id for letter in letters if letter.branch_id is not None}
    known = store.digests.known_branches(branch_ids, month_before(now))
    return [letter for letter in letters if letter.branch_id in known]

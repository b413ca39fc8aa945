"""Since when letters wait that nothing holds: what tells ops that none leaves."""

from __future__ import annotations

from datetime import datetime

from collector.domain.calendar import MOSCOW
from collector.jobs.gates import GatePolicy, gates_for, waits_for_working_hours
from storage.store import Store

_AT_ONCE = 500
_JUDGED_AT_MOST = 5_000
"""At night tens of thousands may wait for the morning; those that may leave are not sought behind all of them."""


class TooManyHeldError(Exception):
    """So many letters are held that none was found which may leave: whether there is one is not known."""


def waits_since(store: Store, policy: GatePolicy, now: datetime) -> datetime | None:
    """Since when the first letter waits that may leave now; None: there is none.

    Letters leave in the order in which they were owed, so the first is the oldest. A chair's letter waits since the
    working day began, not since the night in which it was owed. Raises TooManyHeldError, StoreError.
    """
    last_id = judged = 0
    while letters := store.outbox.waiting(now, last_id, _AT_ONCE):
        gates = gates_for(store, letters, policy, now)
        for letter in letters:
            if gates.judge(letter) is None:
                due_at = store.measures.due_since([letter.message_id]).get(letter.message_id, now)
                return max(due_at, _day_began(policy, now)) if waits_for_working_hours(letter) else due_at
        last_id = letters[-1].message_id
        judged += len(letters)
        if judged >= _JUDGED_AT_MOST:
            raise TooManyHeldError
    return None


def _day_began(policy: GatePolicy, now: datetime) -> datetime:
    """When chairs could first be written to on this Moscow day."""
    there = now.astimezone(MOSCOW)
    return there.replace(hour=policy.working_hours_start, minute=0, second=0, microsecond=0).astimezone(
        now.tzinfo
    )

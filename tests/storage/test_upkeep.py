"""The record of chores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.store import Store
from storage.upkeep import ChoreDone
from storage.upkeep_tables import Chore

NIGHT = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)


def test_the_last_of_its_kind_is_told(store: Store) -> None:
    assert store.upkeep.last(Chore.BACKUP) is None
    done = [
        ChoreDone(Chore.BACKUP, NIGHT, NIGHT + timedelta(minutes=1), 10, "first.backup"),
        ChoreDone(Chore.BACKUP, NIGHT + timedelta(days=1), NIGHT + timedelta(days=1, minutes=1), 12),
        ChoreDone(Chore.RETENTION, NIGHT + timedelta(days=2), NIGHT + timedelta(days=2), 0),
    ]
    for chore in (done[1], done[0], done[2]):
        store.upkeep.record(chore)
    assert store.upkeep.last(Chore.BACKUP) == done[1]
    assert store.upkeep.last(Chore.RETENTION) == done[2]
    assert store.upkeep.last(Chore.RESTORE) is None

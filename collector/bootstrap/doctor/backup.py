"""When the last backup was made."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.bootstrap.doctor.diagnosis import Diagnosis, unknown, warning, well
from storage.errors import StoreError
from storage.store import Store
from storage.upkeep_tables import Chore

_OLD = timedelta(days=2)
"""As the alert BackupOld has it: one of two that watch over the same must not call it well."""
_MAKE_ONE = "make one each night: collector db backup FILE"


def last_backup(store: Store, now: datetime) -> Diagnosis:
    """By the database's own record, which knows of `collector db backup` alone."""
    what = "last backup"
    try:
        found = store.version()
        if found.current is None:
            return well(what, "nothing to keep yet: the database is empty, or not there")
        if not found.is_newest:
            return unknown(what, "the database is not of this program's schema", "see the database's line")
        done = store.upkeep.last(Chore.BACKUP, by=now)
    except StoreError:
        return unknown(what, "the database does not answer", "see the database's line")
    if done is None:
        return warning(what, "none was ever made by this program", _MAKE_ONE)
    age = now - done.finished_at
    state = f"{done.finished_at:%Y-%m-%d %H:%M} UTC, {_days(age)} ago"
    return warning(what, state, _MAKE_ONE) if age > _OLD else well(what, state)


def _days(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{max(round(age.total_seconds() / 3600), 0)} h"

"""Whether the process does its work, judged by what a look at the database showed: the ground of `/readyz`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.ops.checks import Check
from storage.vitals import Disk, Vitals

_LEAST_FREE_BYTES = 64 * 1024 * 1024
"""What a round over 80,000 communities may write before SQLite takes its log into the file."""
_LEAST_FREE_SHARE = 0.05
"""Of a disk so small that the other limit would be most of it."""
_ROUND_SLACK = timedelta(minutes=5)
"""A daemon that comes back from an outage is let finish a round."""


@dataclass(frozen=True, slots=True)
class ReadyPolicy:
    """What readiness asks for."""

    database: str
    """The database's address as it may be shown."""
    newest_schema: str
    interval: timedelta | None
    """Of collection; None for a process that does not collect."""


def database_away(why: str) -> list[Check]:
    """What is known where the look failed: of all else nothing."""
    return [Check("database", False, why)]


def readiness(vitals: Vitals, policy: ReadyPolicy, now: datetime) -> list[Check]:
    """Each check, in the order in which one would look."""
    checks = [
        Check("database", True, f"{policy.database} answers"),
        _schema(vitals.schema, policy.newest_schema),
        Check("writing", vitals.write_refusal is None, vitals.write_refusal or "nothing speaks against it"),
    ]
    if vitals.disk is not None:
        checks.append(disk_check(vitals.disk))
    if policy.interval is not None and vitals.schema == policy.newest_schema:
        checks.append(_round(vitals, policy.interval, now))
    return checks


def _schema(found: str | None, newest: str) -> Check:
    if found == newest:
        return Check("schema", True, f"{newest}, the newest")
    if found is None:
        return Check(
            "schema", False, f"the database is empty, this program needs {newest}; collector db upgrade"
        )
    return Check("schema", False, f"{found}, this program needs {newest}; upgrade whichever is older")


def disk_check(disk: Disk) -> Check:
    """Whether there is room for what the program writes."""
    least = min(_LEAST_FREE_BYTES, disk.size_bytes * _LEAST_FREE_SHARE)
    free = f"{in_words(disk.free_bytes)} free of {in_words(disk.size_bytes)} at {disk.folder}"
    if disk.free_bytes >= least:
        return Check("disk", True, free)
    return Check("disk", False, f"full: {free}; make room, at least {in_words(int(least))}")


def in_words(size: int) -> str:
    """A number of bytes for people: 12 kB, 3.4 GB."""
    value, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 10 and unit != "B" else f"{value:.0f} {unit}"


def _round(vitals: Vitals, interval: timedelta, now: datetime) -> Check:
    """Fresh: ended within two intervals and as long as it took; older only where nobody's turn has come since."""
    if vitals.next_due_at is None:
        return Check("round", True, "there is no community to read")
    last = vitals.last_round
    if last is None:
        return Check("round", False, "none has ended yet since the database was made; wait for the first")
    told = f"the last one ended {last.finished_at:%Y-%m-%d %H:%M} UTC"
    patience = 2 * interval + (last.finished_at - last.started_at) + _ROUND_SLACK
    waits = now - vitals.next_due_at
    if now - last.finished_at <= patience or waits <= interval + _ROUND_SLACK:
        return Check("round", True, told)
    return Check(
        "round",
        False,
        f"{told}, longer ago than {patience}, and communities have waited for {waits}; "
        "see the log, and `collector status`",
    )

"""Imports follower counts of the past, such as the resolution's table, as snapshots of their day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from collector.domain.errors import CollectorError
from storage import runs
from storage.report_tables import account_absence
from storage.tables import RunKind, RunStatus, branch, branch_size, community, follower_snapshot

_IDS_AT_ONCE = 10_000
"""PostgreSQL takes 65,535 parameters in a statement, SQLite as few as 32,766."""


@dataclass(frozen=True, slots=True)
class PastCounts:
    """One line of a table of the past: an organisation's followers by network and day.

    `followers` holds only what is known; `without_account`, where there was no account yet; unknown is in neither.
    """

    place: str
    """Where it stands, for messages: `followers.csv:2`."""
    branch_code: str
    primary_count: int | None
    followers: Mapping[tuple[str, date], int]
    without_account: Collection[tuple[str, date]] = ()


@dataclass(slots=True)
class ImportReport:
    """What an import did."""

    run_id: int | None = None
    added: int = 0
    already_there: int = 0
    sizes_added: int = 0
    absences_added: int = 0
    days: list[date] = field(default_factory=list)


def import_past(conn: Connection, rows: Sequence[PastCounts], source: str, now: datetime) -> ImportReport:
    """Add the counts as snapshots at the beginning of their day (UTC: 3 in the morning in Moscow).

    Raises CollectorError for an organisation or a community that is not there, and for a count that
    contradicts one stored for the same instant; then nothing is written. Twice the same adds nothing.
    """
    branches = {row.code: row.id for row in conn.execute(select(branch.c.code, branch.c.id))}
    communities = _communities(conn)
    mistakes: list[str] = []
    wanted: list[dict[str, Any]] = []
    for row in rows:
        if row.branch_code not in branches:
            mistakes.append(f"{row.place}: no branch {row.branch_code!r}; the branches file must list it")
            continue
        for (network, day), count in row.followers.items():
            candidates = communities[branches[row.branch_code], network]
            if len(candidates) != 1:
                mistakes.append(
                    f"{row.place}: branch {row.branch_code} has {len(candidates) or 'no'} {network} communities, "
                    "so it cannot be told whose followers these are; it must have exactly one"
                )
                continue
            observed_at = datetime.combine(day, time(0), UTC)
            wanted.append(
                {"community_id": candidates[0], "observed_at": observed_at, "follower_count": count}
            )
    present = _present(conn, wanted)
    for item in wanted:
        old = present.get((item["community_id"], item["observed_at"]))
        if old is not None and old.follower_count != item["follower_count"]:
            mistakes.append(
                f"community {item['community_id']} on {item['observed_at']:%Y-%m-%d}: the table says "
                f"{item['follower_count']}, the database has {old.follower_count} from run {old.run_id}"
            )
    if mistakes:
        raise CollectorError("\n".join(dict.fromkeys(mistakes)))

    new = [item for item in wanted if (item["community_id"], item["observed_at"]) not in present]
    sizes = _new_sizes(conn, rows, branches)
    absences = _new_absences(conn, rows, branches, communities)
    report = ImportReport(
        added=len(new),
        already_there=len(wanted) - len(new),
        sizes_added=len(sizes),
        absences_added=len(absences),
        days=sorted({day for row in rows for _, day in row.followers}),
    )
    if new or sizes or absences:
        report.run_id = runs.start(conn, RunKind.IMPORT, now, source)
        if new:
            conn.execute(insert(follower_snapshot), [{**item, "run_id": report.run_id} for item in new])
        if sizes:
            conn.execute(insert(branch_size), sizes)
        if absences:
            conn.execute(insert(account_absence), [{**item, "run_id": report.run_id} for item in absences])
        counts = runs.RunCounts(due=len(wanted), read=len(new))
        runs.record(conn, report.run_id, counts, RunStatus.FINISHED, now)
    return report


def _communities(conn: Connection) -> dict[tuple[int, str], list[int]]:
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in conn.execute(
        select(community).where(community.c.retired_at.is_(None)).order_by(community.c.id)
    ):
        found[row.branch_id, row.network].append(row.id)
    return found


def _present(conn: Connection, wanted: Sequence[Mapping[str, Any]]) -> dict[tuple[int, datetime], Row[Any]]:
    instants = {item["observed_at"] for item in wanted}
    ids = sorted({item["community_id"] for item in wanted})
    present: dict[tuple[int, datetime], Row[Any]] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        query = select(follower_snapshot).where(
            follower_snapshot.c.community_id.in_(ids[start : start + _IDS_AT_ONCE]),
            follower_snapshot.c.observed_at.in_(instants),
        )
        present |= {(row.community_id, row.observed_at): row for row in conn.execute(query)}
    return present


def _new_sizes(
    conn: Connection, rows: Sequence[PastCounts], branches: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The table's number of primary organisations, as known from its last day on, where nothing older is known."""
    known: dict[int, date] = {}
    for row in conn.execute(select(branch_size).order_by(branch_size.c.valid_from.desc())):
        known[row.branch_id] = row.valid_from
    days = [day for row in rows for _, day in row.followers]
    if not days:
        return []
    last = max(days)
    return [
        {"branch_id": branches[row.branch_code], "valid_from": last, "primary_count": row.primary_count}
        for row in rows
        if row.primary_count is not None and known.get(branches[row.branch_code], date.max) > last
    ]


def _new_absences(
    conn: Connection,
    rows: Sequence[PastCounts],
    branches: Mapping[str, int],
    communities: Mapping[tuple[int, str], Sequence[int]],
) -> list[dict[str, Any]]:
    """Where the table says that there was no account: then each of the branch's communities came later."""
    wanted = {
        (community_id, day)
        for row in rows
        for network, day in row.without_account
        for community_id in communities.get((branches[row.branch_code], network), ())
    }
    present = {(row.community_id, row.absent_on) for row in conn.execute(select(account_absence))}
    return [
        {"community_id": community_id, "absent_on": day} for community_id, day in sorted(wanted - present)
    ]

"""Brings branches, their sizes, pauses, contacts and communities in line with the branches file.

Nothing is deleted that history hangs on: what left the file is retired, what comes back is revived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from collector.domain.calendar import moscow_day
from collector.domain.errors import CollectorError
from collector.domain.model import Access, Address, BranchDeclaration
from storage.tables import branch, branch_pause, branch_size, community, community_state, contact


@dataclass(slots=True)
class SyncReport:
    """What a sync did: branch codes, and of the changed ones what changed, in words."""

    added: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)
    unchanged_count: int = 0

    def note(self, code: str, what: str) -> None:
        """Remember a change of a branch."""
        self.changed.setdefault(code, []).append(what)


def sync(conn: Connection, declared: Sequence[BranchDeclaration], now: datetime) -> SyncReport:
    """Make the tables say what the file says. The declarations are valid: see `collector.branches`."""
    report = SyncReport()
    ids = _sync_branches(conn, declared, now, report)
    _sync_sizes(conn, declared, ids, moscow_day(now), report)
    _sync_pauses(conn, declared, ids, report)
    _sync_contacts(conn, declared, ids, report)
    _sync_communities(conn, declared, ids, now, report)
    for code in report.added:
        # All of a new branch is new.
        report.changed.pop(code, None)
    report.unchanged_count = len(declared) - len(report.added) - len(report.changed)
    return report


def _sync_branches(
    conn: Connection, declared: Sequence[BranchDeclaration], now: datetime, report: SyncReport
) -> dict[str, int]:
    known = {row.code: row for row in conn.execute(select(branch))}
    new = [item for item in declared if item.code not in known]
    if new:
        conn.execute(
            insert(branch), [{"code": item.code, "name": item.name, "kind": item.kind.value} for item in new]
        )
    report.added = [item.code for item in new]
    ids: dict[str, int] = {row.code: row.id for row in conn.execute(select(branch.c.code, branch.c.id))}

    updates = []
    for item in declared:
        wanted = {
            "name": item.name,
            "kind": item.kind.value,
            "parent_id": ids[item.parent_code] if item.parent_code is not None else None,
            "silence_threshold_days": item.silence_threshold.days
            if item.silence_threshold is not None
            else None,
            "retired_at": None,
        }
        old = known.get(item.code)
        differing = [name for name, value in wanted.items() if old is None or getattr(old, name) != value]
        for name in differing:
            report.note(item.code, "is back" if name == "retired_at" else _WORDS[name])
        if differing:
            updates.append({"b_id": ids[item.code], **wanted})
    if updates:
        conn.execute(update(branch).where(branch.c.id == bindparam("b_id")), updates)

    declared_codes = {item.code for item in declared}
    report.retired = [
        code for code, row in known.items() if code not in declared_codes and row.retired_at is None
    ]
    if report.retired:
        conn.execute(
            update(branch).where(branch.c.id == bindparam("b_id")).values(retired_at=now),
            [{"b_id": ids[code]} for code in report.retired],
        )
    return ids


_WORDS = {
    "name": "name",
    "kind": "kind",
    "parent_id": "parent",
    "silence_threshold_days": "silence threshold",
}


def _sync_sizes(
    conn: Connection,
    declared: Sequence[BranchDeclaration],
    ids: dict[str, int],
    today: date,
    report: SyncReport,
) -> None:
    newest: dict[int, Row[Any]] = {}
    for row in conn.execute(select(branch_size).order_by(branch_size.c.valid_from)):
        newest[row.branch_id] = row
    rows = []
    for item in declared:
        if item.primary_count is None:
            continue
        last = newest.get(ids[item.code])
        if last is not None and last.primary_count == item.primary_count:
            continue
        if last is not None:
            report.note(item.code, f"primary organisations: {last.primary_count} -> {item.primary_count}")
        rows.append({"branch_id": ids[item.code], "valid_from": today, "primary_count": item.primary_count})
    if rows:
        # A second change on one day replaces the first: the history is by days.
        conn.execute(
            delete(branch_size).where(
                branch_size.c.branch_id == bindparam("b_id"), branch_size.c.valid_from == today
            ),
            [{"b_id": row["branch_id"]} for row in rows],
        )
        conn.execute(insert(branch_size), rows)


def _sync_pauses(
    conn: Connection, declared: Sequence[BranchDeclaration], ids: dict[str, int], report: SyncReport
) -> None:
    # Two reasons for the same days are one pause.
    wanted = {
        item.code: sorted({(pause.starts_on, pause.ends_on): pause.reason for pause in item.pauses}.items())
        for item in declared
    }
    rows = {code: {(*days, reason) for days, reason in pauses} for code, pauses in wanted.items()}
    _replace(conn, branch_pause, ("starts_on", "ends_on", "reason"), rows, ids, report)


def _sync_contacts(
    conn: Connection, declared: Sequence[BranchDeclaration], ids: dict[str, int], report: SyncReport
) -> None:
    rows = {
        item.code: {(person.role.value, person.email, person.name) for person in item.contacts}
        for item in declared
    }
    _replace(conn, contact, ("role", "email", "name"), rows, ids, report)
    # Whose branch has left the file is written to no more: their names and addresses are kept for nothing.
    retired = select(branch.c.id).where(branch.c.retired_at.is_not(None))
    conn.execute(delete(contact).where(contact.c.branch_id.in_(retired)))


def _replace(
    conn: Connection,
    table: Table,
    columns: Sequence[str],
    wanted: Mapping[str, set[tuple[Any, ...]]],
    ids: dict[str, int],
    report: SyncReport,
) -> None:
    """Let a table that hangs on branches hold these rows, by branch code; nothing else hangs on them."""
    known: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    for row in conn.execute(select(table)):
        known[row.branch_id].add(tuple(getattr(row, name) for name in columns))
    for code, rows in wanted.items():
        branch_id = ids[code]
        if rows == known[branch_id]:
            continue
        report.note(code, _TABLE_WORDS[table.name])
        conn.execute(delete(table).where(table.c.branch_id == branch_id))
        if rows:
            named = [dict(zip(columns, row, strict=True)) for row in sorted(rows)]
            conn.execute(insert(table), [{"branch_id": branch_id, **row} for row in named])


_TABLE_WORDS = {"branch_pause": "pauses", "contact": "contacts"}


class _Communities:
    """The known communities, found by whatever an address may name them with."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        self.rows = list(rows)
        self._by_address = {(row.network, row.address): row for row in self.rows}
        self._by_native_id = {(row.network, row.native_id): row for row in self.rows if row.native_id}
        self._by_screen_name = {
            (row.network, row.screen_name.lower()): row for row in self.rows if row.screen_name
        }

    def find(self, address: Address) -> Row[Any] | None:
        """The same community, be it declared as before, by its id, or by its present name."""
        return (
            self._by_address.get((address.network, address.key))
            or self._by_native_id.get((address.network, address.native_id))
            or self._by_screen_name.get((address.network, address.screen_name or ""))
        )


def _sync_communities(
    conn: Connection,
    declared: Sequence[BranchDeclaration],
    ids: dict[str, int],
    now: datetime,
    report: SyncReport,
) -> None:
    known = _Communities(conn.execute(select(community)))
    codes = {branch_id: code for code, branch_id in ids.items()}
    kept: set[int] = set()
    new: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    for item in declared:
        for address in item.communities:
            wanted = {"branch_id": ids[item.code], "address": address.key, "retired_at": None}
            old = known.find(address)
            if old is not None and old.id in kept:
                raise CollectorError(
                    f"branch {item.code}: {address.url} is the community {old.title or old.url}, which the branches "
                    "file lists under another address too; delete one of them"
                )
            if old is None:
                new.append(
                    {
                        **wanted,
                        "network": address.network,
                        "native_id": address.native_id,
                        "screen_name": address.screen_name,
                        "url": address.url,
                        "created_at": now,
                    }
                )
                report.note(item.code, f"added {address.url}")
                continue
            kept.add(old.id)
            if any(getattr(old, name) != value for name, value in wanted.items()):
                updates.append({"c_id": old.id, **wanted})
                if old.retired_at is not None:
                    report.note(item.code, f"{old.url} is back")
                elif old.branch_id != ids[item.code]:
                    report.note(item.code, f"{old.url} moved here from {codes[old.branch_id]}")
                else:
                    report.note(item.code, f"{old.url} is now declared as {address.url}")
    gone = [row for row in known.rows if row.id not in kept and row.retired_at is None]
    if gone:
        conn.execute(
            update(community).where(community.c.id == bindparam("c_id")).values(retired_at=now),
            [{"c_id": row.id} for row in gone],
        )
        declared_codes = {item.code for item in declared}
        for row in gone:
            if codes[row.branch_id] in declared_codes:
                report.note(codes[row.branch_id], f"retired {row.url}")
    if updates:
        conn.execute(update(community).where(community.c.id == bindparam("c_id")), updates)
        _make_due(conn, [row["c_id"] for row in updates], now)
    if new:
        # insertmanyvalues gives the new rows' ids in the order of the values given.
        made = conn.execute(insert(community).returning(community.c.id, sort_by_parameter_order=True), new)
        conn.execute(
            insert(community_state),
            [{"community_id": row.id, "access": Access.UNKNOWN.value, "next_due_at": now} for row in made],
        )


def _make_due(conn: Connection, community_ids: Sequence[int], now: datetime) -> None:
    """Read what changed at once: whoever corrects an address waits to see that it is right."""
    conn.execute(
        update(community_state)
        .where(community_state.c.community_id == bindparam("c_id"))
        .values(next_due_at=now),
        [{"c_id": community_id} for community_id in community_ids],
    )

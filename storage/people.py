"""Whom letters about branches go to, as the branches file last said."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, select

from collector.domain.model import ContactRole
from collector.domain.notification import Audience, Recipient
from collector.domain.owed import People
from storage.tables import branch, contact

_AUDIENCES = {
    ContactRole.CHAIR.value: Audience.CHAIR,
    ContactRole.ADMINISTRATOR.value: Audience.ADMINISTRATOR,
    ContactRole.DEPARTMENT.value: Audience.DEPARTMENT,
}


def contacts(conn: Connection) -> People:
    """The contacts of all live branches, in the order of the branches file."""
    is_live = branch.c.retired_at.is_(None)
    parents = {
        row.id: row.parent_id for row in conn.execute(select(branch.c.id, branch.c.parent_id).where(is_live))
    }
    found: dict[Audience, dict[int, tuple[Recipient, ...]]] = defaultdict(dict)
    rows = conn.execute(
        select(contact.c.branch_id, contact.c.role, contact.c.name, contact.c.email)
        .join(branch)
        .where(is_live)
        .order_by(contact.c.id)
    )
    for branch_id, role, name, email in rows:
        audience = _AUDIENCES[role]
        before = found[audience].get(branch_id, ())
        found[audience][branch_id] = (*before, Recipient(audience, name, email))
    return People(
        chairs=found[Audience.CHAIR],
        administrators=found[Audience.ADMINISTRATOR],
        departments=found[Audience.DEPARTMENT],
        parents=parents,
    )

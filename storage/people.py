"""Whom letters about branches go to, as the branches file last said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, func, or_, select

from collector.domain.model import ContactRole
from collector.domain.notification import Audience, NotificationKind, Recipient
from collector.domain.owed import People
from storage.letter_tables import outbox_message
from storage.tables import branch, contact

_AUDIENCES = {
    ContactRole.CHAIR.value: Audience.CHAIR,
    ContactRole.ADMINISTRATOR.value: Audience.ADMINISTRATOR,
    ContactRole.DEPARTMENT.value: Audience.DEPARTMENT,
}

_TO_OTHERS = (NotificationKind.ESCALATION.value, NotificationKind.WEEKLY.value)
"""Letters that go to others than the people of the branch which they are about."""
_OWN_ROLES = (ContactRole.CHAIR.value, ContactRole.ADMINISTRATOR.value)


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


def still_concerned(conn: Connection, message_ids: Collection[int]) -> set[int]:
    """Those of these letters whose recipient the branches file still names: of the branch, or of some live branch."""
    message = outbox_message.c
    named = (
        select(contact.c.id)
        .join_from(contact, branch)
        .where(branch.c.retired_at.is_(None), func.lower(contact.c.email) == func.lower(message.email))
        .correlate(outbox_message)
    )
    of_branch = named.where(contact.c.branch_id == message.branch_id, contact.c.role.in_(_OWN_ROLES))
    of_any = named.where(contact.c.role == message.audience)
    query = select(message.id).where(
        message.id.in_(message_ids),
        or_(
            message.audience == Audience.OPS.value,
            message.kind.not_in(_TO_OTHERS) & of_branch.exists(),
            message.kind.in_(_TO_OTHERS) & of_any.exists(),
        ),
    )
    return set(conn.scalars(query))

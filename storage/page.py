"""What the page that letters lead to asks of branches and people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.tables import branch, contact


@dataclass(frozen=True, slots=True)
class PageBranch:
    """A branch as the page shows it. `is_live`: whether it is in the branches file."""

    code: str
    name: str
    is_live: bool


def page_branch(conn: Connection, branch_id: int) -> PageBranch | None:
    """The branch of this number; None: there is none."""
    row = conn.execute(
        select(branch.c.code, branch.c.name, branch.c.retired_at).where(branch.c.id == branch_id)
    ).one_or_none()
    return None if row is None else PageBranch(row.code, row.name, row.retired_at is None)


def contact_name(conn: Connection, email: str) -> str | None:
    """What the branches file calls the person or office with this address; None: nobody has it now."""
    name: str | None = conn.execute(
        select(contact.c.name).where(contact.c.email == email).order_by(contact.c.id).limit(1)
    ).scalar_one_or_none()
    return name

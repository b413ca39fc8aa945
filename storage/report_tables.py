"""Tables that views and reports need besides the series: Moscow's days, and when there was no account yet."""

from __future__ import annotations

from sqlalchemy import Column, Date, Table

from storage.tables import metadata
from storage.types import Id, UtcDateTime

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True, comment="The day"),
    Column("month", Date, nullable=False, comment="The first day of its month"),
    Column("starts_at", UtcDateTime, nullable=False, comment="Its first instant in Moscow"),
    Column("ends_at", UtcDateTime, nullable=False, comment="The first instant of the next day"),
    sqlite_with_rowid=False,
    comment="The days from 2006 to 2049 as Moscow has them; filled by the migration that makes it, never changed",
)

account_absence = Table(
    "account_absence",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("absent_on", Date, primary_key=True, comment="The day on which its account did not exist yet"),
    Column(
        "run_id",
        Id,
        nullable=False,
        comment="The collection_run that brought it: where this is known from",
    ),
    sqlite_with_rowid=False,
    comment="Days on which a community had no account yet, by an imported table's word: neither 0 followers nor "
    "unknown",
)

"""The calendar: each day of Moscow's, for views and reports that show days without anything, too."""

from __future__ import annotations

from sqlalchemy import Column, Date, Table

from storage.tables import metadata
from storage.types import UtcDateTime

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

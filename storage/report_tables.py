"""Tables that views and reports need besides the series: Moscow's days, accounts not yet there, frozen contests."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Integer, Table, Text

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

contest_freeze = Table(
    "contest_freeze",
    metadata,
    Column("league", Text, primary_key=True, comment="territorial or primary"),
    Column("first_on", Date, primary_key=True, comment="First day of its period, Moscow"),
    Column("end_on", Date, primary_key=True, comment="The day after its last one, Moscow"),
    Column(
        "number",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="1, 2, ...: the newest holds, earlier ones are kept",
    ),
    Column("rules", Text, nullable=False, comment="The file of rules that it was judged by, to the letter"),
    Column("facts", Text, nullable=False, comment="JSON: all that was known and used"),
    Column("result", Text, nullable=False, comment="JSON: places, points, who was not ranked and why"),
    Column("sha256", Text, nullable=False, comment="SHA-256 over all the other columns, in hexadecimal"),
    Column("frozen_at", UtcDateTime, nullable=False, comment="When it was frozen"),
    Column("frozen_by", Text, nullable=False, comment="Who did it, by their own word"),
    CheckConstraint("first_on < end_on", name="order"),
    comment="Contests as they were decided: rules, data and result, so that a later recount shows what changed. "
    "Rows are never changed",
)

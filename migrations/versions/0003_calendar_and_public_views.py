"""calendar and public views

The views themselves are made by `migrations/env.py`, whenever the schema changes.

Revision: 0003, after 0002
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False, comment="The day"),
        sa.Column("month", sa.Date(), nullable=False, comment="The first day of its month"),
        sa.Column(
            "starts_at", storage.types.UtcDateTime(), nullable=False, comment="Its first instant in Moscow"
        ),
        sa.Column(
            "ends_at",
            storage.types.UtcDateTime(),
            nullable=False,
            comment="The first instant of the next day",
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
        comment="The days from 2006 to 2049 as Moscow has them; filled by the migration that makes it, never changed",
        sqlite_with_rowid=False,
    )
    first, last = date(2006, 1, 1), date(2049, 12, 31)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    op.bulk_insert(
        table,
        [
            {
                "day": day,
                "month": day.replace(day=1),
                "starts_at": _midnight(day),
                "ends_at": _midnight(day + timedelta(days=1)),
            }
            for day in days
        ],
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)

"""frozen contests

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contest_freeze",
        sa.Column("league", sa.Text(), nullable=False, comment="territorial or primary"),
        sa.Column("first_on", sa.Date(), nullable=False, comment="First day of its period, Moscow"),
        sa.Column("end_on", sa.Date(), nullable=False, comment="The day after its last one, Moscow"),
        sa.Column(
            "number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1, 2, ...: the newest holds, earlier ones are kept",
        ),
        sa.Column(
            "rules",
            sa.Text(),
            nullable=False,
            comment="The file of rules that it was judged by, to the letter",
        ),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON: all that was known and used"),
        sa.Column(
            "result", sa.Text(), nullable=False, comment="JSON: places, points, who was not ranked and why"
        ),
        sa.Column(
            "sha256", sa.Text(), nullable=False, comment="SHA-256 over all the other columns, in hexadecimal"
        ),
        sa.Column("frozen_at", storage.types.UtcDateTime(), nullable=False, comment="When it was frozen"),
        sa.Column("frozen_by", sa.Text(), nullable=False, comment="Who did it, by their own word"),
        sa.CheckConstraint("first_on < end_on", name=op.f("ck_contest_freeze_order")),
        sa.PrimaryKeyConstraint("league", "first_on", "end_on", "number", name=op.f("pk_contest_freeze")),
        comment="Contests as they were decided: rules, data and result, so that a later recount shows what changed. "
        "Rows are never changed",
    )

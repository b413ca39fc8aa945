"""days without account

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_absence",
        sa.Column(
            "community_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
            comment="The community",
        ),
        sa.Column(
            "absent_on",
            sa.Date(),
            nullable=False,
            comment="The day on which its account did not exist yet",
        ),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="The collection_run that brought it: where this is known from",
        ),
        sa.PrimaryKeyConstraint("community_id", "absent_on", name=op.f("pk_account_absence")),
        comment="Days on which a community had no account yet, by an imported table's word: neither 0 followers nor "
        "unknown",
        sqlite_with_rowid=False,
    )

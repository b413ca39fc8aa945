"""how far retention came

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_progress",
        sa.Column(
            "what", sa.Text(), nullable=False, comment="What is removed: post_snapshots, outcomes, ..."
        ),
        sa.Column(
            "done_before",
            storage.types.UtcDateTime(),
            comment="All older than this was looked at; NULL: no pass came to its end yet",
        ),
        sa.Column(
            "pass_before",
            storage.types.UtcDateTime(),
            comment="Up to when the pass under way looks; NULL: none is",
        ),
        sa.Column(
            "after_community_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            comment="The last community that it is done with; NULL: it is at its beginning, or none is under way",
        ),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_retention_progress")),
        comment="How far the removal of what is too old came: one row for each that has an age in the settings",
        sqlite_with_rowid=False,
    )

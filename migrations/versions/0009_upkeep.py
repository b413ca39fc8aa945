"""tokens' states and chores

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_state",
        sa.Column("network", sa.Text(), nullable=False, comment="vk, facebook, ..."),
        sa.Column(
            "token_key", sa.Text(), nullable=False, comment="Which token: a digest of it, never the token"
        ),
        sa.Column(
            "label", sa.Text(), nullable=False, comment="Its place in the settings and last four characters"
        ),
        sa.Column(
            "checked_at", storage.types.UtcDateTime(), nullable=False, comment="When it was last tried out"
        ),
        sa.Column("is_working", sa.Boolean(), nullable=False, comment="Whether it worked then"),
        sa.Column(
            "expires_at",
            storage.types.UtcDateTime(),
            comment="When it ends; NULL: never, or the network does not tell",
        ),
        sa.Column(
            "advice", storage.types.ToldText(), comment="What to do about it, without secrets; NULL: nothing"
        ),
        sa.PrimaryKeyConstraint("network", "token_key", name=op.f("pk_token_state")),
        comment="How the tokens that are set were when last tried: one row a token, replaced",
    )
    op.create_table(
        "upkeep_run",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="Our number of it",
        ),
        sa.Column("chore", sa.Text(), nullable=False, comment="backup, restore, copy or retention"),
        sa.Column("started_at", storage.types.UtcDateTime(), nullable=False, comment="When it began"),
        sa.Column("finished_at", storage.types.UtcDateTime(), nullable=False, comment="When it ended"),
        sa.Column("row_count", sa.Integer(), nullable=False, comment="Rows kept, brought or removed"),
        sa.Column(
            "note",
            storage.types.ToldText(),
            comment="In words, such as a backup's file and what each table lost",
        ),
        sa.CheckConstraint(
            "chore IN ('backup', 'restore', 'copy', 'retention')", name=op.f("ck_upkeep_run_chore")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_run")),
        comment="Chores that were done to the end: backups, restores, removals of what is too old. Insert-only",
    )
    op.create_index("ix_upkeep_run_chore_finished_at", "upkeep_run", ["chore", "finished_at"])

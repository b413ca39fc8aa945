"""find a day's readings by time

Revision: 0007, after 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has no index that costs next to nothing; there a report searches the key.
    if op.get_context().dialect.name == "postgresql":
        op.create_index(
            "ix_follower_snapshot_observed_at",
            "follower_snapshot",
            ["observed_at"],
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 32, "autosummarize": "on"},
        )

"""since when posts are known

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known_since: sa.Column[object] = sa.Column(
        "posts_known_since",
        storage.types.UtcDateTime(),
        comment="All its posts from then to wall_last_seen_at were seen; 1970: all there are. NULL: never read",
    )
    op.add_column("community_state", known_since)
    # How far the looks of before went is not known: from the first of them on is what was said until now.
    op.execute("UPDATE community_state SET posts_known_since = wall_first_seen_at")

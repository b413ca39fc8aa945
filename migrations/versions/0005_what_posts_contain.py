"""what posts contain, and what communities offer

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "post_content",
        sa.Column("community_id", _ID, autoincrement=False, nullable=False, comment="The community"),
        sa.Column("native_id", sa.Text(), nullable=False, comment="The network's own id of the post"),
        sa.Column(
            "text",
            storage.types.ToldText(),
            nullable=False,
            comment="The community's own words, at most 4,000 characters; '': none",
        ),
        sa.Column(
            "attachments",
            sa.Text(),
            nullable=False,
            comment="Kinds of what is attached, in order, each as often as it occurs: 'photo photo poll'; '': nothing",
        ),
        sa.Column(
            "hashtags", sa.Text(), nullable=False, comment="Hashtags of the text: '#one #two'; '': none"
        ),
        sa.Column(
            "reposted_native_id",
            sa.Text(),
            comment="The network's id of the community whose post is passed on; NULL: none, or a person's",
        ),
        sa.Column(
            "read_at", storage.types.UtcDateTime(), nullable=False, comment="When it was first seen so"
        ),
        sa.Column("run_id", _ID, nullable=False, comment="The collection_run that brought it"),
        sa.PrimaryKeyConstraint("community_id", "native_id", name=op.f("pk_post_content")),
        comment="What posts say and show: one row a post whose content was read, replaced when it is edited",
    )
    site: sa.Column[str] = sa.Column(
        "site",
        storage.types.ToldText(),
        comment="Site in its description at last_seen_at; '': none; NULL: not told",
    )
    messages: sa.Column[bool] = sa.Column(
        "are_messages_open",
        sa.Boolean(),
        comment="Whether messages to it are switched on, so; NULL: not told",
    )
    comments: sa.Column[bool] = sa.Column(
        "are_comments_open", sa.Boolean(), comment="Whether visitors can comment, so; NULL: not told"
    )
    for column in (site, messages, comments):
        op.add_column("community_state", column)

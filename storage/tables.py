"""The tables, their constraints, indexes and comments.

What the shape follows (measured before it was chosen):

- The community's id leads every key of a series, and no foreign key leaves a series, so that the same
  tables can later be partitioned by time or distributed by community.
- Series are insert-only, change-only, plus the first reading of each Moscow day: a value can be told for
  any instant, and a day without a look stays visible as a day without a row.
- `community_state` holds the newest values, one row a community, so that "latest" never searches history;
  `post` does the same for posts.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from collector.domain.model import Access, BranchKind, ContactRole
from storage.types import Count, Id, ToldText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class RunKind(StrEnum):
    """What brought values into the series."""

    COLLECT = "collect"
    IMPORT = "import"


class RunStatus(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    ABANDONED = "abandoned"


class OutcomeScope(StrEnum):
    """What could not be read: the community as a whole, or only its wall."""

    COMMUNITY = "community"
    WALL = "wall"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A constraint on a column that holds one of an enumeration's words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


branch = Table(
    "branch",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the branch"),
    Column("code", Text, nullable=False, unique=True, comment="Short name in the branches file, such as ВАО"),
    Column("name", Text, nullable=False, comment="Full name, in Russian"),
    Column("kind", Text, nullable=False, comment="city, territorial (ТПО) or primary (ППО)"),
    Column(
        "parent_id", Id, ForeignKey("branch.id"), index=True, comment="The branch above it; NULL at the top"
    ),
    Column(
        "silence_threshold_days",
        Integer,
        comment="Days without a post after which it counts as silent; NULL: the parent's, else the setting",
    ),
    Column("retired_at", UtcDateTime, comment="When it left the branches file; NULL while it is in it"),
    one_of("kind", BranchKind),
    comment="Organisations of the union, as the branches file lists them. Rows are never deleted",
)

branch_size = Table(
    "branch_size",
    metadata,
    Column("branch_id", Id, ForeignKey("branch.id"), primary_key=True, comment="The branch"),
    Column("valid_from", Date, primary_key=True, comment="The day from which this number is known to hold"),
    Column(
        "primary_count",
        Integer,
        nullable=False,
        comment="Number of primary organisations (ППО) in the branch",
    ),
    CheckConstraint("primary_count >= 0", name="primary_count"),
    comment="History of the number of primary organisations: one row a change",
)

branch_pause = Table(
    "branch_pause",
    metadata,
    Column("branch_id", Id, ForeignKey("branch.id"), primary_key=True, comment="The branch"),
    Column("starts_on", Date, primary_key=True, comment="First day of the pause, Moscow"),
    Column("ends_on", Date, primary_key=True, comment="Last day of the pause, included, Moscow"),
    Column("reason", Text, nullable=False, comment="Why nobody is expected to post, in Russian"),
    CheckConstraint("starts_on <= ends_on", name="order"),
    comment="Days on which the clock of silence stands still, such as school holidays",
)

contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the contact"),
    Column("branch_id", Id, ForeignKey("branch.id"), nullable=False, comment="The branch"),
    Column("role", Text, nullable=False, comment="chair, administrator or department"),
    Column("name", Text, nullable=False, comment="The person's name"),
    Column("email", Text, nullable=False, comment="Address for letters"),
    UniqueConstraint("branch_id", "role", "email"),
    one_of("role", ContactRole),
    comment="Whom letters about a branch go to",
)

community = Table(
    "community",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the community"),
    Column(
        "branch_id",
        Id,
        ForeignKey("branch.id"),
        nullable=False,
        index=True,
        comment="The branch it speaks for",
    ),
    Column("network", Text, nullable=False, comment="vk, facebook, ..."),
    Column("address", Text, nullable=False, comment="Address as declared: id:<number> or name:<screen name>"),
    Column("native_id", Text, comment="The network's own id; NULL until the first reading of a name"),
    Column(
        "screen_name",
        ToldText,
        comment="Its present name in links, as the network tells it; NULL if it tells none",
    ),
    Column("title", ToldText, comment="Its title, as the network tells it; NULL before the first reading"),
    Column("url", ToldText, nullable=False, comment="Link for people"),
    Column("created_at", UtcDateTime, nullable=False, comment="When it entered the branches file"),
    Column("retired_at", UtcDateTime, comment="When it left the branches file; NULL while it is in it"),
    UniqueConstraint("network", "native_id"),
    UniqueConstraint("network", "address"),
    comment="Communities of branches on the networks. Rows are never deleted; a rename is followed by native_id",
)

community_state = Table(
    "community_state",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column(
        "follower_count", Count, comment="Followers at last_seen_at, people; NULL: withheld or never read"
    ),
    Column(
        "post_count",
        Count,
        comment="Posts on the wall by the network's own count, newest known; NULL: never told",
    ),
    Column("newest_post_at", UtcDateTime, comment="When its newest own post that still stands was published"),
    Column("last_seen_at", UtcDateTime, comment="Last successful reading; NULL: never"),
    Column("last_attempt_at", UtcDateTime, comment="Last attempt that reached its turn, successful or not"),
    Column("wall_first_seen_at", UtcDateTime, comment="First successful reading of its wall; NULL: never"),
    Column(
        "posts_known_since",
        UtcDateTime,
        comment="All its posts from then to wall_last_seen_at were seen; 1970: all there are. NULL: never read",
    ),
    Column(
        "wall_last_seen_at", UtcDateTime, comment="Last successful reading of its wall: proof that we looked"
    ),
    Column("wall_attempted_at", UtcDateTime, comment="Last attempt at its wall, successful or not"),
    Column(
        "wall_failure_count",
        Integer,
        nullable=False,
        server_default="0",
        comment="Attempts in a row at its wall that failed through the community itself",
    ),
    Column("changed_at", UtcDateTime, comment="When a reading last differed from the one before it"),
    Column("snapshot_at", UtcDateTime, comment="observed_at of its newest follower_snapshot by a reading"),
    Column(
        "access", Text, nullable=False, comment="open, closed, private, banned, deleted, missing or unknown"
    ),
    Column("access_changed_at", UtcDateTime, comment="When access was first seen as it is now"),
    Column("site", ToldText, comment="Site in its description at last_seen_at; '': none; NULL: not told"),
    Column(
        "are_messages_open", Boolean, comment="Whether messages to it are switched on, so; NULL: not told"
    ),
    Column("are_comments_open", Boolean, comment="Whether visitors can comment, so; NULL: not told"),
    Column(
        "failure_kind",
        Text,
        comment="Why the last attempt failed, in whole or for the wall; NULL: it did not",
    ),
    Column("failure_detail", ToldText, comment="The same in words, for ops"),
    Column(
        "consecutive_failures",
        Integer,
        nullable=False,
        server_default="0",
        comment="Attempts in a row that failed through the community itself; not the token's or the network's faults",
    ),
    Column("next_due_at", UtcDateTime, nullable=False, comment="When it is to be read next"),
    Column(
        "look_asked_at",
        UtcDateTime,
        comment="A look at its wall after this instant decides whether its branch is silent; NULL: none is asked for",
    ),
    Index("ix_community_state_next_due_at", "next_due_at"),
    one_of("access", Access),
    postgresql_with={"fillfactor": 70},
    comment="What is known of each community now, and when it is due: one row a community, updated in place",
)

community_access = Table(
    "community_access",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("observed_at", UtcDateTime, primary_key=True, comment="When it was first seen so"),
    Column(
        "access", Text, nullable=False, comment="open, closed, private, banned, deleted, missing or unknown"
    ),
    one_of("access", Access),
    sqlite_with_rowid=False,
    comment="History of how far communities are open: one row a change, so that the day one closed can be told",
)

follower_snapshot = Table(
    "follower_snapshot",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("observed_at", UtcDateTime, primary_key=True, comment="When the network gave this answer"),
    Column("follower_count", Count, comment="Followers, people; NULL: the network withheld the number"),
    Column(
        "post_count",
        Count,
        comment="Posts on the wall by the network's own count; it falls when posts are deleted. "
        "NULL: not told, or the wall was not read in this reading; then the newest earlier one holds",
    ),
    Column(
        "run_id",
        Id,
        nullable=False,
        comment="The collection_run that brought it: where the number comes from",
    ),
    # Rows come in the order of time, so that this takes a few hundred kB where the series takes gigabytes.
    # SQLite has no such index; there a report searches the key.
    Index(
        "ix_follower_snapshot_observed_at",
        "observed_at",
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 32, "autosummarize": "on"},
        info={"only_on": "postgresql"},
    ),
    sqlite_with_rowid=False,
    comment="Series: one row where a value changed, and the first reading of each Moscow day. Insert-only",
)

post = Table(
    "post",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("native_id", Text, primary_key=True, comment="The network's own id of the post"),
    Column(
        "published_at", UtcDateTime, nullable=False, comment="When it was published, by the network's word"
    ),
    Column("is_repost", Boolean, nullable=False, comment="Whether it passes on somebody else's post"),
    Column("url", Text, nullable=False, comment="Link for people"),
    Column("first_seen_at", UtcDateTime, nullable=False, comment="When we first saw it"),
    Column("deleted_at", UtcDateTime, comment="When it was first seen to be gone; NULL while it stands"),
    Column("like_count", Count, comment="Likes or reactions, newest known; NULL: not told"),
    Column("comment_count", Count, comment="Comments, newest known; NULL: not told"),
    Column("share_count", Count, comment="Reposts or shares, newest known; NULL: not told"),
    Column("view_count", Count, comment="Views (not people), newest known; NULL: not told"),
    Column("snapshot_at", UtcDateTime, nullable=False, comment="observed_at of its newest post_snapshot"),
    Index("ix_post_community_id_published_at", "community_id", "published_at"),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},
    comment="Communities' own published posts: no visitors', adverts, postponed or suggested ones. Never deleted",
)

post_snapshot = Table(
    "post_snapshot",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("native_id", Text, primary_key=True, comment="The network's own id of the post"),
    Column("observed_at", UtcDateTime, primary_key=True, comment="When the network gave this answer"),
    Column("like_count", Count, comment="Likes or reactions; NULL: not told"),
    Column("comment_count", Count, comment="Comments; NULL: not told"),
    Column("share_count", Count, comment="Reposts or shares; NULL: not told"),
    Column("view_count", Count, comment="Views (not people); NULL: not told"),
    Column(
        "run_id",
        Id,
        nullable=False,
        comment="The collection_run that brought it: where the numbers come from",
    ),
    sqlite_with_rowid=False,
    comment="Series: one row where a count changed, and the first reading of each Moscow day. Insert-only",
)

post_content = Table(
    "post_content",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("native_id", Text, primary_key=True, comment="The network's own id of the post"),
    Column(
        "text",
        ToldText,
        nullable=False,
        comment="The community's own words, at most 4,000 characters; '': none",
    ),
    Column(
        "attachments",
        Text,
        nullable=False,
        comment="Kinds of what is attached, in order, each as often as it occurs: 'photo photo poll'; '': nothing",
    ),
    Column("hashtags", Text, nullable=False, comment="Hashtags of the text: '#one #two'; '': none"),
    Column(
        "reposted_native_id",
        Text,
        comment="The network's id of the community whose post is passed on; NULL: none, or a person's",
    ),
    Column("read_at", UtcDateTime, nullable=False, comment="When it was first seen so"),
    Column("run_id", Id, nullable=False, comment="The collection_run that brought it"),
    comment="What posts say and show: one row a post whose content was read, replaced when it is edited",
)

collection_run = Table(
    "collection_run",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the run"),
    Column(
        "kind", Text, nullable=False, comment="collect: a round over the networks; import: a file of history"
    ),
    Column("source", Text, comment="Of an import: the file's name and SHA-256; NULL for a round"),
    Column(
        "status", Text, nullable=False, comment="running, finished, stopped (asked to) or abandoned (killed)"
    ),
    Column("started_at", UtcDateTime, nullable=False, comment="When it began"),
    Column("finished_at", UtcDateTime, comment="When it ended; NULL: running or killed"),
    Column("due_count", Integer, nullable=False, comment="Communities whose turn it was"),
    Column("read_count", Integer, nullable=False, comment="Communities read, followers at least"),
    Column("wall_count", Integer, nullable=False, comment="Walls read"),
    Column("failed_count", Integer, nullable=False, comment="Communities not read, or not their wall"),
    Column("request_count", Integer, nullable=False, comment="HTTP requests made"),
    Column("note", ToldText, comment="What ops should know of it, such as a token that was refused"),
    one_of("kind", RunKind),
    one_of("status", RunStatus),
    Index("ix_collection_run_started_at", "started_at"),
    comment="Rounds of collection and imports: the origin of every number in the series",
)

collection_outcome = Table(
    "collection_outcome",
    metadata,
    Column("community_id", Id, primary_key=True, autoincrement=False, comment="The community"),
    Column("run_id", Id, primary_key=True, autoincrement=False, comment="The collection_run"),
    Column(
        "scope", Text, nullable=False, comment="community: nothing was read; wall: all but the wall was read"
    ),
    Column("observed_at", UtcDateTime, nullable=False, comment="When it failed"),
    Column("failure_kind", Text, nullable=False, comment="Why, as a word; see collector/domain/errors.py"),
    Column("detail", ToldText, nullable=False, comment="Why, in words, without secrets"),
    Column(
        "raw_answer",
        ToldText,
        comment="Beginning of an answer that made no sense, without secrets; NULL: not kept",
    ),
    Index("ix_collection_outcome_run_id", "run_id"),
    one_of("scope", OutcomeScope),
    comment="Failed readings, kept apart so that silence is never mistaken for 'unchanged'. What a token or the "
    "network is to blame for is noted once a day. Insert-only",
)

quota_use = Table(
    "quota_use",
    metadata,
    Column("network", Text, primary_key=True, comment="vk, facebook, ..."),
    Column("token_key", Text, primary_key=True, comment="Which token: a digest of it, never the token"),
    Column("method", Text, primary_key=True, comment="The method that the quota is for, such as wall.get"),
    Column("hour_at", UtcDateTime, primary_key=True, comment="Beginning of the hour"),
    Column("used", Integer, nullable=False, comment="Uses in this hour"),
    CheckConstraint("used >= 0", name="used"),
    sqlite_with_rowid=False,
    comment="How much of daily quotas was used, by hour: the last 24 hours count against the limit",
)

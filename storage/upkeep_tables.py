"""The tables of the program's own upkeep: how its tokens are, which chores were done."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from storage.tables import metadata, one_of
from storage.types import Id, ToldText, UtcDateTime


class Chore(StrEnum):
    """What keeps the database itself in order."""

    BACKUP = "backup"
    RESTORE = "restore"
    COPY = "copy"
    RETENTION = "retention"


token_state = Table(
    "token_state",
    metadata,
    Column("network", Text, primary_key=True, comment="vk, facebook, ..."),
    Column("token_key", Text, primary_key=True, comment="Which token: a digest of it, never the token"),
    Column("label", Text, nullable=False, comment="Its place in the settings and last four characters"),
    Column("checked_at", UtcDateTime, nullable=False, comment="When it was last tried out"),
    Column("is_working", Boolean, nullable=False, comment="Whether it worked then"),
    Column("expires_at", UtcDateTime, comment="When it ends; NULL: never, or the network does not tell"),
    Column("advice", ToldText, comment="What to do about it, without secrets; NULL: nothing"),
    comment="How the tokens that are set were when last tried: one row a token, replaced",
)

upkeep_run = Table(
    "upkeep_run",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of it"),
    Column("chore", Text, nullable=False, comment="backup, restore, copy or retention"),
    Column("started_at", UtcDateTime, nullable=False, comment="When it began"),
    Column("finished_at", UtcDateTime, nullable=False, comment="When it ended"),
    Column("row_count", Integer, nullable=False, comment="Rows kept, brought or removed"),
    Column("note", ToldText, comment="In words, such as a backup's file and what each table lost"),
    one_of("chore", Chore),
    Index("ix_upkeep_run_chore_finished_at", "chore", "finished_at"),
    comment="Chores that were done to the end: backups, restores, removals of what is too old. Insert-only",
)

retention_progress = Table(
    "retention_progress",
    metadata,
    Column("what", Text, primary_key=True, comment="What is removed: post_snapshots, outcomes, ..."),
    Column(
        "done_before",
        UtcDateTime,
        comment="All older than this was looked at; NULL: no pass came to its end yet",
    ),
    Column("pass_before", UtcDateTime, comment="Up to when the pass under way looks; NULL: none is"),
    Column(
        "after_community_id",
        Id,
        comment="The last community that it is done with; NULL: it is at its beginning, or none is under way",
    ),
    sqlite_with_rowid=False,
    comment="How far the removal of what is too old came: one row for each that has an age in the settings",
)

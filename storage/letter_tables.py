"""The tables of silences and of the letters about them: episodes, mutes, the outbox, what ops were told."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from collector.domain.episode import EndReason
from collector.domain.notification import Audience, MessageStatus, NotificationKind
from storage.tables import metadata, one_of
from storage.types import Id, ToldText, UtcDateTime

silence = Table(
    "silence",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the episode"),
    Column("branch_id", Id, ForeignKey("branch.id"), nullable=False, index=True, comment="The branch"),
    Column(
        "silent_since",
        UtcDateTime,
        nullable=False,
        comment="Its deadline: the last post's time and the threshold, pauses left out",
    ),
    Column("detected_at", UtcDateTime, nullable=False, comment="When the program found it proven"),
    Column(
        "confirmed_at",
        UtcDateTime,
        nullable=False,
        comment="The oldest of the looks at its communities that prove it now: up to then nobody had posted",
    ),
    Column("threshold_days", Integer, nullable=False, comment="Days without a post that were allowed"),
    Column(
        "counted_from",
        UtcDateTime,
        nullable=False,
        comment="When the last counted post was published; where there was none, the first look at a wall",
    ),
    Column("last_post_community_id", Id, comment="Community of the last counted post; NULL: there was none"),
    Column("last_post_native_id", Text, comment="The network's id of that post; NULL: there was none"),
    Column("last_post_at", UtcDateTime, comment="When it was published; NULL: there was none"),
    Column("last_post_network", Text, comment="Its network; NULL: there was none"),
    Column("last_post_url", ToldText, comment="Its link; NULL: there was none"),
    Column(
        "proof",
        ToldText,
        nullable=False,
        comment="The looks that proved it, as JSON: community, url, network, access, looked_at",
    ),
    Column("resumed_at", UtcDateTime, comment="When it ended: the new post's time; NULL: it lasts"),
    Column("resume_detected_at", UtcDateTime, comment="When the program saw its end; NULL: it lasts"),
    Column(
        "end_reason",
        Text,
        comment="posted; withdrawn: another threshold, pause or set of communities; retired. NULL: it lasts",
    ),
    Column("resumed_post_url", ToldText, comment="Link of the post that ended it; NULL: none did"),
    Column("acknowledged_at", UtcDateTime, comment="When somebody said that they are on it; NULL: nobody"),
    Column("acknowledged_by", ToldText, comment="Who said so, and by which way; NULL: nobody"),
    CheckConstraint("(resumed_at IS NULL) = (end_reason IS NULL)", name="ended"),
    # At most one open episode a branch, whoever writes.
    Index(
        "uq_silence_open",
        "branch_id",
        unique=True,
        sqlite_where=Column("resumed_at").is_(None),
        postgresql_where=Column("resumed_at").is_(None),
    ),
    one_of("end_reason", EndReason),
    comment="Silences of branches, an episode a row; the one without resumed_at lasts",
)

branch_mute = Table(
    "branch_mute",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the mute"),
    Column("branch_id", Id, ForeignKey("branch.id"), nullable=False, index=True, comment="The branch"),
    Column("muted_until", Date, nullable=False, comment="Last day without letters, included, Moscow"),
    Column("reason", ToldText, nullable=False, comment="Why, in the words of who did it"),
    Column("created_at", UtcDateTime, nullable=False, comment="When it was set"),
    Column("created_by", ToldText, nullable=False, comment="Who set it, and by which way"),
    Column("lifted_at", UtcDateTime, comment="When it was lifted before its time; NULL: it was not"),
    Column("lifted_by", ToldText, comment="Who lifted it; NULL: nobody"),
    comment="Mutes: no letters about a branch to its own people and its parent's chair. Rows are never deleted",
)

outbox_message = Table(
    "outbox_message",
    metadata,
    Column("id", Id, primary_key=True, comment="Our number of the letter; letters leave in this order"),
    Column(
        "key",
        Text,
        nullable=False,
        unique=True,
        comment="What it is about and for whom: each such letter exists once",
    ),
    Column("kind", Text, nullable=False, comment="silence, reminder, escalation, resumed, warning, ..."),
    Column("audience", Text, nullable=False, comment="chair (working hours only), administrator, ..."),
    Column(
        "branch_id", Id, ForeignKey("branch.id"), index=True, comment="The branch; NULL: about no single one"
    ),
    Column(
        "silence_id", Id, ForeignKey("silence.id"), index=True, comment="The episode; NULL: not about one"
    ),
    Column("email", Text, nullable=False, comment="The recipient's address"),
    Column("name", ToldText, nullable=False, comment="The recipient's name"),
    Column("about", ToldText, nullable=False, comment="What its words are made of when it leaves, as JSON"),
    Column("status", Text, nullable=False, comment="pending, sent, failed or cancelled"),
    Column("created_at", UtcDateTime, nullable=False, comment="When it was owed"),
    Column("next_attempt_at", UtcDateTime, nullable=False, comment="Not to be tried before"),
    Column("claimed_by", Text, comment="The worker that has it in hand; NULL: none"),
    Column("claimed_at", UtcDateTime, comment="Since when; NULL: none"),
    Column("claimed_until", UtcDateTime, comment="When its claim lapses, should it die; NULL: none"),
    Column("attempt_count", Integer, nullable=False, server_default="0", comment="Attempts so far"),
    Column("last_attempt_at", UtcDateTime, comment="The last of them; NULL: none yet"),
    Column("last_error", ToldText, comment="What the last one met, without secrets; NULL: nothing"),
    Column("finished_at", UtcDateTime, comment="When it was sent, failed or cancelled; NULL: pending"),
    Column("cancel_reason", ToldText, comment="Why it was cancelled; NULL: it was not"),
    Column(
        "redirected_to",
        Text,
        comment="Address that got it in its recipient's place, in a dry run; NULL: it was none",
    ),
    Column("subject", ToldText, comment="Its subject as sent; NULL: not written yet"),
    Column("body_text", ToldText, comment="Its plain text as sent; NULL: not written yet"),
    Index(
        "ix_outbox_message_pending",
        "next_attempt_at",
        "id",
        sqlite_where=Column("status") == MessageStatus.PENDING.value,
        postgresql_where=Column("status") == MessageStatus.PENDING.value,
    ),
    one_of("kind", NotificationKind),
    one_of("audience", Audience),
    one_of("status", MessageStatus),
    comment="Letters owed and sent: one row a recipient, written in the transaction that makes it owed",
)

ops_finding = Table(
    "ops_finding",
    metadata,
    Column("key", Text, primary_key=True, comment="What it is about, such as unknown:ВАО or token:vk"),
    Column("first_seen_at", UtcDateTime, nullable=False, comment="Since when it is so"),
    Column("last_seen_at", UtcDateTime, nullable=False, comment="When it was last seen to be so"),
    Column("told_at", UtcDateTime, comment="When ops were owed a letter of it; NULL: not yet"),
    Column("cleared_at", UtcDateTime, comment="When it was over; NULL: it lasts"),
    Column("detail", ToldText, nullable=False, comment="What, and what to do, in English, without secrets"),
    sqlite_with_rowid=False,
    comment="What ops must see to: told once while it lasts, and again should it come back",
)

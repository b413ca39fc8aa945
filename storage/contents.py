"""What posts say and show: written when first read and when edited, and read back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from collector.domain.hashtags import hashtags
from collector.domain.model import Attachment, PostContent
from storage.tables import post_content
from storage.upsert import Rows, insert_or_replace

_TOLD = ("text", "attachments", "hashtags", "reposted_native_id")


def content_row(
    community_id: int, native_id: str, content: PostContent, read_at: datetime, run_id: int
) -> dict[str, Any]:
    """A post's content as a row."""
    return {
        "community_id": community_id,
        "native_id": native_id,
        "text": content.text,
        "attachments": " ".join(content.attachments),
        "hashtags": " ".join(hashtags(content.text)),
        "reposted_native_id": content.reposted_native_id,
        "read_at": read_at,
        "run_id": run_id,
    }


def content_of(row: Row[Any]) -> PostContent | None:
    """The content in a row that has `post_content`'s columns; None where it has none, as of an outer join."""
    if row.text is None:
        return None
    return PostContent(row.text, tuple(map(Attachment, row.attachments.split())), row.reposted_native_id)


def write_contents(conn: Connection, rows: Rows) -> None:
    """Write the contents that are new or differ from what is known; of the others nothing is touched."""
    insert_or_replace(conn, post_content, rows, _TOLD)

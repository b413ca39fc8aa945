"""Merges what a look at walls showed into the known posts: new, changed, deleted, back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from collector.domain.calendar import moscow_day_bounds
from collector.domain.model import Post, Wall
from storage.contents import content_row, write_contents
from storage.tables import post, post_snapshot
from storage.types import BEGINNING, Id, UtcDateTime
from storage.upsert import as_table, insert_new, update_known

_COUNTS = ("like_count", "comment_count", "share_count", "view_count")
# What merging compares, and no more: such a row is read for every post that a look shows.
_COMPARED = [
    post.c[name]
    for name in ("community_id", "native_id", "published_at", "deleted_at", "snapshot_at", *_COUNTS)
]

_ROWS_AT_ONCE = 5_000
"""So many rows are gathered, then written: a batch of first looks has 50,000, which would take 100 MB."""

_KEYS_AT_ONCE = 5_000
"""Two parameters each: PostgreSQL takes 65,535 in a statement, SQLite as few as 32,766."""

Known = dict[int, dict[str, Row[Any]]]
"""Known posts by community and native id."""


@dataclass(frozen=True, slots=True)
class SeenWall:
    """A wall as one look showed it."""

    community_id: int
    observed_at: datetime
    wall: Wall


@dataclass(slots=True)
class _Pending:
    """Rows to be written."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    """By key, since a statement can replace a row but once."""

    @property
    def is_much(self) -> bool:
        """Whether so many rows wait that they are better written now."""
        return len(self.snapshots) + len(self.contents) >= _ROWS_AT_ONCE

    def write(self, conn: Connection) -> None:
        """Write what there is, and hold it no longer."""
        insert_new(conn, post, self.new)
        insert_new(conn, post_snapshot, self.snapshots)
        update_known(conn, post, self.changed)
        update_known(conn, post, self.deleted)
        write_contents(conn, list(self.contents.values()))
        for rows in (self.new, self.snapshots, self.changed, self.deleted, self.contents):
            rows.clear()


@dataclass(slots=True)
class Merged:
    """The newest standing post of each wall, and which walls changed."""

    newest_post_at: dict[int, datetime | None] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)


def known_posts(conn: Connection, walls: Sequence[SeenWall]) -> Known:
    """The posts that a look at these walls can tell something of: in what it covers, or shown by it."""
    found: Known = {seen.community_id: {} for seen in walls}
    if not walls:
        return found
    window = as_table(
        conn,
        {"community_id": Id, "since": UtcDateTime()},
        [(seen.community_id, seen.wall.covers_since or BEGINNING) for seen in walls],
    )
    in_window = select(*_COMPARED).join_from(
        window, post, (post.c.community_id == window.c.community_id) & (post.c.published_at >= window.c.since)
    )
    for row in conn.execute(in_window):
        # By place: a row's names cost three times as much, and there are 20 rows a community.
        found[row[0]][row[1]] = row
    # The pinned post, most often: shown, but older than what the look covers.
    outside = [
        (seen.community_id, shown.native_id)
        for seen in walls
        if seen.wall.covers_since is not None
        for shown in seen.wall.posts
        if shown.native_id not in found[seen.community_id] and shown.published_at < seen.wall.covers_since
    ]
    key = tuple_(post.c.community_id, post.c.native_id)
    for start in range(0, len(outside), _KEYS_AT_ONCE):
        for row in conn.execute(select(*_COMPARED).where(key.in_(outside[start : start + _KEYS_AT_ONCE]))):
            found[row.community_id][row.native_id] = row
    return found


def merge(conn: Connection, walls: Sequence[SeenWall], known: Known, run_id: int) -> Merged:
    """Write the differences and give what follows for the communities."""
    merged = Merged()
    pending = _Pending()
    unseen_newest: list[int] = []
    for seen in walls:
        before = known[seen.community_id]
        newest: datetime | None = None
        day_begins, day_ends = moscow_day_bounds(seen.observed_at)
        shown_ids = set()
        for shown in seen.wall.posts:
            shown_ids.add(shown.native_id)
            if newest is None or shown.published_at > newest:
                newest = shown.published_at
            if shown.content is not None:
                pending.contents[seen.community_id, shown.native_id] = content_row(
                    seen.community_id, shown.native_id, shown.content, seen.observed_at, run_id
                )
            old = before.get(shown.native_id)
            if old is None:
                pending.new.append(_new_row(seen, shown))
                pending.snapshots.append(_snapshot(seen, shown, run_id))
                merged.changed.add(seen.community_id)
                continue
            differs = _differs(old, shown)
            if differs:
                merged.changed.add(seen.community_id)
            if differs or not day_begins <= old.snapshot_at < day_ends:
                pending.snapshots.append(_snapshot(seen, shown, run_id))
                pending.changed.append(_changed_row(seen, shown))
        for old in before.values():
            if old.native_id in shown_ids or old.deleted_at is not None:
                continue
            covered = seen.wall.covers_since is None or old.published_at > seen.wall.covers_since
            if covered:
                pending.deleted.append(
                    {
                        "community_id": seen.community_id,
                        "native_id": old.native_id,
                        "deleted_at": seen.observed_at,
                    }
                )
                merged.changed.add(seen.community_id)
        merged.newest_post_at[seen.community_id] = newest
        if newest is None or (seen.wall.covers_since is not None and newest < seen.wall.covers_since):
            # Nothing of its own within what was looked at (adverts only, say): an older post may stand.
            unseen_newest.append(seen.community_id)
        if pending.is_much:
            pending.write(conn)
    pending.write(conn)
    if unseen_newest:
        merged.newest_post_at.update(_newest_standing(conn, unseen_newest))
    return merged


def _newest_standing(conn: Connection, community_ids: Sequence[int]) -> dict[int, datetime | None]:
    rows = conn.execute(
        select(post.c.community_id, func.max(post.c.published_at))
        .where(post.c.community_id.in_(community_ids), post.c.deleted_at.is_(None))
        .group_by(post.c.community_id)
    )
    found: dict[int, datetime | None] = dict(rows.all())
    return {community_id: found.get(community_id) for community_id in community_ids}


def _differs(old: Row[Any], shown: Post) -> bool:
    return (
        old.like_count != shown.like_count
        or old.comment_count != shown.comment_count
        or old.share_count != shown.share_count
        or old.view_count != shown.view_count
        or old.deleted_at is not None
        or old.published_at != shown.published_at  # Facebook lets people backdate a post that stands
    )


def _counts(shown: Post) -> dict[str, int | None]:
    return {name: getattr(shown, name) for name in _COUNTS}


def _new_row(seen: SeenWall, shown: Post) -> dict[str, Any]:
    return {
        "community_id": seen.community_id,
        "native_id": shown.native_id,
        "published_at": shown.published_at,
        "is_repost": shown.is_repost,
        "url": shown.url,
        "first_seen_at": seen.observed_at,
        "snapshot_at": seen.observed_at,
        **_counts(shown),
    }


def _changed_row(seen: SeenWall, shown: Post) -> dict[str, Any]:
    return {
        "community_id": seen.community_id,
        "native_id": shown.native_id,
        "published_at": shown.published_at,
        "snapshot_at": seen.observed_at,
        "deleted_at": None,
        **_counts(shown),
    }


def _snapshot(seen: SeenWall, shown: Post, run_id: int) -> dict[str, Any]:
    return {
        "community_id": seen.community_id,
        "native_id": shown.native_id,
        "observed_at": seen.observed_at,
        "run_id": run_id,
        **_counts(shown),
    }

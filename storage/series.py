"""Writes a batch of outcomes: series, states, findings. One transaction, and idempotent.

What a batch does, in order: read the states of its communities; leave out what is older than what is known
(two rounds that overlapped) and what turns out to be a duplicate; merge the walls; insert snapshots where a
value changed or a day began; note what failed; bring the states up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from collector.domain.calendar import moscow_day
from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Access, Failure, Outcome, Reading, Wall
from collector.domain.schedule import CLOCK_TOLERANCE
from storage.doubts import doubt_vanished_wall, is_believed, without_duplicates
from storage.posts import Merged, SeenWall, known_posts, merge
from storage.tables import (
    OutcomeScope,
    collection_outcome,
    community,
    community_access,
    community_state,
    follower_snapshot,
)
from storage.types import BEGINNING
from storage.upsert import insert_new, update_known

NextDue = Callable[[FailureKind | None, int, timedelta | None], datetime]
"""When a community is due again, from how it failed (None: it did not), how often in a row, and what the
network asked for."""


def write_outcomes(
    conn: Connection, run_id: int, outcomes: Sequence[Outcome], next_due: NextDue
) -> list[Outcome]:
    """Write a batch. Returns the outcomes as they were believed: a reading may have become a failure."""
    states = _states(conn, outcomes)
    fresh = [outcome for outcome in outcomes if _is_newer(outcome, states.get(outcome.community_id))]
    believed = without_duplicates(conn, fresh, states)
    walls = [
        SeenWall(outcome.community_id, outcome.observed_at, outcome.wall)
        for outcome in believed
        if isinstance(outcome, Reading) and outcome.wall is not None
    ]
    known = known_posts(conn, walls)
    believed = [doubt_vanished_wall(conn, outcome, states, known) for outcome in believed]
    standing = {outcome.community_id for outcome in believed if isinstance(outcome, Reading) and outcome.wall}
    merged = merge(conn, [seen for seen in walls if seen.community_id in standing], known, run_id)
    batch = _Batch(run_id, next_due)
    for outcome in believed:
        state = states[outcome.community_id]
        if isinstance(outcome, Reading):
            batch.add_reading(outcome, state, merged)
        else:
            batch.add_failure(outcome, state, is_believed=is_believed(conn, outcome, state))
    batch.write(conn)
    return believed


def _states(conn: Connection, outcomes: Sequence[Outcome]) -> dict[int, Row[Any]]:
    ids = [outcome.community_id for outcome in outcomes]
    query = select(
        community_state,
        community.c.network,
        community.c.native_id,
        community.c.screen_name,
        community.c.title,
        community.c.url,
    ).join_from(community_state, community, community.c.id == community_state.c.community_id)
    return {
        row.community_id: row for row in conn.execute(query.where(community_state.c.community_id.in_(ids)))
    }


def _is_newer(outcome: Outcome, state: Row[Any] | None) -> bool:
    """Newer than what is known; or what is known was stored while a clock was ahead, and must not stand till then."""
    if state is None:
        return False
    at, before = outcome.observed_at, state.last_attempt_at
    return before is None or at > before or before > at + CLOCK_TOLERANCE


def _wall_columns(reading: Reading, state: Row[Any]) -> dict[str, Any]:
    """What a reading tells of the wall's state, where it was read, withheld, left out, or not asked for."""
    at, failure = reading.observed_at, reading.wall_failure
    if failure is not None and failure.kind is FailureKind.INTERRUPTED:
        failure = None
    columns = {
        "wall_first_seen_at": state.wall_first_seen_at,
        "posts_known_since": state.posts_known_since,
        "wall_last_seen_at": state.wall_last_seen_at,
        "wall_attempted_at": state.wall_attempted_at,
        "wall_failure_count": state.wall_failure_count,
        "failure_kind": failure.kind.value if failure else None,
        "failure_detail": failure.detail if failure else None,
    }
    if reading.wall is not None:
        columns |= {
            "wall_first_seen_at": min(state.wall_first_seen_at or at, at),
            "posts_known_since": _known_since(reading.wall, state.posts_known_since),
            "wall_last_seen_at": at,
            "wall_attempted_at": at,
            "wall_failure_count": 0,
        }
    elif failure is not None and failure.kind.blame is Blame.COMMUNITY:
        columns |= {"wall_attempted_at": at, "wall_failure_count": state.wall_failure_count + 1}
    elif failure is None and reading.access.value != state.access:
        # It was opened or closed: what was known of its wall is of the past, and the wall is wanted at once.
        columns["wall_failure_count"] = 0
    elif failure is None and state.wall_failure_count:
        columns |= {"failure_kind": state.failure_kind, "failure_detail": state.failure_detail}
    return columns


def _known_since(wall: Wall, before: datetime | None) -> datetime:
    """From when on all posts are known: a look that reaches back to the one before adds to it, another begins anew."""
    covered = wall.covers_since or BEGINNING
    return covered if before is None or wall.is_gap_possible else min(covered, before)


_OFFERS = ("site", "are_messages_open", "are_comments_open")
_KEPT_ON_FAILURE = (
    *_OFFERS,
    "follower_count",
    "post_count",
    "newest_post_at",
    "last_seen_at",
    "wall_first_seen_at",
    "posts_known_since",
    "wall_last_seen_at",
    "wall_attempted_at",
    "wall_failure_count",
    "snapshot_at",
    "changed_at",
)


class _Batch:
    """Collects the rows of a batch, one list a table."""

    def __init__(self, run_id: int, next_due: NextDue) -> None:
        self._run_id = run_id
        self._next_due = next_due
        self._states: list[dict[str, Any]] = []
        self._snapshots: list[dict[str, Any]] = []
        self._accesses: list[dict[str, Any]] = []
        self._outcomes: list[dict[str, Any]] = []
        self._communities: list[dict[str, Any]] = []

    def add_reading(self, reading: Reading, state: Row[Any], merged: Merged) -> None:
        """A community that was read, with or without its wall."""
        at = reading.observed_at
        wall = reading.wall
        told_posts = wall.post_count if wall is not None else None
        differs = reading.follower_count != state.follower_count or (
            told_posts is not None and told_posts != state.post_count
        )
        if differs or state.snapshot_at is None or moscow_day(state.snapshot_at) != moscow_day(at):
            self._snapshots.append(
                {
                    "community_id": reading.community_id,
                    "observed_at": at,
                    "follower_count": reading.follower_count,
                    "post_count": told_posts,
                    "run_id": self._run_id,
                }
            )
            snapshot_at = at
        else:
            snapshot_at = state.snapshot_at
        failure = reading.wall_failure
        changed = differs or reading.access.value != state.access or reading.community_id in merged.changed
        row = {
            "community_id": reading.community_id,
            "follower_count": reading.follower_count,
            "post_count": told_posts if told_posts is not None else state.post_count,
            "newest_post_at": merged.newest_post_at[reading.community_id] if wall else state.newest_post_at,
            "last_seen_at": at,
            "last_attempt_at": at,
            **_wall_columns(reading, state),
            "changed_at": at if changed else state.changed_at,
            "snapshot_at": snapshot_at,
            **self._access(reading.community_id, reading.access, at, state),
            **{name: getattr(reading, name) for name in _OFFERS},
            "consecutive_failures": 0,
            "next_due_at": self._next_due_of_reading(failure, state),
        }
        self._states.append(row)
        if failure is not None and failure.kind is not FailureKind.INTERRUPTED:
            self._note(failure, OutcomeScope.WALL, state)
        self._follow(reading, state)

    def add_failure(self, failure: Failure, state: Row[Any], *, is_believed: bool) -> None:
        """A community that could not be read. `is_believed`: what the failure tells of its access."""
        is_its_own = failure.kind.blame is Blame.COMMUNITY
        in_a_row = state.consecutive_failures + 1 if is_its_own else state.consecutive_failures
        access = failure.access if is_believed and failure.access is not None else Access(state.access)
        row = {name: getattr(state, name) for name in _KEPT_ON_FAILURE}
        if access.value != state.access:
            row["changed_at"] = failure.observed_at
        self._states.append(
            {
                "community_id": failure.community_id,
                **row,
                "last_attempt_at": failure.observed_at,
                **self._access(failure.community_id, access, failure.observed_at, state),
                "failure_kind": failure.kind.value,
                "failure_detail": failure.detail,
                "consecutive_failures": in_a_row,
                "next_due_at": self._next_due(failure.kind, in_a_row, failure.retry_after),
            }
        )
        self._note(failure, OutcomeScope.COMMUNITY, state)

    def _next_due_of_reading(self, failure: Failure | None, state: Row[Any]) -> datetime:
        if failure is None:
            return self._next_due(None, 0, None)
        if failure.kind is FailureKind.INTERRUPTED:
            # We were stopped before its wall: it stays due.
            due_at: datetime = state.next_due_at
            return due_at
        # A withheld wall has its own, longer wait; the followers are still told.
        kind = None if failure.kind.blame is Blame.COMMUNITY else failure.kind
        return self._next_due(kind, 0, failure.retry_after)

    def write(self, conn: Connection) -> None:
        """All of it, in the transaction of `conn`."""
        insert_new(conn, follower_snapshot, self._snapshots)
        insert_new(conn, community_access, self._accesses)
        insert_new(conn, collection_outcome, self._outcomes)
        update_known(conn, community, self._communities)
        update_known(conn, community_state, self._states)

    def _access(self, community_id: int, access: Access, at: datetime, state: Row[Any]) -> dict[str, Any]:
        if access.value == state.access:
            return {"access": state.access, "access_changed_at": state.access_changed_at}
        self._accesses.append({"community_id": community_id, "observed_at": at, "access": access.value})
        return {"access": access.value, "access_changed_at": at}

    def _note(self, failure: Failure, scope: OutcomeScope, state: Row[Any]) -> None:
        """What is not the community's own doing lasts and is said of all alike: it is noted once a day."""
        is_known = failure.kind.value == state.failure_kind and moscow_day(
            state.last_attempt_at
        ) == moscow_day(failure.observed_at)
        if is_known and failure.kind.blame is not Blame.COMMUNITY:
            return
        self._outcomes.append(
            {
                "community_id": failure.community_id,
                "run_id": self._run_id,
                "scope": scope.value,
                "observed_at": failure.observed_at,
                "failure_kind": failure.kind.value,
                "detail": failure.detail,
                "raw_answer": failure.raw_answer,
            }
        )

    def _follow(self, reading: Reading, state: Row[Any]) -> None:
        """Names change; the id stays."""
        seen = {
            "native_id": reading.native_id,
            "screen_name": reading.screen_name,
            "title": reading.title,
            "url": reading.url or state.url,
        }
        if any(getattr(state, name) != value for name, value in seen.items()):
            self._communities.append({"id": reading.community_id, **seen})

"""What is not taken at its word: duplicates, walls that vanish, failures that may mean something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Failure, Outcome, Reading
from storage.posts import Known
from storage.tables import OutcomeScope, collection_outcome, community

_VANISHED_WALL = 5
"""From so many known posts on, a wall that shows none of them at once is not believed at first."""
_VANISHED_CONFIRMATIONS = 3
_VANISHED = "the wall shows none"


def without_duplicates(
    conn: Connection, outcomes: Sequence[Outcome], states: dict[int, Row[Any]]
) -> list[Outcome]:
    """A name may lead to a community that is listed under its id or another name: one of them is read."""
    resolved = {
        outcome.native_id: outcome.community_id
        for outcome in reversed(outcomes)
        if isinstance(outcome, Reading) and states[outcome.community_id].native_id is None
    }
    if not resolved:
        return list(outcomes)
    network = {states[community_id].network for community_id in resolved.values()}
    taken = {
        (row.network, row.native_id): _same_as(row.url, row.retired_at)
        for row in conn.execute(
            select(community.c.network, community.c.native_id, community.c.url, community.c.retired_at).where(
                community.c.network.in_(network), community.c.native_id.in_(resolved)
            )
        )
    }
    result: list[Outcome] = []
    for outcome in outcomes:
        state = states[outcome.community_id]
        if not isinstance(outcome, Reading) or state.native_id is not None:
            result.append(outcome)
            continue
        other = taken.setdefault((state.network, outcome.native_id), "")
        if other:
            detail = f"{state.url} is the same community as {other}"
            result.append(Failure(outcome.community_id, outcome.observed_at, FailureKind.DUPLICATE, detail))
        else:
            taken[state.network, outcome.native_id] = _same_as(state.url, None)
            result.append(outcome)
    return result


def _same_as(url: str, retired_at: datetime | None) -> str:
    """The community that a duplicate is the same as, and what to do about it."""
    if retired_at is None:
        return f"{url}; delete one of them from the branches file"
    # Its history hangs on the old address, which revives it.
    return (
        f"{url}, which stood in the branches file before; write that address again, and its history goes on"
    )


def doubt_vanished_wall(
    conn: Connection, outcome: Outcome, states: dict[int, Row[Any]], known: Known
) -> Outcome:
    """A wall that was full and is empty at once is more often the network's hiccup than its owner's will.

    Believed at face value it would make every post deleted, and a lively branch silent.
    """
    if not isinstance(outcome, Reading) or outcome.wall is None or outcome.wall.posts:
        return outcome
    stood = sum(row.deleted_at is None for row in known[outcome.community_id].values())
    if stood < _VANISHED_WALL:
        return outcome
    before = _VANISHED_CONFIRMATIONS - 1
    if states[outcome.community_id].wall_failure_count >= before:
        told = _last_failures(conn, outcome.community_id, OutcomeScope.WALL, before)
        if [detail.startswith(_VANISHED) for _, detail in told] == [True] * before:
            return outcome
    detail = f"{_VANISHED} of {stood} known posts; believed if seen {_VANISHED_CONFIRMATIONS} times in a row"
    doubt = Failure(outcome.community_id, outcome.observed_at, FailureKind.UNEXPECTED_RESPONSE, detail)
    return replace(outcome, wall=None, wall_failure=doubt)


def is_believed(conn: Connection, failure: Failure, state: Row[Any]) -> bool:
    """Whether what a failure tells of the community's access was told often enough in a row, by the same failure."""
    if failure.access is None or failure.kind.blame is not Blame.COMMUNITY:
        return False
    before = failure.confirmations - 1
    if before == 0 or failure.access.value == state.access:
        return True
    if state.consecutive_failures < before:
        return False
    told = _last_failures(conn, failure.community_id, OutcomeScope.COMMUNITY, before)
    return [kind for kind, _ in told] == [failure.kind.value] * before


def _last_failures(
    conn: Connection, community_id: int, scope: OutcomeScope, count: int
) -> list[tuple[str, str]]:
    """Kind and detail of the newest failures held against the community, newest first. Asked for in doubt only."""
    others = [kind.value for kind in FailureKind if kind.blame is not Blame.COMMUNITY]
    query = select(collection_outcome.c.failure_kind, collection_outcome.c.detail).where(
        collection_outcome.c.community_id == community_id,
        collection_outcome.c.scope == scope.value,
        collection_outcome.c.failure_kind.not_in(others),
    )
    rows = conn.execute(query.order_by(collection_outcome.c.run_id.desc()).limit(count))
    return [(row.failure_kind, row.detail) for row in rows]

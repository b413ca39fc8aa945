"""Whether a community's wall can be read by anybody like us, and when that was last seen.

A pure function of what the store keeps of a community. In doubt the wall counts as readable, or as seen withheld
at the older of two instants: then a look is missing, and is asked for, where else a silence would count as proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.domain.errors import FailureKind
from collector.domain.model import Access

_GONE = (Access.CLOSED, Access.PRIVATE, Access.BANNED, Access.DELETED, Access.MISSING)
_OF_THE_WALL = (FailureKind.WALL_DISABLED, FailureKind.CLOSED, FailureKind.PRIVATE)


@dataclass(frozen=True, slots=True)
class ReadState:
    """What the attempts at a community left; the columns of `community_state` of the same names."""

    access: Access
    failure_kind: FailureKind | None
    access_changed_at: datetime | None
    consecutive_failures: int
    last_seen_at: datetime | None
    last_attempt_at: datetime | None
    wall_last_seen_at: datetime | None
    wall_attempted_at: datetime | None
    wall_failure_count: int


def withheld_at(state: ReadState) -> datetime | None:
    """When it was last seen that the wall cannot be read, because of the community itself.

    None: as far as is known it can be, or it is not known that it cannot.
    """
    if _may_be_hidden(state):
        return None
    seen_at = _seen_withheld_at(state)
    read_at = _known(state.wall_last_seen_at, state)
    return None if seen_at is None or (read_at is not None and read_at >= seen_at) else seen_at


def _may_be_hidden(state: ReadState) -> bool:
    """Whether it is missing that was there before.

    Facebook says the same of a Page that is gone and of one that our token no longer sees, where it may be lively.
    """
    is_missing = state.access is Access.MISSING or state.failure_kind is FailureKind.MISSING
    return is_missing and state.wall_last_seen_at is not None


def _seen_withheld_at(state: ReadState) -> datetime | None:
    kind = state.failure_kind
    is_whole = state.consecutive_failures > 0  # a reading sets it to 0
    # A finding that is not believed yet (Facebook's "gone, hidden or no permission") left the access as it was.
    if (
        is_whole
        and kind is not None
        and (kind is FailureKind.NOT_A_COMMUNITY or kind.value == state.access.value)
    ):
        return state.last_attempt_at
    if state.access in _GONE:
        return _found_gone_at(state)
    if not is_whole and kind in _OF_THE_WALL and state.wall_failure_count:
        # Kept while the wall is not tried again, whatever is read of the rest.
        return _known(state.wall_attempted_at, state)
    return None


def _found_gone_at(state: ReadState) -> datetime | None:
    """When what is believed of its access was last seen, if the last attempt does not say it itself."""
    changed_at, seen_at = _known(state.access_changed_at, state), _known(state.last_seen_at, state)
    if seen_at is None or (changed_at is not None and changed_at > seen_at):
        return changed_at
    # A reading told it, which read all but the wall. Who is a member reads the wall of a closed one too: that we
    # are none shows where the wall was asked for since.
    tried_at = _known(state.wall_attempted_at, state)
    was_refused = tried_at is not None and (changed_at is None or tried_at >= changed_at)
    return seen_at if was_refused and state.wall_failure_count else None


def _known(at: datetime | None, state: ReadState) -> datetime | None:
    """An instant, unless it is later than the last attempt: then a clock was ahead when it was stored."""
    if at is None or state.last_attempt_at is None or at > state.last_attempt_at:
        return None
    return at

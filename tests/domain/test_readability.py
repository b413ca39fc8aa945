"""When was it last seen that a wall cannot be read, because of the community itself?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Access
from collector.domain.readability import ReadState, withheld_at

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

READ = ReadState(
    access=Access.OPEN,
    access_changed_at=NOON - 90 * DAY,
    failure_kind=None,
    consecutive_failures=0,
    last_seen_at=NOON,
    last_attempt_at=NOON,
    wall_last_seen_at=NOON,
    wall_attempted_at=NOON,
    wall_failure_count=0,
)
"""Read at noon, with its wall."""


def failed_whole(
    state: ReadState, at: datetime, kind: FailureKind, access: Access | None = None
) -> ReadState:
    """A failure of the whole community, as the store writes it; `access` None: not believed, or it tells none."""
    is_its_own = kind.blame is Blame.COMMUNITY
    access = access or state.access
    return replace(
        state,
        access=access,
        access_changed_at=at if access is not state.access else state.access_changed_at,
        failure_kind=kind,
        consecutive_failures=state.consecutive_failures + is_its_own,
        last_attempt_at=at,
    )


def read_without_wall(
    state: ReadState, at: datetime, access: Access, wall_failure: FailureKind | None = None
) -> ReadState:
    """A reading whose wall was not asked for, or failed, as the store writes it."""
    is_withheld = wall_failure is not None and wall_failure.blame is Blame.COMMUNITY
    is_changed = access is not state.access
    is_kept = wall_failure is None and not is_changed and state.wall_failure_count
    count = 0 if wall_failure is None and is_changed else state.wall_failure_count + is_withheld
    return replace(
        state,
        access=access,
        access_changed_at=at if is_changed else state.access_changed_at,
        failure_kind=state.failure_kind if is_kept else wall_failure,
        consecutive_failures=0,
        last_seen_at=at,
        last_attempt_at=at,
        wall_attempted_at=at if is_withheld else state.wall_attempted_at,
        wall_failure_count=count,
    )


def test_a_wall_that_was_just_read_can_be_read() -> None:
    assert withheld_at(READ) is None


def test_of_one_never_tried_nothing_is_known() -> None:
    assert withheld_at(ReadState(Access.UNKNOWN, None, None, 0, None, None, None, None, 0)) is None


@pytest.mark.parametrize("access", ["closed", "private", "banned", "deleted"])
def test_a_finding_on_the_community_is_seen_at_each_attempt(access: str) -> None:
    first = failed_whole(READ, NOON + DAY, FailureKind(access), Access(access))
    assert withheld_at(first) == NOON + DAY
    assert withheld_at(failed_whole(first, NOON + 2 * DAY, FailureKind(access))) == NOON + 2 * DAY


def test_an_address_of_no_community_cannot_be_read() -> None:
    assert withheld_at(failed_whole(READ, NOON + DAY, FailureKind.NOT_A_COMMUNITY)) == NOON + DAY


def test_an_address_of_a_community_listed_elsewhere_proves_nothing() -> None:
    """It may be lively there."""
    assert withheld_at(failed_whole(READ, NOON + DAY, FailureKind.DUPLICATE)) is None


NEVER_READ = ReadState(Access.UNKNOWN, None, None, 0, None, None, None, None, 0)


def test_what_was_never_there_is_missing_once_that_is_believed() -> None:
    once = failed_whole(NEVER_READ, NOON + DAY, FailureKind.MISSING)
    assert withheld_at(once) is None
    assert withheld_at(failed_whole(once, NOON + 2 * DAY, FailureKind.MISSING)) is None
    believed = failed_whole(once, NOON + 2 * DAY, FailureKind.MISSING, Access.MISSING)
    assert withheld_at(believed) == NOON + 2 * DAY


def test_what_was_read_before_and_is_missing_may_be_hidden_from_our_token_alone() -> None:
    missing = failed_whole(READ, NOON + DAY, FailureKind.MISSING, Access.MISSING)
    assert withheld_at(missing) is None
    assert withheld_at(failed_whole(missing, NOON + 2 * DAY, FailureKind.TEMPORARY)) is None


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in FailureKind
        if kind.blame is not Blame.COMMUNITY
        or kind in (FailureKind.UNEXPECTED_RESPONSE, FailureKind.REQUEST_REJECTED)
    ],
)
class TestWhatIsNoProof:
    def test_leaves_an_open_community_readable(self, kind: FailureKind) -> None:
        assert withheld_at(failed_whole(READ, NOON + DAY, kind)) is None
        assert withheld_at(read_without_wall(READ, NOON + DAY, Access.OPEN, kind)) is None

    def test_leaves_a_finding_with_the_time_it_was_made(self, kind: FailureKind) -> None:
        banned = failed_whole(READ, NOON + DAY, FailureKind.BANNED, Access.BANNED)
        again = failed_whole(banned, NOON + 2 * DAY, FailureKind.BANNED)
        assert withheld_at(failed_whole(again, NOON + 3 * DAY, kind)) == NOON + DAY

    def test_leaves_a_closed_community_as_the_last_reading_told_it(self, kind: FailureKind) -> None:
        closed = read_without_wall(READ, NOON + DAY, Access.CLOSED, FailureKind.CLOSED)
        closed = read_without_wall(closed, NOON + DAY + HOUR, Access.CLOSED)
        assert withheld_at(failed_whole(closed, NOON + 2 * DAY, kind)) == NOON + DAY + HOUR


@pytest.mark.parametrize("access", [Access.CLOSED, Access.PRIVATE])
class TestAClosedCommunity:
    def test_is_seen_closed_at_each_reading_once_its_wall_was_refused(self, access: Access) -> None:
        closed = read_without_wall(READ, NOON + DAY, access, FailureKind(access.value))
        assert withheld_at(closed) == NOON + DAY
        assert withheld_at(read_without_wall(closed, NOON + 2 * DAY, access)) == NOON + 2 * DAY

    def test_may_be_read_by_a_member_until_its_wall_is_refused(self, access: Access) -> None:
        closed = read_without_wall(READ, NOON + DAY, access)
        assert withheld_at(closed) is None
        refused = read_without_wall(closed, NOON + 2 * DAY, access, FailureKind(access.value))
        assert withheld_at(refused) == NOON + 2 * DAY

    def test_is_readable_where_a_member_reads_it(self, access: Access) -> None:
        read_by_member = replace(READ, access=access)
        assert withheld_at(read_by_member) is None
        assert withheld_at(read_without_wall(read_by_member, NOON + DAY, access)) is None

    def test_is_no_longer_closed_when_it_opens(self, access: Access) -> None:
        closed = read_without_wall(READ, NOON + DAY, access, FailureKind(access.value))
        assert withheld_at(read_without_wall(closed, NOON + 2 * DAY, Access.OPEN)) is None

    def test_that_is_closed_again_must_be_refused_again(self, access: Access) -> None:
        closed = read_without_wall(READ, NOON + DAY, access, FailureKind(access.value))
        opened = read_without_wall(closed, NOON + 2 * DAY, Access.OPEN)
        assert withheld_at(read_without_wall(opened, NOON + 3 * DAY, access)) is None


class TestAWallThatIsSwitchedOff:
    OFF = read_without_wall(READ, NOON + DAY, Access.OPEN, FailureKind.WALL_DISABLED)

    def test_was_seen_so_when_it_was_tried(self) -> None:
        assert withheld_at(self.OFF) == NOON + DAY
        assert withheld_at(read_without_wall(self.OFF, NOON + 2 * DAY, Access.OPEN)) == NOON + DAY

    def test_is_no_longer_known_to_be_so_once_another_failure_hides_it(self) -> None:
        hidden = read_without_wall(self.OFF, NOON + 2 * DAY, Access.OPEN, FailureKind.QUOTA_SPENT)
        assert withheld_at(hidden) is None

    def test_is_not_what_other_refusals_of_a_wall_are(self) -> None:
        for kind in (FailureKind.MISSING, FailureKind.BANNED, FailureKind.UNEXPECTED_RESPONSE):
            assert withheld_at(read_without_wall(READ, NOON + DAY, Access.OPEN, kind)) is None


class TestAClockThatWasAhead:
    def test_is_no_proof_once_it_is_right_again(self) -> None:
        banned = failed_whole(READ, NOON + 365 * DAY, FailureKind.BANNED, Access.BANNED)
        healed = failed_whole(banned, NOON + DAY, FailureKind.BANNED)
        assert withheld_at(healed) == NOON + DAY
        assert withheld_at(failed_whole(healed, NOON + 2 * DAY, FailureKind.TEMPORARY)) is None

    def test_hides_no_closed_community_for_a_year(self) -> None:
        ahead = replace(
            READ,
            last_seen_at=NOON + 365 * DAY,
            last_attempt_at=NOON + 365 * DAY,
            wall_last_seen_at=NOON + 365 * DAY,
            wall_attempted_at=NOON + 365 * DAY,
        )
        closed = read_without_wall(ahead, NOON + DAY, Access.CLOSED, FailureKind.CLOSED)
        assert withheld_at(closed) == NOON + DAY


def test_of_one_second_the_look_at_the_wall_counts() -> None:
    assert withheld_at(failed_whole(READ, NOON, FailureKind.BANNED, Access.BANNED)) is None

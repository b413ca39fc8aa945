"""Whose wall is read first, how often, and when a failing community is tried again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.domain.errors import Blame, FailureKind
from collector.domain.schedule import (
    CommunityFacts,
    deadline,
    next_due_at,
    wall_rank,
    wall_spacing,
    wall_wanted_at,
)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY


def facts(**known: Any) -> CommunityFacts:
    values: dict[str, Any] = {
        "community_id": 1,
        "native_id": "1",
        "screen_name": None,
        "newest_post_at": None,
        "wall_first_seen_at": None,
        "wall_last_seen_at": None,
        "wall_attempted_at": None,
        "wall_failure_count": 0,
        "threshold": WEEK,
    }
    return CommunityFacts(**{**values, **known})


def posted(ago: timedelta, seen: timedelta = HOUR) -> CommunityFacts:
    """A wall whose newest post is `ago` old, and that was read `seen` ago."""
    return facts(newest_post_at=NOON - ago, wall_first_seen_at=NOON - 90 * DAY, wall_last_seen_at=NOON - seen)


def test_the_deadline_counts_from_the_newest_post_else_from_the_first_reading() -> None:
    assert deadline(posted(2 * DAY)) == NOON + 5 * DAY
    assert deadline(facts(wall_first_seen_at=NOON, wall_last_seen_at=NOON)) == NOON + WEEK
    assert deadline(facts()) is None


def test_a_wall_that_was_never_read_is_wanted_at_once_and_goes_first() -> None:
    assert wall_wanted_at(facts(), 4 * HOUR) is None
    assert sorted([posted(8 * DAY), facts()], key=wall_rank)[0] == facts()


def test_a_wall_is_wanted_after_the_spacing() -> None:
    assert wall_wanted_at(posted(DAY), 4 * HOUR) == NOON + 3 * HOUR


def test_a_deadline_that_comes_before_its_turn_is_waited_for_no_longer() -> None:
    near = posted(WEEK - timedelta(minutes=30))
    assert wall_wanted_at(near, 4 * HOUR) == NOON + timedelta(minutes=30)


def test_a_silence_that_is_proven_is_looked_at_in_its_turn() -> None:
    proven = posted(8 * DAY, seen=HOUR)
    assert wall_wanted_at(proven, 4 * HOUR) == NOON + 3 * HOUR


def test_the_nearest_deadline_goes_first() -> None:
    walls = [posted(days * DAY) for days in (1, 6.9, 3, 6.5)]
    ranked = sorted(walls, key=wall_rank)
    assert [(NOON - wall.newest_post_at) / DAY for wall in ranked] == pytest.approx([6.9, 6.5, 3, 1])


def test_a_deadline_passed_unread_goes_before_one_that_is_proven() -> None:
    unproven, proven = posted(7.1 * DAY, seen=5 * HOUR), posted(30 * DAY, seen=5 * HOUR)
    assert sorted([proven, unproven], key=wall_rank) == [unproven, proven]


def test_a_long_silent_wall_is_not_forgotten_for_those_with_deadlines() -> None:
    forgotten, lively = posted(30 * DAY, seen=2 * DAY), posted(6 * DAY)
    assert sorted([lively, forgotten], key=wall_rank) == [forgotten, lively]


def test_a_withheld_wall_is_asked_for_less_and_less_often_at_least_daily() -> None:
    waits = [
        wall_wanted_at(facts(wall_attempted_at=NOON, wall_failure_count=count), HOUR) - NOON
        for count in range(1, 8)
    ]
    assert [wait / HOUR for wait in waits] == [2, 4, 8, 16, 24, 24, 24]


def test_a_withheld_wall_does_not_take_the_quota_of_those_near_their_deadline() -> None:
    withheld = facts(wall_attempted_at=NOON - 2 * HOUR, wall_failure_count=1)
    assert sorted([withheld, posted(6.9 * DAY)], key=wall_rank)[1] == withheld


@pytest.mark.parametrize(
    ("walls", "quota", "hours"),
    [
        (743, 4500, 743 * 24 / 4050),
        (22, 4500, 1),
        (743, None, 1),
        (0, 4500, 1),
        (80_000, 90_000, 80_000 * 24 / 81_000),
    ],
)
def test_walls_are_spaced_so_that_the_quota_suffices_evenly(
    walls: int, quota: int | None, hours: float
) -> None:
    assert wall_spacing(walls, quota, HOUR) / HOUR == pytest.approx(hours)


def test_a_quota_of_nothing_is_no_division_by_it() -> None:
    assert wall_spacing(10, 0, HOUR) > DAY


def test_those_read_together_stay_together() -> None:
    assert next_due_at(NOON, HOUR, DAY, None, 0) == NOON + HOUR


@pytest.mark.parametrize("kind", list(FailureKind))
def test_only_the_communitys_own_failures_make_it_wait(kind: FailureKind) -> None:
    wait = next_due_at(NOON, HOUR, DAY, kind, 3) - NOON
    is_its_own = kind.blame is Blame.COMMUNITY and kind is not FailureKind.UNEXPECTED_RESPONSE
    assert wait == (8 * HOUR if is_its_own else HOUR)


def test_after_a_day_of_unreadable_answers_nobody_waits_for_longer_than_an_interval() -> None:
    assert next_due_at(NOON, HOUR, DAY, FailureKind.UNEXPECTED_RESPONSE, 24) == NOON + HOUR


def test_the_wait_ends_at_a_day_however_long_it_fails() -> None:
    assert next_due_at(NOON, HOUR, DAY, FailureKind.MISSING, 1000) == NOON + DAY


def test_an_interval_longer_than_a_day_is_not_shortened_by_failing() -> None:
    assert next_due_at(NOON, 3 * DAY, DAY, FailureKind.MISSING, 1) == NOON + 3 * DAY


def test_a_pause_that_the_network_asks_for_is_kept() -> None:
    assert next_due_at(NOON, HOUR, DAY, FailureKind.RATE_LIMITED, 0, retry_after=3 * HOUR) == NOON + 3 * HOUR


def test_a_wall_withheld_for_long_under_a_quota_of_none_can_still_be_reckoned_with() -> None:
    withheld = facts(wall_attempted_at=NOON, wall_failure_count=16)
    spacing = wall_spacing(80_000, 0, HOUR)
    assert wall_wanted_at(withheld, spacing) == NOON + spacing


def test_a_wish_to_wait_counts_up_to_the_longest_backoff() -> None:
    def due(wish: timedelta) -> datetime:
        return next_due_at(NOON, HOUR, DAY, FailureKind.RATE_LIMITED, 0, wish)

    assert due(timedelta(minutes=1)) == NOON + HOUR
    assert due(3 * HOUR) == NOON + 3 * HOUR
    assert due(WEEK) == NOON + DAY


class TestALookThatIsAskedFor:
    QUIET = replace(posted(8 * DAY, seen=2 * HOUR), wall_attempted_at=NOON - 2 * HOUR)

    def test_is_taken_at_once_and_before_all_others(self) -> None:
        asked = replace(self.QUIET, look_asked_at=NOON - HOUR)
        assert wall_wanted_at(self.QUIET, 4 * HOUR) == NOON + 2 * HOUR
        assert wall_wanted_at(asked, 4 * HOUR) is None
        assert sorted([facts(), posted(8 * DAY, seen=2 * DAY), asked], key=wall_rank)[0] == asked

    def test_is_taken_whatever_its_failures_put_off(self) -> None:
        withheld = replace(self.QUIET, wall_failure_count=5, look_asked_at=NOON - HOUR)
        assert wall_wanted_at(withheld, HOUR) is None

    @pytest.mark.parametrize("failures", [0, 5])
    def test_is_over_once_it_was_tried(self, failures: int) -> None:
        tried = replace(self.QUIET, wall_attempted_at=NOON, wall_failure_count=failures)
        asked = replace(tried, look_asked_at=NOON - HOUR)
        assert wall_wanted_at(asked, HOUR) == wall_wanted_at(tried, HOUR)
        assert wall_rank(asked) == wall_rank(tried)

    def test_is_not_answered_by_one_at_that_very_instant(self) -> None:
        """Only a look after it proves that nothing was posted up to it."""
        assert wall_wanted_at(replace(self.QUIET, look_asked_at=NOON - 2 * HOUR), HOUR) is None

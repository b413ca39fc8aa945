"""If most fail alike, the token is blamed, not they."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.domain.blame import blame_the_token
from collector.domain.errors import FailureKind
from collector.domain.model import Access, Failure, Reading

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def missing(number: int, kind: FailureKind = FailureKind.MISSING) -> Failure:
    return Failure(number, NOON, kind, "not found", access=Access.MISSING, is_certain=False)


@pytest.mark.parametrize(
    ("failed", "well", "is_blamed"),
    [(11, 0, True), (6, 5, True), (3, 2, True), (5, 6, False), (3, 3, False), (2, 0, False), (1, 21, False)],
)
def test_more_than_half_and_at_least_three(failed: int, well: int, is_blamed: bool) -> None:
    judged = blame_the_token([missing(number) for number in range(failed)], well)
    kind = FailureKind.TOKEN_SUSPECTED if is_blamed else FailureKind.MISSING
    assert {outcome.kind for outcome in judged} == {kind}
    assert {outcome.access for outcome in judged} == {None if is_blamed else Access.MISSING}
    assert len(judged) == failed


def test_failures_of_several_kinds_are_no_pattern() -> None:
    doubtful = [missing(1), missing(2), missing(3, FailureKind.PRIVATE), missing(4, FailureKind.CLOSED)]
    assert blame_the_token(doubtful, 1) == doubtful


def test_a_reading_keeps_its_followers_when_its_walls_refusal_is_blamed_on_the_token() -> None:
    readings = [
        Reading(number, NOON, str(number), None, None, Access.OPEN, 100, wall_failure=missing(number))
        for number in range(4)
    ]
    judged = blame_the_token(readings, 0)
    assert [outcome.follower_count for outcome in judged] == [100] * 4
    assert {outcome.wall_failure.kind for outcome in judged} == {FailureKind.TOKEN_SUSPECTED}


def test_none_is_no_pattern() -> None:
    assert blame_the_token([], 10) == []

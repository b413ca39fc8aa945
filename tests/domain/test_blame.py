"""If most fail alike, the token is blamed, not they."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.blame import blame_the_token, is_doubtful, is_known
from collector.domain.errors import FailureKind
from collector.domain.model import Access, Failure, Reading
from collector.domain.schedule import CommunityFacts

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


@pytest.mark.parametrize(
    ("kind", "is_certain", "expected"),
    [
        (FailureKind.MISSING, False, True),
        (FailureKind.WALL_DISABLED, False, True),
        (FailureKind.MISSING, True, False),
        (FailureKind.QUOTA_SPENT, False, False),
        (FailureKind.TEMPORARY, False, False),
        (FailureKind.TOKEN_REFUSED, False, False),
    ],
)
def test_doubt_is_for_what_would_be_held_against_a_community(
    kind: FailureKind, is_certain: bool, expected: bool
) -> None:
    failure = Failure(1, NOON, kind, "", is_certain=is_certain)
    assert is_doubtful(failure) is expected
    assert is_doubtful(Reading(1, NOON, "1", None, None, Access.OPEN, 1, wall_failure=failure)) is expected


def test_a_reading_without_a_failure_is_beyond_doubt() -> None:
    assert not is_doubtful(Reading(1, NOON, "1", None, None, Access.OPEN, 1))


@pytest.mark.parametrize(
    ("access", "kind", "expected"),
    [
        (Access.MISSING, FailureKind.MISSING, True),
        (Access.MISSING, FailureKind.TEMPORARY, True),
        (Access.UNKNOWN, FailureKind.MISSING, True),
        (Access.OPEN, None, False),
        (Access.OPEN, FailureKind.TOKEN_SUSPECTED, False),
    ],
)
def test_what_was_believed_before_is_no_sign_of_a_bad_token(
    access: Access, kind: FailureKind | None, expected: bool
) -> None:
    before = CommunityFacts(
        1, "1", None, None, None, None, None, 0, timedelta(days=7), access=access, failure_kind=kind
    )
    assert is_known(missing(1), before) is expected

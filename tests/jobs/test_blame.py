"""Whom a round holds its failures against, with VK's stand-in saying what VK says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from collector.jobs.collect import RoundSummary
from collector.sandbox import Fault
from tests.jobs.rounds import HOUR, THERE, Rounds

NOT_THERE = ["901", "902", "903", "904"]


def kinds(summary: RoundSummary) -> dict[str, int]:
    return dict(Counter(failure.kind.value for failure in summary.failures))


def test_a_spent_quota_is_no_fault_of_the_token(rounds: Callable[..., Rounds]) -> None:
    summary = rounds(THERE, daily_wall_reads=3).round()
    assert (summary.counts.read, summary.counts.walls) == (11, 3)
    assert kinds(summary) == {"quota_spent": 8}


@pytest.mark.parametrize(
    ("code", "kind"), [(5, "token_refused"), (14, "captcha"), (9, "rate_limited"), (10, "temporary")]
)
def test_what_all_communities_fail_by_keeps_its_name(
    rounds: Callable[..., Rounds], code: int, kind: str
) -> None:
    world = rounds(THERE)
    world.sandbox.faults.add(Fault("error", network="vk", code=code))
    assert kinds(world.round()) == {kind: 11}


def test_communities_missing_for_long_do_not_make_the_token_suspect_when_they_come_alone(
    rounds: Callable[..., Rounds],
) -> None:
    world = rounds(THERE + NOT_THERE)
    assert kinds(world.round()) == {"missing": 4}
    assert world.round(1.5 * HOUR).counts.due == 11
    alone = world.round(2 * HOUR)
    assert alone.counts.due == 4
    assert kinds(alone) == {"missing": 4}
    assert world.failures() == {None: 11, "missing": 4}


def test_a_token_that_sees_nothing_any_more_is_suspected_beside_communities_long_missing(
    rounds: Callable[..., Rounds],
) -> None:
    world = rounds(THERE + NOT_THERE)
    world.round()
    world.sandbox.faults.add(Fault("set", method="groups.getById", path="groups", value=[]))
    summary = world.round(3 * HOUR)
    assert kinds(summary) == {"token_suspected": 11, "missing": 4}
    assert {row.access for row in world.store.communities() if row.branch_code in THERE} == {"open"}

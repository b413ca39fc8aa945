"""A gap that is longer than paging back may go is not passed over in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.jobs.rounds import HOUR, THERE, Rounds


@pytest.mark.parametrize(("published", "is_told"), [(15, False), (60, True)])
def test_posts_that_may_be_missing_are_told_in_the_runs_record(
    rounds: Callable[..., Rounds], published: int, is_told: bool
) -> None:
    world = rounds(THERE, max_posts_back=40)
    world.round()
    world.clock.advance(HOUR)
    for _ in range(published):
        world.clock.advance(HOUR / 120)
        world.world.publish("vk", 100)
    world.round(2 * HOUR)
    last = world.store.last_round()
    assert last is not None
    note = last.note or ""
    assert note.startswith("1 walls were not read back to the last known post") is is_told
    assert note.endswith("communities 1") is is_told

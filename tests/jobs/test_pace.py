"""How often walls are read, tick by tick."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from collector.jobs.collect import CollectPolicy, collect
from tests.jobs.rounds import HOUR, THERE, Rounds

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("later", [MINUTE / 2, 25 * MINUTE])
def test_every_round_reads_the_walls_though_a_look_is_later_than_its_rounds_start(
    rounds: Callable[..., Rounds], later: timedelta
) -> None:
    """A round of tens of thousands of communities takes that long."""
    collecting = rounds(THERE)

    def when_the_round_starts() -> datetime:
        return collecting.now() - later

    made = []
    for minute in range(4 * 60):
        summary = collect(
            collecting.store,
            {"vk": collecting.adapter},
            CollectPolicy(HOUR),
            when_the_round_starts,
            collecting.stop,
            only_due=True,
        )
        if summary.counts.due:
            made.append((minute, summary.counts.walls))
        collecting.clock.advance(MINUTE)
    first = math.ceil(later / MINUTE)
    assert made[:3] == [(first, 11), (first + 60, 11), (first + 120, 11)]

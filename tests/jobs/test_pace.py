"""How often walls are read, tick by tick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from collector.jobs.collect import CollectPolicy, collect
from tests.jobs.rounds import HOUR, THERE, Rounds

MINUTE = timedelta(minutes=1)


def test_every_round_reads_the_walls_though_a_look_is_later_than_its_rounds_start(
    rounds: Callable[..., Rounds],
) -> None:
    collecting = rounds(THERE)

    def when_the_round_starts() -> datetime:
        return collecting.now() - MINUTE / 2

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
    assert made == [(1, 11), (61, 11), (121, 11), (181, 11)]

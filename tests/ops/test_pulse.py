"""Which jobs live, by a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from collector.ops.checks import all_well, lines
from collector.ops.pulse import Pulse

MINUTE = timedelta(minutes=1)
HUNG_AFTER = 20 * MINUTE


class Watch:
    """A pulse with two jobs, one of which the test writes."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.pulse = Pulse(HUNG_AFTER, lambda: self.at)
        self.within: Callable[[], None] = lambda: None
        self.collect = self.pulse.around("collect", MINUTE, lambda: self.within())  # noqa: PLW0108 - replaced later
        self.letters = self.pulse.around("letters", MINUTE, lambda: None)

    def later(self, by: timedelta) -> None:
        self.at += by.total_seconds()


def test_a_process_whose_jobs_tick_lives() -> None:
    watch = Watch()
    for _ in range(100):
        watch.collect()
        watch.letters()
        watch.later(MINUTE)
    assert all_well(watch.pulse.ticking())
    assert lines(watch.pulse.ticking()).splitlines() == [
        "ok    collect: last at work 0:01:00 ago",
        "ok    letters: last at work 0:01:00 ago",
    ]


def test_a_job_that_no_longer_ticks_is_named() -> None:
    watch = Watch()
    watch.later(8 * MINUTE)
    assert all_well(watch.pulse.ticking())
    watch.letters()
    watch.later(timedelta(seconds=1))
    collect, letters = watch.pulse.ticking()
    assert letters.is_well
    assert collect.line == "FAIL  collect: does not tick: last at work 0:08:01 ago; restart the process"


@pytest.mark.parametrize("gives_signs", [True, False])
def test_a_job_at_work_hangs_only_without_signs(gives_signs: bool) -> None:
    watch = Watch()
    told: list[bool] = []

    def long() -> None:
        for _ in range(3):
            watch.later(15 * MINUTE)
            if gives_signs:
                watch.pulse.sign("collect")
            watch.letters()
            told.append(all_well(watch.pulse.ticking()))

    watch.within = long
    watch.collect()
    assert told == ([True, True, True] if gives_signs else [True, False, False])
    assert all_well(watch.pulse.ticking())


def test_what_a_tick_could_not_do_is_told_until_one_can() -> None:
    watch = Watch()
    seen: list[bool] = []

    def away() -> None:
        seen.append(all_well(watch.pulse.working()))
        watch.pulse.failed("collect", "the disk is full; free some room")

    watch.within = away
    for _ in range(2):
        watch.collect()
        assert [check.line for check in watch.pulse.working()] == [
            "FAIL  collect: the disk is full; free some room",
            "ok    letters: its first tick has not ended yet",
        ]
    assert seen == [True, False], "the next try alone does not make it well"
    assert all_well(watch.pulse.ticking()), "it lives nevertheless"
    watch.within = lambda: None
    watch.collect()
    assert all_well(watch.pulse.working())
    assert watch.pulse.working()[0].line == "ok    collect: its last tick came to its end"


def test_an_error_that_nobody_foresaw_is_told_without_its_text() -> None:
    watch = Watch()

    def bug() -> None:
        raise ValueError("token 12345")

    watch.within = bug
    with pytest.raises(ValueError, match="token"):
        watch.collect()
    (line, _) = [check.line for check in watch.pulse.working()]
    assert line == "FAIL  collect: an error that was not foreseen (ValueError); see the log"

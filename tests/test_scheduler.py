"""The daemon's ticks, by a clock that is set while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from collector.scheduler import Job, run_daemon

TRUE = datetime(2026, 11, 2, 12, tzinfo=UTC)
AHEAD = TRUE + timedelta(days=20_000, hours=6)
"""As after a start in 1970, before the clock was set: so many ticks nobody can list."""
EVERY = timedelta(seconds=0.2)
_PATIENCE_S = 30.0


class Ticks:
    """Counts its runs, and when the clock said that they were."""

    def __init__(self) -> None:
        self.hours: list[int] = []

    def run(self) -> None:
        self.hours.append(datetime.now(UTC).hour)

    def later(self, at: datetime) -> Callable[[], bool]:
        """Whether it has run again since now, in that hour."""
        before = len(self.hours)
        return lambda: at.hour in self.hours[before:]


def until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends_at, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("begins", [TRUE, AHEAD], ids=["right at its start", "ahead at its start"])
def test_a_clock_that_jumps_ahead_and_back_stops_no_tick(begins: datetime) -> None:
    stop, ticks = threading.Event(), Ticks()
    jobs = [Job("tick", every=EVERY, jitter=timedelta(0), run=ticks.run)]
    daemon = threading.Thread(target=run_daemon, args=(jobs, stop, timedelta(seconds=5)))
    with time_machine.travel(begins) as clock:
        daemon.start()
        try:
            until(ticks.later(begins))
            clock.move_to(AHEAD)
            until(ticks.later(AHEAD))
            clock.move_to(TRUE)
            until(ticks.later(TRUE))
            until(ticks.later(TRUE))
        finally:
            stop.set()
            daemon.join()

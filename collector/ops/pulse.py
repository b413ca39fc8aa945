"""Whether the jobs of the daemon still tick: the ground of `/healthz`.

By the monotonic clock, as a clock that is set must not make a living process look dead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from collector.ops.checks import Check

_TICKS_MISSED = 3
_SLACK = timedelta(minutes=5)
"""A machine under load starts a tick late."""


@dataclass(slots=True)
class _JobPulse:
    every: timedelta
    sign_at: float
    is_running: bool = False
    has_ended_once: bool = False
    failure: str | None = None
    has_failed_now: bool = False


class Pulse:
    """The signs of life of each job. Safe to use from any thread."""

    def __init__(self, hung_after: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        """`hung_after`: longer than a job can be at work without a sign, whatever time-out it waits for."""
        self._hung_after = hung_after
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[str, _JobPulse] = {}

    def around(self, job: str, every: timedelta, run: Callable[[], None]) -> Callable[[], None]:
        """The job, watched from now on: it must begin about once in `every`, and show signs until it ends."""
        with self._lock:
            self._jobs[job] = _JobPulse(every, self._clock())

        def watched() -> None:
            self._begin(job)
            try:
                run()
            except Exception as error:
                # Its text may hold anything; the log has it, redacted.
                self.failed(job, f"an error that was not foreseen ({type(error).__name__}); see the log")
                raise
            finally:
                self._end(job)

        return watched

    def sign(self, job: str) -> None:
        """The job got on: an answer came, a letter left."""
        with self._lock:
            if (pulse := self._jobs.get(job)) is not None:
                pulse.sign_at = self._clock()

    def failed(self, job: str, why: str) -> None:
        """The tick that runs could not do its work; `why` is free of secrets. Holds until one could."""
        with self._lock:
            if (pulse := self._jobs.get(job)) is not None:
                pulse.failure, pulse.has_failed_now = why, True

    def ticking(self) -> list[Check]:
        """Whether each job ticks, as `/healthz` tells."""
        now = self._clock()
        with self._lock:
            return [self._ticks(job, pulse, now) for job, pulse in self._jobs.items()]

    def working(self) -> list[Check]:
        """Whether anything kept each job's last tick from its work, as `/readyz` tells."""
        with self._lock:
            return [
                Check(job, pulse.failure is None, pulse.failure or _in_words(pulse))
                for job, pulse in self._jobs.items()
            ]

    def _begin(self, job: str) -> None:
        with self._lock:
            pulse = self._jobs[job]
            pulse.is_running, pulse.has_failed_now, pulse.sign_at = True, False, self._clock()

    def _end(self, job: str) -> None:
        with self._lock:
            pulse = self._jobs[job]
            pulse.is_running, pulse.has_ended_once, pulse.sign_at = False, True, self._clock()
            if not pulse.has_failed_now:
                pulse.failure = None

    def _ticks(self, job: str, pulse: _JobPulse, now: float) -> Check:
        quiet = timedelta(seconds=int(now - pulse.sign_at))
        if pulse.is_running:
            if quiet > self._hung_after:
                return Check(job, False, f"hangs: no sign of life for {quiet}; restart the process")
            return Check(job, True, "at work")
        if quiet > _TICKS_MISSED * pulse.every + _SLACK:
            return Check(job, False, f"does not tick: last at work {quiet} ago; restart the process")
        return Check(job, True, f"last at work {quiet} ago")


def _in_words(pulse: _JobPulse) -> str:
    # No more than is known: that letters or readings succeeded, a tick's end does not say.
    return "its last tick came to its end" if pulse.has_ended_once else "its first tick has not ended yet"

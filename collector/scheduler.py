"""The daemon's job table, and the daemon. The only import of APScheduler.

The scheduler only ticks: what is due stands in the database, so that a restart, a missed tick or a second
daemon changes nothing but the moment.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger(__name__)

COLLECT, LETTERS, RETENTION = "collect", "letters", "retention"
"""Names of jobs."""

JOB_DEFAULTS = {
    # A tick that comes late (a laptop that slept, a round that took long) is run, however late it is:
    # APScheduler's own default drops what is one second late.
    "misfire_grace_time": None,
    # Of several missed ticks one is run: what is due does not grow by ticking.
    "coalesce": True,
    # A round that is still at work is not joined by another.
    "max_instances": 1,
}


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the job table."""

    id: str
    every: timedelta
    jitter: timedelta
    run: Callable[[], None]


def job_table(
    *,
    collect: Callable[[], None],
    write_letters: Callable[[], None],
    retain: Callable[[], None] | None = None,
    interval: timedelta,
    jitter: timedelta,
) -> tuple[Job, ...]:
    """All that the daemon does by the clock. `retain` None: nothing is ever too old."""
    # A tick that finds nothing due costs one query; a minute is how late a community's turn may come.
    tick = min(interval, timedelta(minutes=1))
    jobs = (
        Job(COLLECT, every=tick, jitter=min(jitter, tick / 2), run=collect),
        # A job of its own: a mail server that hangs holds up no round.
        Job(LETTERS, every=tick, jitter=timedelta(0), run=write_letters),
    )
    if retain is None:
        return jobs
    return (*jobs, Job(RETENTION, every=timedelta(minutes=10), jitter=timedelta(0), run=retain))


def run_daemon(jobs: Sequence[Job], stop: threading.Event, stop_timeout: timedelta) -> bool:
    """Run the jobs until `stop` is set, then wait for the one under way.

    Returns False where it did not end in `stop_timeout`: then the caller must end the process itself, since
    Python would wait for its thread for ever.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults=JOB_DEFAULTS, executors={"default": ThreadPoolExecutor(max(len(jobs), 1))}
    )
    scheduler.add_listener(_tell_error, EVENT_JOB_ERROR)
    busy = _Busy()
    for job in jobs:
        scheduler.add_job(
            busy.around(job.run),
            _FromNow(
                seconds=job.every.total_seconds(), jitter=job.jitter.total_seconds() or None, timezone=UTC
            ),
            id=job.id,
            name=job.id,
            next_run_time=datetime.now(UTC),
        )
    scheduler.start()
    log.info("started", jobs=[job.id for job in jobs], pid=os.getpid())
    # A wait without a limit is not interrupted by signals on every platform.
    while not stop.wait(timeout=min((job.every.total_seconds() for job in jobs), default=60)):
        _call_back(scheduler, jobs)
    log.info("stopping")
    scheduler.shutdown(wait=False)
    ended = busy.wait(stop_timeout)
    log.info("stopped" if ended else "stopped without waiting longer for what was under way")
    return ended


@contextmanager
def stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`, and nothing else: what was fetched is still written."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        # Not stop.set() itself: it takes a lock that the interrupted wait may hold in this same thread.
        threading.Thread(target=stop.set, name="stop").start()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def asking_on_hangup(asked: threading.Event) -> Iterator[None]:
    """SIGHUP sets `asked`, to have settings and branches read again, and ends nothing. Windows has no such signal."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None:
        yield
        return

    def note() -> None:
        log.info("SIGHUP: settings and branches will be read again")
        asked.set()

    def handle(_number: int, _frame: FrameType | None) -> None:
        # In a thread of its own, as above.
        threading.Thread(target=note, name="hangup").start()

    before = signal.signal(hangup, handle)
    try:
        yield
    finally:
        signal.signal(hangup, before)


class _FromNow(IntervalTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So long after this tick, not after when it was planned.

    APScheduler lists every tick that was missed, though it runs one: after a clock has jumped by a year half a
    million, and by the 56 years since 1970 gigabytes of them.
    """

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """When the next tick is due."""
        due: datetime = self._apply_jitter(now + self.interval, self.jitter, now)
        return due


def _call_back(scheduler: BackgroundScheduler, jobs: Sequence[Job]) -> None:
    """Let jobs run now that a clock which was ahead has planned for when nobody will wait so long."""
    for job in jobs:
        planned = scheduler.get_job(job.id)
        now = datetime.now(UTC)
        if planned is not None and planned.next_run_time > now + 2 * job.every + job.jitter:
            log.warning("the clock was set back", job=job.id, planned=planned.next_run_time.isoformat())
            scheduler.modify_job(job.id, next_run_time=now)


class _Busy:
    """Counts the jobs under way, so that a stop can wait for them with a limit."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    def around(self, run: Callable[[], None]) -> Callable[[], None]:
        def counted() -> None:
            with self._condition:
                self._count += 1
            try:
                run()
            finally:
                with self._condition:
                    self._count -= 1
                    self._condition.notify_all()

        return counted

    def wait(self, limit: timedelta) -> bool:
        with self._condition:
            return self._condition.wait_for(lambda: self._count == 0, limit.total_seconds())


def _tell_error(event: JobExecutionEvent) -> None:
    log.error("job failed; its next tick comes as planned", job=event.job_id, exc_info=event.exception)


# APScheduler logs a failed job too, without our words.
logging.getLogger("apscheduler.executors.default").setLevel(logging.CRITICAL)

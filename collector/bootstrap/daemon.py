"""What the daemon does by the clock: rounds, what they prove, and the letters that follow."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import structlog

from collector.bootstrap.delivery import deliverer
from collector.bootstrap.periodic import owe_periodic, tell_ops
from collector.bootstrap.program import Program
from collector.bootstrap.reload import Reloader
from collector.bootstrap.retention import retain_at_night
from collector.bootstrap.silence import detect
from collector.bootstrap.watch import ping_after
from collector.jobs.collect import RoundSummary
from collector.jobs.look_at_tokens import TokenWatch
from collector.networks.base import NetworkAdapter
from collector.ops.collecting import CollectMetrics, RoundResult, branch_label
from collector.ops.pulse import Pulse
from collector.scheduler import COLLECT, LETTERS, RETENTION, Job, job_table
from storage.errors import NewerSchemaError, StoreError

log = structlog.get_logger(__name__)

_CALENDAR_EVERY = timedelta(minutes=10)
"""How often the calendar is looked at: of 80,000 chairs it takes ten seconds to see that nothing is owed."""


class Daemon:
    """The ticks. Each may be missed, late, doubled or killed: what is due stands in the database."""

    def __init__(
        self,
        parts: Program,
        adapters: dict[str, NetworkAdapter],
        pulse: Pulse,
        metrics: CollectMetrics,
        reloader: Reloader | None = None,
    ) -> None:
        """`reloader`: takes up what changes meanwhile; without, nothing is."""
        self._parts = parts
        self._reloader = reloader
        self._adapters = adapters
        self._pulse = pulse
        self._metrics = metrics
        self._deliverer = deliverer(parts, on_letter=lambda: pulse.sign(LETTERS))
        self._tokens = TokenWatch()
        self._detected_at: datetime | None = None
        self._calendar_at: datetime | None = None
        self.refusal: NewerSchemaError | None = None
        """Why it ended itself: a newer program upgraded the database meanwhile. None: it did not."""

    def jobs(self) -> tuple[Job, ...]:
        """The job table's lines, each watched from now on."""
        collecting = self._parts.settings.collect
        table = job_table(
            collect=self.collect,
            write_letters=self.write_letters,
            retain=self.retain if self._parts.settings.retention.ages else None,
            interval=collecting.interval,
            jitter=collecting.jitter,
        )
        return tuple(replace(job, run=self._pulse.around(job.id, job.every, job.run)) for job in table)

    def collect(self) -> None:
        """A round of what is due, and the verdicts that follow. A database that is away is waited for."""
        try:
            self._parts.store.require_newest()
            if self._reloader is not None and self._reloader.run(self._adapters):
                self._detected_at = None
            summary = self._round()
            if summary.is_elsewhere:
                log.debug("another process is collecting on this database")
                return
            if summary.counts.due == 0:
                log.debug("nothing is due")
            else:
                _tell_round(summary)
            has_looked = self._tokens.look(
                self._parts.store,
                self._adapters,
                self._parts.settings.token_keys(),
                self._parts.now(),
                is_after_round=summary.counts.due > 0,
            )
            if summary.counts.due or has_looked or self._is_detection_due():
                reload = self._reloader.findings() if self._reloader is not None else None
                verdicts: Counter[str] = Counter()
                detected = detect(
                    self._parts, on_verdict=lambda _, found: verdicts.update([branch_label(found)])
                )
                tell_ops(self._parts, detected, reload)
                self._detected_at = self._parts.now()
                self._metrics.detected(verdicts, self._detected_at)
        except NewerSchemaError as error:
            self._refuse(error)
            return
        except StoreError as error:
            log.error("round failed; the next tick tries again", error=str(error))
            self._pulse.failed(COLLECT, str(error))
            return
        if summary.counts.due:
            ping_after(self._parts, summary)

    def _round(self) -> RoundSummary:
        """A round of what is due, counted."""
        self._metrics.reads_by(self._adapters)
        try:
            summary = self._parts.collect(
                self._adapters, only_due=True, progress=lambda *_: self._pulse.sign(COLLECT)
            )
        except Exception:
            self._metrics.round_failed()
            raise
        if summary.counts.due:
            result = RoundResult.STOPPED if summary.is_stopped else RoundResult.FINISHED
            self._metrics.round_ended(result, summary.seconds, summary.outcomes)
        return summary

    def _is_detection_due(self) -> bool:
        """After a start, as settings and pauses may be others; and where no round comes to be."""
        return self._is_past(self._detected_at, self._parts.settings.collect.interval)

    def _is_past(self, at: datetime | None, wait: timedelta) -> bool:
        """Whether so much time has passed since; or the clock has leapt."""
        return at is None or abs(self._parts.now() - at) >= wait

    def write_letters(self) -> None:
        """Letters of the calendar, and everything that may leave now, whatever became of the calendar."""
        try:
            self._parts.store.require_newest()
            try:
                if self._is_past(self._calendar_at, _CALENDAR_EVERY):
                    owe_periodic(self._parts)
                    self._calendar_at = self._parts.now()
            finally:
                self._deliverer.run()
        except NewerSchemaError as error:
            self._refuse(error)
        except StoreError as error:
            log.error("letters wait; the next tick tries again", error=str(error))
            self._pulse.failed(LETTERS, str(error))

    def retain(self) -> None:
        """Once a night remove what is older than the settings keep it."""
        try:
            self._parts.store.require_newest()
            retain_at_night(self._parts, on_batch=lambda: self._pulse.sign(RETENTION))
        except NewerSchemaError as error:
            self._refuse(error)
        except StoreError as error:
            log.error("what is too old stays; the next tick tries again", error=str(error))
            self._pulse.failed(RETENTION, str(error))

    def _refuse(self, error: NewerSchemaError) -> None:
        """End the daemon: what an older program writes into newer tables, nobody has thought through."""
        self.refusal = error
        self._parts.stop.set()


def watch_requests(parts: Program, pulse: Pulse, metrics: CollectMetrics) -> None:
    """Let each request count, and be a sign of life, of adapters that are opened from now on."""

    def requested(network: str, seconds: float) -> None:
        metrics.request(network, seconds)
        pulse.sign(COLLECT)

    parts.on_request = requested


def _tell_round(summary: RoundSummary) -> None:
    log.info("round ended", **asdict(summary.counts), seconds=round(summary.seconds, 1))
    if summary.outdated:
        log.error(
            "the database has later readings; is this machine's clock right?",
            left_out=summary.outdated,
        )
    for (kind, detail), count in Counter((item.kind, item.detail) for item in summary.failures).items():
        log.warning("not read", kind=kind.value, detail=detail, communities=count)

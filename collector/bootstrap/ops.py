"""What ops see of this process, put together: the listener with `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry, Info, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from collector.bootstrap.program import Program
from collector.bootstrap.sockets import listening
from collector.bootstrap.stocktaking import StockTaking
from collector.ops.checks import Check, all_well, lines
from collector.ops.listener import Answer, serving
from collector.ops.looker import Looker, NoAnswerError
from collector.ops.pulse import Pulse
from collector.ops.readiness import ReadyPolicy, database_away, readiness
from collector.settings import Settings
from storage.errors import StoreError
from storage.vitals import Vitals

log = structlog.get_logger(__name__)

ALIVE, READY, METRICS = "/healthz", "/readyz", "/metrics"

_KEPT_S = 1.0
_PATIENCE_S = 5.0
"""Less than those who probe and scrape wait by default."""


class OpsView:
    """What the process tells of itself: of its jobs by `pulse`, of the database by looking, of the rest by counting."""

    def __init__(self, parts: Program, pulse: Pulse, registry: CollectorRegistry, *, collects: bool) -> None:
        """`collects`: whether it is the daemon, of which a fresh round is expected. Raises StoreError."""
        self._parts = parts
        self._pulse = pulse
        self._registry = registry
        self._collects = collects
        self._newest_schema = parts.store.version().newest
        self._vitals: Looker[Vitals] = Looker(self._look, kept_s=_KEPT_S, patience_s=_PATIENCE_S)
        Info(
            "collector_build", "Version of the program, and the schema that it needs.", registry=registry
        ).info({"version": version("union-collector"), "schema": self._newest_schema})
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        registry.register(StockTaking(parts, self._newest_schema))

    def alive(self) -> Answer:
        """Whether the process runs: of the daemon, whether its jobs tick. Asks no database."""
        return self._told([Check("process", True, "answers"), *self._pulse.ticking()])

    def ready(self) -> Answer:
        """Whether it does its work, and what is wrong."""
        try:
            checks = readiness(self._vitals.latest(), self._policy(), self._parts.now())
        except (StoreError, NoAnswerError) as error:
            checks = database_away(str(error))
        return self._told([*checks, *self._pulse.working()])

    def metrics(self) -> Answer:
        """All metrics, as Prometheus reads them."""
        return Answer(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)

    def _told(self, checks: list[Check]) -> Answer:
        status = HTTPStatus.OK if all_well(checks) else HTTPStatus.SERVICE_UNAVAILABLE
        return Answer(self._parts.redact(lines(checks)).encode(), status)

    def _policy(self) -> ReadyPolicy:
        """By the settings of this moment: SIGHUP may change the interval."""
        return ReadyPolicy(
            database=self._parts.store.shown,
            newest_schema=self._newest_schema,
            interval=self._parts.settings.collect.interval if self._collects else None,
        )

    def _look(self) -> Vitals:
        return self._parts.store.vitals.look(self._newest_schema, self._parts.now())


@contextmanager
def ops_served(
    parts: Program, pulse: Pulse, registry: CollectorRegistry, *, collects: bool
) -> Iterator[int | None]:
    """Tell how this process is where the settings say, until the block is left; gives the port.

    None: the settings name no address. Raises CollectorError if it cannot be listened on.
    """
    listen = parts.settings.ops.listen
    if listen is None:
        yield None
        return
    view = OpsView(parts, pulse, registry, collects=collects)
    with listening(listen, "health and metrics", "COLLECTOR_OPS__LISTEN") as listener:
        host, port = listener.getsockname()[:2]
        with serving(listener, {ALIVE: view.alive, READY: view.ready, METRICS: view.metrics}):
            log.info("health served", host=host, port=port)
            yield port


def hung_after(settings: Settings) -> timedelta:
    """After how long without a sign of life a job hangs: whatever it waits for has its time-out within that.

    A request is made three times, a letter waits for a dozen answers; the rest is for the database's own limit of
    five minutes, and the pauses that Facebook asks for.
    """
    requests = 4 * max(settings.vk.total_timeout, settings.facebook.total_timeout)
    return timedelta(minutes=15) + timedelta(seconds=max(requests, 12 * settings.smtp.timeout))

"""What the process that collects counts of its own work. It counts from zero at each start, as Prometheus expects."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from collector.domain.errors import Blame
from collector.domain.model import RequestTally
from collector.domain.silence import Assessment, Verdict
from collector.ops.labels import Labels

# A series more for each counter, of when it began: process_start_time_seconds tells that of all of them.
disable_created_metrics()  # type: ignore[no-untyped-call]

_ROUND_BUCKETS = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400)
_REQUEST_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)
READ = "read"
NOTHING_TO_READ = "nothing_to_read"


def branch_label(found: Assessment) -> str:
    """The verdict; but a branch without a community, or without one that is open, is a finding and awaits no look."""
    is_finding = found.reason is not None and found.reason.is_finding
    return NOTHING_TO_READ if is_finding else found.verdict.value


class RoundResult(StrEnum):
    """How a round ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


class Reads(Protocol):
    """What the requests of an adapter are counted by."""

    tally: RequestTally


class CollectMetrics(Collector):
    """Rounds, outcomes, requests, verdicts. Safe to use from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lock = threading.Lock()
        self._networks, self._methods = Labels(), Labels()
        self._tallies: dict[str, RequestTally] = {}
        self._requests_before: Tally[tuple[str, str]] = Tally()
        self._verdicts: Mapping[str, int] | None = None
        self._detected_at: datetime | None = None
        self._rounds = Counter(
            "collector_rounds",
            "Rounds in which somebody was due, by how they ended; failed: torn by the database, or by a bug.",
            ["result"],
            registry=registry,
        )
        self._round_seconds = Histogram(
            "collector_round_seconds",
            "How long rounds took that came to an end, in seconds.",
            buckets=_ROUND_BUCKETS,
            registry=registry,
        )
        self._outcomes = Counter(
            "collector_outcomes",
            "Looks at communities, by network and class: read (the followers at least), or whom the failure blames.",
            ["network", "class"],
            registry=registry,
        )
        self._request_seconds = Histogram(
            "collector_request_seconds",
            "How long HTTP requests to a network took, answered or not, in seconds.",
            ["network"],
            buckets=_REQUEST_BUCKETS,
            registry=registry,
        )
        for result in RoundResult:
            self._rounds.labels(result.value)
        registry.register(self)

    def reads_by(self, adapters: Mapping[str, Reads]) -> None:
        """These adapters are at work from now on; what those before them asked stays counted."""
        with self._lock:
            for name, adapter in adapters.items():
                network = self._networks.of(name)
                for outcome_class in (READ, *Blame):
                    self._outcomes.labels(network, str(outcome_class))
                known = self._tallies.get(name)
                if known is not adapter.tally:
                    self._requests_before += self._asked(name, known)
                    self._tallies[name] = adapter.tally

    def request(self, network: str, seconds: float) -> None:
        """A request was made."""
        self._request_seconds.labels(self._networks.of(network)).observe(seconds)

    def round_ended(
        self, result: RoundResult, seconds: float, outcomes: Mapping[tuple[str, str], int]
    ) -> None:
        """A round came to an end; `outcomes`: how many, by network and class."""
        self._rounds.labels(result.value).inc()
        self._round_seconds.observe(seconds)
        for (network, outcome_class), count in outcomes.items():
            self._outcomes.labels(self._networks.of(network), outcome_class).inc(count)

    def round_failed(self) -> None:
        """A round was torn; what it wrote is not known here."""
        self._rounds.labels(RoundResult.FAILED.value).inc()

    def detected(self, verdicts: Mapping[str, int], at: datetime) -> None:
        """Silence was judged: so many branches are so."""
        with self._lock:
            self._verdicts, self._detected_at = dict(verdicts), at

    def collect(self) -> Iterator[Metric]:
        """What the registry asks for at a scrape. What is not known yet is absent."""
        with self._lock:
            requests = self._requests_before.copy()
            for name, tally in self._tallies.items():
                requests += self._asked(name, tally)
            verdicts, detected_at = self._verdicts, self._detected_at
        asked = CounterMetricFamily(
            "collector_requests", "HTTP requests made, by network and method.", labels=["network", "method"]
        )
        for key, count in sorted(requests.items()):
            asked.add_metric(key, count)
        yield asked
        if verdicts is None or detected_at is None:
            return
        branches = GaugeMetricFamily(
            "collector_branches", "Branches by verdict, as last judged by this process.", labels=["verdict"]
        )
        for label in (*Verdict, NOTHING_TO_READ):
            branches.add_metric([str(label)], verdicts.get(label, 0))
        yield branches
        yield GaugeMetricFamily(
            "collector_last_detection_timestamp_seconds",
            "When this process last judged who is silent.",
            value=detected_at.timestamp(),
        )

    def _asked(self, name: str, tally: RequestTally | None) -> Tally[tuple[str, str]]:
        """The requests of a tally, which other threads go on counting in."""
        found: Tally[tuple[str, str]] = Tally()
        if tally is not None:
            network = self._networks.of(name)
            for method, count in dict(tally.by_method).items():
                found[network, self._methods.of(method)] += count
        return found

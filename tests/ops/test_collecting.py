"""What the collecting process counts, and that no stranger's text becomes a label."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry

from collector.domain.model import RequestTally
from collector.domain.silence import Assessment, UnknownReason, Verdict
from collector.ops.collecting import CollectMetrics, RoundResult, branch_label
from collector.ops.labels import MOST, Labels, token_label
from tests.ops.asking import Values, values


@dataclass
class Adapter:
    tally: RequestTally = field(default_factory=RequestTally)

    def ask(self, *methods: str) -> None:
        for method in methods:
            self.tally.add(method)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def told(registry: CollectorRegistry, name: str) -> Values:
    return values(registry, f"collector_{name}")


def test_rounds_and_outcomes_add_up(registry: CollectorRegistry) -> None:
    metrics = CollectMetrics(registry)
    metrics.reads_by({"vk": Adapter()})
    assert told(registry, "rounds_total") == {"finished": 0, "stopped": 0, "failed": 0}
    assert told(registry, "outcomes_total") == {
        ("read", "vk"): 0, ("community", "vk"): 0, ("token", "vk"): 0, ("circumstance", "vk"): 0,
    }  # fmt: skip
    metrics.round_ended(RoundResult.FINISHED, 3.0, {("vk", "read"): 5, ("vk", "token"): 1})
    metrics.round_ended(RoundResult.STOPPED, 100.0, {("vk", "read"): 2})
    metrics.round_failed()
    assert told(registry, "rounds_total") == {"finished": 1, "stopped": 1, "failed": 1}
    assert told(registry, "outcomes_total")["read", "vk"] == 7
    assert told(registry, "outcomes_total")["token", "vk"] == 1
    buckets = told(registry, "round_seconds_bucket")
    assert (buckets["1.0"], buckets["5.0"], buckets["300.0"], buckets["+Inf"]) == (0, 1, 2, 2)


def test_requests_are_counted_by_what_adapters_tally(registry: CollectorRegistry) -> None:
    metrics, first, second = CollectMetrics(registry), Adapter(), Adapter()
    metrics.reads_by({"vk": first})
    first.ask("execute", "execute", "groups.getById")
    metrics.reads_by({"vk": first})
    assert told(registry, "requests_total") == {("execute", "vk"): 2, ("groups.getById", "vk"): 1}
    metrics.reads_by({"vk": second})
    second.ask("execute")
    assert told(registry, "requests_total")["execute", "vk"] == 3, "a new adapter takes nothing away"


def test_request_times_are_by_network(registry: CollectorRegistry) -> None:
    metrics = CollectMetrics(registry)
    for network, seconds in (("vk", 0.2), ("vk", 0.3), ("facebook", 4)):
        metrics.request(network, seconds)
    assert told(registry, "request_seconds_count") == {"vk": 2, "facebook": 1}
    assert told(registry, "request_seconds_sum") == {"vk": 0.5, "facebook": 4}


def test_verdicts_are_those_of_the_last_detection(registry: CollectorRegistry) -> None:
    metrics = CollectMetrics(registry)
    assert told(registry, "branches") == {}, "unknown is absent, not 0"
    assert told(registry, "last_detection_timestamp_seconds") == {}
    at = datetime(2026, 11, 23, tzinfo=UTC)
    metrics.detected({"silent": 3}, at)
    metrics.detected({"active": 5, "unknown": 1}, at)
    assert told(registry, "branches") == {"active": 5, "silent": 0, "unknown": 1, "nothing_to_read": 0}
    assert told(registry, "last_detection_timestamp_seconds") == {(): at.timestamp()}


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (Assessment(Verdict.ACTIVE), "active"),
        (Assessment(Verdict.UNKNOWN, UnknownReason.NOT_READ), "unknown"),
        (Assessment(Verdict.UNKNOWN, UnknownReason.NEVER_READ), "unknown"),
        (Assessment(Verdict.UNKNOWN, UnknownReason.NO_COMMUNITY), "nothing_to_read"),
        (Assessment(Verdict.UNKNOWN, UnknownReason.NONE_READABLE), "nothing_to_read"),
    ],
)
def test_a_branch_that_has_nothing_to_read_waits_for_no_look(found: Assessment, label: str) -> None:
    assert branch_label(found) == label


def test_hostile_names_become_no_labels(registry: CollectorRegistry) -> None:
    metrics, adapter = CollectMetrics(registry), Adapter()
    metrics.reads_by({'vk"} 1\nevil{x="': adapter, "a" * 1000: Adapter()})
    for number in range(10 * MOST):
        adapter.ask(f"method{number}")
    adapter.ask("token=vk1.a.secret&x")
    asked = told(registry, "requests_total")
    assert len(asked) == MOST + 1
    assert asked["other", "other"] == 10 * MOST - MOST + 1
    assert {network for _, network in asked} == {"other"}


def test_labels_are_bounded() -> None:
    labels = Labels()
    assert [labels.of(str(number)) for number in range(MOST + 2)][-3:] == [str(MOST - 1), "other", "other"]
    assert labels.of("0") == "0"


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("#1", "#1"),
        ("#2 (…a-_Z)", "#2 (…a-_Z)"),
        ("#1 (…)", "#1 (…)"),
        ("vk1.a.a-whole-token-of-another-package", "other"),
        ("#1 (…abcdef)", "other"),
    ],
)
def test_a_token_is_shown_by_its_place_and_its_end_only(label: str, shown: str) -> None:
    assert token_label(label) == shown

"""Rules and dashboards ask for what /metrics tells, by the names, labels and words that it uses.

Prometheus takes a metric that nobody tells for one that is not known yet: a name that is lost would silence its alert.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Info, ProcessCollector

from collector.domain.errors import Blame
from collector.domain.model import RequestTally
from collector.domain.notification import MessageStatus
from collector.domain.silence import Verdict
from collector.domain.token_watch import TokenState
from collector.ops.collecting import NOTHING_TO_READ, READ, CollectMetrics, RoundResult
from collector.ops.stock import Stock, told
from storage.measures import Measures
from storage.vitals import Disk, RoundTimes, Vitals
from tests.monitoring.alerts import rules
from tests.monitoring.dashboards import panels

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ASKED = {f"{rule['alert']}-{rule['labels']['severity']}": rule["expr"] for rule in rules()}
ASKED |= {
    f"{panel['title']}-{target['refId']}": target["expr"]
    for panel in panels("ops")
    for target in panel["targets"]
}
SELECTOR = re.compile(r"\b(collector_\w+|process_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)=~?"([^"]+)"')
OF_PROMETHEUS = {"job", "instance", "le"}
WORDS = {
    "class": {READ, *Blame},
    "verdict": {*Verdict, NOTHING_TO_READ},
    "status": set(MessageStatus),
    "result": set(RoundResult),
}
"""What these labels may hold."""


class Adapter:
    def __init__(self) -> None:
        self.tally = RequestTally({"execute": 1})


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """All that is told where everything is known: the labels of each series."""
    registry = CollectorRegistry()
    metrics = CollectMetrics(registry)
    metrics.reads_by({"vk": Adapter()})
    metrics.request("vk", 1.0)
    metrics.detected({}, NOW)
    ProcessCollector(registry=registry)
    Info("collector_build", "As the listener has it.", registry=registry).info(
        {"version": "1", "schema": "1"}
    )
    stock = Stock(
        Vitals("0001", None, Disk(Path(), 1, 1), RoundTimes(NOW, NOW), NOW),
        is_schema_newest=True,
        measures=Measures({("vk", "open"): 1}, 0, 0),
        letters_wait=timedelta(0),
        wall_reads_left={"vk": 1},
        tokens=[TokenState("vk", "key", "#1", NOW, True, NOW)],
        last_backup_at=NOW,
        last_retention_at=NOW,
    )
    families = [*registry.collect(), *told(stock, timedelta(hours=1), NOW)]
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


@pytest.mark.parametrize("expr", ASKED.values(), ids=ASKED.keys())
def test_what_is_asked_for_is_told(expr: str, exported: dict[str, set[str]]) -> None:
    for name, selector in SELECTOR.findall(expr):
        assert name in exported
        for label, words in MATCHER.findall(selector):
            assert label in exported[name] | OF_PROMETHEUS
            assert label not in WORDS or set(words.split("|")) <= WORDS[label]


@pytest.mark.parametrize("expr", ASKED.values(), ids=ASKED.keys())
def test_what_is_told_apart_is_told_of_all_that_is_asked(expr: str, exported: dict[str, set[str]]) -> None:
    by = {label for labels in re.findall(r"\bby \(([^)]*)\)", expr) for label in labels.split(", ")}
    known = set().union(*(exported[name] for name, _ in SELECTOR.findall(expr)))
    assert by <= known | OF_PROMETHEUS


def test_nothing_told_is_left_unseen(exported: dict[str, set[str]]) -> None:
    seen = {name for expr in ASKED.values() for name, _ in SELECTOR.findall(expr)}
    unseen = {name for name in exported if name.startswith("collector_")} - seen
    # Of a histogram one series is enough.
    assert {name for name in unseen if not re.search("_(bucket|sum|count)$", name)} == set()

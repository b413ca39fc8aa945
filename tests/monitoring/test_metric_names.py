"""Rules and dashboards ask for what /metrics tells, by the names and words that it uses."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Info, Metric, ProcessCollector

from collector.domain.errors import Blame
from collector.domain.notification import MessageStatus
from collector.domain.silence import Verdict
from collector.ops.collecting import NOTHING_TO_READ, READ, CollectMetrics, RoundResult
from collector.ops.stock import Stock, told
from storage.measures import Measures
from storage.vitals import Disk, RoundTimes, Vitals
from tests.monitoring.alerts import rules
from tests.monitoring.dashboards import panels

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ASKED = {
    **{f"{rule['alert']}-{rule['labels']['severity']}": rule["expr"] for rule in rules()},
    **{
        f"{panel['title']}-{number}": target["expr"]
        for panel in panels("ops")
        for number, target in enumerate(panel["targets"])
    },
}
PROMETHEUS_OWN = {"up", "ALERTS"}
WORDS = {
    "class": {READ, *Blame},
    "verdict": {*Verdict, NOTHING_TO_READ},
    "status": set(MessageStatus),
    "result": set(RoundResult),
}
"""What these labels may hold."""


@pytest.fixture(scope="module")
def exported() -> dict[str, set[str]]:
    """All that is told where everything is known: the names of the series, by metric."""
    registry = CollectorRegistry()
    CollectMetrics(registry).detected({}, NOW)
    ProcessCollector(registry=registry)
    Info("collector_build", "As the listener has it.", registry=registry)
    vitals = Vitals("0001", None, Disk(Path(), 1, 1), RoundTimes(NOW, NOW), NOW)
    stock = Stock(
        vitals,
        is_schema_newest=True,
        measures=Measures({}, 0, 0),
        letters_wait=timedelta(0),
        last_backup_at=NOW,
        last_retention_at=NOW,
    )
    families = [*registry.collect(), *told(stock, timedelta(hours=1), NOW)]
    return {family.name: _series(family) for family in families}


def _series(family: Metric) -> set[str]:
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
    return {family.name + suffix for suffix in suffixes.get(family.type, ("",))}


@pytest.mark.parametrize("expr", ASKED.values(), ids=ASKED.keys())
def test_what_is_asked_for_is_told(expr: str, exported: dict[str, set[str]]) -> None:
    bare = re.sub(r"\{[^}]*\}|\"[^\"]*\"", "", expr)
    named = set(re.findall(r"\b(?:collector_\w+|process_\w+|up|ALERTS)\b", bare))
    assert named
    assert named <= PROMETHEUS_OWN.union(*exported.values())


@pytest.mark.parametrize("expr", ASKED.values(), ids=ASKED.keys())
def test_labels_are_asked_for_words_that_they_may_hold(expr: str) -> None:
    for label, words in re.findall(r'(\w+)=~?"([^"]+)"', expr):
        if label in WORDS:
            assert set(words.split("|")) <= WORDS[label]


def test_nothing_told_is_left_unseen(exported: dict[str, set[str]]) -> None:
    seen = set(re.findall(r"\w+", " ".join(ASKED.values())))
    assert [
        name for name, series in exported.items() if name.startswith("collector_") and not series & seen
    ] == []

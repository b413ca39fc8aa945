"""Each metric that rules and dashboards ask for is one that the program tells, with the labels that they name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from collector.domain.errors import Blame
from collector.domain.model import RequestTally
from collector.domain.notification import MessageStatus
from collector.domain.silence import Verdict
from collector.domain.token_watch import TokenState
from collector.ops.collecting import READ, CollectMetrics, RoundResult
from collector.ops.stock import Stock, told
from storage.measures import Measures
from storage.vitals import Disk, RoundTimes, Vitals
from tests.monitoring.alerts import ROOT

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ASKED = re.compile(r"\b(collector_[a-z_]+)(?:\{([^}]*)\})?")
OF_THE_PROCESS = {"collector_build_info"}
"""Told by `bootstrap/ops.py`, and tested with it."""


class Adapter:
    def __init__(self) -> None:
        self.tally = RequestTally({"execute": 1})


def told_by_the_program() -> dict[str, set[str]]:
    """Each sample's name, and its labels."""
    registry = CollectorRegistry()
    metrics = CollectMetrics(registry)
    metrics.reads_by({"vk": Adapter()})
    metrics.request("vk", 1.0)
    metrics.round_ended(RoundResult.FINISHED, 1.0, {("vk", READ): 1})
    metrics.detected({Verdict.ACTIVE: 1}, NOW)
    stock = Stock(
        Vitals("0001", None, Disk(Path("/data"), 1, 2), RoundTimes(NOW, NOW), NOW),
        is_schema_newest=True,
        measures=Measures({("vk", "open"): 1}, 0, 0),
        letters_done=dict.fromkeys(MessageStatus, 0),
        letters_wait=timedelta(0),
        wall_reads_left={"vk": 1},
        tokens=[TokenState("vk", "key", "#1", NOW, True, NOW)],
        last_backup_at=NOW,
        last_retention_at=NOW,
    )
    families = [*registry.collect(), *told(stock, timedelta(hours=1), NOW)]
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_what_is_asked_for_is_told() -> None:
    known = told_by_the_program()
    asked = [
        (path.name, *found.groups())
        for folder in ("prometheus/rules", "grafana")
        for path in sorted((ROOT / "config" / folder).rglob("*.*"))
        if path.suffix in {".yml", ".json"}
        for found in ASKED.finditer(path.read_text("utf-8").replace('\\"', '"'))
        if found[1] not in OF_THE_PROCESS
    ]
    assert len(asked) > 20
    for where, name, labels in asked:
        assert name in known, f"{where}: {name}"
        wanted = set(re.findall(r"(\w+)\s*[=!]~?\s*\"", labels or "")) - {"job", "instance"}
        assert wanted <= known[name] | {"le"}, f"{where}: {name} has no {wanted - known[name]}"


def test_the_classes_that_rules_name_are_those_of_outcomes() -> None:
    classes = {READ, *(each.value for each in Blame)}
    rules = "".join(path.read_text("utf-8") for path in (ROOT / "config/prometheus/rules").glob("*.yml"))
    for listed in re.findall(r'class=~?"([^"]+)"', rules):
        assert set(listed.split("|")) <= classes

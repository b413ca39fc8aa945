"""The alert rules and their tests, as Prometheus reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "config" / "prometheus" / "rules"
RULE_TESTS = ROOT / "config" / "prometheus" / "tests"


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for path in sorted(RULES.glob("*.yml"))
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
    ]


@dataclass(frozen=True, slots=True)
class Question:
    """A question put to ALERTS in a test of the rules."""

    expr: str
    fired: tuple[str, ...]
    """Labels of the alerts that must fire; none: nothing may."""

    def is_about(self, alert: str) -> bool:
        named = re.search(r'alertname(=~?)"([^"]+)"', self.expr)
        return named is None or alert in named[2].split("|")


def questions() -> list[Question]:
    return [
        Question(asked["expr"], tuple(sample["labels"] for sample in asked["exp_samples"]))
        for path in sorted(RULE_TESTS.glob("*.yml"))
        for test in yaml.safe_load(path.read_text("utf-8"))["tests"]
        for asked in test["promql_expr_test"]
    ]

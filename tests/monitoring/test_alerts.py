"""What each alert must bear. That they fire when they must, and only then, is tested by promtool: `make lint`."""

from __future__ import annotations

import pytest

from tests.monitoring.alerts import ROOT, questions, rules

RULES = rules()
NAMES = sorted({rule["alert"] for rule in RULES})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}")
def test_alert_says_what_is_wrong_and_where_to_read_on(rule):
    words = rule["annotations"]
    assert rule["labels"]["service"] == "collector"
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert words.keys() == {"summary", "description", "runbook"}
    assert not words["summary"].endswith(".")
    assert words["description"].endswith(".")
    assert words["runbook"] == f"docs/ops.md#{rule['alert'].lower()}"


@pytest.mark.parametrize("alert", NAMES)
def test_alert_is_tested_both_ways(alert):
    asked = [question for question in questions() if question.is_about(alert)]
    fired = [labels for question in asked for labels in question.fired]
    severities = {rule["labels"]["severity"] for rule in RULES if rule["alert"] == alert}
    assert {s for s in severities for one in fired if f'"{alert}"' in one and f'"{s}"' in one} == severities
    assert any(not question.fired for question in asked)


def test_the_document_for_ops_has_a_section_for_each_alert_and_no_other():
    told = (ROOT / "docs" / "ops.md").read_text("utf-8").split("\n## Alerts\n")[1].split("\n## ")[0]
    sections = [line.removeprefix("### ") for line in told.splitlines() if line.startswith("### ")]
    assert sorted(sections) == NAMES

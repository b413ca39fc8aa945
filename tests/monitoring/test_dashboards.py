"""The dashboards: as Grafana wants them, and such that nobody must guess what a number is."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.monitoring.dashboards import DASHBOARDS, GRAFANA, dashboard, mistakes, panels

EVERY = [(name, panel) for name in DASHBOARDS for panel in panels(name)]


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """The types of the data sources, by uid."""
    path = GRAFANA / "provisioning" / "datasources" / "collector.yaml"
    return {each["uid"]: each["type"] for each in yaml.safe_load(path.read_text("utf-8"))["datasources"]}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_grafanas_own_models_know_all_of_it(name):
    assert mistakes(dashboard(name)) == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda raw: raw.update(colour="red"), "dashboard.colour is nothing that Grafana knows"),
        (
            lambda raw: raw["panels"][1]["options"].update(colr=1),
            "options.colr is nothing that Grafana knows",
        ),
        (lambda raw: raw["panels"][1]["gridPos"].update(w="12"), "grid_pos.w is '12', and should be"),
        (
            lambda raw: raw["panels"][1]["options"].update(colorMode="loud"),
            "color_mode is 'loud', and should be",
        ),
    ],
)
def test_the_models_find_what_is_wrong(spoil, told):
    raw = copy.deepcopy(dashboard("ops"))
    spoil(raw)
    assert told in "\n".join(mistakes(raw))


def test_names_that_others_link_to_stay():
    assert {name: (dashboard(name)["uid"], dashboard(name)["title"]) for name in DASHBOARDS} == {
        "department": ("collector-department", "Сообщества профсоюза"),
        "ops": ("collector-ops", "Collector: operations"),
    }


@pytest.mark.parametrize(
    ("name", "panel"), EVERY, ids=lambda given: given if isinstance(given, str) else given["title"]
)
def test_panel_says_what_it_shows_and_whence(name, panel, sources):
    source = panel["datasource"]
    assert sources[source["uid"]] == source["type"]
    assert all(target["datasource"] == source for target in panel["targets"])
    assert panel["targets"]
    assert panel["title"]
    assert panel["description"].endswith(".")
    shown = panel["fieldConfig"]["defaults"]
    assert shown["unit"]
    # What is unknown is said, and no line is drawn over it.
    assert shown["noValue"]
    assert panel["type"] != "timeseries" or shown["custom"]["spanNulls"] is False


def test_prometheus_understands_every_expression(tmp_path: Path):
    expressions = [target["expr"] for panel in panels("ops") for target in panel["targets"]]
    # As recording rules, since promtool checks no expression by itself.
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(expressions)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    checked = subprocess.run(
        ["promtool", "check", "rules", path], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert f"{len(expressions)} rules found" in checked.stdout


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_do_not_lie_upon_each_other(name):
    taken = [
        (x, y)
        for panel in dashboard(name)["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    numbers = [panel["id"] for panel in dashboard(name)["panels"]]
    assert len(numbers) == len(set(numbers))


def test_the_department_is_spoken_to_in_russian_and_by_moscows_clock():
    assert dashboard("department")["timezone"] == "Europe/Moscow"
    for panel in panels("department"):
        for words in (panel["title"], panel["description"]):
            assert re.search("[а-я]", words), words
        assert not re.search("[a-z]", panel["title"])


def test_no_password_is_in_the_files():
    told = "".join(path.read_text("utf-8") for path in GRAFANA.rglob("*") if path.is_file())
    assert re.findall(r"password: *(.*)", told) == ["$__file{/run/keys/grafana_password}"]
    assert "secureJsonData" not in json.dumps([dashboard(name) for name in DASHBOARDS])

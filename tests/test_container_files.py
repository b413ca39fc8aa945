"""Dockerfile and compose.yaml name only settings that there are: a renamed one would end every container at once.

What the image does is tried on an engine: scripts/container_test/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.sandbox import GRAPH_TOKEN, VK_TOKEN
from collector.settings import Settings
from collector.settings_sources import FILE_SUFFIX, variables

ROOT = Path(__file__).parents[1]
KNOWN = {variable.name for variable in variables(Settings)}
KNOWN_FILES = {variable.name + FILE_SUFFIX for variable in variables(Settings) if variable.is_secret}


def settings_of_the_image() -> dict[str, str]:
    return dict(re.findall(r"^\s+(COLLECTOR_\w+)=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE))


def services() -> Mapping[str, Mapping[str, Any]]:
    # Merge keys (<<) are YAML 1.1's, which PyYAML speaks as compose does.
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return found


def settings_of_services() -> Iterator[tuple[str, str]]:
    for name, service in services().items():
        yield from ((name, key) for key in service.get("environment", {}) if key.startswith("COLLECTOR_"))


def test_the_image_sets_only_what_there_is() -> None:
    assert settings_of_the_image().keys() <= KNOWN
    assert "COLLECTOR_OPS__LISTEN" in settings_of_the_image(), "its health check asks there"


@pytest.mark.parametrize(("service", "name"), list(settings_of_services()))
def test_a_service_sets_only_what_there_is(service: str, name: str) -> None:
    assert name in KNOWN | KNOWN_FILES, service


def test_what_is_tried_out_shares_neither_database_nor_secret_with_what_is_real() -> None:
    real, tried = services()["daemon"], services()["try"]
    assert tried["environment"]["COLLECTOR_DATABASE_URL"].startswith("sqlite:")
    volumes = [{volume.partition(":")[0] for volume in each["volumes"]} for each in (real, tried)]
    assert not volumes[0] & volumes[1]
    assert "secrets" not in tried
    assert "env_file" not in tried
    tokens = {key: value for key, value in tried["environment"].items() if "TOKEN" in key}
    assert set(tokens.values()) == {VK_TOKEN, GRAPH_TOKEN}


def test_ports_are_open_to_this_machine_alone() -> None:
    ports = [port for service in services().values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_prometheus_asks_where_the_image_listens() -> None:
    port = settings_of_the_image()["COLLECTOR_OPS__LISTEN"].rpartition(":")[2]
    asked = (ROOT / "config/prometheus/prometheus.yml").read_text()
    assert {f"daemon:{port}", f"page:{port}"} <= set(re.findall(r"[\w-]+:\d+", asked))

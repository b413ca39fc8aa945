"""The guide for ops: each alert has its section, and whatever it names is there under that name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from collector.cli import app
from collector.settings_doc import env_example
from tests.monitoring.alerts import rules

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "ops.md").read_text("utf-8")
UNITS = sorted((ROOT / "config" / "systemd").iterdir())


def test_each_alert_has_a_section_and_each_section_an_alert() -> None:
    sections = re.findall(
        r"^### (\w+)$", GUIDE.partition("\n## Alerts\n")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert sections == list(dict.fromkeys(rule["alert"] for rule in rules()))


def test_the_settings_it_names_are_there() -> None:
    texts = [GUIDE, *(unit.read_text("utf-8") for unit in UNITS)]
    named = {name for text in texts for name in re.findall(r"COLLECTOR_[A-Z_]*[A-Z]", text)}
    known = set(re.findall(r"COLLECTOR_[A-Z_]*[A-Z]", env_example()))
    assert named - known == set()


def test_the_commands_it_names_are_there() -> None:
    group = typer.main.get_command(app)
    named = set(
        re.findall(
            r"(?:`|\$ |# |bin/|exec page |exec daemon |daemon )(?:collector|daemon) ([a-z]+(?: [a-z]+(?:-[a-z]+)*)?)",
            GUIDE,
        )
    )
    assert len(named) > 20
    assert [each for each in sorted(named) if not _is_command(group, each.split())] == []


def _is_command(group: object, words: list[str]) -> bool:
    """Whether the first words name a command; what follows is said of it."""
    assert isinstance(group, TyperGroup)
    found = group.commands.get(words[0])
    if isinstance(found, TyperGroup) and len(words) > 1:
        return _is_command(found, words[1:])
    return found is not None


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_units_run_what_the_guide_installs(unit: Path) -> None:
    programs = re.findall(r"^ExecStart=(\S+)", unit.read_text("utf-8"), re.MULTILINE)
    assert set(programs) <= {"/opt/collector/bin/collector"}
    assert "cp /opt/collector/source/config/systemd/* /etc/systemd/system/" in GUIDE

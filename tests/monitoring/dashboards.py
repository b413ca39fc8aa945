"""The dashboards as files, and what Grafana's own models say of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_type_hints

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard, DataTransformerConfig, Panel
from pydantic import ConfigDict, TypeAdapter, ValidationError

from tests.monitoring.alerts import ROOT

GRAFANA = ROOT / "config" / "grafana"
DASHBOARDS = {path.stem: path for path in sorted((GRAFANA / "dashboards").glob("*.json"))}

register_default_plugins()


def dashboard(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(DASHBOARDS[name].read_text("utf-8"))
    return made


def panels(name: str) -> list[dict[str, Any]]:
    """Those that show something: rows are headings."""
    return [panel for panel in dashboard(name)["panels"] if panel["type"] != "row"]


def mistakes(raw: dict[str, Any]) -> list[str]:
    """What in a dashboard Grafana's models do not know, or know otherwise.

    The models are generated from Grafana's schema. They drop what they do not know and check no types, so both is
    looked at here: whether all comes out again that went in, and whether each value is of the type that is declared.
    """
    model = Dashboard.from_json(raw)
    for panel in model.panels or ():
        if isinstance(panel, Panel) and panel.transformations is not None:
            # The only part that the library leaves as it came.
            found: Any = panel.transformations
            panel.transformations = [DataTransformerConfig.from_json(each) for each in found]
    written = json.loads(JSONEncoder().encode(model))
    return [*_lost(raw, written, "dashboard"), *_mistyped(model, "dashboard")]


def _lost(given: Any, kept: Any, where: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name in kept:
                yield from _lost(value, kept[name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is nothing that Grafana knows"
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for number, (one, other) in enumerate(zip(given, kept, strict=True)):
            yield from _lost(one, other, f"{where}[{number}]")
    elif given != kept:
        yield f"{where} is {given!r} and comes out as {kept!r}"


_CONFIG = ConfigDict(arbitrary_types_allowed=True)


def _mistyped(model: Any, where: str) -> Iterator[str]:
    if isinstance(model, list):
        for number, each in enumerate(model):
            yield from _mistyped(each, f"{where}[{number}]")
    elif type(model).__module__.startswith("grafana_foundation_sdk.models"):
        for name, hint in get_type_hints(type(model)).items():
            value = getattr(model, name)
            try:
                # A word may stand for a choice of the same name, but "1" not for a number.
                is_right = TypeAdapter(hint, config=_CONFIG).validate_python(value) == value
            except ValidationError:
                is_right = False
            if not is_right:
                yield f"{where}.{name} is {value!r}, and should be {hint}"
            yield from _mistyped(value, f"{where}.{name}")

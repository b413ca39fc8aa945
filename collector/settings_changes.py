"""Owns which settings a process that goes on takes up, and which need a restart."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from collector.settings import Settings
from collector.settings_sources import Variable, variables

_TAKEN_UP = (
    ("branches_file",),
    ("contest_rules_file",),
    ("vk",),
    ("facebook",),
    ("collect", "interval"),
    ("collect", "max_backoff"),
    ("silence",),
    ("letters",),
    ("smtp",),
    ("ops", "emails"),
    ("ops", "letter_every"),
    ("ops", "unknown_after"),
    ("ping",),
    ("log", "level"),
)
"""What is looked up each time it is used. All else was built into something at the start: the database's
connections, what listens, the page's logins and links, the form of the log."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The settings to go on with; the variables that changed in them, and those that changed and need a restart."""

    settings: Settings
    taken_up: tuple[str, ...]
    needs_restart: tuple[str, ...]


def changes(old: Settings, new: Settings, only: Collection[str] | None = None) -> Changes:
    """What of `new` a process takes up that runs by `old`. `only`: these variables alone; None: all."""
    taken_up, needs_restart = [], []
    updates: dict[str, Any] = {}
    for each in variables(Settings):
        value = _value(new, each)
        if value == _value(old, each) or (only is not None and each.name not in only):
            continue
        if not any(each.field_path[: len(path)] == path for path in _TAKEN_UP):
            # A default that follows from another setting is nobody's word.
            if _is_given(new, each) or _is_given(old, each):
                needs_restart.append(each.name)
            continue
        taken_up.append(each.name)
        if len(each.field_path) == 1:
            updates[each.field_path[0]] = value
        else:
            section, field = each.field_path
            was: BaseModel = updates.get(section, getattr(old, section))
            updates[section] = was.model_copy(update={field: value})
    if new.networks != old.networks and (
        only is None or any(name.startswith("COLLECTOR_NETWORKS__") for name in only)
    ):
        taken_up.append("COLLECTOR_NETWORKS__...")
        updates["networks"] = new.networks
    return Changes(old.model_copy(update=updates), tuple(taken_up), tuple(needs_restart))


def _value(settings: Settings, variable: Variable) -> Any:
    value: Any = settings
    for step in variable.field_path:
        value = getattr(value, step)
    return value


def _is_given(settings: Settings, variable: Variable) -> bool:
    section: BaseModel = settings
    for step in variable.field_path[:-1]:
        section = getattr(section, step)
    return variable.field_path[-1] in section.model_fields_set

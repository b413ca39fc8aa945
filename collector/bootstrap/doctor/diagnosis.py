"""One line of what the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How something is."""

    OK = "ok"
    WARN = "warn"
    """It works, and something is to be seen to all the same."""
    FAIL = "fail"
    UNKNOWN = "unknown"
    """It could not be found out; the line says why."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was looked at, how it is, what was found, what to do."""

    what: str
    health: Health
    state: str
    to_do: str | None = None

    @property
    def is_well(self) -> bool | None:
        """Whether it works; None: nobody knows."""
        return None if self.health is Health.UNKNOWN else self.health is not Health.FAIL


def well(what: str, state: str, to_do: str | None = None) -> Diagnosis:
    """A line on something that works."""
    return Diagnosis(what, Health.OK, state, to_do)


def warning(what: str, state: str, to_do: str) -> Diagnosis:
    """A line on something that works, and is to be seen to."""
    return Diagnosis(what, Health.WARN, state, to_do)


def failure(what: str, state: str, to_do: str) -> Diagnosis:
    """A line on something that does not work."""
    return Diagnosis(what, Health.FAIL, state, to_do)


def unknown(what: str, why: str, to_do: str) -> Diagnosis:
    """A line on something that could not be found out."""
    return Diagnosis(what, Health.UNKNOWN, f"unknown: {why}", to_do)

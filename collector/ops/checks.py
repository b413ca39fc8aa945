"""How a check's result looks: a line that people and `docker inspect` show as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, whether it is well, and in words what was found and what to do."""

    what: str
    is_well: bool
    words: str

    @property
    def line(self) -> str:
        """The same as `collector check` prints it."""
        return f"{'ok  ' if self.is_well else 'FAIL'}  {self.what}: {self.words}"


def all_well(checks: Iterable[Check]) -> bool:
    """Whether nothing is wrong."""
    return all(check.is_well for check in checks)


def lines(checks: Iterable[Check]) -> str:
    """A line each."""
    return "".join(f"{check.line}\n" for check in checks)

"""How the commands write: tables for people, JSON for scripts, times as people read them."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from collector.domain.calendar import MOSCOW, written_day
from collector.domain.errors import CollectorError
from collector.domain.period import ReportPeriod, written_period

_FIRST_YEAR, _LAST_YEAR = 2006, 2049
"""Of the calendar in the database."""
UNKNOWN = "—"
"""What stands where nothing is known: never a 0."""


def out() -> Console:
    """The console on standard output. In a pipe it is wide enough that no cell is cut."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200)


def table(
    title: str | None, columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()
) -> Table:
    """A table of plain text: what networks and files say is never taken for markup."""
    made = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def number(value: int | None) -> str:
    """A count with thousands apart, or the sign for unknown."""
    return UNKNOWN if value is None else f"{value:,}".replace(",", " ")


def moscow(instant: datetime | None) -> str:
    """An instant in Moscow time, to the minute."""
    return UNKNOWN if instant is None else f"{instant.astimezone(MOSCOW):%d.%m.%Y %H:%M}"


def day(option: str, written: str) -> date:
    """A day as people here write it, given by an option. Raises CollectorError for anything else."""
    found = written_day(written)
    if found is None:
        raise CollectorError(f"{option} {written!r} is no day; write it as 2026-12-31 or 31.12.2026")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise CollectorError(f"{option} {written!r} is of no year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


def period(option: str, written: str) -> ReportPeriod:
    """A year, quarter or month, given by an option. Raises CollectorError for anything else."""
    found = written_period(written)
    if found is None:
        raise CollectorError(
            f"{option} {written!r} is no period; write a year as 2026, a quarter as 2026-Q3, a month as 2026-09"
        )
    if not _FIRST_YEAR <= found.first_day.year <= _LAST_YEAR:
        raise CollectorError(f"{option} {written!r} is of no year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


def who(given: str | None) -> str:
    """Who acts by a command, for the record: as given, else this system's user."""
    if given is None:
        try:
            given = getpass.getuser()
        except (KeyError, OSError):
            # A container's user may have a number alone.
            given = f"user {os.getuid()}"
    return f"{' '.join(given.split())} (command line)"


def print_json(value: Any) -> None:
    """One JSON value on standard output: UTC, unknown as null."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_as_json))


def _as_json(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"not JSON: {type(value).__name__}")

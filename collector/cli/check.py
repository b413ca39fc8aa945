"""`collector check`: whether it would work, told line by line, with what to do."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.bootstrap.doctor import Diagnosis

_MARKS = {"ok": "ok", "warn": "warn", "fail": "FAIL", "unknown": "?"}
_INDENT = " " * 6


def check(
    branches: Annotated[
        Path | None,
        typer.Option(help="The branches file. Without: COLLECTOR_BRANCHES_FILE, or branches.yaml."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Check settings, files, clock, disks and database, and try each token and the mail server.

    Changes nothing, sends nothing. ok: it works; warn: it works, and something is to be seen to; FAIL: it does not
    work; ?: that could not be found out. Ends with 0 if all works, 1 if something does not or is not known, 2 if
    the settings cannot even be read.
    """
    from collector.bootstrap import utc_now
    from collector.bootstrap.doctor import examine
    from collector.cli import console

    found = []
    for each in examine(branches, utc_now):
        found.append(each)
        if not as_json:
            # One after the other: whoever waits for a network that does not answer sees what is well.
            print("\n".join(_lines(each)), flush=True)
    if as_json:
        console.print_json([{**asdict(each), "is_well": each.is_well} for each in found])
    if not all(each.is_well for each in found):
        raise typer.Exit(1)


def _lines(found: Diagnosis) -> Iterator[str]:
    yield _wrapped(f"{_MARKS[found.health]:<4}  {found.what}: {found.state}")
    if found.to_do:
        yield _wrapped(f"{_INDENT}To do: {found.to_do}")


def _wrapped(line: str) -> str:
    """On a terminal, in its width; elsewhere one line, so that it can be searched."""
    if not sys.stdout.isatty():
        return line
    wrapped = [
        textwrap.fill(
            part,
            shutil.get_terminal_size().columns - 1,
            subsequent_indent=_INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for part in line.splitlines()
    ]
    return "\n".join(wrapped)

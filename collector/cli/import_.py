"""`collector import`: numbers of the past."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Import numbers of the past into the series.",
    epilog="Example: collector import followers config/followers-2017-2018.csv",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """A group of one command so far: without this, Typer would make it the group itself."""


@app.command(epilog="Example: collector import followers config/followers-2017-2018.csv")
def followers(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV: organization, primary_count, then <network>_<YYYY-MM-DD> columns of followers."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Import follower counts of past days, such as the resolution's table.

    A 0 there means that the organisation had no account yet: that is kept, and no number. Twice does no harm;
    a table with a mistake, or one that contradicts what is stored, changes nothing.
    """
    from collector.bootstrap import program
    from collector.cli import console

    with program(quiet=True) as parts:
        report = parts.import_followers(file)
    if as_json:
        console.print_json(asdict(report))
        return
    days = ", ".join(f"{day:%d.%m.%Y}" for day in report.days)
    print(f"{file}: {report.added} counts added, {report.already_there} were there already; days: {days}.")
    if report.absences_added:
        print(f"Where the table has 0, there was no account yet: {report.absences_added} times.")

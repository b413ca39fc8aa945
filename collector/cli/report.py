"""`collector report`: tables for the information department, in Russian."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.reports.report import Report

app = typer.Typer(
    help="Tables for the information department, in Russian: on the screen, as CSV, for Excel, or as a page to print.",
    epilog="Example: collector report growth --from 2026-09-01 --to 2026-09-30 --output прирост.xlsx",
    no_args_is_help=True,
)


class Format(StrEnum):
    """How a report is shown."""

    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


class League(StrEnum):
    """Which branches a report is about."""

    TERRITORIAL = "territorial"
    PRIMARY = "primary"
    CITY = "city"
    ALL = "all"


_Output = Annotated[
    Path | None,
    typer.Option(
        help="File to write. Its ending tells the format: .csv, .xlsx or .html. Without: the screen."
    ),
]
_Format = Annotated[
    Format | None, typer.Option("--format", help="Where no file is named, one is named after the report.")
]


@app.callback()
def report() -> None:
    """Tables for the information department, in Russian: on the screen, as CSV, for Excel, or as a page to print."""


@app.command(epilog="Example: collector report growth --from 2017-12-31 --to 2018-04-20 --output рост.xlsx")
def growth(
    first: Annotated[str, typer.Option("--from", help="The first day: 2017-12-31 or 31.12.2017.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    kind: Annotated[League, typer.Option(help="Which branches.")] = League.TERRITORIAL,
    form: _Format = None,
    output: _Output = None,
) -> None:
    """Followers at two days, and what came between: the founding resolution's table.

    Each number is the reading nearest to its day, and how far from it that was is told. «—»: no account yet.
    """
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_growth
    from collector.cli.console import day
    from collector.domain.errors import CollectorError
    from collector.domain.model import BranchKind

    first_day, last_day = day("--from", first), day("--to", last)
    if first_day >= last_day:
        raise CollectorError(
            f"--from {first_day} is not before --to {last_day}: growth is what came between two days"
        )
    how, file = _wanted(form, output)
    kinds = tuple(BranchKind) if kind is League.ALL else (BranchKind(kind.value),)
    with program(writes=False, quiet=True) as parts:
        made = make_growth(parts, first_day, last_day, kinds)
    _deliver(made, how, file or Path(f"{made.name}-{first_day}-{last_day}.{how.value}"))


@app.command(epilog="Example: collector report claims config/claims-2018.csv")
def claims(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: organization,network,metric,claimed,from,to; empty means all together."),
    ],
    form: _Format = None,
    output: _Output = None,
) -> None:
    """Check what somebody claims against the data: confirmed, refuted by the real value, or not provable.

    Metrics: followers, net_follower_change, growth_percent, post_count. What cannot be checked may still be true.
    """
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_claims

    how, target = _wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_claims(parts, file)
    _deliver(made, how, target or Path(f"{made.name}-{file.stem}.{how.value}"))


def _wanted(form: Format | None, output: Path | None) -> tuple[Format, Path | None]:
    """How it is to be shown, and in which file."""
    from collector.domain.errors import CollectorError

    if output is None:
        return form or Format.TABLE, None
    ending = output.suffix.lower().removeprefix(".")
    if ending not in (Format.CSV, Format.XLSX, Format.HTML):
        raise CollectorError(f"--output {output}: its ending tells no format; write .csv, .xlsx or .html")
    if form not in (None, Format(ending)):
        raise CollectorError(f"--output {output} is no file of --format {form.value}; leave one of them out")
    return Format(ending), output


def _deliver(report: Report, form: Format, file: Path) -> None:
    """Onto the screen, or into a file, which is replaced whole or not at all."""
    from collector.cli.report_output import print_report, write_report

    if form is Format.TABLE:
        print_report(report)
    else:
        for written in write_report(report, form.value, file):
            print(written)

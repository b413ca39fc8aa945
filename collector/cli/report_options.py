"""What all commands of `collector report` have in common: the form that is asked for, and where the report goes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.domain.model import BranchKind
    from collector.reports.report import Report


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

    @property
    def kinds(self) -> tuple[BranchKind, ...]:
        """The kinds of its branches."""
        from collector.domain.model import BranchKind

        return tuple(BranchKind) if self is League.ALL else (BranchKind(self.value),)


Output = Annotated[
    Path | None,
    typer.Option(
        help="File to write. Its ending tells the format: .csv, .xlsx or .html. Without: the screen."
    ),
]
Form = Annotated[
    Format | None, typer.Option("--format", help="Where no file is named, one is named after the report.")
]


def wanted(form: Format | None, output: Path | None) -> tuple[Format, Path | None]:
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


def deliver(report: Report, form: Format, file: Path) -> None:
    """Onto the screen, or into a file, which is replaced whole or not at all."""
    from collector.cli.report_output import print_report, write_report

    if form is Format.TABLE:
        print_report(report)
    else:
        for written in write_report(report, form.value, file):
            print(written)

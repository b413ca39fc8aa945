"""`collector export`: the rows of a public view, as a file or on standard output."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from storage.export import ViewRows


class Format(StrEnum):
    """What the rows are written as."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


def export(
    view: Annotated[str, typer.Option(help="A public view: docs/data-dictionary.md lists them.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="Without: by the file's ending, else csv.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", help="The first day: 2026-10-01 or 01.10.2026.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, included.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; without, CSV goes to standard output.")
    ] = None,
) -> None:
    """Write the rows of a public view, however many: a few thousand at a time are in memory.

    CSV is for Excel in Russian: semicolons, a comma before decimals; unknown is empty. What Excel would take for a
    formula has an apostrophe before it.
    """
    from collector.bootstrap import program
    from collector.cli.console import day
    from collector.cli.files import whole_file
    from collector.domain.errors import CollectorError

    how = _by_ending(output, form)
    if output is None and how is not Format.CSV:
        raise CollectorError(
            f"--format {how.value} is no text for a terminal; name a file: --output rows.{how.value}"
        )
    first_day = day("--from", first) if first is not None else None
    last_day = day("--to", last) if last is not None else None
    if first_day is not None and last_day is not None and first_day > last_day:
        raise CollectorError(f"--from {first_day} is after --to {last_day}")
    with (
        program(writes=False, quiet=True) as parts,
        parts.store.reports.view_rows(view, first_day, last_day) as found,
    ):
        if output is None:
            _to_standard_output(found)
            return
        with whole_file(output) as beside:
            count = _write(found, how, beside)
    print(f"{output}: {count} rows of {view}.")


def _by_ending(output: Path | None, form: Format | None) -> Format:
    from collector.domain.errors import CollectorError

    if output is None:
        return form or Format.CSV
    ending = output.suffix.lower().removeprefix(".")
    if ending not in [each.value for each in Format]:
        raise CollectorError(f"--output {output}: its ending tells no format; write .csv, .xlsx or .parquet")
    if form not in (None, Format(ending)):
        raise CollectorError(f"--output {output} is no file of --format {form.value}; leave one of them out")
    return Format(ending)


def _to_standard_output(found: ViewRows) -> None:
    from collector.reports.rendering.rows import write_csv

    try:
        write_csv(found.columns, found.rows, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever read has read enough: `collector export ... | head`.
        sys.stderr.close()


def _write(found: ViewRows, form: Format, file: Path) -> int:
    from collector.reports.rendering import rows
    from storage.views import holds

    if form is Format.XLSX:
        return rows.write_workbook(found.columns, found.rows, file)
    with file.open("wb") as out:
        if form is Format.CSV:
            return rows.write_csv(found.columns, found.rows, out)
        kinds = [holds(name).name.lower() for name in found.columns]
        return rows.write_parquet(found.columns, found.rows, kinds, out)

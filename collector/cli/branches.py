"""`collector branches`: the branches file and what the database has of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from storage.branches import SyncReport

app = typer.Typer(
    help="The branches file: load it, list what is loaded, its schema.",
    epilog="Example: collector branches sync my.yaml",
    no_args_is_help=True,
)


@app.command(epilog="Example: collector branches sync my.yaml --dry-run")
def sync(
    file: Annotated[
        Path | None,
        typer.Argument(help="The branches file. Without: COLLECTOR_BRANCHES_FILE, or branches.yaml."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Bring the database in line with the branches file. A file with mistakes changes nothing."""
    from collector.bootstrap import preview_branches, program
    from collector.cli import console

    if dry_run:
        report: SyncReport | None = preview_branches(file)
    else:
        with program(quiet=True) as parts:
            report = parts.sync_branches(file or parts.settings.branches_file)
    if report is None:
        return
    if as_json:
        console.print_json(asdict(report))
    else:
        _print(report, dry_run=dry_run)


def _print(report: SyncReport, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    if report.added:
        print(f"{would}added: {', '.join(report.added)}")
    for code, changes in report.changed.items():
        print(f"{would}changed: {code}: {'; '.join(changes)}")
    if report.retired:
        print(f"{would}retired (its history stays): {', '.join(report.retired)}")
    print(f"unchanged: {report.unchanged_count}")


@app.command(name="list", epilog="Example: collector branches list --json")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List the branches as last loaded, retired ones last."""
    from collector.bootstrap import program
    from collector.cli import console

    with program(writes=False, quiet=True) as parts:
        rows = parts.store.branches()
    if as_json:
        console.print_json([asdict(row) for row in rows])
        return
    cells = [
        (
            row.code,
            row.name,
            row.kind,
            row.parent_code or "",
            console.number(row.primary_count),
            str(row.community_count),
            f"retired {console.moscow(row.retired_at)}" if row.retired_at else "",
        )
        for row in rows
    ]
    columns = ("code", "name", "kind", "parent", "primary organisations", "communities", "")
    console.out().print(console.table(None, columns, cells, right=("primary organisations", "communities")))


@app.command(epilog="Example: collector branches schema > config/branches.schema.json")
def schema() -> None:
    """Print the JSON Schema of the branches file, with which an editor completes and checks it."""
    from collector.branches import branches_schema
    from collector.cli import console

    console.print_json(branches_schema())

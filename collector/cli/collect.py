"""`collector collect`: one round, by hand or from cron."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collector.domain.errors import FailureKind
    from collector.jobs.collect import Progress, RoundSummary
    from storage.status import CommunityStatus

_TABLE_AT_MOST = 1000
"""Of more communities the table is a waste: 4 kB of memory each, and nobody reads it."""


def collect(
    branches: Annotated[
        Path | None,
        typer.Option(help="The branches file. Without: COLLECTOR_BRANCHES_FILE, or branches.yaml."),
    ] = None,
    network: Annotated[list[str] | None, typer.Option(help="Only this network; may be repeated.")] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Only those whose turn it is, as the daemon does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Read every community once, now, and store what changed.

    Ends with 0 if all were read, 1 if some were not (each is named, with what to do), 2 if it could not run.
    """
    from collector.bootstrap import program
    from collector.cli import console
    from collector.domain.errors import CollectorError
    from collector.scheduler import stopping_on_signals

    with program(quiet=True) as parts, stopping_on_signals(parts.stop):
        parts.sync_branches(branches)
        parts.take_up_settings()
        in_use = parts.store.networks_in_use()
        for name in network or ():
            if name not in in_use:
                raise CollectorError(
                    f"no community is on {name!r}; the branches file uses: {', '.join(in_use)}"
                )
        if not in_use:
            raise CollectorError("the branches file lists no community; add some to its branches")
        with parts.adapters(network or in_use) as adapters, _progress(shown=not as_json) as progress:
            summary = parts.collect(adapters, only_due=due, progress=progress)
        if summary.is_elsewhere:
            raise CollectorError(
                f"another round is at work on {parts.store.shown} (the daemon, or another `collect`); wait for its end"
            )
        rows = {row.community_id: row for row in parts.store.communities()}
        next_due = parts.store.next_due()
    if as_json:
        console.print_json(_as_json(summary, rows))
    elif summary.counts.due == 0:
        print(f"Nothing is due; next at {console.moscow(next_due)} Moscow time.")
    else:
        _print(summary, rows)
    if summary.outdated:
        print(
            f"{summary.outdated} answers were not stored: the database has later ones. Is this machine's clock right?",
            file=sys.stderr,
        )
    if summary.failures or summary.is_stopped or summary.outdated:
        raise typer.Exit(1)


@contextmanager
def _progress(*, shown: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; nothing in a log."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("Collecting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("collect", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _print(summary: RoundSummary, rows: dict[int, CommunityStatus]) -> None:
    from collector.cli import console
    from collector.cli.advice import advice
    from collector.cli.status import status_table

    if len(rows) <= _TABLE_AT_MOST:
        console.out().print(status_table(list(rows.values())))
    else:
        print(f"{len(rows)} communities: too many for a table here; `collector status` shows them.")
    counts = summary.counts
    print(
        f"Read {counts.read} of {counts.due} communities and {counts.walls} walls "
        f"with {counts.requests} requests in {summary.seconds:.1f} s."
    )
    if summary.is_stopped:
        print("Stopped before the end; the rest stays due.")
    if summary.failures:
        print(f"\nNot read, in whole or the wall ({len(summary.failures)}):")
    alike: dict[tuple[FailureKind, str], list[str]] = {}
    for failure in sorted(summary.failures, key=lambda item: item.community_id):
        row = rows.get(failure.community_id)
        where = f"{row.branch_code}, {row.network}, {row.url}" if row else f"community {failure.community_id}"
        alike.setdefault((failure.kind, failure.detail), []).append(where)
    for (kind, detail), places in alike.items():
        # One cause is told once, with all whom it met.
        named = places[0] if len(places) == 1 else f"{len(places)} communities"
        print(f"- {named}: {kind.value}: {detail}\n  To do: {advice(kind)}.")
        if len(places) > 1:
            print("  These: " + "; ".join(places) + ".")


def _as_json(summary: RoundSummary, rows: dict[int, CommunityStatus]) -> dict[str, Any]:
    from collector.cli.advice import advice

    return {
        **asdict(summary.counts),
        "is_stopped": summary.is_stopped,
        "seconds": round(summary.seconds, 3),
        "failures": [
            {
                "community_id": failure.community_id,
                "branch": rows[failure.community_id].branch_code,
                "network": rows[failure.community_id].network,
                "url": rows[failure.community_id].url,
                "kind": failure.kind.value,
                "detail": failure.detail,
                "to_do": advice(failure.kind),
            }
            for failure in summary.failures
            if failure.community_id in rows
        ],
    }

"""`collector db retain`: removes what is too old, by hand; the daemon does it each night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.jobs.retain import RetentionSummary


def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be removed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Remove what is older than COLLECTOR_RETENTION__... keeps it, as the daemon does each night.

    Ages are reckoned from the newest reading. It goes in small batches beside rounds, and may be stopped: the next
    one goes on. SQLite's file does not shrink by it, but grows no more until the room is used again. Ends with 1 if it
    was stopped, or another process is at it.
    """
    from collector.bootstrap import program
    from collector.bootstrap.retention import retain_now
    from collector.cli import console
    from collector.domain.errors import CollectorError
    from collector.scheduler import stopping_on_signals

    with program(writes=not dry_run, quiet=True) as parts, stopping_on_signals(parts.stop):
        if not parts.settings.retention.ages:
            raise CollectorError(
                "all is set to be kept for ever; set COLLECTOR_RETENTION__POST_SNAPSHOTS=90d or another of them "
                "(.env.example lists them)"
            )
        summary = retain_now(parts, dry_run=dry_run)
    if as_json:
        console.print_json(
            {
                "dry_run": dry_run,
                "is_whole": summary.is_whole,
                "is_elsewhere": summary.is_elsewhere,
                "kept_from": {each.value: at for each, at in summary.before.items()},
                "removed": {each.value: count for each, count in summary.removed.items()},
            }
        )
    else:
        _print(summary, dry_run=dry_run)
    if not summary.is_whole:
        raise typer.Exit(1)


def _print(summary: RetentionSummary, *, dry_run: bool) -> None:
    from collector.cli import console

    if summary.is_elsewhere:
        print("Another process removes what is too old at this moment.")
        return
    done = "would be removed" if dry_run else "removed"
    rows = [
        [each.value, console.moscow(summary.before.get(each)), console.number(count)]
        for each, count in summary.removed.items()
    ]
    columns = ["what", "older than (Moscow)", done]
    console.out().print(console.table(None, columns, rows, right=[done]))
    if not summary.before:
        print("Nothing was ever read, so nothing is old.")
    elif not summary.is_whole:
        print("Stopped before its end; the next one goes on.")

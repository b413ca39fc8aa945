"""`collector run`: the daemon."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer


def run(
    branches: Annotated[
        Path | None,
        typer.Option(help="The branches file. Without: COLLECTOR_BRANCHES_FILE, or branches.yaml."),
    ] = None,
) -> None:
    """Collect by the clock until SIGTERM.

    Brings the database and the branches up to date at its start. Two daemons on one database share no work
    twice: one is at it, the other stands by.
    """
    from collector.bootstrap import program
    from collector.scheduler import job_table, run_daemon, stopping_on_signals

    with program() as parts, stopping_on_signals(parts.stop):
        parts.sync_branches(branches)
        parts.take_up_settings()
        with parts.adapters() as adapters:
            jobs = job_table(
                collect=lambda: parts.collect_when_due(adapters),
                interval=parts.settings.collect.interval,
                jitter=parts.settings.collect.jitter,
            )
            ended = run_daemon(jobs, parts.stop, timedelta(seconds=parts.settings.stop_timeout))
        if not ended:
            # A thread that does not end would keep Python from ending: the time for that is over.
            sys.stderr.flush()
            os._exit(0)

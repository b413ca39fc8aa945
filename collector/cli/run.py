"""`collector run`: the daemon."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.bootstrap import Program


def run(
    branches: Annotated[
        Path | None,
        typer.Option(help="The branches file. Without: COLLECTOR_BRANCHES_FILE, or branches.yaml."),
    ] = None,
) -> None:
    """Collect, judge and write by the clock until SIGTERM.

    Brings the database and the branches up to date at its start, and serves the page that letters lead to if
    COLLECTOR_WEB__LISTEN is set, and how it is (/healthz, /readyz, /metrics) if COLLECTOR_OPS__LISTEN is.
    Two daemons on one database share no work twice: one is at it, the other stands by. One whose database a newer
    program upgrades meanwhile ends with 2. Files of secrets that change are taken up by themselves, other settings
    and the branches file at SIGHUP; the log says what needs a restart.
    """
    from prometheus_client import CollectorRegistry

    from collector.bootstrap import program
    from collector.bootstrap.daemon import Daemon, watch_requests
    from collector.bootstrap.ops import hung_after, ops_served
    from collector.bootstrap.reload import Reloader
    from collector.ops.collecting import CollectMetrics
    from collector.ops.pulse import Pulse
    from collector.scheduler import asking_on_hangup, run_daemon, stopping_on_signals

    asked = threading.Event()
    with asking_on_hangup(asked), program() as parts, stopping_on_signals(parts.stop):
        registry, pulse = CollectorRegistry(), Pulse(hung_after(parts.settings))
        metrics = CollectMetrics(registry)
        watch_requests(parts, pulse, metrics)
        with ops_served(parts, pulse, registry, collects=True):
            parts.sync_branches(branches)
            parts.take_up_settings()
            with parts.adapters() as adapters, _page(parts):
                daemon = Daemon(parts, adapters, pulse, metrics, Reloader(parts, asked, branches))
                ended = run_daemon(daemon.jobs(), parts.stop, timedelta(seconds=parts.settings.stop_timeout))
        if not ended:
            # A thread that does not end would keep Python from ending: the time for that is over.
            sys.stderr.flush()
            os._exit(2 if daemon.refusal else 0)
        if daemon.refusal:
            raise daemon.refusal


def _page(parts: Program) -> AbstractContextManager[object]:
    """The page, if it is to be served here; else its libraries are not even loaded."""
    listen = parts.settings.web.listen
    if listen is None:
        return nullcontext()
    from collector.bootstrap.page import background

    return background(parts, listen)

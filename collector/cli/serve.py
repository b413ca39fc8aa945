"""`collector serve`: the department's pages, and the one that letters lead to."""

from __future__ import annotations

import threading
from typing import Annotated

import typer


def serve(
    listen: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Where to listen. Without: COLLECTOR_WEB__LISTEN, or 127.0.0.1:8080."
        ),
    ] = None,
) -> None:
    """Serve the department's pages, and the one that letters lead to, until SIGTERM.

    The department sees branches, charts, contests and reports there; who got a letter says that they are on it, or
    mutes a branch. `collector run` serves them too if COLLECTOR_WEB__LISTEN is set; both may run on one database,
    and on one machine with another COLLECTOR_OPS__LISTEN each. SIGHUP has the settings of silence and of contests,
    and the log's level, read again.
    """
    from prometheus_client import CollectorRegistry

    from collector.bootstrap import page, program
    from collector.bootstrap.ops import hung_after, ops_served
    from collector.ops.pulse import Pulse
    from collector.scheduler import asking_on_hangup, stopping_on_signals

    asked = threading.Event()
    with (
        asking_on_hangup(asked),
        program() as parts,
        stopping_on_signals(parts.stop),
        ops_served(parts, Pulse(hung_after(parts.settings)), CollectorRegistry(), collects=False),
    ):
        page.serve(parts, listen, asked)

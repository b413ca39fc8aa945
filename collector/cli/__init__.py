"""The command line: one module a command group, and the only place with words for a terminal.

Each module imports at its top what an answer to `--help` needs, and the program itself only inside the
commands, since loading the program takes longer than telling about it.
"""

from __future__ import annotations

import signal
import sys
from io import TextIOWrapper
from types import FrameType

import typer

from collector.cli import (
    branches,
    check,
    collect,
    db,
    deliver,
    export,
    health,
    import_,
    letters,
    outbox,
    report,
    run,
    sandbox,
    serve,
    silence,
    status,
    users,
)
from collector.domain.errors import CollectorError
from collector.domain.redaction import Redactor

app = typer.Typer(
    name="collector",
    help="Collects follower counts and posts of union communities on VK and Facebook into a time series.",
    epilog="Example: collector collect --branches my.yaml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check", epilog="Example: collector check")(check.check)
app.command("collect", epilog="Example: collector collect --branches my.yaml")(collect.collect)
app.command(
    "export", epilog="Example: collector export --view v_posts --from 2026-10-01 --output posts.xlsx"
)(export.export)
app.command("health", epilog="Example: COLLECTOR_OPS__LISTEN=127.0.0.1:9464 collector health")(health.health)
app.command("run", epilog="Example: COLLECTOR_COLLECT__INTERVAL=30m collector run")(run.run)
app.command("serve", epilog="Example: collector serve --listen 127.0.0.1:8080")(serve.serve)
app.command("status", epilog="Example: collector status --json")(status.status)
app.add_typer(branches.app, name="branches")
app.add_typer(db.app, name="db")
app.add_typer(import_.app, name="import")
app.add_typer(letters.app, name="letters")
app.command("deliver", epilog="Example: collector deliver --json")(deliver.deliver)
app.add_typer(outbox.app, name="outbox")
app.add_typer(report.app, name="report")
app.add_typer(silence.app, name="silence")
app.add_typer(users.app, name="users")
app.command("sandbox", epilog="Example: collector sandbox --branches config/branches.mgo.yaml --port 8800")(
    sandbox.sandbox
)


def main() -> None:
    """Run a command. Ends the process: 0 done, 1 done in part, 2 could not run, 143 ended by SIGTERM."""
    # The first process of a container is not ended by SIGTERM unless it says so. Where work is to be brought to an
    # end first, `stopping_on_signals` takes over.
    signal.signal(signal.SIGTERM, _end)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that knows no Cyrillic shows its numbers in place of the letters; nothing is lost by that.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except CollectorError as error:
        print(f"error: {Redactor()(str(error))}", file=sys.stderr)
        sys.exit(2)
    except Exception:  # noqa: BLE001 - a bug of ours: told as what nobody caught, but with our exit code
        sys.excepthook(*sys.exc_info())
        sys.exit(2)


def _end(number: int, _frame: FrameType | None) -> None:
    """As an exit, so that what is half-written is taken away."""
    sys.exit(128 + number)

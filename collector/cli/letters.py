"""`collector letters`: letters to look at before any is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.domain.notification import NotificationKind

app = typer.Typer(
    help="Look at the letters before any is sent.",
    epilog="Example: collector letters preview --branch ВАО",
    no_args_is_help=True,
)


@app.callback()
def letters() -> None:
    """Look at the letters before any is sent."""


@app.command(epilog="Example: collector letters preview --branch ВАО --kind silence")
def preview(
    branch: Annotated[
        str | None, typer.Option(help="Code of a branch, such as ВАО. Without: one that is silent.")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="silence, reminder, escalation, resumed, warning, weekly, monthly or ops. Without: all."
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder to write them to.")] = Path("letters"),
) -> None:
    """Write letters as files: HTML, plain text, and mail as it would leave. Sends nothing.

    They tell of the branch's silence, where it had one; else the facts are invented, and the letter says so. The
    letters of the week and of the month tell what was collected, hence need a database with branches and contacts.
    """
    from collector.bootstrap.letters import preview as write_previews
    from collector.domain.errors import CollectorError

    written = write_previews(branch, _kind(kind), output)
    if not written:
        raise CollectorError(
            f"there is nobody yet to write a {kind} letter to: sync a branches file with contacts"
        )
    for each in written:
        print(f"{each.subject}{' (an invented example)' if each.is_example else ''}")
        for file in each.files:
            print(f"  {file}")


def _kind(name: str | None) -> NotificationKind | None:
    from collector.domain.errors import CollectorError
    from collector.jobs.preview_letters import KINDS

    kinds = {kind.value: kind for kind, _, _ in KINDS}
    if name is not None and name not in kinds:
        raise CollectorError(
            f"--kind {name!r}: there is no such letter to look at; there are {', '.join(kinds)}"
        )
    return kinds[name] if name is not None else None

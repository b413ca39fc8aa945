"""`collector db copy`: all that the database holds, into another database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def copy(
    to: Annotated[
        str, typer.Option(help="The other database's address, as COLLECTOR_DATABASE_URL is written.")
    ],
    password_file: Annotated[
        Path | None,
        typer.Option(help="A file with its password: in an address a list of processes shows it."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Throw away what an earlier copy that was cut has brought.")
    ] = False,
) -> None:
    """Copy everything into an empty database, such as from SQLite to PostgreSQL, and prove that both hold the same.

    Stop the daemon first, and start it with the other address afterwards. A copy that was cut goes on where it was when
    it is started again; until it is done, no program takes the other for a database.
    """
    from collector.bootstrap import open_database, utc_now
    from collector.cli import console

    password = _password(password_file)
    with open_database() as store, console.out().status("copying ...") as status:
        shown, done = store.backups.copy_to(
            to,
            utc_now,
            password=password,
            again=again,
            progress=lambda name, there: status.update(f"{name}: {console.number(there)} rows"),
        )
        source = store.shown
    print(
        f"{shown}: {console.number(done.row_count)} rows of {len(done.tables)} tables, "
        f"{console.number(done.found_count)} of them there from a copy that was cut; every table's checksum is that of "
        f"{source}."
    )
    print("To do: start the daemon with COLLECTOR_DATABASE_URL set to the new address.")


def _password(file: Path | None) -> str | None:
    from collector.domain.errors import CollectorError

    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CollectorError(f"--password-file {file} cannot be read: {error}") from None

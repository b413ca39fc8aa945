"""`collector db`: the database's schema, and all that it holds."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli import db_backup, db_copy, db_retain

app = typer.Typer(
    help="Bring the database up to date, ask where it stands; back it up, restore it, move it elsewhere.",
    epilog="Example: collector db upgrade",
    no_args_is_help=True,
)
app.command(epilog="Example: collector db backup /backup/$(date +%F).backup")(db_backup.backup)
app.command(epilog="Example: collector db restore /backup/2026-11-23.backup")(db_backup.restore)
app.command(epilog="Example: collector db verify /backup/2026-11-23.backup")(db_backup.verify)
app.command(epilog="Example: collector db copy --to postgresql://collector@database/collector")(db_copy.copy)
app.command(epilog="Example: COLLECTOR_RETENTION__POST_SNAPSHOTS=90d collector db retain --dry-run")(
    db_retain.retain
)


@app.command(epilog="Example: collector db upgrade")
def upgrade() -> None:
    """Create the tables, or apply the migrations that are missing. Twice does no harm."""
    from collector.bootstrap import open_database

    with open_database() as store:
        before = store.upgrade()
        if before.is_newest:
            print(f"{store.shown} is up to date ({before.newest}).")
        else:
            print(f"{store.shown} upgraded: {before.current or 'empty'} -> {before.newest}.")


@app.command(epilog="Example: collector db current")
def current(
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Tell which schema the database has. Ends with 1 if migrations are missing."""
    from collector.bootstrap import open_database
    from collector.cli import console

    with open_database() as store:
        found = store.version()
        shown = store.shown
    if as_json:
        console.print_json({"database": shown, "current": found.current, "newest": found.newest})
    elif found.is_newest:
        print(f"{shown} has schema {found.current}, the newest.")
    else:
        print(
            f"{shown} {f'has schema {found.current}' if found.current else 'is empty'}; newest is {found.newest}."
        )
        print("To do: collector db upgrade")
    if not found.is_newest:
        raise typer.Exit(1)


@app.command(epilog="Example: collector db grant-readonly department")
def grant_readonly(
    name: Annotated[str, typer.Argument(help="The role; it is made if it is not there.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Give it the password that comes on standard input.")
    ] = False,
) -> None:
    """Let a role of PostgreSQL read the public views, and nothing else: for people, Excel and dashboards."""
    import sys

    from collector.bootstrap import open_database
    from collector.domain.errors import CollectorError

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password == "":
        raise CollectorError("there is no password on standard input; for instance: --password-stdin < FILE")
    with open_database() as store:
        store.require_newest()
        reader = store.grant_readonly(name, password)
    print(f"{reader.role} may read {len(reader.views)} views and nothing else: {', '.join(reader.views)}.")
    if reader.is_new and password is None:
        print(f'It was made just now. Set its password in psql: \\password "{reader.role}"')
    if reader.may_create:
        print(
            "Note: on this server everybody may create tables of their own. "
            "To end that, as a superuser: REVOKE CREATE ON SCHEMA public FROM PUBLIC"
        )

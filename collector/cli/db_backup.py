"""`collector db backup`, `restore` and `verify`: all that the database holds, in a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from storage.backup.digest import TableDigest
    from storage.backup.file import BackupHeader
    from storage.backup.make import Backup
    from storage.store import Store

_A_FILE = typer.Argument(help="A backup, made by `collector db backup`.")


def backup(
    file: Annotated[str, typer.Argument(help="The file to write; in a folder it is named by the time.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there already.")] = False,
) -> None:
    """Write all that the database holds into one file, while the daemon goes on.

    The file is of one instant, whole or not there at all, for its owner alone, and the same for SQLite and PostgreSQL:
    either can be restored from it. Not in it: roles of PostgreSQL, and what they may read. Keep it elsewhere than the
    database.
    """
    from collector.bootstrap import open_database, utc_now
    from collector.cli.console import moscow, number
    from collector.cli.files import whole_file
    from collector.domain.errors import CollectorError

    began = utc_now()
    target = Path(file)
    if target.is_dir():
        target /= f"collector-{began:%Y-%m-%dT%H%M%SZ}.backup"
    elif file.endswith("/"):
        # Path forgets it, and a file of the folder's name would be in the way of the next backup.
        raise CollectorError(f"there is no folder {file}; make it (mkdir -p), or name a file")
    with open_database() as store:
        if store.backups.is_own_file(target):
            raise CollectorError(f"{target} is the database itself; name another file")
        if target.exists() and not force:
            raise CollectorError(
                f"{target} is there already; name another file, or write over it with --force"
            )
        with (
            whole_file(target, private=True, advice="make room, or name a file elsewhere") as beside,
            beside.open("wb") as out,
        ):
            made = store.backups.make(out, began)
        size = target.stat().st_size / 1e6
        print(
            f"{target}: {number(made.row_count)} rows of {len(made.tables)} tables, schema {made.header.schema}, "
            f"as of {moscow(began)} Moscow time, {size:,.1f} MB."
        )
        _remember_backup(store, made, target, began)


def restore(file: Annotated[Path, _A_FILE]) -> None:
    """Bring a backup into an empty database: all of it, proven by checksums, or nothing.

    A backup of an older version is brought up to date. Stop the daemon first; then look at the letters that wait: those
    that were sent after the backup would be sent again. What people said since is forgotten: mutes, and «Мы знаем».
    """
    from collector.bootstrap import open_database, utc_now
    from collector.cli.console import moscow, number
    from storage.upkeep import ChoreDone
    from storage.upkeep_tables import Chore

    began = utc_now()
    with open_database() as store:
        brought = store.backups.restore(file)
        header = brought.header
        print(
            f"{store.shown}: {number(brought.row_count)} rows of {len(brought.tables)} tables restored from {file}, "
            f"as of {moscow(header.made_at)} Moscow time; every table's checksum is the backup's."
        )
        before = store.upgrade()
        if not before.is_newest:
            print(f"Upgraded: {before.current} -> {before.newest}.")
        store.upkeep.record(ChoreDone(Chore.RESTORE, began, utc_now(), brought.row_count, file.name))
        _advise(store, header)


def verify(
    file: Annotated[Path | None, typer.Argument(help="A backup. Without: the database.")] = None,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare", help="With a backup: whether the database holds the same; ends with 1 if not."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Count the rows of each table and give their checksum, of the database, or of a backup, which is read whole.

    The same rows have the same checksum on SQLite, on PostgreSQL and in a backup: the SHA-256 of each table's lines, as
    they stand in the backup. For a backup alone no database is needed.
    """
    from collector.bootstrap import open_database
    from collector.cli import console
    from collector.domain.errors import CollectorError
    from storage.backup.digest import differing
    from storage.backup.file import read_digests

    if compare and file is None:
        raise CollectorError("--compare goes with a backup: collector db verify FILE --compare")
    kept = read_digests(file) if file is not None else None
    there, shown = None, None
    if kept is None or compare:
        with open_database() as store:
            there, shown = store.backups.digests(), store.shown
    others = differing(kept[1], there) if kept is not None and there is not None else []
    tables = kept[1] if kept is not None else there or []
    if as_json:
        found: dict[str, object] = {"tables": [_as_json(each) for each in tables]}
        if kept is not None:
            found |= {"backup": str(file), "made_at": kept[0].made_at, "schema": kept[0].schema}
        if kept is None or compare:
            found["database"] = shown
        if compare:
            found["differing"] = others
        console.print_json(found)
    else:
        _show(tables, there if compare else None)
        _tell(file, kept, shown, others)
    if others:
        raise typer.Exit(1)


def _remember_backup(store: Store, made: Backup, target: Path, began: datetime) -> None:
    """Keep that it was made, for `collector check` and the metrics; the backup stands whatever becomes of this."""
    from collector.bootstrap import utc_now
    from storage.errors import StoreError
    from storage.upkeep import ChoreDone
    from storage.upkeep_tables import Chore

    if not store.version().is_newest:
        print(
            "Not noted in the database, as that is of an older version: to upgrade it, collector db upgrade"
        )
        return
    try:
        store.upkeep.record(ChoreDone(Chore.BACKUP, began, utc_now(), made.row_count, target.name))
    except StoreError as error:
        print(f"The backup is whole, but it could not be noted: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _advise(store: Store, header: BackupHeader) -> None:
    """What a person must see to before the daemon goes on."""
    from collector.cli.console import moscow
    from collector.domain.notification import MessageStatus

    pending = store.outbox.counts()[MessageStatus.PENDING]
    if pending:
        print(
            f"Letters that wait: {pending}. Those that were sent after {moscow(header.made_at)} would be sent again: "
            "look at `collector outbox list`, cancel them with `collector outbox cancel`."
        )
    print(
        f"Forgotten is what happened after {moscow(header.made_at)}: of silences that were found since, letters and "
        "reminders leave anew; who was muted or said that they know since is written to again (collector silence mute, "
        "collector silence ack)."
    )
    if store.shown.startswith("postgresql"):
        print("Roles that only read are not in a backup: collector db grant-readonly NAME")


def _show(tables: list[TableDigest], others: list[TableDigest] | None) -> None:
    from collector.cli import console

    # All 64 of its digits fit into no terminal beside the rest; --json gives them.
    columns, right = ["table", "rows", "SHA-256 begins"], ["rows"]
    cells = [[each.name, console.number(each.row_count), each.sha256[:16]] for each in tables]
    if others is not None:
        counts = {each.name: each.row_count for each in others}
        columns.insert(2, "in the database")
        right.append("in the database")
        for each in cells:
            each.insert(2, console.number(counts.get(each[0])))
    console.out().print(console.table(None, columns, cells, right=right))


def _tell(
    file: Path | None,
    kept: tuple[BackupHeader, list[TableDigest]] | None,
    shown: str | None,
    others: list[str],
) -> None:
    from collector.cli.console import moscow

    if kept is None:
        print(f"{shown}: every row could be read.")
        return
    header, _ = kept
    print(
        f"{file} is whole: as of {moscow(header.made_at)} Moscow time, of {header.database}, schema {header.schema}, "
        f"made by version {header.program}."
    )
    if others:
        print(f"{shown} differs from it in {', '.join(others)}.")
    elif shown is not None:
        print(f"{shown} holds the same (upkeep_run, the record of backups themselves, is not compared).")


def _as_json(table: TableDigest) -> dict[str, object]:
    return {"name": table.name, "rows": table.row_count, "sha256": table.sha256}

"""How long do a backup, its check, restoring it and a copy take, of 2,000,000 readings?

Beside them what the databases bring themselves: SQLite's online backup, pg_dump and pg_restore.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.peak import peak
from benchmarks.seed import fill_history
from benchmarks.world import DATABASES, measured_apart, newest_postgresql, postgresql_url, table
from storage.backup.file import read_digests
from storage.store import open_store

COMMUNITIES, DAYS = 8_000, 250


def section() -> str:
    """Measure, and give the result as Markdown."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="collector-bench-") as folder:
        for database, made in DATABASES.items():
            file, theirs = Path(folder) / f"{database}.backup", Path(folder) / f"{database}.theirs"
            with made() as source:
                fill_history(source, COMMUNITIES, DAYS)
                lines.append(_line(database, "backup", source, file))
                lines[-1].append(_megabytes(file))
                lines.append(_line(database, "verify FILE", source, file))
                lines.append(_line(database, "verify", source, file))
                with made() as target:
                    lines.append(_line(database, "restore", target, file))
                if database == "SQLite":
                    with postgresql_url() as target:
                        lines.append(_line(database, "copy --to PostgreSQL", source, target))
                    lines.append(_theirs(database, "SQLite's online backup", theirs, _online(source, theirs)))
                else:
                    dump = _command("pg_dump", "-Fc", "-f", str(theirs), source)
                    lines.append(_theirs(database, "pg_dump, custom format", theirs, dump))
                    with made() as target:
                        restored = _command("pg_restore", "-d", target, str(theirs))
                        lines.append([database, "pg_restore", f"{restored:.1f}", "", "", "", ""])
    return "\n\n".join(
        [
            f"## Backup and restore: {COMMUNITIES * DAYS:,} readings of {COMMUNITIES:,} communities",
            "Each way in a process of its own; its CPU seconds and the peak of its resident memory, in MB (10⁶ bytes), "
            "are without the server's. A restore makes the tables, writes the rows, reads them back and compares "
            "checksums.",
            table(["database", "way", "seconds", "CPU seconds", "MB", "rows", "the file"], lines),
        ]
    )


def _backup(url: str, file: str) -> int:
    with open_store(url) as store, Path(file).open("wb") as out:
        return store.backups.make(out, datetime.now(UTC)).row_count


def _check(_url: str, file: str) -> int:
    return sum(each.row_count for each in read_digests(Path(file))[1])


def _verify(url: str, _file: str) -> int:
    with open_store(url) as store:
        return sum(each.row_count for each in store.backups.digests())


def _restore(url: str, file: str) -> int:
    with open_store(url) as store:
        return store.backups.restore(Path(file)).row_count


def _copy(url: str, to: str) -> int:
    with open_store(url) as store:
        return store.backups.copy_to(to, lambda: datetime.now(UTC))[1].row_count


WAYS: dict[str, Callable[[str, str], int]] = {
    "backup": _backup,
    "verify FILE": _check,
    "verify": _verify,
    "restore": _restore,
    "copy --to PostgreSQL": _copy,
}


def _line(database: str, way: str, url: str, other: str | Path) -> list[str]:
    found: dict[str, Any] = measured_apart("benchmarks.backup", way, url, str(other))
    times = [f"{found['seconds']:.1f}", f"{found['worked']:.1f}"]
    told = [*times, f"{found['peak'] / 1e6:.0f}", f"{found['rows']:,}"]
    return [database, f"`{way}`", *told, *([] if way == "backup" else [""])]


def _theirs(database: str, way: str, file: Path, seconds: float) -> list[str]:
    return [database, way, f"{seconds:.1f}", "", "", "", _megabytes(file)]


def _online(url: str, file: Path) -> float:
    began = time.monotonic()
    with (
        closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as source,
        closing(sqlite3.connect(file)) as target,
    ):
        source.backup(target)
    return time.monotonic() - began


def _command(program: str, *arguments: str) -> float:
    began = time.monotonic()
    subprocess.run([newest_postgresql() / program, *arguments], check=True)
    return time.monotonic() - began


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.0f} MB"


def run(way: str, url: str, other: str) -> None:
    """Be the process that is measured: tell what it took."""
    began, worked = time.monotonic(), time.process_time()
    rows = WAYS[way](url, other)
    told = {"seconds": time.monotonic() - began, "worked": time.process_time() - worked}
    print(json.dumps({**told, "peak": peak(), "rows": rows}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(*sys.argv[1:])
    else:
        print(section())

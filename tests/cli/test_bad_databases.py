"""Databases that cannot be used: told in one line, nothing half-written, gone on with when they can."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from collector.sandbox import SandboxServer
from tests import postgres
from tests.cli.conftest import COMMUNITIES
from tests.cli.running import Collector, until
from tests.cli.test_run import OFTEN, finished, stop

PASSWORD = "planted-Passwort-7"
# Root may write whatever the modes say, unless that right is taken from it.
WITHOUT_ROOTS_RIGHT = ["setpriv", "--bounding-set=-dac_override", "--"] if os.geteuid() == 0 else []
ROOM = 48 * 1024
"""Bytes that a file may have: enough for a log and SQLite's shared memory, too little for a round."""


def cannot_run(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 2, and one line that says so."""
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert all(word in line for word in words), line
    assert PASSWORD not in done.stdout + done.stderr


def run_limited(collector: Collector, before: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command through another program that takes rights from it."""
    return subprocess.run(
        [*before, sys.executable, "-m", "collector", *arguments],
        cwd=collector.folder,
        # Where coverage is measured, its own file would not fit either, and it says so.
        env={
            name: value for name, value in collector.environment.items() if name != "COVERAGE_PROCESS_CONFIG"
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def filled(collector: Collector) -> Collector:
    """After one round, and as if a day had passed."""
    assert collector.run("collect").returncode == 0
    return collector


@pytest.fixture
def database_file(collector: Collector) -> Path:
    return collector.folder / "collector.db"


@pytest.mark.parametrize("what", ["file", "folder"])
def test_read_only(filled: Collector, database_file: Path, what: str) -> None:
    locked = database_file if what == "file" else filled.folder
    mode = locked.stat().st_mode & 0o777
    (filled.folder / "collector.db.round.lock").unlink(missing_ok=True)
    locked.chmod(mode & 0o555)
    try:
        done = run_limited(filled, WITHOUT_ROOTS_RIGHT, "collect")
        checked = run_limited(filled, WITHOUT_ROOTS_RIGHT, "check")
    finally:
        locked.chmod(mode)
    cannot_run(done, "cannot be written; check owner and permissions")
    assert checked.returncode == 1
    assert "FAIL  database" in checked.stdout
    assert run_limited(filled, WITHOUT_ROOTS_RIGHT, "collect").returncode == 0


def test_locked_by_another_program(filled: Collector, database_file: Path) -> None:
    filled.database += "?timeout=0.2"
    with closing(sqlite3.connect(database_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        cannot_run(filled.run("collect"), "database is locked", "wait, or stop it")
        assert filled.run("status").returncode == 0
    assert filled.run("collect").returncode == 0


def test_a_daemon_waits_for_the_lock(collector: Collector, database_file: Path) -> None:
    collector.database += "?timeout=0.2"
    collector.settings |= OFTEN
    with collector.started("run") as daemon:
        until(lambda: finished(collector) >= 1, "a round is done")
        with closing(sqlite3.connect(database_file, isolation_level=None, timeout=15)) as other:
            other.execute("BEGIN IMMEDIATE")
            until(lambda: collector.log.count('"round failed; the next tick') >= 2, "it tells twice")
        _goes_on(collector)
        assert stop(daemon) == 0
    _is_told_calmly(collector, "database is locked")


def test_disk_full(filled: Collector) -> None:
    before = filled.rows("SELECT count(*) FROM follower_snapshot")
    done = run_limited(filled, ["prlimit", f"--fsize={ROOM}", "--"], "branches", "sync", _many(filled))
    cannot_run(done, "disk")
    assert filled.rows("SELECT count(*) FROM branch") == [(3,)]
    assert filled.rows("SELECT count(*) FROM follower_snapshot") == before
    assert filled.run("collect").returncode == 0


def _many(collector: Collector) -> str:
    """A branches file of more than the room that there is."""
    path = collector.folder / "many.yaml"
    branches = "".join(
        f"  - {{code: ППО-{number}, name: {'н' * 100}, kind: primary}}\n" for number in range(900)
    )
    path.write_text(f"branches:\n{branches}")
    return str(path)


def test_a_daemon_goes_on_when_the_disk_has_room_again(collector: Collector) -> None:
    collector.settings |= OFTEN
    with collector.started("run") as daemon:
        until(lambda: finished(collector) >= 1, "a round is done")
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (ROOM // 2, resource.RLIM_INFINITY))
        until(lambda: collector.log.count('"round failed; the next tick') >= 1, "it tells")
        resource.prlimit(daemon.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        _goes_on(collector)
        assert stop(daemon) == 0
    _is_told_calmly(collector, "disk")


def _goes_on(collector: Collector) -> None:
    done = finished(collector)
    until(lambda: finished(collector) > done, "a round is done again")


def _is_told_calmly(collector: Collector, words: str) -> None:
    """In the log: why, and no traceback."""
    assert "Traceback" not in collector.log
    errors = [
        line for line in map(json.loads, collector.log.splitlines()) if line["level"] in ("error", "critical")
    ]
    assert Counter(line["event"] for line in errors).keys() == {"round failed; the next tick tries again"}
    assert all(words in line["error"] for line in errors)


def test_a_newer_schema(filled: Collector, database_file: Path) -> None:
    with closing(sqlite3.connect(database_file)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("collect",), ("run",), ("status",), ("db", "upgrade")):
        cannot_run(filled.run(*command), "schema 9999, newer than this program's", "run the newer program")
    checked = filled.run("check")
    assert checked.returncode == 1
    assert "FAIL  database" in checked.stdout
    assert filled.rows("SELECT count(*) FROM collection_run") == [(1,)]


def test_no_database_at_all(collector: Collector, database_file: Path) -> None:
    garbage = b"no database, but somebody's letter. " * 300
    database_file.write_bytes(garbage)
    for command in ("collect", "run"):
        cannot_run(collector.run(command), "file is not a database", "restore it from a backup")
    assert database_file.read_bytes() == garbage
    database_file.unlink()
    assert collector.run("collect").returncode == 0


def test_no_such_folder(collector: Collector) -> None:
    collector.database = f"sqlite:///{collector.folder / 'not-there' / 'collector.db'}"
    cannot_run(collector.run("collect"), "does not exist; create it")
    assert not (collector.folder / "not-there").exists()


@pytest.mark.parametrize(
    "address", [f"mysql://user:{PASSWORD}@localhost/union", f"user {PASSWORD}", "sqlite://"[:5]]
)
def test_no_address_of_a_database(collector: Collector, address: str) -> None:
    collector.database = address
    cannot_run(collector.run("collect"), "COLLECTOR_DATABASE_URL is not a database address; write sqlite:///")


@pytest.fixture
def guarded(pg_servers: dict[str, str]) -> Iterator[str]:
    """A PostgreSQL that asks one role for its password; gives that role's address, with the right one."""
    server = pg_servers[list(postgres.installations())[-1]]
    role = f"guarded_{uuid.uuid4().hex}"
    with postgres.database(server) as url, psycopg.connect(server, autocommit=True) as conn:
        name = url.rsplit("/", 1)[1]
        conn.execute(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
        (rules,) = conn.execute("SHOW hba_file").fetchone() or ("",)
        before = Path(rules).read_text()
        Path(rules).write_text(f"host all {role} 127.0.0.1/32 scram-sha-256\n{before}")
        conn.execute("SELECT pg_reload_conf()")
        try:
            yield f"{server.rsplit('/', 1)[0].replace('collector@', f'{role}:{PASSWORD}@')}/{name}"
        finally:
            Path(rules).write_text(before)
            conn.execute("SELECT pg_reload_conf()")
            conn.execute(f"DROP OWNED BY {role}")
            conn.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"DROP ROLE {role}")


def test_postgresql_that_lets_nobody_in(guarded: str, tmp_path: Path, sandbox: SandboxServer) -> None:
    wrong = PASSWORD[::-1]
    collector = Collector(tmp_path, guarded.replace(PASSWORD, wrong), sandbox)
    collector.write_branches(COMMUNITIES)
    done = collector.run("collect")
    cannot_run(done, "authentication failed", "correct the user or the password in COLLECTOR_DATABASE_URL")
    assert wrong not in done.stderr
    collector.database = guarded.replace("127.0.0.1", "no-such-host.invalid")
    cannot_run(collector.run("run"), "no-such-host.invalid", "correct the host in COLLECTOR_DATABASE_URL")
    collector.database = f"{guarded}_not_there"
    cannot_run(collector.run("db", "upgrade"), "does not exist", "create it")
    collector.database = guarded
    assert collector.run("collect").returncode == 0

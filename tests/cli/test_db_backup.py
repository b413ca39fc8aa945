"""`collector db backup`, `restore`, `verify` and `copy`, as ops type them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from collector.cli import app
from collector.domain.errors import CollectorError
from collector.sandbox import LIVELY_PLAN, SandboxServer, World
from tests.cli.conftest import COMMUNITIES, sandbox_communities
from tests.cli.running import Collector

PASSWORD = "planted-Passwort-9"


@pytest.fixture(scope="module")
def collected_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """After a round over six communities, made once."""
    folder = tmp_path_factory.mktemp("collected")
    world = World(sandbox_communities(COMMUNITIES), seed=7, plan=LIVELY_PLAN)
    with SandboxServer(world) as sandbox:
        made = Collector(folder, f"sqlite:///{folder / 'collector.db'}", sandbox)
        made.write_branches(COMMUNITIES)
        assert made.run("collect").returncode in (0, 1)
        yield folder / "collector.db"


class Here(Collector):
    """Commands in this process: to start one of their own takes longer than most of what they do."""

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        ended = CliRunner(env={**self.environment, **settings}).invoke(app, arguments)
        is_told = isinstance(ended.exception, CollectorError)
        told = f"error: {ended.exception}\n" if is_told else ended.stderr
        code = 2 if is_told else ended.exit_code
        return subprocess.CompletedProcess(arguments, code, ended.stdout, told)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: object) -> Path:
    """To work in; the log is as before afterwards."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def collected(collected_file: Path, folder: Path) -> Here:
    (folder / "collector.db").write_bytes(collected_file.read_bytes())
    return Here(folder, f"sqlite:///{folder / 'collector.db'}")


def done(ended: subprocess.CompletedProcess[str], *words: str) -> str:
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert all(word in ended.stdout for word in words), ended.stdout
    return ended.stdout


def refused(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit code 2, and one line that says so."""
    assert ended.returncode == 2, ended.stdout + ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: ")
    assert all(word in line for word in words), line


def test_last_nights_backup_on_a_new_machine(any_collector: Collector, empty_url: str, folder: Path) -> None:
    done(any_collector.run("collect"))
    old = Here(folder, any_collector.database)
    done(old.run("db", "backup", "night.backup"), "night.backup: ", "rows of", "schema")
    file = old.folder / "night.backup"
    assert file.stat().st_mode & 0o777 == 0o600
    assert old.rows("SELECT chore, note FROM upkeep_run") == [("backup", "night.backup")]
    new = Here(folder, empty_url)
    done(new.run("db", "restore", str(file)), "every table's checksum is the backup's")
    told = new.json("db", "verify", str(file), "--compare")
    assert told["differing"] == []
    assert {each["name"]: each["rows"] for each in told["tables"]}["follower_snapshot"] == 6
    # The daemon goes on: another round, after those that it knows of.
    done(replace(any_collector, database=empty_url).run("collect"))
    assert new.rows("SELECT id, status FROM collection_run ORDER BY id") == [(1, "finished"), (2, "finished")]
    differs = new.run("db", "verify", str(file), "--compare")
    assert differs.returncode == 1
    assert "differs from it in" in differs.stdout
    assert "community_state" in differs.stdout


def test_mistakes_are_told_and_nothing_is_lost(collected: Here) -> None:
    file = collected.folder / "night.backup"
    done(collected.run("db", "backup", "night.backup"))
    whole = file.read_bytes()
    refused(collected.run("db", "backup", "night.backup"), "is there already", "--force")
    refused(collected.run("db", "backup", "collector.db", "--force"), "is the database itself")
    refused(collected.run("db", "backup", "nowhere/night.backup"), "no folder nowhere")
    refused(collected.run("db", "backup", "nowhere/"), "no folder nowhere/", "mkdir")
    limited = ["prlimit", "--fsize=49152", "--", sys.executable, "-m", "collector"]
    full = subprocess.run(
        [*limited, "db", "backup", "night.backup", "--force"],
        cwd=collected.folder,
        env={k: v for k, v in collected.environment.items() if k != "COVERAGE_PROCESS_CONFIG"},
        capture_output=True,
        text=True,
        check=False,
    )
    refused(full, "night.backup cannot be written: File too large; make room")
    assert file.read_bytes() == whole
    assert [each.name for each in collected.folder.glob("*night*")] == ["night.backup"]
    assert not list(collected.folder.glob(".night*"))


def test_a_backup_is_checked_without_any_database(collected: Here) -> None:
    done(collected.run("db", "backup", "."))
    (file,) = collected.folder.glob("collector-*Z.backup")
    nowhere = replace(collected, database="postgresql://collector@127.0.0.1:1/none")
    done(nowhere.run("db", "verify", file.name), f"{file.name} is whole: as of", "of sqlite")
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    refused(nowhere.run("db", "verify", file.name), "is damaged or cut off", "use another backup")


def test_letters_that_wait_are_told_of_at_a_restore(saved: Path, folder: Path) -> None:
    """They may have left since the backup was made."""
    new = Here(folder, f"sqlite:///{folder / 'new.db'}")
    done(
        new.run("db", "restore", str(saved)), "Letters that wait: 3.", "collector outbox list", "Forgotten is"
    )


def test_a_copy_elsewhere_shows_no_password(collected: Here, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    lost = collected.run(
        "db", "copy", "--to", "postgresql://collector@127.0.0.1:1/none", "--password-file", "password"
    )
    refused(lost, "127.0.0.1:1/none")
    assert PASSWORD not in lost.stderr
    copied = collected.run("db", "copy", "--to", f"sqlite:///{tmp_path / 'other.db'}")
    done(copied, "other.db: ", "every table's checksum is that of", "COLLECTOR_DATABASE_URL set to the new")
    other = replace(collected, database=f"sqlite:///{tmp_path / 'other.db'}")
    done(other.run("status"), "ВАО")

"""`collector export`, as the information department types it."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from collector.sandbox import LIVELY_PLAN, SandboxServer, World
from tests.cli.conftest import COMMUNITIES, sandbox_communities
from tests.cli.running import Collector


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """After a round over six communities, made once."""
    folder = tmp_path_factory.mktemp("collected")
    world = World(sandbox_communities(COMMUNITIES), seed=7, plan=LIVELY_PLAN)
    with SandboxServer(world) as sandbox:
        made = Collector(folder, f"sqlite:///{folder / 'collector.db'}", sandbox)
        made.write_branches(COMMUNITIES)
        done = made.run("collect", "--branches", "branches.yaml")
        assert done.returncode in (0, 1), done.stderr
        yield folder / "collector.db"


@pytest.fixture
def collected(database: Path, tmp_path: Path) -> Collector:
    shutil.copyfile(database, tmp_path / "collector.db")
    return Collector(tmp_path, f"sqlite:///{tmp_path / 'collector.db'}")


def test_as_files_in_each_form(collected: Collector) -> None:
    for name in ("rows.csv", "rows.xlsx", "rows.parquet"):
        done = collected.run("export", "--view", "v_followers_daily", "--output", name)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"{name}: 6 rows of v_followers_daily.\n"
    text = (collected.folder / "rows.csv").read_text("utf-8-sig")
    assert len(list(csv.reader(text.splitlines(), delimiter=";"))) == 7
    assert openpyxl.load_workbook(collected.folder / "rows.xlsx").active.max_row == 7
    assert pq.read_table(collected.folder / "rows.parquet").num_rows == 6


def test_on_standard_output_and_into_a_pipe_that_closes(collected: Collector) -> None:
    done = collected.run("export", "--view", "v_communities")
    assert len(done.stdout.splitlines()) == 7
    command = [sys.executable, "-m", "collector", "export", "--view", "v_posts"]
    piped = subprocess.run(
        ["sh", "-c", '"$@" | head -c 1', "sh", *command],
        cwd=collected.folder,
        env=collected.environment,
        capture_output=True,
        check=False,
    )
    assert (piped.stdout, piped.stderr) == (b"\xef", b"")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--view", "community"), "there is no public view 'community'; there are v_branches"),
        (("--view", "v_posts", "--format", "xlsx"), "name a file: --output rows.xlsx"),
        (("--view", "v_posts", "--output", "rows.txt"), "write .csv, .xlsx or .parquet"),
        (("--view", "v_posts", "--from", "2026-10-02", "--to", "2026-10-01"), "is after --to 2026-10-01"),
        (("--view", "v_branches", "--from", "2026-10-02"), "v_branches tells of now and has no period"),
        (("--view", "v_posts", "--output", "nowhere/rows.csv"), "nowhere/rows.csv cannot be written"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    collected: Collector, arguments: tuple[str, ...], told: str
) -> None:
    done = collected.run("export", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(collected.folder.glob("*rows*"))

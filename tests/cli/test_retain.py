"""`collector db retain`, as ops call it."""

from __future__ import annotations

import pytest

from tests.cli.running import Collector

AGES = {"COLLECTOR_RETENTION__POST_SNAPSHOTS": "90d", "COLLECTOR_RETENTION__RAW_ANSWERS": "never"}
RUNS = "SELECT chore, row_count, note FROM upkeep_run"


@pytest.fixture
def filled(collector: Collector) -> Collector:
    assert collector.run("collect").returncode == 0
    return collector


def test_it_tells_what_it_would_remove_and_what_it_removed(filled: Collector) -> None:
    told = filled.json("db", "retain", "--dry-run", **AGES)
    assert (told["dry_run"], told["removed"]) == (True, {"post_snapshots": 0})
    assert filled.rows(RUNS) == []
    done = filled.run("db", "retain", **AGES)
    assert done.returncode == 0, done.stderr
    assert "post_snapshots" in done.stdout
    assert filled.rows(RUNS) == [("retention", 0, "post_snapshots: 0")]


def test_without_ages_nothing_is_removed(filled: Collector) -> None:
    done = filled.run("db", "retain")
    assert done.returncode == 2
    assert done.stderr.startswith("error: no ages are set, so all is kept; set COLLECTOR_RETENTION__")

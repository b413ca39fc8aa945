"""`collector db retain`, as ops call it."""

from __future__ import annotations

import pytest

from tests.cli.running import Collector

ALL_KEPT = {
    f"COLLECTOR_RETENTION__{each}": "never"
    for each in ("RAW_ANSWERS", "OUTCOMES", "POST_SNAPSHOTS", "SERIES")
}
AGES = ALL_KEPT | {"COLLECTOR_RETENTION__POST_SNAPSHOTS": "90d"}
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
    done = filled.run("db", "retain", **ALL_KEPT)
    assert done.returncode == 2
    assert done.stderr.startswith("error: all is set to be kept for ever; set COLLECTOR_RETENTION__")

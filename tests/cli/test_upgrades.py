"""Daemons and the schema: together at their start, and when a newer program comes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.cli.running import Collector, until
from tests.cli.test_run import OFTEN, STOPS_S, events, finished, stop


def test_two_daemons_that_start_together_migrate_once(any_collector: Collector) -> None:
    with any_collector.started("run", **OFTEN) as one, any_collector.started("run", **OFTEN) as other:
        until(lambda: events(any_collector)["started"] == 2, "both are at work")
        until(lambda: finished(any_collector) >= 1, "a round is done")
        assert (stop(one), stop(other)) == (0, 0)
    assert events(any_collector)["database upgraded"] == 1
    assert events(any_collector).keys().isdisjoint({"job failed; its next tick comes as planned"})


def test_a_daemon_ends_when_a_newer_program_upgrades_its_database(collector: Collector) -> None:
    with collector.started("run", **OFTEN) as daemon:
        until(lambda: finished(collector) >= 1, "a round is done")
        with closing(sqlite3.connect(collector.folder / "collector.db", timeout=15)) as newer, newer:
            newer.execute("UPDATE alembic_version SET version_num = '9999'")
            (rounds,) = newer.execute("SELECT count(*) FROM collection_run").fetchone()
        assert daemon.wait(timeout=STOPS_S) == 2
    last = collector.log.splitlines()[-1]
    assert last.startswith("error: ")
    assert "schema 9999, newer than this program's" in last
    assert collector.rows("SELECT count(*) FROM collection_run")[0][0] in (rounds, rounds + 1)
    assert "Traceback" not in collector.log

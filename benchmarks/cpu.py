"""How many communities a second a core reads and writes, where nothing is waited for, and what takes the time."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from benchmarks.stages import DECIDING, PARSING, WRITING, Stages
from benchmarks.world import DATABASES, FREE, HOUR, Collector, Sandbox, filled_store, sandbox, table, verdict
from storage.engine import database_url, make_engine, reading
from storage.tables import post_snapshot

COUNT = 2_000
TARGET = 2_000
_REPEATS = 3
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Measured:
    """One round."""

    cpu: float
    wall: float
    stages: Counter[str]
    posts: int
    """New post snapshots: posts that are new, or whose counts moved."""

    def row(self, database: str, what: str, count: int) -> list[str]:
        """As a line of the table."""
        shares = [self.stages[stage] / self.cpu for stage in (PARSING, DECIDING, WRITING)]
        return [
            database,
            what,
            f"{count / self.cpu:,.0f}",
            f"{count / self.wall:,.0f}",
            *(f"{share:.0%}" for share in (*shares, 1 - sum(shares))),
            f"{self.posts / count:.1f}",
        ]


def section(count: int = COUNT) -> str:
    """Measure, and give the result as Markdown."""
    rows = []
    met = []
    with sandbox(count) as world:
        for database in DATABASES:
            first, hourly, idle = _measure(world, database, count)
            rows += [
                first.row(database, "first, all is new", count),
                hourly.row(database, "an hour later", count),
                idle.row(database, "a minute later, next to nothing changed", count),
            ]
            speed = count / hourly.cpu
            met.append(
                f"- {database}, an hour later, at least {TARGET:,} a second a core: {speed:,.0f}, "
                f"{verdict(speed >= TARGET)}."
            )
    return "\n\n".join(
        [
            f"## CPU: {count:,} communities without latency or limits",
            "Communities a second of the collector's own CPU time (all its threads; neither the sandbox's nor "
            "PostgreSQL's), and of time that passed, in which the sandbox too has to make its answers. Shares are of "
            "the collector's CPU time: parsing is HTTP, JSON and mapping; deciding is comparing with what is known; "
            f"writing is all traffic with the database, reading included. Later rounds: the median of {_REPEATS}.",
            table(
                [
                    "database",
                    "round",
                    "a second a core",
                    "a second by the clock",
                    "parsing",
                    "deciding",
                    "writing",
                    "rest",
                    "posts written a community",
                ],
                rows,
            ),
            "\n".join(met),
        ]
    )


def _measure(world: Sandbox, database: str, count: int) -> tuple[Measured, Measured, Measured]:
    """The first round, one an hour later, one a minute later."""
    with DATABASES[database]() as url, filled_store(url, count, world.now()) as store:
        world.advance()
        with Collector(store, world, FREE) as collector:
            first = _round(collector, url)
            # One more, so that nothing is measured that only a second round does.
            world.advance()
            collector.round()
            later = []
            for step in (HOUR, _MINUTE):
                repeats = []
                for _ in range(_REPEATS):
                    world.advance(step)
                    repeats.append(_round(collector, url))
                later.append(sorted(repeats, key=lambda got: got.cpu)[_REPEATS // 2])
    return first, later[0], later[1]


def _round(collector: Collector, url: str) -> Measured:
    stages = Stages()
    before = _post_snapshots(url)
    with stages.measured():
        wall, cpu = time.monotonic(), time.process_time()
        collector.round()
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    return Measured(cpu, wall, stages.seconds, _post_snapshots(url) - before)


def _post_snapshots(url: str) -> int:
    engine = make_engine(database_url(url))
    try:
        with reading(engine) as conn:
            return int(conn.scalar(select(func.count()).select_from(post_snapshot)) or 0)
    finally:
        engine.dispose()


if __name__ == "__main__":
    print(section())

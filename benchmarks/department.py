"""How long does the department wait for what it looks at, when the series have millions of rows?

On PostgreSQL 20,000,000 readings of 80,000 communities, on SQLite 2,000,000 of 8,000: see seed.py.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, column, select, table, text

from benchmarks import world
from benchmarks.peak import peak
from benchmarks.seed import LAST_DAY, fill_history
from benchmarks.world import DATABASES, HOUR, START, measured_apart, verdict
from collector.bootstrap import program
from collector.bootstrap.page import web_app
from collector.bootstrap.program import Program
from collector.bootstrap.reports import make_growth
from collector.domain.model import BranchKind
from collector.reports.rendering.csv_file import as_csv
from collector.reports.rendering.rows import write_csv
from storage.engine import database_url, make_engine, reading

DAYS = 250
COMMUNITIES = {"SQLite": 8_000, "PostgreSQL": 80_000}
_RUNS = 7
_EXPORT_ROWS = 1_000_000
_YEAR_BEGINS, _GROWTH_BEGINS = LAST_DAY - timedelta(days=365), LAST_DAY - timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Found:
    """What a way took; `peak` in bytes, of the whole process."""

    first: float
    later: float
    peak: int
    result: str


def section() -> str:
    """Measure, and give the result as Markdown."""
    lines, told = [], []
    for database, communities in COMMUNITIES.items():
        with DATABASES[database]() as url:
            fill_history(url, communities, DAYS)
            found = {way: Found(**measured_apart("benchmarks.department", way, url)) for way in WAYS}
        for way, (title, _) in WAYS.items():
            each = found[way]
            lines.append(
                [
                    database,
                    title,
                    _shown(each.first),
                    _shown(each.later),
                    f"{each.peak / 1e6:.0f}",
                    each.result,
                ]
            )
        told += [
            f"- {database}, {what}, at most {_shown(most)}: {_shown(found[way].later)}, "
            f"{verdict(found[way].later <= most)}."
            for way, what, most in _TARGETS
        ]
        highest = found["export"].peak / 1e6
        told.append(
            f"- {database}, export of 1,000,000 rows, at most 150 MB: {highest:.0f}, {verdict(highest <= 150)}."
        )
    return "\n\n".join(
        [
            "## The department: 20,000,000 readings on PostgreSQL, 2,000,000 on SQLite",
            f"80,000 and 8,000 communities, {DAYS} days. Each way in a process of its own: "
            f"the first time, and the median of {_RUNS} later ones; the peak of resident memory in MB (10⁶ bytes). "
            "Pages are asked for through the whole application, without a network.",
            world.table(["database", "way", "first", "later", "MB", "result"], lines),
            "\n".join(told),
        ]
    )


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


# The ways, each in a process of its own. A way is given the program and its database, and gives what is timed.

Timed = Callable[[], str]


@dataclass(frozen=True, slots=True)
class At:
    """Where a way works."""

    parts: Program
    engine: Engine


def overview(at: At) -> Timed:
    """The page that the department opens first."""
    return _page(at, "/")


def a_branch(at: At) -> Timed:
    """A branch's page."""
    return _page(at, "/branches/О77")


def _page(at: At, path: str) -> Timed:
    app = web_app(replace(at.parts, now=lambda: START + HOUR), "127.0.0.1")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    def once() -> str:
        answer = asyncio.run(ask())
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return f"{len(answer.content) / 1000:.0f} kB"

    return once


def growth(at: At) -> Timed:
    """The growth report of all branches over 90 days, made and written as CSV."""

    def once() -> str:
        made = make_growth(at.parts, _GROWTH_BEGINS, LAST_DAY, tuple(BranchKind))
        return f"{len(made.tables[0].rows):,} branches, {len(as_csv(made.tables[0])) / 1e6:.1f} MB"

    return once


def growth_without_index(at: At) -> Timed:
    """The same where a day's readings cannot be found by time. The index is gone afterwards."""
    with at.engine.begin() as conn:
        conn.execute(text("DROP INDEX IF EXISTS ix_follower_snapshot_observed_at"))
    return growth(at)


def a_year(at: At) -> Timed:
    """One community's days of a year, marked where nobody looked."""
    view = table("v_followers_daily")
    columns = [column(name) for name in ("day", "follower_count", "what", "run_id")]
    since = _YEAR_BEGINS.isoformat() if at.engine.dialect.name == "sqlite" else _YEAR_BEGINS
    query = select(*columns).select_from(view).where(column("community_id") == 77, column("day") >= since)
    return _asked(at, query)


def latest(at: At) -> Timed:
    """The newest number of every community."""
    return _asked(at, select(text("*")).select_from(table("v_followers_latest")))


def latest_by_history(at: At) -> Timed:
    """The same, sought in the series."""
    newest = (
        "SELECT community_id, max(observed_at) AS observed_at FROM follower_snapshot GROUP BY community_id"
    )
    joined = f"SELECT s.* FROM follower_snapshot s JOIN ({newest}) n USING (community_id, observed_at)"
    return _asked(at, text(joined))


def _asked(at: At, query: Any) -> Timed:

    def once() -> str:
        with reading(at.engine) as conn:
            return f"{len(conn.execute(query).all()):,} rows"

    return once


def export(at: At) -> Timed:
    """A million rows of the view of days, as CSV."""

    def once() -> str:
        with (
            at.parts.store.reports.view_rows("v_followers_daily", None, None) as rows,
            open(os.devnull, "wb") as out,
        ):
            some = (row for row, _ in zip(rows.rows, range(_EXPORT_ROWS), strict=False))
            return f"{write_csv(rows.columns, some, out):,} rows"

    return once


def export_at_once(at: At) -> Timed:
    """The same, as a program without streaming would: all rows, then the file."""
    query = text(f"SELECT * FROM v_followers_daily ORDER BY community_id, day LIMIT {_EXPORT_ROWS}")

    def once() -> str:
        with reading(at.engine) as conn:
            rows = conn.execute(query).all()
        out = io.BytesIO()
        return f"{write_csv(list(rows[0]._fields), rows, out):,} rows"

    return once


WAYS: dict[str, tuple[str, Callable[[At], Timed]]] = {
    "overview": ("**overview**, the page", overview),
    "branch": ("**branch**, the page", a_branch),
    "growth": ("**growth** of all, 90 days, with its CSV", growth),
    "year": ("**one community's year**, `v_followers_daily`", a_year),
    "latest": ("**latest of all**, `v_followers_latest`", latest),
    "latest by history": ("the same by `max` over the series", latest_by_history),
    "export": ("**export** of a million rows, streamed", export),
    "export at once": ("the same, all rows in memory", export_at_once),
    # The last, as it takes the index away.
    "growth without index": ("growth without the index by time (PostgreSQL's alone)", growth_without_index),
}
_ONCE = {"export", "export at once", "growth without index", "latest by history"}
_TARGETS = (
    ("overview", "overview page", 0.3),
    ("growth", "growth report", 3.0),
    ("year", "one community's year", 0.05),
    ("latest", "latest of all", 1.0),
)


def run(way: str, url: str) -> None:
    """Be the process that is measured: tell what was found, and what it took."""
    os.environ["COLLECTOR_DATABASE_URL"] = url
    os.environ["COLLECTOR_WEB__SECRET"] = "benchmarks-" * 4
    took = []
    result = ""
    with program(writes=False, quiet=True) as parts:
        once = WAYS[way][1](At(parts, make_engine(database_url(url))))
        for _ in range(1 if way in _ONCE else 1 + _RUNS):
            began = time.monotonic()
            result = once()
            took.append(time.monotonic() - began)
    later = statistics.median(took[1:] or took)
    print(json.dumps({"first": took[0], "later": later, "peak": peak(), "result": result}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(*sys.argv[1:])
    else:
        print(section())

"""How many rows a second the store writes, beside the quickest way that each database has for the same rows."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import Table

from benchmarks.world import DATABASES, HOUR, START, filled_store, name, native_id, table
from collector.domain.model import Access, Outcome, Post, Reading, Wall
from collector.jobs.batches import BATCH_SIZE
from storage.engine import database_url, make_engine, writing
from storage.store import Store
from storage.tables import community_state, follower_snapshot, post, post_snapshot
from storage.upsert import insert_new

COUNT = 2_000
_POSTS = 20
_REPEATS = 3
_CHANGED = 5
"""In a later round, one community in so many has a new post and other followers."""
_SERIES_ROWS = 100_000
_SERIES_BATCH = 1_000
TABLES = (community_state, follower_snapshot, post, post_snapshot)

Rows = dict[Table, list[tuple[Any, ...]]]


def section(count: int = COUNT) -> str:
    """Measure, and give the result as Markdown."""
    lines = []
    for database in DATABASES:
        runs = [_measure(database, count) for _ in range(_REPEATS)]
        best = "COPY" if database == "PostgreSQL" else "raw executemany"
        middle = {what: statistics.median(run[what] for run in runs) for what in runs[0]}
        lines += [
            [database, f"{best} of a first round's rows", f"{middle['plain']:,.0f}", "1.00"],
            _line(database, "the store's batches, the same rows", middle["first"], middle["plain"]),
            [database, f"{best} of a series", f"{middle['plain series']:,.0f}", "1.00"],
            _line(
                database,
                f"`insert_new`, the same rows, {_SERIES_BATCH:,} a batch",
                middle["series"],
                middle["plain series"],
            ),
            [
                database,
                f"the store's batches an hour later, 1 community in {_CHANGED} changed: readings a second",
                f"{middle['later']:,.0f}",
                "",
            ],
        ]
    return "\n\n".join(
        [
            "## Writing",
            f"The rows of a first round of {count:,} communities with {_POSTS} posts each, as the store writes them: "
            f"a state and a follower snapshot a community, a post and its snapshot a post, {BATCH_SIZE} communities a "
            "transaction, after reading what is known and comparing. The plain way writes the finished rows into the "
            f"same tables in one transaction. The median of {_REPEATS} runs.",
            table(["database", "way", "rows a second", "of the plain way"], lines),
        ]
    )


def _line(database: str, what: str, speed: float, plain: float) -> list[str]:
    return [database, what, f"{speed:,.0f}", f"{speed / plain:.2f}"]


def _measure(database: str, count: int) -> dict[str, float]:
    with DATABASES[database]() as url, filled_store(url, count, START - HOUR) as store:
        first = _seconds(lambda: _write(store, _first_round(count)))
        plain = _Sqlite(url) if database == "SQLite" else _Postgresql(url)
        try:
            rows = {written: plain.rows(written) for written in TABLES}
            later = _seconds(lambda: _write(store, _later_round(count)))
            seconds = plain.write(rows)
            series = [
                (1 + place % count, START + timedelta(minutes=place // count), 100, 200, 1)
                for place in range(_SERIES_ROWS)
            ]
            plain_series = plain.write({follower_snapshot: list(map(plain.adapted, series))})
            plain.empty(follower_snapshot)
        finally:
            plain.close()
        our_series = _insert_series(url, series)
    total = sum(map(len, rows.values()))
    return {
        "first": total / first,
        "plain": total / seconds,
        "later": count / later,
        "plain series": _SERIES_ROWS / plain_series,
        "series": _SERIES_ROWS / our_series,
    }


def _first_round(count: int) -> list[Outcome]:
    return [_reading(number, START, 100, range(_POSTS)) for number in range(1, count + 1)]


def _later_round(count: int) -> list[Outcome]:
    at = START + HOUR
    return [
        _reading(number, at, 101, range(1, _POSTS + 1))
        if number % _CHANGED == 0
        else _reading(number, at, 100, range(_POSTS))
        for number in range(1, count + 1)
    ]


def _reading(number: int, at: Any, followers: int, places: range) -> Reading:
    """Place 0 is the oldest post of a wall in a first round, and those after it are newer by a day each."""
    owner = native_id(number)
    oldest = START - timedelta(days=_POSTS + 1)
    posts = tuple(
        Post(
            str(place + 1),
            oldest + timedelta(days=place),
            f"https://vk.com/wall-{owner}_{place + 1}",
            False,
            10,
            2,
            1,
            300,
        )
        for place in places
    )
    wall = Wall(posts, posts[0].published_at, 200 + places.start)
    return Reading(
        number,
        at,
        str(owner),
        name(number),
        f"Организация {number}",
        Access.OPEN,
        followers,
        wall,
        url=f"https://vk.com/{name(number)}",
    )


def _write(store: Store, outcomes: Sequence[Outcome]) -> None:
    """As a round does."""
    at = outcomes[0].observed_at
    run_id = store.start_round(at)
    for start in range(0, len(outcomes), BATCH_SIZE):
        store.write_outcomes(run_id, outcomes[start : start + BATCH_SIZE], lambda *_: at + HOUR)


def _insert_series(url: str, series: list[tuple[Any, ...]]) -> float:
    engine = make_engine(database_url(url))
    names = [column.name for column in follower_snapshot.columns]
    rows = [dict(zip(names, row, strict=True)) for row in series]

    def insert() -> None:
        with writing(engine) as conn:
            for start in range(0, len(rows), _SERIES_BATCH):
                insert_new(conn, follower_snapshot, rows[start : start + _SERIES_BATCH])

    try:
        return _seconds(insert)
    finally:
        engine.dispose()


def _seconds(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


class _Postgresql:
    """COPY, through the driver."""

    def __init__(self, url: str) -> None:
        self._conn = psycopg.connect(url, options="-c timezone=UTC")

    def rows(self, of: Table) -> list[tuple[Any, ...]]:
        return self._conn.execute(f"SELECT * FROM {of.name}").fetchall()

    def adapted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return row

    def empty(self, of: Table) -> None:
        self._conn.execute(f"TRUNCATE {of.name}")
        self._conn.commit()

    def write(self, rows: Rows) -> float:
        """Into the emptied tables; gives the seconds."""
        self._conn.commit()
        for of in rows:
            self.empty(of)

        def copy() -> None:
            for of, given in rows.items():
                with self._conn.cursor() as cursor, cursor.copy(f"COPY {of.name} FROM STDIN") as out:
                    for row in given:
                        out.write_row(row)
            self._conn.commit()

        return _seconds(copy)

    def close(self) -> None:
        self._conn.close()


class _Sqlite:
    """executemany, through the driver."""

    def __init__(self, url: str) -> None:
        self._conn = sqlite3.connect(url.removeprefix("sqlite:///"))
        self._conn.execute("PRAGMA synchronous = NORMAL")

    def rows(self, of: Table) -> list[tuple[Any, ...]]:
        return self._conn.execute(f"SELECT * FROM {of.name}").fetchall()

    def adapted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return (row[0], int(row[1].timestamp()), *row[2:])

    def empty(self, of: Table) -> None:
        self._conn.execute(f"DELETE FROM {of.name}")
        self._conn.commit()

    def write(self, rows: Rows) -> float:
        """Into the emptied tables; gives the seconds."""
        for of in rows:
            self.empty(of)

        def insert() -> None:
            for of, given in rows.items():
                marks = ",".join("?" * len(of.columns))
                self._conn.executemany(f"INSERT INTO {of.name} VALUES ({marks})", given)
            self._conn.commit()

        return _seconds(insert)

    def close(self) -> None:
        self._conn.close()


if __name__ == "__main__":
    print(section())

"""The removal of what is too old: what goes, what stays, and that no report tells another number."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Table, func, insert, literal, select, text
from structlog.testing import capture_logs

from collector.bootstrap.contest import freeze_contest
from collector.bootstrap.daemon import Daemon
from collector.bootstrap.offered import offered
from collector.bootstrap.program import Program
from collector.bootstrap.retention import retain_now
from collector.domain.calendar import moscow_day
from collector.domain.contest import League
from collector.domain.errors import FailureKind
from collector.domain.period import month_of
from collector.domain.redaction import Redactor
from collector.domain.retention import Retained
from collector.jobs.retain import RetentionSummary, retain
from collector.ops.collecting import CollectMetrics
from collector.ops.pulse import Pulse
from collector.reports.offered import Asked
from collector.reports.report import Report
from collector.settings import Settings
from storage import retention
from storage.engine import reading, writing
from storage.retention import COMMUNITIES_AT_ONCE
from storage.store import Store, open_store
from storage.tables import collection_outcome, follower_snapshot, post_snapshot
from storage.upkeep_tables import Chore
from storage.views import VIEWS
from tests.conftest import Databases
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall
from tests.web import seeded

LATER = NOON + 400 * DAY


def parts(store: Store, now: datetime, **ages: str) -> Program:
    all_kept = {each.value: "never" for each in Retained}
    given = Settings(_env_file=None, retention=all_kept | ages)  # type: ignore[call-arg, arg-type]
    return Program(given, Redactor(()), store, lambda: now, threading.Event())


def a_daemon(program: Program) -> Daemon:
    return Daemon(program, {}, Pulse(timedelta(minutes=5)), CollectMetrics(CollectorRegistry()))


def removed(store: Store, now: datetime = LATER, **ages: str) -> Mapping[str, int]:
    return {each.value: count for each, count in retain_now(parts(store, now, **ages)).removed.items()}


def rows(store: Store, table: Table) -> list[Any]:
    with reading(store._engine) as conn:
        return list(conn.execute(select(table).order_by(*table.primary_key.columns)))


# What people read


def everything_shown(store: Store, now: datetime) -> dict[str, object]:
    """Every report that is offered, of a territorial and a primary league, and every public view."""
    program = parts(store, now)
    found: dict[str, object] = {}
    for each in offered(program):
        # August's posts are counted in what is thinned, the newest periods' in what is not.
        for league, period in product(
            ("territorial", "primary"), ({}, {"period": "2026-08", "month": "2026-08"})
        ):
            given = {one.name: one.default(moscow_day(now)) for one in each.fields}
            given |= {"league": league, "claimed": "21", **period}
            found[f"{each.name} {league} {period}"] = _numbers(each.make(Asked(given)))
    with reading(store._engine) as conn:
        for view in VIEWS:
            order = ", ".join(map(str, range(1, len(view.columns) + 1)))
            found[view.name] = conn.execute(text(f"SELECT * FROM {view.name} ORDER BY {order}")).all()
    return found


def _numbers(report: Report) -> object:
    """All of a report but which reading told a post's counts: of those that repeat each other one a week stays."""
    shown = replace(report, sources=None, gaps=list)
    sources = report.sources() if report.sources is not None else None
    moved = {"Когда посчитаны", "Откуда", "Откуда числа"}
    told = [
        [cell for cell, column in zip(row, sources.columns, strict=True) if column.title not in moved]
        for row in (sources.rows if sources else ())
    ]
    return shown, told, list(report.gaps())


@pytest.fixture
def season(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """A season of readings; of August's posts three a day, and higher ones but for the last."""
    # On SQLite alone: that the same goes on both databases is shown below, and what is read is the same.
    with databases.sqlite(tmp_path, has_tables=True) as url, open_store(url) as store:
        seeded.seed(store)
        _read_more_often(store)
        yield store


def _read_more_often(store: Store) -> None:
    snapshot = post_snapshot.c
    names = [column.name for column in snapshot]
    with writing(store._engine) as conn:
        for before in (2 * HOUR, 4 * HOUR):
            earlier = [
                {
                    **dict(row._mapping),
                    "observed_at": row.observed_at - before,
                    "like_count": row.like_count + 7,
                }
                for row in conn.execute(select(post_snapshot).where(snapshot.like_count.between(45, 75)))
            ]
            present = {tuple(row)[:3] for row in conn.execute(select(post_snapshot))}
            conn.execute(
                insert(post_snapshot),
                [row for row in earlier if tuple(row[name] for name in names[:3]) not in present],
            )


def test_no_report_and_no_view_tells_another_number(season: Store) -> None:
    now = seeded.NOW
    freeze_contest(
        parts(season, now), League.TERRITORIAL, month_of(date(2026, 8, 1)), None, "Иванова", again=False
    )
    before = everything_shown(season, now)
    many = len(rows(season, post_snapshot))
    done = removed(season, now, post_snapshots="30d", outcomes="7d", raw_answers="1d", series="731d")
    assert done["post_snapshots"] > many / 4
    assert len(rows(season, post_snapshot)) == many - done["post_snapshots"]
    after = everything_shown(season, now)
    for name, shown in before.items():
        assert after[name] == shown, name
    again = removed(season, now + DAY, post_snapshots="30d")
    assert again == {"post_snapshots": 0}


def test_readings_of_followers_go_only_if_told_and_the_edges_stay(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    for number in (1, 2):
        for day in range(0, 800, 20):
            world.round(read(NOON + day * DAY, 100 + day, community_id=number, native_id=f"{number}"))
    now = NOON + 790 * DAY
    many = len(rows(store, follower_snapshot))
    assert removed(store, now, post_snapshots="30d", outcomes="7d") == {"post_snapshots": 0, "outcomes": 0}
    assert len(rows(store, follower_snapshot)) == many
    # 790 - 731 = 59 days: the readings of days 0, 20 and 40, of which the first and the last stay.
    assert removed(store, now, series="731d") == {"series": 2}
    left = [row.follower_count for row in rows(store, follower_snapshot) if row.community_id == 1]
    assert left[:3] == [100, 140, 160]


def test_imported_readings_and_those_of_a_frozen_contest_stay(store: Store, tmp_path: Any) -> None:
    world = World(store)
    for day in range(0, 1200, 20):
        world.round(read(NOON + day * DAY, 100 + day, wall()))
    with writing(store._engine) as conn:
        conn.execute(text("UPDATE collection_run SET kind = 'import' WHERE id = 16"))
    october = month_of(date(2026, 10, 1))
    freeze_contest(parts(store, NOON + 60 * DAY), League.TERRITORIAL, october, None, "Иванова", again=False)
    done = removed(store, NOON + 1190 * DAY, series="731d")
    left = [row.follower_count - 100 for row in rows(store, follower_snapshot) if row.follower_count < 559]
    end = (datetime(2026, 12, 31, 21, tzinfo=UTC) - NOON).days
    assert left == [*range(0, end, 20), 300, 440]
    assert done["series"] == 23 - len(left)


def test_of_failures_the_newest_of_each_kind_stay_and_their_answers_go(store: Store) -> None:
    world = World(store)
    for day in range(20):
        kind = FailureKind.UNEXPECTED_RESPONSE if day % 2 else FailureKind.CLOSED
        world.round(failed(NOON + day * DAY, kind, raw_answer="<html>"))
    world.round(read(NOON + 100 * DAY))
    assert removed(store, raw_answers="85d") == {"raw_answers": 15}
    assert [row.raw_answer for row in rows(store, collection_outcome)] == [None] * 15 + ["<html>"] * 5
    assert removed(store, outcomes="81d") == {"outcomes": 10}
    assert len(rows(store, collection_outcome)) == 10
    assert removed(store, raw_answers="1d", outcomes="7d") == {"raw_answers": 5, "outcomes": 0}


# How it goes


@pytest.fixture
def many(store: Store) -> World:
    """Twelve communities, whose one post was read each day for 40 days and never changed."""
    world = World(store, *(branch(f"№ {number}", vk(f"{number}")) for number in range(1, 13)))
    shown = wall(post("7", NOON - DAY, like_count=3))
    for day in range(40):
        world.round(
            *(
                read(NOON + day * DAY, 10, shown, community_id=number, native_id=f"{number}")
                for number in range(1, 13)
            )
        )
    return world


NOW = NOON + 39 * DAY
EACH = 6
"""Of the 9 readings that are older than 30 days: all but the first, one a week, and the newest."""


def test_a_dry_run_counts_and_removes_nothing(many: World) -> None:
    store = many.store
    before = rows(store, post_snapshot)
    told = retain_now(parts(store, NOW, post_snapshots="30d"), dry_run=True)
    assert rows(store, post_snapshot) == before
    assert store.upkeep.last(Chore.RETENTION) is None
    done = retain_now(parts(store, NOW, post_snapshots="30d"))
    assert told.removed == done.removed == {Retained.POST_SNAPSHOTS: 12 * EACH}
    record = store.upkeep.last(Chore.RETENTION)
    assert record is not None
    assert (record.row_count, record.note) == (12 * EACH, f"post_snapshots: {12 * EACH}")


def test_who_is_killed_between_batches_is_gone_on_from(many: World) -> None:
    store, ages = many.store, {"post_snapshots": "30d"}
    whole = retain_now(parts(store, NOW, **ages), dry_run=True).before[Retained.POST_SNAPSHOTS]
    first = store.retention.next_pass(Retained.POST_SNAPSHOTS, whole)
    assert first is not None
    assert store.retention.remove(first).removed == COMMUNITIES_AT_ONCE * EACH
    # A day later another process ends that pass first, then does the day that came since.
    with open_store(store._engine.url.render_as_string(hide_password=False)) as other:
        next_one = other.retention.next_pass(Retained.POST_SNAPSHOTS, whole + DAY)
        assert next_one is not None
        assert (next_one.before, next_one.after_community_id) == (whole, COMMUNITIES_AT_ONCE)
        rest = retain_now(parts(other, NOW, **ages))
        assert rest.removed[Retained.POST_SNAPSHOTS] == (12 - COMMUNITIES_AT_ONCE) * EACH
        assert other.retention.next_pass(Retained.POST_SNAPSHOTS, whole) is None


def test_a_stop_ends_it_after_a_batch(many: World) -> None:
    program = parts(many.store, NOW, post_snapshots="30d")
    program.stop.set()
    summary = retain_now(program)
    assert (summary.removed, summary.is_whole) == (
        {Retained.POST_SNAPSHOTS: COMMUNITIES_AT_ONCE * EACH},
        False,
    )
    assert many.store.upkeep.last(Chore.RETENTION) is None, "it is not done"


def test_two_at_once_do_it_once(many: World) -> None:
    with many.store.retention.lock() as is_ours:
        assert is_ours
        with open_store(many.store._engine.url.render_as_string(hide_password=False)) as other:
            summary = retain_now(parts(other, NOW, post_snapshots="30d"))
    assert summary.is_elsewhere
    assert many.store.upkeep.last(Chore.RETENTION) is None


def test_a_clock_that_is_ahead_makes_nothing_old(many: World) -> None:
    assert removed(many.store, NOW + 1000 * DAY, post_snapshots="30d", series="731d") == {
        "post_snapshots": 12 * EACH,
        "series": 0,
    }


def test_where_nothing_was_read_nothing_is_old(store: Store) -> None:
    World(store)
    summary: RetentionSummary = retain(store, {Retained.SERIES: 731 * DAY}, lambda: NOON, threading.Event())
    assert (summary.removed, summary.before) == ({Retained.SERIES: 0}, {})


def test_the_daemon_does_it_once_a_night_by_what_stands_in_the_database(many: World) -> None:
    program = parts(many.store, NOW, post_snapshots="30d")
    for now in (NOW, NOW + HOUR):
        program.now = lambda now=now: now  # type: ignore[misc]
        daemon = a_daemon(program)
        assert "retention" in [job.id for job in daemon.jobs()]
        daemon.retain()
    with reading(many.store._engine) as conn:
        count = select(func.count(literal(1))).select_from(text("upkeep_run"))
        assert conn.scalar(count) == 1
    program.now = lambda: NOW + DAY
    a_daemon(program).retain()
    with reading(many.store._engine) as conn:
        assert conn.scalar(count) == 2


def test_where_nothing_was_read_the_daemon_says_nothing_of_removing(store: Store) -> None:
    """It looks again every ten minutes until something is read."""
    World(store)
    with capture_logs() as logged:
        a_daemon(parts(store, NOW, post_snapshots="30d")).retain()
    assert [each["event"] for each in logged if "removed" in each["event"]] == []


def test_without_ages_the_daemon_has_no_such_job(store: Store) -> None:
    assert [job.id for job in a_daemon(parts(store, NOW)).jobs()] == ["collect", "letters"]


def test_a_large_post_goes_at_once(many: World) -> None:
    """Batches end between posts: judged by what a cut-off batch left of it, a post would keep other readings."""
    found = retention._post_snapshots
    with reading(many.store._engine) as conn:
        before = datetime.fromtimestamp(NOW.timestamp(), UTC) - timedelta(days=30)
        under_way = retention.Pass(Retained.POST_SNAPSHOTS, before, None, None)
        lots = list(found(conn, [1, 2], under_way))
    assert [{key[:2] for key in lot} for lot in lots] == [{(1, "7")}, {(2, "7")}]

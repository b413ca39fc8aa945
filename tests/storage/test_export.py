"""A view's rows one after another: the same from both databases, of a period, with days and times as such."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect
from sqlalchemy.types import Date, DateTime, Text

from collector.domain.errors import CollectorError
from storage.engine import reading
from storage.export import view_rows
from storage.store import Store
from storage.views import VIEWS, Holds, holds
from tests.storage.worlds import DAY, NOON, World, branch, read, vk, wall
from tests.storage.worlds import post as a_post


@pytest.fixture
def world(store: Store) -> World:
    made = World(store)
    for day in range(4):
        posts = [a_post(str(each), NOON + each * DAY) for each in range(day + 1)]
        made.round(read(NOON + day * DAY + timedelta(minutes=5), followers=100 + day, wall=wall(*posts)))
    return made


def rows(
    world: World, view: str, first: date | None = None, last: date | None = None
) -> list[dict[str, Any]]:
    with world.store.reports.view_rows(view, first, last) as found:
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_a_month_that_has_begun_belongs_to_the_period(world: World) -> None:
    found = rows(world, "v_growth_monthly", date(2026, 10, 15), date(2026, 11, 15))
    assert [row["month"] for row in found] == [date(2026, 10, 1)]


def test_days_and_times_are_such_on_both_databases(world: World) -> None:
    first, *_ = rows(world, "v_followers_daily")
    assert first["day"] == date(2026, 10, 5)
    assert first["observed_at"] == datetime.fromisoformat("2026-10-05 15:05")
    assert (first["follower_count"], first["run_id"]) == (100, 1)


def test_a_period_has_both_its_days(world: World) -> None:
    first, last = date(2026, 10, 6), date(2026, 10, 7)
    assert [row["day"] for row in rows(world, "v_followers_daily", first, last)] == [first, last]
    assert [row["published_on"] for row in rows(world, "v_posts", first, last)] == [first, last]
    assert len(rows(world, "v_collection_runs", last, last)) == 1
    assert len(rows(world, "v_followers_daily", first)) == 3
    assert len(rows(world, "v_followers_daily", None, first)) == 2


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_each_view_can_be_exported(world: World, view: Any) -> None:
    found = rows(world, view.name)
    assert all(list(row) == list(view.columns) for row in found)
    if view.period_column is not None:
        assert rows(world, view.name, date(2030, 1, 1)) == []


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_some_communities_after_others_are_all_of_them_and_of_one_instant(store: Store, at_once: int) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2"), vk("3")))
    world.round(*(read(NOON, community_id=each, native_id=str(each)) for each in (1, 2, 3)))
    told = view_rows(store._engine, "v_followers_daily", None, None, communities_at_once=at_once)
    with told as found:
        first = next(found.rows)
        world.round(read(NOON + DAY, community_id=3, native_id="3"))
        seen = [dict(zip(found.columns, row, strict=True)) for row in (first, *found.rows)]
    assert [(row["community_id"], row["day"]) for row in seen] == [(each, NOON.date()) for each in (1, 2, 3)]


def test_a_view_of_now_has_no_period(world: World) -> None:
    with pytest.raises(CollectorError, match="v_branches tells of now and has no period; leave out --from"):
        rows(world, "v_branches", date(2026, 10, 6))


def test_tables_are_not_exported(world: World) -> None:
    with pytest.raises(
        CollectorError, match="there is no public view 'outbox_message'; there are v_branches"
    ):
        rows(world, "outbox_message")


def test_what_a_column_holds_follows_from_its_name(store: Store, backend: str) -> None:
    if backend == "sqlite":
        return
    types = {Date: Holds.DAY, DateTime: Holds.TIME, Text: Holds.TEXT}
    with reading(store._engine) as conn:
        for view in VIEWS:
            for each in inspect(conn).get_columns(view.name):
                kind = next(
                    (told for known, told in types.items() if isinstance(each["type"], known)), Holds.NUMBER
                )
                assert holds(each["name"]) is kind, (view.name, each["name"], each["type"])

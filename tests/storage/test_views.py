"""The public views: what they are called and say of themselves, and Moscow's clock in them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, inspect, text

from collector.domain.calendar import MOSCOW
from storage import schema, views
from storage.engine import reading, writing
from storage.errors import StoreError
from storage.store import Store
from storage.views import VIEWS
from tests.storage.viewing import asked
from tests.storage.worlds import NOON, World, read, wall
from tests.storage.worlds import post as a_post

NAMES = {
    "v_branches",
    "v_communities",
    "v_followers_latest",
    "v_followers_daily",
    "v_growth_monthly",
    "v_posts",
    "v_posts_daily",
    "v_silences",
    "v_findings",
    "v_collection_health",
    "v_collection_runs",
}


def test_the_views_are_those_that_people_rely_on(store: Store) -> None:
    assert {view.name for view in VIEWS} == NAMES
    with reading(store._engine) as conn:
        assert set(inspect(conn).get_view_names()) == NAMES


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_each_column_is_there_and_told_in_russian(store: Store, view: views.View) -> None:
    with reading(store._engine) as conn:
        there = [column["name"] for column in inspect(conn).get_columns(view.name)]
    assert there == list(view.columns)
    assert all(re.search("[а-я]", words) for words in (view.comment, *view.columns.values()))


def test_the_comments_are_in_the_database(store: Store, backend: str) -> None:
    for view in VIEWS:
        if backend == "sqlite":
            (found,) = asked(store, "SELECT sql FROM sqlite_master WHERE name = :name", name=view.name)
            assert all(words in found["sql"] for words in (view.comment, *view.columns.values()))
            continue
        told = asked(
            store,
            "SELECT obj_description(CAST(:name AS regclass)) AS words UNION ALL "
            "SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = CAST(:name AS regclass)",
            name=view.name,
        )
        assert {row["words"] for row in told} >= {view.comment, *view.columns.values()}


def test_each_instant_is_told_by_moscows_clock(store: Store) -> None:
    rng = random.Random(1)
    changes = [datetime(2011, 3, 26, 23, tzinfo=UTC), datetime(2014, 10, 25, 22, tzinfo=UTC)]
    instants = [change + timedelta(seconds=step) for change in changes for step in (-1, 0, 3600)]
    instants += [datetime.fromtimestamp(rng.randrange(1136073600, 2208988800), UTC) for _ in range(300)]
    posts = [a_post(str(number), at) for number, at in enumerate(instants)]
    World(store).round(read(NOON, wall=wall(*posts)))
    shown = {
        row["post_id"]: (row["published_at"], row["published_on"])
        for row in asked(store, "SELECT * FROM v_posts")
    }
    there = {str(number): at.astimezone(MOSCOW) for number, at in enumerate(instants)}
    assert shown == {number: (f"{at:%Y-%m-%d %H:%M:%S}", f"{at:%Y-%m-%d}") for number, at in there.items()}


def test_the_calendar_has_moscows_days(store: Store) -> None:
    rows = asked(store, "SELECT day, month FROM calendar_day ORDER BY day")
    assert (rows[0]["day"], rows[-1]["day"], len(rows)) == ("2006-01-01", "2049-12-31", 44 * 365 + 11)
    assert {"day": "2024-02-29", "month": "2024-02-01"} in rows
    World(store).round(read(datetime(2026, 10, 4, 21, tzinfo=UTC)))
    World(store).round(read(datetime(2026, 10, 5, 20, 59, 59, tzinfo=UTC), followers=101))
    (day,) = asked(store, "SELECT day, follower_count, observed_at FROM v_followers_daily")
    assert day == {"day": "2026-10-05", "follower_count": 101, "observed_at": "2026-10-05 23:59:59"}


@pytest.fixture
def conn(store: Store) -> Iterator[Connection]:
    """In a transaction that is taken back, roles too."""
    with writing(store._engine) as conn:
        yield conn
        conn.rollback()


def may_read(conn: Connection, role: str) -> bool:
    asked_of = text("SELECT has_table_privilege(:role, :name, 'SELECT')")
    return all(conn.scalar(asked_of, {"role": role, "name": name}) for name in NAMES)


def test_who_may_read_the_views_still_may_when_they_are_made_anew(conn: Connection, backend: str) -> None:
    if backend == "sqlite":
        return
    conn.execute(text("CREATE ROLE keeps_views"))
    views.grant(conn, "keeps_views")
    # As a version before had it: one is not there yet, another has other columns.
    conn.execute(text("DROP VIEW v_findings, v_silences"))
    conn.execute(text("CREATE VIEW v_silences AS SELECT 1 AS other"))
    # And everybody may read one, somebody another alone.
    conn.execute(text("CREATE ROLE reads_one"))
    conn.execute(text("GRANT SELECT ON v_posts TO PUBLIC"))
    views.grant(conn, "reads_one", ["v_silences"])
    views.grant(conn, "keeps_views", ["v_silences"])
    views.renew(conn)
    assert may_read(conn, "keeps_views")
    reads = {
        name
        for name in NAMES
        if conn.scalar(text("SELECT has_table_privilege('reads_one', :name, 'SELECT')"), {"name": name})
    }
    assert reads == {"v_silences", "v_posts"}


def test_what_people_built_upon_a_view_stands(conn: Connection, backend: str) -> None:
    if backend == "sqlite":
        return
    conn.execute(text("CREATE VIEW ours AS SELECT url FROM v_posts"))
    views.renew(conn)
    assert conn.execute(text("SELECT * FROM ours")).all() == []


def test_where_it_cannot_stand_that_is_told_with_what_to_do(conn: Connection, backend: str) -> None:
    if backend == "sqlite":
        return
    conn.execute(text("DROP VIEW v_silences"))
    conn.execute(text("CREATE VIEW v_silences AS SELECT 1 AS other"))
    conn.execute(text("CREATE VIEW ours AS SELECT other FROM v_silences"))
    told = (
        "view ours depends on view v_silences.* v_silences has other columns now: drop what was built upon it"
    )
    with pytest.raises(StoreError, match=told):
        views.renew(conn)


def test_an_sqlite_table_can_be_copied_from_under_the_views(conn: Connection, backend: str) -> None:
    views.make_way(conn)
    assert (inspect(conn).get_view_names() == []) == (backend == "sqlite")
    views.renew(conn)
    assert set(inspect(conn).get_view_names()) == NAMES


def test_a_database_of_the_version_before_is_upgraded(database_url: str) -> None:
    from alembic import command

    from storage.store import open_store

    with open_store(database_url) as store:
        config = schema._config()
        with writing(store._engine) as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, "0002")
            assert inspect(conn).get_view_names() == []
        assert store.upgrade().current == "0002"
        assert asked(store, "SELECT * FROM v_followers_daily") == []

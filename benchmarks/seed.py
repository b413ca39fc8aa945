"""Fills an empty database with a history as long as one likes: for measuring, and for trying dashboards out.

    python -m benchmarks.seed sqlite:///seeded.db --communities 8000 --days 250

A reading of each community a day, a post every twelve days, and the rounds that brought them, up to the first of
September 2026. Nothing is drawn by chance: the same numbers fill every database alike. It refuses one with data in it.
"""

from __future__ import annotations

import argparse
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Text, cast, func, insert, literal, select, text, true

from benchmarks.union import insert_all, union_branch, vk_community
from benchmarks.world import START
from collector.domain.calendar import MOSCOW, moscow_day
from storage.engine import database_url, make_engine, writing
from storage.store import open_store
from storage.tables import (
    branch,
    branch_size,
    collection_run,
    community,
    community_state,
    follower_snapshot,
    post,
)
from storage.types import Id, UtcDateTime
from storage.upsert import as_table

LAST_DAY = moscow_day(START)
_ROUNDS_AT_ONCE = 10
"""Less than a million rows a transaction: well within the time that a statement may take."""
_DAYS_BETWEEN_POSTS = 12


def fill_history(url: str, communities: int, days: int) -> None:
    """Branches, a community each, and its readings of so many days. Raises SystemExit if there is data already."""
    with open_store(url) as store:
        store.upgrade()
    engine = make_engine(database_url(url))
    looks = [_look_at(LAST_DAY - timedelta(days=age)) for age in reversed(range(days))]
    with writing(engine) as conn:
        if conn.execute(select(func.count()).select_from(branch)).scalar_one():
            raise SystemExit("there is data in this database already; name an empty one")
        insert_all(conn, branch, (union_branch(number) for number in range(1, communities + 1)))
        insert_all(conn, branch_size, (_size(number, looks[0]) for number in range(1, communities + 1)))
        insert_all(conn, community, (vk_community(number, number) for number in range(1, communities + 1)))
        insert_all(
            conn, collection_run, (_run(at, look, communities) for at, look in enumerate(looks, start=1))
        )
    rounds = list(enumerate(looks, start=1))
    for first in range(0, days, _ROUNDS_AT_ONCE):
        with writing(engine) as conn:
            _read(conn, rounds[first : first + _ROUNDS_AT_ONCE])
    with writing(engine) as conn:
        _remember(conn, looks)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
        if engine.dialect.name == "postgresql":
            # As autovacuum would have, long before there were so many rows.
            conn.execute(text("VACUUM"))
    engine.dispose()


def _read(conn: Connection, some_rounds: list[tuple[int, datetime]]) -> None:
    """What some rounds brought, in the order in which they would have brought it.

    Made in the database: as rows of ours it would take half an hour.
    """
    rounds = as_table(conn, {"run_id": Id, "looked_at": UtcDateTime()}, some_rounds)
    each = community.join(rounds, true())
    run_id, looked_at = rounds.c.run_id, rounds.c.looked_at
    read = (
        select(community.c.id, looked_at, _count_after(run_id), run_id // _DAYS_BETWEEN_POSTS, run_id)
        .select_from(each)
        .order_by(run_id, community.c.id)
    )
    names = ["community_id", "observed_at", "follower_count", "post_count", "run_id"]
    conn.execute(insert(follower_snapshot).from_select(names, read))
    published = (
        select(
            community.c.id,
            cast(run_id, Text),
            looked_at,
            literal(False),
            literal("https://vk.com/wall-1_") + cast(run_id, Text),
            looked_at,
            looked_at,
            community.c.id % 40,
            community.c.id % 3,
            community.c.id % 2,
        )
        .select_from(each)
        .where((run_id + community.c.id) % _DAYS_BETWEEN_POSTS == 0)
        .order_by(run_id, community.c.id)
    )
    names = ["community_id", "native_id", "published_at", "is_repost", "url", "first_seen_at", "snapshot_at"]
    conn.execute(insert(post).from_select([*names, "like_count", "comment_count", "share_count"], published))


def _remember(conn: Connection, looks: list[datetime]) -> None:
    """How communities stand after the last round."""
    newest, last = looks[-1], len(looks)
    state: dict[str, Any] = {
        "last_seen_at": newest,
        "last_attempt_at": newest,
        "wall_first_seen_at": looks[0],
        "wall_last_seen_at": newest,
        "wall_attempted_at": newest,
        "access_changed_at": looks[0],
        "snapshot_at": newest,
        "next_due_at": newest + timedelta(hours=1),
        "access": "open",
        "post_count": last // _DAYS_BETWEEN_POSTS,
    }
    newest_post = select(func.max(post.c.published_at)).where(post.c.community_id == community.c.id)
    conn.execute(
        insert(community_state).from_select(
            ["community_id", "follower_count", "newest_post_at", *state],
            select(
                community.c.id,
                _count_after(literal(last)),
                newest_post.scalar_subquery(),
                *(literal(value, community_state.c[name].type) for name, value in state.items()),
            ),
        )
    )


def _count_after(run_id: Any) -> Any:
    """Followers after so many rounds: from 50 to 1,049 at first, then up to one more in five days."""
    return 50 + community.c.id * 37 % 1000 + run_id * (community.c.id % 5) // 20


def _look_at(day: date) -> datetime:
    return datetime.combine(day, time(9), MOSCOW)


def _size(number: int, since: datetime) -> dict[str, Any]:
    return {"branch_id": number, "valid_from": since.date(), "primary_count": 1 + number % 90}


def _run(number: int, started_at: datetime, communities: int) -> dict[str, Any]:
    return {
        "id": number,
        "kind": "collect",
        "status": "finished",
        "started_at": started_at,
        "finished_at": started_at + timedelta(minutes=10),
        "due_count": communities,
        "read_count": communities,
        "wall_count": communities,
        "failed_count": 0,
        "request_count": communities // 23 + 1,
    }


def main() -> None:
    """Fill the database that the command line names."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("url", help="an empty database: sqlite:///seeded.db or postgresql://user@host/name")
    given.add_argument("--communities", type=int, default=8_000)
    given.add_argument("--days", type=int, default=250)
    asked = given.parse_args()
    fill_history(asked.url, asked.communities, asked.days)
    print(f"{asked.communities * asked.days:,} readings of {asked.communities:,} communities")


if __name__ == "__main__":
    main()

"""How long does it take to assess the branches of the whole union, from the database to written episodes?

80,000 branches with 100,000 communities and 2,000,000 posts. Of ten branches three are silent, one has a community
that was not read since its deadline, and six are active; each has a chair, so that each silence owes a letter.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, text, update

from benchmarks.peak import peak
from benchmarks.union import chair, insert_all, union_branch, vk_community
from benchmarks.world import DATABASES, HOUR, START, measured_apart, table, verdict
from collector.domain.silence import Verdict, assess
from collector.jobs.detect_silence import DetectPolicy, detect
from storage.engine import database_url, make_engine, reading, writing
from storage.store import Store, open_store
from storage.tables import branch, branch_pause, community, community_state, contact, post
from storage.upsert import insert_new

BRANCHES, COMMUNITIES, POSTS = 80_000, 100_000, 20
MAX_SECONDS = {"SQLite": 20, "PostgreSQL": 10}
MAX_MB = 300
DAY = timedelta(days=1)
NOW = START
POLICY = DetectPolicy()


def section(branches: int = BRANCHES, communities: int = COMMUNITIES) -> str:
    """Measure, and give the result as Markdown."""
    lines, verdicts = [], []
    for database in DATABASES:
        with DATABASES[database]() as url:
            with open_store(url) as store:
                store.upgrade()
                fill(url, branches, communities)
            found = {way: measured_apart("benchmarks.silence", way, url) for way in WAYS}
        for way, (title, _) in WAYS.items():
            told = found[way]
            lines.append(
                [database, title, f"{told['seconds']:.1f}", f"{told['peak'] / 1e6:.0f}", told["result"]]
            )
        most = MAX_SECONDS[database]
        slowest = max(found[way]["seconds"] for way in ("first", "again"))
        highest = max(found[way]["peak"] for way in ("first", "again")) / 1e6
        verdicts.append(
            f"- {database}, at most {most} s: {slowest:.1f}, {verdict(slowest <= most)}; "
            f"at most {MAX_MB} MB: {highest:.0f}, {verdict(highest <= MAX_MB)}."
        )
    return "\n\n".join(
        [
            f"## Silence: {branches:,} branches, {communities:,} communities, {communities * POSTS:,} posts",
            "Seconds, and the peak of resident memory in MB (10⁶ bytes), each in a process of its own.",
            table(["database", "way", "seconds", "MB", "result"], lines),
            "\n".join(verdicts),
        ]
    )


# The ways, each in a process of its own


def first(store: Store) -> str:
    """The first detection: it writes an episode for every branch that is silent."""
    detected = detect(store, POLICY, NOW)
    return f"{len(detected.opened):,} episodes opened, {len(detected.unknown):,} branches unknown"


def again(store: Store) -> str:
    """Every wall was read again: each episode has a newer proof."""
    detected = detect(store, POLICY, NOW + HOUR)
    if detected.opened or detected.ended:
        raise SystemExit(f"{len(detected.opened)} opened, {len(detected.ended)} ended where nothing happened")
    return "every episode confirmed"


def verdicts_alone(store: Store, batch_size: int = 2000) -> str:
    """What detection begins with: facts and verdicts, nothing written."""
    facts = store.evidence.facts(
        default_threshold=POLICY.threshold, count_reposts=True, warn_before=None, batch_size=batch_size
    )
    judged = [assess(each.communities, each.policy, NOW) for batch in facts for each in batch]
    return f"{sum(each.verdict is Verdict.SILENT for each in judged):,} silent"


def history_searched(store: Store) -> str:
    """The newest posts alone, as a query without the index of the newest would find them."""
    engine = store.evidence._engine
    newest = (
        select(post.c.community_id, func.max(post.c.published_at).label("published_at"))
        .where(post.c.deleted_at.is_(None))
        .group_by(post.c.community_id)
        .subquery()
    )
    query = select(post.c.community_id, post.c.native_id, post.c.published_at, post.c.url).join(
        newest,
        (post.c.community_id == newest.c.community_id) & (post.c.published_at == newest.c.published_at),
    )
    with reading(engine) as conn:
        return f"{len(conn.execute(query).all()):,} newest posts, no verdicts"


WAYS: dict[str, tuple[str, Callable[[Store], str]]] = {
    "verdicts": ("facts and verdicts alone", verdicts_alone),
    "at once": ("the same in one batch", lambda store: verdicts_alone(store, 10**9)),
    "history": ("only the newest posts, by `max` over all posts", history_searched),
    "first": ("**detection**, all silences new: episodes and letters written", first),
    "again": ("**detection** an hour later: each proof renewed", again),
}


def run(way: str, url: str) -> None:
    """Be the process that is measured: tell what was found, and what it took."""
    with open_store(url) as store:
        if way == "again":
            _read_again(url)
        began = time.monotonic()
        result = WAYS[way][1](store)
        seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "peak": peak(), "result": result}))


# The world


def fill(url: str, branches: int, communities: int) -> None:
    """Branches, communities and posts, as rounds up to an hour ago would have left them."""
    engine = make_engine(database_url(url))
    with writing(engine) as conn:
        insert_all(conn, branch, (union_branch(number) for number in range(1, branches + 1)))
        insert_all(conn, contact, (chair(number) for number in range(1, branches + 1)))
        # The whole city's, so that every branch inherits it.
        holidays = {
            "branch_id": 1,
            "starts_on": date(2026, 6, 1),
            "ends_on": date(2026, 7, 31),
            "reason": "лето",
        }
        insert_new(conn, branch_pause, [holidays])
        places = [(number, 1 + (number - 1) % branches) for number in range(1, communities + 1)]
        insert_all(conn, community, (vk_community(*place) for place in places))
        insert_all(conn, community_state, (_state(*place) for place in places))
        for age in range(POSTS):
            for is_quiet in (True, False):
                _publish(conn, age, is_quiet)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
    engine.dispose()


def _read_again(url: str) -> None:
    """Every wall that was read is read an hour later, and nothing is new."""
    engine = make_engine(database_url(url))
    with writing(engine) as conn:
        looks = ("last_seen_at", "last_attempt_at", "wall_last_seen_at", "wall_attempted_at")
        was_read = community_state.c.wall_last_seen_at == NOW - HOUR
        conn.execute(update(community_state).where(was_read).values(dict.fromkeys(looks, NOW)))
    engine.dispose()


def _state(number: int, of: int) -> dict[str, Any]:
    read_at = NOW - 30 * DAY if of % 10 == 3 else NOW - HOUR
    return {
        "community_id": number,
        "follower_count": 100,
        "last_seen_at": NOW - HOUR,
        "last_attempt_at": NOW - HOUR,
        "wall_first_seen_at": NOW - 300 * DAY,
        "wall_last_seen_at": read_at,
        "wall_attempted_at": read_at,
        "access": "open",
        "access_changed_at": NOW - 300 * DAY,
        "next_due_at": NOW,
    }


def _publish(conn: Connection, age: int, is_quiet: bool) -> None:
    """A post to each community, so many posts before its newest; in the database, as there are 2,000,000."""
    published_at = NOW - (30 * DAY if is_quiet else 2 * DAY) - age * DAY
    values = {
        "native_id": str(POSTS - age),
        "published_at": published_at,
        "is_repost": False,
        "url": f"https://vk.com/wall-1_{POSTS - age}",
        "first_seen_at": published_at,
        "snapshot_at": NOW - HOUR,
    }
    place = community.c.branch_id % 10
    rows = select(
        community.c.id, *(literal(value, post.c[name].type) for name, value in values.items())
    ).where(place <= 3 if is_quiet else place > 3)
    conn.execute(insert(post).from_select(["community_id", *values], rows))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(*sys.argv[1:])
    else:
        print(section())

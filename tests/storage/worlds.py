"""Small worlds for the storage tests: branches, readings and walls, said in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select

from collector.domain.errors import FailureKind
from collector.domain.model import (
    Access,
    Address,
    BranchDeclaration,
    BranchKind,
    Failure,
    Outcome,
    Post,
    Reading,
    Wall,
)
from collector.domain.schedule import next_due_at
from storage.engine import reading
from storage.store import Store

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def vk(native_id: str) -> Address:
    return Address("vk", native_id, None, f"https://vk.com/club{native_id}")


def vk_name(name: str) -> Address:
    return Address("vk", None, name, f"https://vk.com/{name}")


def branch(code: str, *communities: Address, **more: Any) -> BranchDeclaration:
    return BranchDeclaration(
        code=code, name=f"Организация {code}", kind=BranchKind.TERRITORIAL, communities=communities, **more
    )


def post(native_id: str, at: datetime, **counts: int | None) -> Post:
    return Post(native_id=native_id, published_at=at, url=f"https://vk.com/wall-1_{native_id}", **counts)


def wall(*posts: Post, since: datetime | None = None, count: int | None = None) -> Wall:
    return Wall(posts=posts, covers_since=since, post_count=count)


def read(at: datetime, followers: int | None = 100, wall: Wall | None = None, **more: Any) -> Reading:
    values = {
        "community_id": 1,
        "native_id": "1",
        "screen_name": "club1",
        "title": "Профсоюз",
        "access": Access.OPEN,
        **more,
    }
    return Reading(observed_at=at, follower_count=followers, wall=wall, **values)


def failed(at: datetime, kind: FailureKind, **more: Any) -> Failure:
    return Failure(**{"community_id": 1, "observed_at": at, "kind": kind, "detail": kind.value, **more})


class World:
    """A store with one branch and one VK community, number 1, and rounds that write to it."""

    def __init__(self, store: Store, *declared: BranchDeclaration) -> None:
        self.store = store
        store.sync_branches(declared or (branch("ВАО", vk("1")),), NOON - DAY)

    def round(self, *outcomes: Outcome) -> list[Outcome]:
        """One round with these outcomes."""
        started_at = outcomes[0].observed_at
        run_id = self.store.start_round(started_at)

        def next_due(kind: FailureKind | None, in_a_row: int, retry_after: timedelta | None) -> datetime:
            return next_due_at(started_at, HOUR, DAY, kind, in_a_row, retry_after)

        return self.store.write_outcomes(run_id, outcomes, next_due)

    def rows(self, table: Table) -> list[Any]:
        """All rows of a table, by its key."""
        with reading(self.store._engine) as conn:
            return list(conn.execute(select(table).order_by(*table.primary_key.columns)))

    def row(self, table: Table) -> Any:
        """The one row of a table."""
        (row,) = self.rows(table)
        return row

"""Weeks of collection against the sandbox, whose truth is known: nothing invented, nothing missed, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from collector.domain.model import Access, Address, BranchDeclaration, BranchKind
from collector.jobs.collect import CollectPolicy, RoundSummary, collect
from collector.networks.base import NetworkAdapter, Services, network
from collector.sandbox import (
    GRAPH_TOKEN,
    MIXED_PLAN,
    VK_TOKEN,
    Fault,
    GraphToken,
    SandboxClock,
    SandboxCommunity,
    SandboxServer,
    VkToken,
    World,
)
from storage.engine import reading
from storage.store import Store, open_store
from storage.tables import community, community_state, follower_snapshot, post

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
STEP = timedelta(hours=6)
NETWORKS = ("vk", "facebook")
OUTAGES = {
    7: [Fault("error", network="vk", code=10)],
    8: [Fault("cut_before")],
    15: [Fault("http_status", network="facebook", status=502)],
    21: [Fault("html", network="vk"), Fault("truncated", network="facebook")],
    33: [Fault("error", network="vk", code=5)],
    34: [Fault("error", network="facebook", method="batch", code=190)],
    40: [Fault("error", method="execute", code=13, message="Runtime error: response size is too big")],
    47: [Fault("null_response", method="execute"), Fault("null_element", method="batch")],
}


class Rehearsal:
    """A store, adapters of both networks, and a sandbox that goes by the same clock."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.clock = SandboxClock(start=START, speed=0)
        declared = [SandboxCommunity(name, native_id=str(100 + n)) for n in range(11) for name in NETWORKS]
        self.world = World(declared, seed=3, clock=self.clock, plan=MIXED_PLAN)
        tokens = [VkToken(VK_TOKEN, requests_per_second=None)]
        graph_tokens = [GraphToken(GRAPH_TOKEN)]
        self.sandbox = stack.enter_context(
            SandboxServer(self.world, vk_tokens=tokens, graph_tokens=graph_tokens)
        )
        self.store: Store = stack.enter_context(open_store(f"sqlite:///{folder / 'collector.db'}"))
        self.store.upgrade()
        branches = [
            BranchDeclaration(
                code=f"ТПО {n}",
                name=f"Организация {n}",
                kind=BranchKind.TERRITORIAL,
                communities=tuple(
                    Address(name, str(100 + n), None, f"https://{name}/{n}") for name in NETWORKS
                ),
            )
            for n in range(11)
        ]
        self.store.sync_branches(branches, START)
        services = Services(now=self.clock.now, stop=threading.Event(), quota=self.store.quota)
        quick = {"requests_per_second": 1000, "retry_wait": 0.01}
        options = {
            "vk": {"tokens": [VK_TOKEN], "api_url": self.sandbox.vk_url, **quick},
            "facebook": {"token": GRAPH_TOKEN, "api_url": self.sandbox.facebook_url, **quick},
        }
        self.adapters: dict[str, NetworkAdapter] = {}
        for name, given in options.items():
            self.adapters[name] = network(name).open_adapter(given, services)
            stack.callback(self.adapters[name].close)
        self.stop = services.stop

    def round(self) -> RoundSummary:
        policy = CollectPolicy(interval=STEP)
        return collect(self.store, self.adapters, policy, self.clock.now, self.stop, only_due=True)

    def rows(self, statement: object) -> list:  # type: ignore[type-arg]
        with reading(self.store._engine) as conn:
            return list(conn.execute(statement))  # type: ignore[call-overload]


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    with ExitStack() as stack:
        yield Rehearsal(tmp_path, stack)


@contextmanager
def faults(rehearsal: Rehearsal, of_round: int) -> Iterator[bool]:
    for fault in OUTAGES.get(of_round, ()):
        rehearsal.sandbox.faults.add(fault)
    yield of_round in OUTAGES
    rehearsal.sandbox.faults.clear()


def test_three_weeks_with_outages_tell_the_truth(rehearsal: Rehearsal) -> None:
    seen: dict[tuple[int, datetime], int | None] = {}
    looks = 0
    for number in range(84):
        with faults(rehearsal, number):
            rehearsal.round()
        now = rehearsal.clock.now()
        rows = rehearsal.rows(
            select(community_state, community.c.network, community.c.native_id).join_from(
                community_state, community, community.c.id == community_state.c.community_id
            )
        )
        for row in rows:
            truth = rehearsal.world.truth(row.network, row.native_id)
            if row.last_seen_at == now:
                looks += 1
                seen[row.community_id, now] = row.follower_count
                assert row.follower_count in (truth.follower_count, None), (
                    number,
                    row.network,
                    row.native_id,
                )
                if row.follower_count is None:
                    assert truth.access is not Access.OPEN or truth.is_follower_count_withheld
            if row.wall_last_seen_at == now:
                assert row.newest_post_at == truth.newest_post_at, (number, row.network, row.native_id)
                assert row.post_count == truth.post_count
                _posts_are_true(rehearsal, row.community_id, truth)
            elif row.last_attempt_at == now:
                # Why not is told; or it opened just now, and its wall comes with the next round.
                assert row.failure_kind is not None or row.access_changed_at == now
            if truth.access is Access.OPEN and row.access != "open":
                # It came back: known by the next look, which its backoff puts off by a day at most.
                assert now - row.last_attempt_at <= timedelta(days=1)
        rehearsal.clock.advance(STEP)
    assert looks > 84 * 11
    _series_is_lossless(rehearsal, seen)


def _posts_are_true(rehearsal: Rehearsal, community_id: int, truth) -> None:  # type: ignore[no-untyped-def]
    """The standing posts that we have are those that stand, as far back as we have looked."""
    standing = select(post.c.published_at).where(
        post.c.community_id == community_id, post.c.deleted_at.is_(None)
    )
    stored = sorted(int(row.published_at.timestamp()) for row in rehearsal.rows(standing))
    true = sorted(int(item.published_at) for item in truth.counted_posts)
    # The pinned post may be older than all else that was read.
    assert stored[-20:] == true[-20:]


def _series_is_lossless(rehearsal: Rehearsal, seen: dict[tuple[int, datetime], int | None]) -> None:
    rows = rehearsal.rows(select(follower_snapshot).order_by(follower_snapshot.c.observed_at))
    by_community: dict[int, list] = {}  # type: ignore[type-arg]
    for row in rows:
        by_community.setdefault(row.community_id, []).append(row)
    for (community_id, at), count in seen.items():
        newest = [row for row in by_community[community_id] if row.observed_at <= at][-1]
        assert newest.follower_count == count
    days = {(community_id, at.astimezone(UTC).date()) for community_id, at in seen}
    assert len(rows) >= len(days)

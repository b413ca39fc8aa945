"""Rounds over VK's stand-in, by a clock that stands."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.domain.model import Address, BranchDeclaration, BranchKind
from collector.jobs.collect import CollectPolicy, RoundSummary, collect
from collector.networks.base import Services, network
from collector.sandbox import (
    LIVELY_PLAN,
    VK_TOKEN,
    Behaviour,
    SandboxClock,
    SandboxCommunity,
    SandboxServer,
    VkToken,
    World,
)
from storage.store import open_store

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
THERE = [str(number) for number in range(100, 111)]


class Rounds:
    """A store of communities, of which the sandbox knows some, and rounds by a clock that stands."""

    def __init__(
        self,
        folder: Path,
        stack: ExitStack,
        ids: list[str],
        plan: Sequence[Behaviour] = LIVELY_PLAN,
        **options: Any,
    ) -> None:
        self.clock = SandboxClock(start=START, speed=0)
        self.daily_wall_reads: int | None = None
        self.ahead = timedelta(0)
        """By how much our clock is ahead of the network's."""
        self.world = World(
            [SandboxCommunity("vk", native_id=native_id) for native_id in THERE],
            clock=self.clock,
            plan=plan,
        )
        tokens = [VkToken(VK_TOKEN, requests_per_second=None)]
        self.sandbox = stack.enter_context(SandboxServer(self.world, vk_tokens=tokens))
        self.store = stack.enter_context(open_store(f"sqlite:///{folder / 'collector.db'}"))
        self.store.upgrade()
        self.store.sync_branches(
            [
                BranchDeclaration(
                    code=native_id,
                    name="Организация",
                    kind=BranchKind.TERRITORIAL,
                    communities=(Address("vk", native_id, None, f"https://vk.com/club{native_id}"),),
                )
                for native_id in ids
            ],
            START,
        )
        self.stop = threading.Event()
        services = Services(now=self.now, stop=self.stop, quota=self.store.quota)
        given = {
            "tokens": [VK_TOKEN],
            "api_url": self.sandbox.vk_url,
            "requests_per_second": 1000,
            "retry_wait": 0.01,
        }
        self.adapter = network("vk").open_adapter({**given, **options}, services)
        stack.callback(self.adapter.close)

    def now(self) -> datetime:
        return self.clock.now() + self.ahead

    def round(self, at: timedelta = timedelta(0)) -> RoundSummary:
        self.clock.advance(START + at - self.clock.now())
        adapters = {"vk": self.adapter}
        policy = CollectPolicy(interval=HOUR, daily_wall_reads={"vk": self.daily_wall_reads})
        return collect(self.store, adapters, policy, self.now, self.stop, only_due=True)

    def failures(self) -> Counter[str | None]:
        return Counter(row.failure_kind for row in self.store.communities())

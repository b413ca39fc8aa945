"""Whom a round holds its failures against, with VK's stand-in saying what VK says."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.domain.model import Address, BranchDeclaration, BranchKind
from collector.jobs.collect import CollectPolicy, RoundSummary, collect
from collector.networks.base import Services, network
from collector.sandbox import (
    LIVELY_PLAN,
    VK_TOKEN,
    Fault,
    SandboxClock,
    SandboxCommunity,
    SandboxServer,
    VkToken,
)
from collector.sandbox import World as SandboxWorld
from storage.store import open_store

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
THERE = [str(number) for number in range(100, 111)]
NOT_THERE = ["901", "902", "903", "904"]


class Rounds:
    """A store of communities, of which the sandbox knows some, and rounds by a clock that stands."""

    def __init__(self, folder: Path, stack: ExitStack, ids: list[str], **options: Any) -> None:
        self.clock = SandboxClock(start=START, speed=0)
        world = SandboxWorld(
            [SandboxCommunity("vk", native_id=native_id) for native_id in THERE],
            clock=self.clock,
            plan=LIVELY_PLAN,
        )
        tokens = [VkToken(VK_TOKEN, requests_per_second=None)]
        self.sandbox = stack.enter_context(SandboxServer(world, vk_tokens=tokens))
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
        services = Services(now=self.clock.now, stop=self.stop, quota=self.store.quota)
        given = {
            "tokens": [VK_TOKEN],
            "api_url": self.sandbox.vk_url,
            "requests_per_second": 1000,
            "retry_wait": 0.01,
        }
        self.adapter = network("vk").open_adapter({**given, **options}, services)
        stack.callback(self.adapter.close)

    def round(self, at: timedelta = timedelta(0)) -> RoundSummary:
        self.clock.advance(START + at - self.clock.now())
        adapters = {"vk": self.adapter}
        return collect(
            self.store, adapters, CollectPolicy(interval=HOUR), self.clock.now, self.stop, only_due=True
        )

    def failures(self) -> Counter[str | None]:
        return Counter(row.failure_kind for row in self.store.communities())


@pytest.fixture
def rounds(tmp_path: Path) -> Iterator[Callable[..., Rounds]]:
    with ExitStack() as stack:
        yield lambda ids, **options: Rounds(tmp_path, stack, ids, **options)


def kinds(summary: RoundSummary) -> dict[str, int]:
    return dict(Counter(failure.kind.value for failure in summary.failures))


def test_a_spent_quota_is_no_fault_of_the_token(rounds: Callable[..., Rounds]) -> None:
    summary = rounds(THERE, daily_wall_reads=3).round()
    assert (summary.counts.read, summary.counts.walls) == (11, 3)
    assert kinds(summary) == {"quota_spent": 8}


@pytest.mark.parametrize(
    ("code", "kind"), [(5, "token_refused"), (14, "captcha"), (9, "rate_limited"), (10, "temporary")]
)
def test_what_all_communities_fail_by_keeps_its_name(
    rounds: Callable[..., Rounds], code: int, kind: str
) -> None:
    world = rounds(THERE)
    world.sandbox.faults.add(Fault("error", network="vk", code=code))
    assert kinds(world.round()) == {kind: 11}


def test_communities_missing_for_long_do_not_make_the_token_suspect_when_they_come_alone(
    rounds: Callable[..., Rounds],
) -> None:
    world = rounds(THERE + NOT_THERE)
    assert kinds(world.round()) == {"missing": 4}
    assert world.round(1.5 * HOUR).counts.due == 11
    alone = world.round(2 * HOUR)
    assert alone.counts.due == 4
    assert kinds(alone) == {"missing": 4}
    assert world.failures() == {None: 11, "missing": 4}


def test_a_token_that_sees_nothing_any_more_is_suspected_beside_communities_long_missing(
    rounds: Callable[..., Rounds],
) -> None:
    world = rounds(THERE + NOT_THERE)
    world.round()
    world.sandbox.faults.add(Fault("set", method="groups.getById", path="groups", value=[]))
    summary = world.round(3 * HOUR)
    assert kinds(summary) == {"token_suspected": 11, "missing": 4}
    assert {row.access for row in world.store.communities() if row.branch_code in THERE} == {"open"}

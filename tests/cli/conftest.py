"""A collector in a folder of its own, and a sandbox for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.sandbox import LIVELY_PLAN, SandboxClock, SandboxCommunity, SandboxServer, World
from tests.cli.running import Collector

COMMUNITIES = {
    "ВАО": [("vk", "club101"), ("facebook", "profsouz.vao")],
    "САО": [("vk", "club102"), ("facebook", "profsouz.sao")],
    "ЮАО": [("vk", "profsouz_uao"), ("facebook", "1000000103")],
}


def sandbox_communities(declared: dict[str, list[tuple[str, str]]]) -> list[SandboxCommunity]:
    made = []
    for addresses in declared.values():
        for network, address in addresses:
            number = address.removeprefix("club")
            by_id = {"native_id": number} if number.isdigit() else {"screen_name": address}
            made.append(SandboxCommunity(network, title=f"Сообщество {address}", **by_id))
    return made


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """Six lively communities; its clock goes as ours does."""
    clock = SandboxClock(start=datetime.now(UTC), speed=1)
    world = World(sandbox_communities(COMMUNITIES), seed=7, clock=clock, plan=LIVELY_PLAN)
    with SandboxServer(world) as server:
        yield server


@pytest.fixture
def collector(tmp_path: Path, sandbox: SandboxServer) -> Collector:
    """On SQLite."""
    made = Collector(tmp_path, f"sqlite:///{tmp_path / 'collector.db'}", sandbox)
    made.write_branches(COMMUNITIES)
    return made


@pytest.fixture
def any_collector(tmp_path: Path, sandbox: SandboxServer, database_url: str) -> Collector:
    """On each kind of database."""
    made = Collector(tmp_path, database_url, sandbox)
    made.write_branches(COMMUNITIES)
    return made

"""How many requests a round takes, and how long, with VK's latency and limit; vk_api's own ways beside it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import vk_api
from jconfig.memory import MemoryConfig

from benchmarks.world import (
    LATENCY,
    LIMITED,
    PER_SECOND,
    Collector,
    Sandbox,
    filled_store,
    name,
    native_id,
    sandbox,
    sqlite_url,
    table,
    verdict,
)
from collector.networks import http

COUNT = 743
MAX_REQUESTS = 33
MAX_TIMES = 1.10
LOOP_COUNT = 40
_WINDOW = 20
"""Posts of a wall: as many as our later rounds read."""


@dataclass(frozen=True)
class Measured:
    """A way of reading, as the sandbox saw it."""

    requests: int
    refused: int
    seconds: float

    @property
    def times(self) -> float:
        """How often the time that the limit demands."""
        return self.seconds / (self.requests / PER_SECOND)


def section(count: int = COUNT, loop_count: int = LOOP_COUNT) -> str:
    """Measure, and give the result as Markdown."""
    with sandbox(count) as world:
        world.set_latency(LATENCY)
        with sqlite_url() as url, filled_store(url, count, world.now()) as store:
            world.advance()
            with Collector(store, world, LIMITED, PER_SECOND) as collector:
                first = _measure(world, collector.round)
                world.advance()
                later = _measure(world, collector.round)
        time.sleep(1.0)  # the limiter's window, so that nobody pays for another's last requests
        pool = _measure(world, lambda: _pool(world, count))
        time.sleep(1.0)
        loop = _measure(world, lambda: _loop(world, loop_count))
    scale = count / loop_count
    ours = [
        [what, got.requests, got.refused, f"{got.seconds:.1f}", f"{got.times:.2f}"]
        for what, got in (
            ("ours, first round, names unknown yet: 100 posts of each wall", first),
            (f"ours, an hour later: {_WINDOW} posts of each wall", later),
            (f"vk_api's `VkRequestsPool`, walls only, {_WINDOW} posts of each", pool),
        )
    ]
    most = max(first.requests, later.requests)
    slowest = max(first.times, later.times)
    return "\n\n".join(
        [
            f"## A round of {count} communities: {LATENCY * 1000:.0f} ms of latency, {PER_SECOND:g} requests/s",
            table(
                ["way", "requests", "refused with error 6", "seconds", "times requests / 3"],
                [
                    *ours,
                    [
                        f"vk_api's own loop, a `groups.getById` and a `wall.get` each (measured: {loop_count} "
                        f"communities, {loop.requests} requests, {loop.seconds:.1f} s)",
                        f"{loop.requests * scale:,.0f}",
                        f"{loop.refused * scale:,.0f}",
                        f"{loop.seconds * scale:,.0f}",
                        f"{loop.times:.2f}",
                    ],
                ],
            ),
            f"- At most {MAX_REQUESTS} requests: {most}, {verdict(most <= MAX_REQUESTS)}.\n"
            f"- At most {MAX_TIMES:.2f} times requests / 3: {slowest:.3f}, {verdict(slowest <= MAX_TIMES)}.",
        ]
    )


def _measure(world: Sandbox, read: Callable[[], object]) -> Measured:
    before = Counter(world.counted())
    began = time.monotonic()
    read()
    seconds = time.monotonic() - began
    seen = Counter(world.counted()) - before
    refused = seen["error 6"]
    requests = sum(number for what, number in seen.items() if not what.startswith("error "))
    return Measured(requests, refused, seconds)


def _vk(world: Sandbox) -> vk_api.VkApi:
    """vk_api as it comes, but for its host."""
    session = http.session(http.Timeouts(), connections=1, rewrite={"https://api.vk.ru": world.url})
    return vk_api.VkApi(token=LIMITED, config=MemoryConfig, api_version="5.199", session=session)


def _pool(world: Sandbox, count: int) -> None:
    with vk_api.VkRequestsPool(_vk(world)) as pool:
        results = [pool.method("wall.get", _wall(number)) for number in range(1, count + 1)]
    if not all(result.ok and result.result["items"] for result in results):
        raise SystemExit("VkRequestsPool did not read every wall")


def _loop(world: Sandbox, count: int) -> None:
    vk = _vk(world)
    for number in range(1, count + 1):
        vk.method("groups.getById", {"group_id": name(number), "fields": "members_count"})
        vk.method("wall.get", _wall(number))


def _wall(number: int) -> dict[str, object]:
    return {"owner_id": -native_id(number), "count": _WINDOW, "filter": "owner"}


if __name__ == "__main__":
    print(section())

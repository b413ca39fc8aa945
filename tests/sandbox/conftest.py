"""A sandbox for the tests: its clock stands still, a client speaks plain HTTP to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from collector.sandbox import (
    GraphToken,
    SandboxClock,
    SandboxCommunity,
    SandboxServer,
    VkToken,
    World,
)

VK = "vk1.a.planted-service-token-0001"
META = "EAAplantedSystemUserToken0001"
NO_LIMITS: dict[str, Any] = {"requests_per_second": None, "daily_wall_reads": None}


class Client:
    """Asks a sandbox as the networks' own clients would."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False

    def vk(self, method: str, *, token: str = VK, v: str = "5.199", **parameters: Any) -> Any:
        return self.session.post(
            f"{self.sandbox.vk_url}/method/{method}",
            {"v": v, "access_token": token, **parameters},
            timeout=10,
        ).json()

    def execute(self, code: str, **more: Any) -> Any:
        return self.vk("execute", code=code, **more)

    def graph(
        self, path: str, *, token: str = META, version: str = "v26.0", **parameters: Any
    ) -> requests.Response:
        return self.session.get(
            f"{self.sandbox.facebook_url}/{version}/{path}",
            params={"access_token": token, **parameters},
            timeout=10,
        )

    def batch(self, *urls: str, token: str = META, **parameters: Any) -> requests.Response:
        calls = json.dumps([{"method": "GET", "relative_url": url} for url in urls])
        form = {"access_token": token, "batch": calls, **parameters}
        return self.session.post(f"{self.sandbox.facebook_url}/v26.0/", form, timeout=10)

    def control(self, http_method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.request(
            http_method, f"{self.sandbox.url}/sandbox/{path}", json=body, params=query, timeout=10
        )


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(datetime(2026, 9, 1, 9, tzinfo=UTC), speed=0)


@pytest.fixture
def start(clock: SandboxClock) -> Iterator[Callable[..., Client]]:
    """Starts a sandbox for communities: those of `plan`, or ones with a behaviour of their own."""
    with ExitStack() as stack:

        def start(*communities: SandboxCommunity, seed: int = 7, plan: Any = None, **options: Any) -> Client:
            world = World(communities, seed, clock, **({"plan": plan} if plan else {}))
            options.setdefault("vk_tokens", [VkToken(VK, **NO_LIMITS)])
            options.setdefault("graph_tokens", [GraphToken(META)])
            sandbox = stack.enter_context(SandboxServer(world, **options))
            client = Client(sandbox)
            stack.callback(client.session.close)
            return client

        yield start

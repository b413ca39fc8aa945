"""`collector sandbox`: the stand-in networks, to rehearse with."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def sandbox(
    branches: Annotated[
        Path, typer.Option(help="The branches file: the sandbox answers for its communities.")
    ] = Path("branches.yaml"),
    host: Annotated[
        str, typer.Option(help="Where to listen; 0.0.0.0 in a container, for its neighbours.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 takes any that is free.")] = 8800,
    seed: Annotated[int, typer.Option(help="Another seed, another world; the same seed, the same one.")] = 1,
    speed: Annotated[
        float, typer.Option(min=0, help="How many of its seconds pass in one of ours; 0: it stands.")
    ] = 1.0,
    start: Annotated[datetime | None, typer.Option(help="Where its clock starts, UTC. Without: now.")] = None,
    latency: Annotated[float, typer.Option(min=0, help="Seconds before each answer.")] = 0.0,
    lively: Annotated[
        bool, typer.Option("--lively", help="No silences, closures and bans: all post.")
    ] = False,
) -> None:
    """Answer like VK and Facebook, to rehearse with, until Ctrl-C.

    Its world is made up from the seed: communities that post, grow, fall silent, close, are banned and come
    back. Faults are set while it runs, over its control API: see collector/sandbox/README.md.
    """
    from collector.branches import load_branches
    from collector.domain.errors import CollectorError
    from collector.sandbox import (
        GRAPH_TOKEN,
        LIVELY_PLAN,
        MIXED_PLAN,
        VK_TOKEN,
        SandboxClock,
        SandboxCommunity,
        SandboxServer,
        World,
    )
    from collector.scheduler import stopping_on_signals

    communities = [
        SandboxCommunity(address.network, address.native_id, address.screen_name, title=branch.name)
        for branch in load_branches(branches)
        for address in branch.communities
    ]
    clock = SandboxClock(start.replace(tzinfo=UTC) if start is not None else None, speed)
    world = World(communities, seed=seed, clock=clock, plan=LIVELY_PLAN if lively else MIXED_PLAN)
    stop = threading.Event()
    with stopping_on_signals(stop), ExitStack() as stack:
        try:
            server = stack.enter_context(SandboxServer(world, host=host, port=port, latency=latency))
        except OSError as error:
            raise CollectorError(
                f"port {port}: {error.strerror}; name another with --port, or 0 for any"
            ) from None
        print(f"The sandbox answers for {len(communities)} communities at {server.url}. Ctrl-C stops it.")
        print("For a collector in another terminal (these tokens open nothing but the sandbox):\n")
        print(f"  export COLLECTOR_VK__API_URL={server.vk_url} COLLECTOR_VK__TOKENS={VK_TOKEN}")
        print(
            f"  export COLLECTOR_FACEBOOK__API_URL={server.facebook_url} COLLECTOR_FACEBOOK__TOKEN={GRAPH_TOKEN}"
        )
        print(f"  collector collect --branches {branches}\n", flush=True)
        stop.wait()

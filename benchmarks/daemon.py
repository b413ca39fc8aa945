"""What the daemon takes over a month: memory when it has come to rest and at the end, and time of a processor.

`collector run` itself runs, with the listener that a container's health check asks, by the calendar of the sandbox,
which is sped up as in scripts/soak. Processor time is a lower bound: of the ticks that come once a minute, those are
left out that find the one before still at work, which by the real clock next to none do.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.world import ROOT, table, verdict
from collector.branches import load_branches
from collector.sandbox import GRAPH_TOKEN, VK_TOKEN, SandboxClock, SandboxCommunity, SandboxServer, World
from collector.sandbox.limits import VkToken
from scripts.soak.daemon import Daemon
from scripts.soak.fastclock import FastClock

START = datetime(2026, 10, 1, 6, tzinfo=UTC)
DAYS = 30
SPEED = 3600
BRANCHES = ROOT / "config" / "branches.mgo.yaml"
MAX_IDLE_MB = 120
_AT_REST = timedelta(hours=6)
"""How long its first rounds last."""


def section(days: int = DAYS, speed: int = SPEED) -> str:
    """Measure, and give the result as Markdown."""
    clock = SandboxClock(start=START, speed=0)
    communities = [
        SandboxCommunity(each.network, each.native_id, each.screen_name, title=branch.name)
        for branch in load_branches(BRANCHES)
        for each in branch.communities
    ]
    world = World(communities, seed=1, clock=clock)
    with (
        tempfile.TemporaryDirectory(prefix="collector-bench-") as folder,
        SandboxServer(world, vk_tokens=[VkToken(VK_TOKEN, requests_per_second=None)]) as sandbox,
    ):
        fast = FastClock(Path(folder), clock)
        daemon = Daemon(Path(folder), _settings(sandbox, Path(folder)), fast)
        clock.set_speed(speed)
        fast.set()
        daemon.start()
        try:
            rows = [_row(daemon, "6 hours", _AT_REST, clock)]
            rows += [_row(daemon, f"day {day}", timedelta(days=day), clock) for day in (1, 10, 20, days)]
        finally:
            daemon.kill()
    first, last = float(rows[0][1]), float(rows[-1][1])
    return "\n\n".join(
        [
            "## The daemon over a month",
            f"`collector run` with SQLite, {len(communities)} communities once an hour, their silences and letters "
            f"(no mail server), sped up {speed:,}-fold. Resident memory in MB (10⁶ bytes). Processor time is a lower "
            "bound, since so fast a minute's tick often finds the one before at work, and is left out.",
            table(
                ["after", "memory", "its peak", "processor time so far, s", "of one core, by the calendar"],
                rows,
            ),
            f"- At rest at most {MAX_IDLE_MB} MB: {first:.0f} after the first rounds, {last:.0f} at the end, "
            f"{verdict(max(first, last) <= MAX_IDLE_MB)}.",
        ]
    )


def _settings(sandbox: SandboxServer, folder: Path) -> Mapping[str, str]:
    return {
        "PYTHONPATH": os.fspath(ROOT),
        # As in the image.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "COLLECTOR_DATABASE_URL": f"sqlite:///{folder}/collector.db",
        "COLLECTOR_BRANCHES_FILE": os.fspath(BRANCHES),
        "COLLECTOR_VK__API_URL": sandbox.vk_url,
        "COLLECTOR_VK__TOKENS": VK_TOKEN,
        # Seconds between requests are real ones, and would last for hours by the calendar.
        "COLLECTOR_VK__REQUESTS_PER_SECOND": "100",
        "COLLECTOR_FACEBOOK__API_URL": sandbox.facebook_url,
        "COLLECTOR_FACEBOOK__TOKEN": GRAPH_TOKEN,
        "COLLECTOR_OPS__LISTEN": "127.0.0.1:0",
    }


def _row(daemon: Daemon, name: str, after: timedelta, clock: SandboxClock) -> list[str]:
    """What the daemon has taken once so much has passed by its calendar."""
    due = (START + after).timestamp()
    while clock.timestamp() < due:
        time.sleep(min(1.0, (due - clock.timestamp()) / clock.speed))
        daemon.require_alive()
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines()
        if ":" in line
    )
    resident, peak = (int(status[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM"))
    # Behind the command's name, which may hold blanks: the 12th and 13th are user and system time in ticks.
    ticks = Path(f"/proc/{daemon.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    seconds = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return [
        name,
        f"{resident:.0f}",
        f"{peak:.0f}",
        f"{seconds:.0f}",
        f"{seconds / after.total_seconds():.2%}",
    ]


if __name__ == "__main__":
    print(section(*map(int, sys.argv[1:])))

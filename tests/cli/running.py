"""The command `collector` as its user runs it: a process of its own, settings in the environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from collector.sandbox import GRAPH_TOKEN, VK_TOKEN, SandboxServer
from storage.engine import database_url, make_engine, reading

_PATIENCE_S = 30.0


@dataclass
class Collector:
    """A folder to work in, a database, a branches file, and the sandbox's addresses."""

    folder: Path
    database: str
    sandbox: SandboxServer | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")}
        given = {"COLLECTOR_DATABASE_URL": self.database}
        if self.sandbox is not None:
            given |= {
                "COLLECTOR_VK__API_URL": self.sandbox.vk_url,
                "COLLECTOR_VK__TOKENS": VK_TOKEN,
                "COLLECTOR_FACEBOOK__API_URL": self.sandbox.facebook_url,
                "COLLECTOR_FACEBOOK__TOKEN": GRAPH_TOKEN,
            }
        merged = {**given, **self.settings}
        return {**own, **{name: value for name, value in merged.items() if value}}

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return self._run(["-m", "collector", *arguments], settings)

    def run_at(self, at: datetime, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """The same, in a process that takes it to be this time."""
        program = f"import time_machine, collector.cli as c; time_machine.travel({at.timestamp()}).start(); c.main()"
        return self._run(["-c", program, *arguments], settings)

    def _run(self, arguments: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )

    def json(self, *arguments: str, code: int = 0, **settings: str) -> Any:
        """Run a command with --json and give what it printed."""
        done = self.run(*arguments, "--json", **settings)
        assert done.returncode == code, done.stderr + done.stdout
        return json.loads(done.stdout)

    @contextmanager
    def started(self, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command beside the test; it is killed at the end if it still runs."""
        log = (self.folder / "log").open("a")
        with (
            log,
            subprocess.Popen(
                [sys.executable, "-m", "collector", *arguments],
                cwd=self.folder,
                env={**self.environment, **settings},
                stdout=log,
                stderr=log,
                text=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)

    @property
    def log(self) -> str:
        """What started commands wrote."""
        return (self.folder / "log").read_text()

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """What a person with SQL would see."""
        engine = make_engine(database_url(self.database))
        try:
            with reading(engine) as conn:
                return [tuple(row) for row in conn.execute(text(query), parameters)]
        finally:
            engine.dispose()

    def write_branches(self, communities: Mapping[str, list[tuple[str, str]]]) -> None:
        """A branches file: code -> (network, address)."""
        lines = ["branches:"]
        for code, addresses in communities.items():
            lines += [f"  - code: {code}", f"    name: Организация {code}", "    kind: territorial"]
            if addresses:
                lines += ["    communities:"]
            lines += [
                f'      - {{network: {network}, address: "{address}"}}' for network, address in addresses
            ]
        (self.folder / "branches.yaml").write_text("\n".join(lines) + "\n")


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
        return port


def until(is_so: Callable[[], Any], what: str) -> Any:
    """Wait for something that another process brings about; gives what `is_so` gave."""
    ends_at = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends_at:
        found = is_so()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited in vain until {what}")

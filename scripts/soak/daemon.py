"""The daemon under soak: `collector run` as a process of its own, with the calendar of the sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from collector.sandbox import GRAPH_TOKEN, VK_TOKEN, SandboxServer
from scripts.soak.fastclock import FastClock
from scripts.soak.story import Branch

_PATIENCE_S = 60.0
CITY = "city"
SENDER = "collector@example.org"
DEPARTMENT, OPS, CITY_CHAIR = "department@example.org", "ops@example.org", "chair@city.example.org"


class Daemon:
    """Starts, stops and kills the daemon, and keeps its log."""

    def __init__(self, folder: Path, settings: Mapping[str, str], clock: FastClock) -> None:
        self.log = folder / "log"
        self._folder = folder
        own = {name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")}
        self._environment = {**own, **settings, **clock.environment}
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command of the program, by the same clock."""
        return subprocess.run(
            [sys.executable, "-m", "collector", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )

    def start(self) -> None:
        """Start it, and wait until it says that it is at work. Raises SystemExit if it ends instead."""
        with self.log.open("ab") as log:
            begins = log.tell()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "collector", "run"],
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        ends_at = time.monotonic() + _PATIENCE_S
        while b'"started"' not in self.log.read_bytes()[begins:]:
            if self._process.poll() is not None or time.monotonic() > ends_at:
                self.kill()
                raise SystemExit(f"the daemon did not start; the end of {self.log}:\n{self._tail()}")
            time.sleep(0.01)

    @property
    def is_running(self) -> bool:
        """Whether it was started, and not ended by us."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Its process. Raises RuntimeError where it does not run."""
        if self._process is None:
            raise RuntimeError("the daemon was not started")
        return self._process.pid

    def require_alive(self) -> None:
        """Raises SystemExit if it ended of its own accord."""
        if self._process is not None and self._process.poll() is not None:
            raise SystemExit(
                f"the daemon ended with {self._process.returncode}; the end of {self.log}:\n{self._tail()}"
            )

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait for its end. Raises SystemExit if it does not end."""
        self._end(signal.SIGTERM)

    def sleep(self) -> None:
        """Stand still, as a machine that sleeps."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise SystemExit(f"the daemon does not end at {how.name}; see {self.log}") from None
        finally:
            self._process = None

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def said(self, begins: float, ends: float) -> Iterator[str]:
        """Its log's lines between two instants, by its own clock."""
        for at, line, _ in self._told():
            if begins <= at <= ends:
                yield line

    def rounds(self) -> Iterator[tuple[float, float]]:
        """Of each round, when it ended by its own clock, and what it took of the machine's, in seconds."""
        for at, _, told in self._told():
            if told.get("event") == "round ended":
                yield at, float(told["seconds"])

    def _told(self) -> Iterator[tuple[float, str, dict[str, Any]]]:
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                told = json.loads(line)
                at = datetime.fromisoformat(told["timestamp"]).timestamp()
            except (ValueError, KeyError, TypeError):
                continue
            yield at, line, told


def settings_of(
    sandbox: SandboxServer, database: str, interval_hours: int, *, round_the_clock: bool
) -> dict[str, str]:
    """The program's settings. Time-outs are by the machine's clock, hence short: two seconds are half a day."""
    given = {
        "DATABASE_URL": database,
        "VK__API_URL": sandbox.vk_url,
        "VK__TOKENS": VK_TOKEN,
        "VK__REQUESTS_PER_SECOND": "100",
        "FACEBOOK__API_URL": sandbox.facebook_url,
        "FACEBOOK__TOKEN": GRAPH_TOKEN,
        "COLLECT__INTERVAL": f"{interval_hours}h",
        "SMTP__TIMEOUT": "0.5",
        "SMTP__FROM": SENDER,
        "STOP_TIMEOUT": "2",
        "OPS__EMAILS": OPS,
        "LOG__FORMAT": "json",
    }
    for network in ("VK", "FACEBOOK"):
        given |= {f"{network}__{what}_TIMEOUT": "0.5" for what in ("CONNECT", "READ", "TOTAL")}
    if round_the_clock:
        given |= {"LETTERS__WORKING_HOURS_START": "0", "LETTERS__WORKING_HOURS_END": "24"}
    return {f"COLLECTOR_{name}": value for name, value in given.items()}


def branches_file(branches: Sequence[Branch]) -> str:
    """The branches file: a city, and the branches below it."""
    lines = [
        "branches:",
        f"  - code: {CITY}",
        "    name: Городская организация",
        "    kind: city",
        "    contacts:",
        f"      - {{role: department, name: Отдел, email: {DEPARTMENT}}}",
        f"      - {{role: chair, name: Председатель города, email: {CITY_CHAIR}}}",
    ]
    for branch in branches:
        lines += [
            f"  - code: {branch.code}",
            f"    name: {branch.name}",
            "    kind: territorial",
            f"    parent: {CITY}",
            f"    silence_threshold_days: {branch.threshold_days}",
            "    contacts:",
            f"      - {{role: chair, name: Председатель {branch.code}, email: {branch.chair}}}",
            f"      - {{role: administrator, name: Администратор {branch.code}, email: {branch.administrator}}}",
            "    communities:",
            *(f'      - {{network: {network}, address: "{key}"}}' for network, key in branch.communities),
        ]
        if branch.pauses:
            lines += ["    pauses:"]
            lines += [
                f"      - {{from: {first}, to: {last}, reason: каникулы}}" for first, last in branch.pauses
            ]
    return "\n".join(lines) + "\n"

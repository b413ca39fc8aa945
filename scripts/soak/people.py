"""The people who read the letters: now and then somebody is on it, or wants no letters for a while."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

from collector.sandbox import SandboxClock
from scripts.soak.daemon import Daemon

_ACKNOWLEDGES = 0.5


class People:
    """Use the program's own commands, in a thread: each takes hours of the calendar."""

    def __init__(self, seed: int, daemon: Daemon, clock: SandboxClock) -> None:
        self._rng = random.Random(f"{seed}:people")  # noqa: S311 - to be drawn again by the same seed
        self._daemon = daemon
        self._clock = clock
        self._busy: list[threading.Thread] = []
        self.did: Counter[str] = Counter()

    def moments(self, begins: float, ends: float) -> list[float]:
        """When they do something."""
        found, at = [], begins
        while (at := at + self._rng.uniform(3, 9) * 86_400) < ends:
            found.append(at)
        return found

    def act(self) -> None:
        """Acknowledge or mute one of the silences that last, if any does."""
        choice, days = self._rng.random(), self._rng.randint(2, 12)
        thread = threading.Thread(target=self._act, args=(choice, days))
        thread.start()
        self._busy.append(thread)

    def rest(self) -> None:
        """Wait until all is done."""
        for thread in self._busy:
            thread.join()

    def _act(self, choice: float, days: int) -> None:
        listed = self._daemon.command("silence", "list", "--open", "--json")
        lasting = json.loads(listed.stdout)["silences"] if listed.returncode == 0 else []
        if not lasting:
            return
        branch = lasting[int(choice * 1000) % len(lasting)]["branch_code"]
        if choice < _ACKNOWLEDGES:
            done = self._daemon.command("silence", "ack", branch, "--who", "Иванова")
            what = "acknowledgements"
        else:
            until = (datetime.fromtimestamp(self._clock.timestamp(), UTC) + timedelta(days=days)).date()
            done = self._daemon.command(
                "silence", "mute", branch, "--until", str(until), "--reason", "отпуск", "--who", "Иванова"
            )
            what = "mutes"
        self.did[what if done.returncode == 0 else f"{what} that failed"] += 1

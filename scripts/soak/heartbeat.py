"""Notices when the machine stands still: then the daemon does too, and the calendar goes on.

A second that a disk or another guest of the same host takes is hours of the calendar. What the daemon did not do in
them is not its fault, as little as in an outage.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from collector.sandbox import SandboxClock
from scripts.soak.troubles import Area, Trouble

_BEAT_S = 0.02
_STALL_S = 0.15
_DISK_EVERY = 10


class Heartbeat:
    """A thread that sleeps for moments and writes now and then, and keeps what took too long."""

    def __init__(self, folder: Path, clock: SandboxClock) -> None:
        self._file = folder / "heartbeat"
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.stalls: list[Trouble] = []
        self._thread.start()

    def stop(self) -> None:
        """No more beats."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        count = 0
        with self._file.open("wb", buffering=0) as file:
            while not self._over.is_set():
                began, at = time.monotonic(), self._clock.timestamp()
                time.sleep(_BEAT_S)
                count += 1
                what = "stood still"
                if count % _DISK_EVERY == 0:
                    what = "stood still, or its disk did"
                    file.seek(0)
                    file.write(str(count).encode())
                    os.fsync(file.fileno())
                if time.monotonic() - began > _STALL_S:
                    self.stalls.append(Trouble(Area.MACHINE, what, at, self._clock.timestamp()))

"""The daemon's clock: the calendar of the sandbox, for a process of its own; see fastclock.c."""

from __future__ import annotations

import mmap
import os
import struct
import subprocess
import time
from datetime import timedelta
from pathlib import Path

from collector.sandbox import SandboxClock

_SOURCE = Path(__file__).with_name("fastclock.c")
_BASE = struct.Struct("=3q")
_WALL = struct.Struct("=q")


class FastClock:
    """A file that tells processes with the preloaded library the sandbox's time, or a wrong one."""

    def __init__(self, folder: Path, clock: SandboxClock) -> None:
        """Raises SystemExit where there is no C compiler."""
        self._library = folder / "fastclock.so"
        self._file = folder / "fastclock"
        self._clock = clock
        build = ["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(self._library), str(_SOURCE), "-ldl"]
        try:
            subprocess.run(build, check=True)
        except FileNotFoundError:
            raise SystemExit("a C compiler is needed; on Debian: apt-get install gcc libc6-dev") from None
        self._file.write_bytes(bytes(_BASE.size))
        with self._file.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _BASE.size)

    def set(self) -> None:
        """Go by the sandbox's clock from now on, at its speed."""
        wall, monotonic = round(self._clock.timestamp() * 1e9), time.monotonic_ns()
        self._memory[:] = _BASE.pack(wall, monotonic, round(self._clock.speed) or 1)
        self._right = wall

    def be_wrong_by(self, step: timedelta) -> None:
        """From now on, tell the processes another time; 0: the right one. They see it at their next look."""
        # One aligned word: no process sees half of it.
        self._memory[: _WALL.size] = _WALL.pack(self._right + round(step.total_seconds() * 1e9))

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to go by this clock."""
        return {"LD_PRELOAD": os.fspath(self._library), "FASTCLOCK": os.fspath(self._file)}

"""Runs `collector collect` and writes the peak of its memory into a file. Imports nothing that the command does not."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from collector.cli import main as command


def main(told: Path) -> None:
    """Be the command; as it ends, write the peak of this process in bytes."""
    sys.argv = ["collector", "collect"]
    try:
        command()
    finally:
        told.write_text(str(peak()))


def peak() -> int:
    """The most resident memory that this process had so far, in bytes."""
    try:
        # getrusage's also holds what the parent had when it made this process.
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""How much memory `collector collect` takes at its peak, for 1,000 and for 10,000 communities.

The command itself runs, in a process of its own, and tells its peak as it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.world import FREE, ROOT, filled_store, sandbox, table, verdict

FEW, MANY = 1_000, 10_000
MAX_MB = 200
MAX_TIMES = 1.3


def section(few: int = FEW, many: int = MANY) -> str:
    """Measure, and give the result as Markdown."""
    peaks = {count: _peaks(count) for count in (few, many)}
    most = {count: max(found) for count, found in peaks.items()}
    times = most[many] / most[few]
    return "\n\n".join(
        [
            "## Memory: the peak of `collector collect` on SQLite",
            "Resident memory of the command in a process of its own, in MB (10⁶ bytes).",
            table(
                ["communities", "first round", "a later round"],
                [[f"{count:,}", *(f"{peak:.0f}" for peak in found)] for count, found in peaks.items()],
            ),
            f"- At most {MAX_MB} MB for {many:,}: {most[many]:.0f}, {verdict(most[many] <= MAX_MB)}.\n"
            f"- At most {MAX_TIMES} times that of {few:,}: {times:.2f}, {verdict(times <= MAX_TIMES)}.",
        ]
    )


def _peaks(count: int) -> list[float]:
    """Of the first and a later round."""
    # The command goes by the real clock, so that the sandbox must too.
    now = datetime.now(UTC)
    with sandbox(count, now) as world, tempfile.TemporaryDirectory(prefix="collector-bench-") as folder:
        url = f"sqlite:///{folder}/collector.db"
        with filled_store(url, count, now):
            pass
        settings = {
            "COLLECTOR_DATABASE_URL": url,
            "COLLECTOR_VK__TOKENS": FREE,
            "COLLECTOR_VK__API_URL": world.url,
            "COLLECTOR_VK__REQUESTS_PER_SECOND": "100",
            "COLLECTOR_VK__DAILY_WALL_READS": str(10**9),
        }
        return [_peak(folder, settings) for _ in range(2)]


def _peak(folder: str, settings: dict[str, str]) -> float:
    """Run the command, and give its peak in MB."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")}
    # In a folder of its own, whose .env is nobody's: the modules are then found by this.
    own["PYTHONPATH"] = str(ROOT)
    told = Path(folder) / "peak"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peak", str(told)],
        cwd=folder,
        env={**own, **settings},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"collector collect ended with {done.returncode}")
    return int(told.read_text()) / 1e6


if __name__ == "__main__":
    print(section())

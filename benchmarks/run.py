"""`make bench`: runs all measurements, prints what they found, and writes it into README.md between its markers.

Each runs in a process of its own, one after the other: none measures what another left behind. One alone:
`python -m benchmarks.round` in the project's folder.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"
SECTIONS = (
    "machine",
    "round",
    "cpu",
    "memory",
    "daemon",
    "writing",
    "silence",
    "department",
    "backup",
    "kills",
)


def main() -> None:
    """Measure, print, keep."""
    began = time.monotonic()
    found = []
    for section in SECTIONS:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{section}"],
            cwd=FOLDER.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{section} could not be measured; README.md keeps its older figures")
        found.append(done.stdout.strip())
        print(found[-1], end="\n\n", flush=True)
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text("\n\n".join([before + BEGIN, *found, END + after]))
    print(f"Written to benchmarks/README.md after {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()

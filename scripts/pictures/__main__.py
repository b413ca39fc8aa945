"""The command: takes every picture anew, and says how large each is."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from collector.bootstrap.page import background
from scripts.pictures.season import season
from scripts.pictures.shots import take
from scripts.pictures.world import ROOT
from tests.browser import chromium

FOLDER = ROOT / "docs" / "pictures"


def main() -> int:
    """Take them; gives the exit code."""
    FOLDER.mkdir(exist_ok=True)
    # Settings of whoever sits here are none of this union's.
    for name in [name for name in os.environ if name.startswith("COLLECTOR_")]:
        del os.environ[name]
    print("Five months of a made-up union pass first; that takes half a minute.", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="collector-pictures-") as folder,
        season(Path(folder)) as played,
        background(played.parts, "127.0.0.1:0") as port,
        chromium() as browser,
    ):
        for file in take(browser, played, f"http://127.0.0.1:{port}", FOLDER):
            print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Programs that kill themselves in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def killed(program: str, *arguments: str | Path) -> None:
    """Run a program in a process of its own, which must die by SIGKILL."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -9, done.stderr

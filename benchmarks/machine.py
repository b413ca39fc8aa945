"""On what was measured, as Markdown: figures without it mean nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.world import newest_postgresql


def section() -> str:
    """The machine, what else it did, and the versions."""
    postgres = subprocess.run(
        [newest_postgresql() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout.split()[2]
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("SQLAlchemy", "psycopg", "requests", "vk_api")
    )
    load = os.getloadavg()[0]
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({_model()}), {_memory()}, "
        f"{platform.system()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"PostgreSQL {postgres}, {packages}. Load when it began: {load:.1f}"
        + (" (**the machine was busy with other things**)." if load > 0.5 else ".")
    )


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0]}, {platform.machine()}" if models else platform.machine()


def _memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GB of memory"


if __name__ == "__main__":
    print(section())

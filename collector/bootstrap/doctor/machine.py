"""This machine: its time zones, and the room for temporary files."""

from __future__ import annotations

import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, unknown, well
from collector.ops.readiness import disk_check
from storage.vitals import Disk

_MOSCOW = "Europe/Moscow"
_INSTALL = "install the Python package tzdata anew (pip install tzdata)"


def time_zones() -> Diagnosis:
    """Whether Moscow's days can be told, and by which edition of the time zones' data."""
    what = "time zones"
    try:
        ZoneInfo.no_cache(_MOSCOW)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        return failure(what, f"Europe/Moscow is not there ({error})", _INSTALL)
    return well(what, f"Europe/Moscow is there, by {_edition()}")


def _edition() -> str:
    """Which data Python reads: the system's where there are some, else those of the package."""
    for folder in map(Path, TZPATH):
        if (folder / _MOSCOW).is_file():
            try:
                version = (folder / "tzdata.zi").read_text(errors="replace").partition("\n")[0]
            except OSError:
                return f"the system's data in {folder}, which do not tell their edition"
            return f"the system's data in {folder}, edition {version.removeprefix('# version ')[:20]}"
    return f"the package tzdata {metadata.version('tzdata')}"


def temporary_folder() -> Diagnosis:
    """The room where reports, exports and SQLite's sorting put what they will throw away."""
    what = "disk of temporary files"
    try:
        folder = Path(tempfile.gettempdir())
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return unknown(
            what, error.strerror or str(error), "name a folder that can be written to in the variable TMPDIR"
        )
    return of_disk(what, Disk(folder, usage.free, usage.total))


def of_disk(what: str, disk: Disk) -> Diagnosis:
    """A disk's room, by the same limit as `/readyz`."""
    found = disk_check(disk)
    return well(what, found.words) if found.is_well else failure(what, found.words, "free some room")

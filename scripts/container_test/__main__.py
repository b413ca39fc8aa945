"""Runs the checks, one after another, and tells of each whether it holds and what was seen."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scripts.container_test import linting, measuring, refusing, restoring, scanning, starting, stopping
from scripts.container_test.docker import Failed, Stage, docker, sweep
from scripts.container_test.images import Images, prepare

CHECKS: dict[str, Callable[[Images, Stage], str]] = {
    "compose-up": starting.compose_up,
    "try": starting.try_it_out,
    "least-rights": starting.least_rights,
    "stop-in-a-round": stopping.stop_in_a_round,
    "kill-in-a-round": stopping.kill_in_a_round,
    "database-away": stopping.database_away,
    "disk-full": stopping.disk_full,
    "wrong-password": refusing.wrong_password,
    "newer-schema": refusing.newer_schema,
    "unreadable-secret": refusing.unreadable_secret,
    "malformed-branches": refusing.malformed_branches,
    "planted-secrets": scanning.planted_secrets,
    "clean-files": linting.files,
    "restore": restoring.restore,
    "figures": measuring.figures,
}


def main() -> int:
    """Gives 0 if everything holds, 1 if something does not, 2 if there is no engine to try it on."""
    parser = argparse.ArgumentParser(prog="make container-test", description=__doc__)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"Only these: {', '.join(CHECKS)}.")
    chosen = parser.parse_args().checks or list(CHECKS)
    if unknown := [name for name in chosen if name not in CHECKS]:
        parser.error(f"there is no check {', '.join(unknown)}; there are {', '.join(CHECKS)}")
    try:
        server = docker("version", "--format", "{{.Server.Version}}").out.strip()
    except (Failed, FileNotFoundError) as error:
        print(
            f"error: there is no Docker engine to try it on; start one, or set DOCKER_HOST\n{error}",
            file=sys.stderr,
        )
        return 2
    sweep()
    print(f"Docker {server}; building the images ...", flush=True)
    images = prepare()
    for note in images.notes:
        print(f"note: {note}")
    failed = [name for name in chosen if not _holds(name, images)]
    told = f"{len(chosen) - len(failed)} of {len(chosen)} hold"
    print(told + (f"; these do not: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _holds(name: str, images: Images) -> bool:
    check = CHECKS[name]
    began = time.monotonic()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="container-test-") as folder,
            Stage(name, Path(folder)) as stage,
        ):
            seen, is_held = check(images, stage), True
    except Failed as failure:
        seen, is_held = str(failure), False
    told = re.sub(r"\s+", " ", (check.__doc__ or "").strip())
    print(
        f"{'PASS' if is_held else 'FAIL'}  {name} ({time.monotonic() - began:.0f} s)  {told}\n      {seen}",
        flush=True,
    )
    return is_held


if __name__ == "__main__":
    sys.exit(main())

"""The images that the checks run: ours, built here, and others', pulled or, where that cannot be, stood in for."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.container_test.docker import docker

ROOT = Path(__file__).parents[2]
BASE = "python:3.12-slim"
"""What the Dockerfile begins with."""
_STANDINS = Path(__file__).parent / "standins"
_FOREIGN = {"database": "postgres:16", "mail": "axllent/mailpit:v1.27"}


@dataclass(frozen=True, slots=True)
class Images:
    """By name. `notes`: what stands in for what, to be told with the results."""

    program: str
    database: str
    mail: str
    notes: tuple[str, ...]


def build(tag: str, folder: Path = ROOT, *options: str) -> str:
    """Build the program's image; gives its tag."""
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    docker(
        "build",
        "--build-arg",
        f"REVISION={revision or 'unknown'}",
        "--tag",
        tag,
        *options,
        str(folder),
    )
    return tag


def prepare() -> Images:
    """Build ours and get the others'."""
    notes: list[str] = []
    found = {name: _foreign(name, image, notes) for name, image in _FOREIGN.items()}
    return Images(build("union-collector:container-test"), found["database"], found["mail"], tuple(notes))


def _foreign(name: str, image: str, notes: list[str]) -> str:
    is_here = docker("image", "inspect", image, may_fail=True).code == 0
    if is_here or docker("pull", "--quiet", image, may_fail=True).code == 0:
        return image
    standin = f"container-test-standin-{name}"
    docker("build", "--quiet", "--tag", standin, str(_STANDINS / name))
    notes.append(
        f"{image} cannot be pulled here: a stand-in from scripts/container_test/standins/{name} takes its place"
    )
    return standin

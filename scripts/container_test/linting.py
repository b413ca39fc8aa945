"""That the files are clean for the tools of those whose formats they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.container_test.docker import Failed, Stage
from scripts.container_test.images import ROOT, Images


def files(_images: Images, _stage: Stage) -> str:
    """hadolint, the compose specification's schema, promtool, amtool."""
    dockerfiles = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "Dockerfile", *ROOT.glob("scripts/*/standins/*/Dockerfile"))
    ]
    tests = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("config/prometheus/tests/*.yml"))]
    _clean("hadolint", *dockerfiles)
    _clean("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    _clean("docker", "compose", "--profile", "*", "config", "--quiet", "--no-interpolate")
    _clean("promtool", "check", "config", "config/prometheus/prometheus.yml")
    _clean("promtool", "test", "rules", *tests)
    _clean("amtool", "check-config", "config/alertmanager/alertmanager.yml")
    return f"{len(dockerfiles)} Dockerfiles, compose.yaml, alert rules with {len(tests)} files of tests, their routes"


def _clean(tool: str, *arguments: str) -> None:
    beside = Path(sys.executable).parent / tool
    found = str(beside) if beside.exists() else shutil.which(tool)
    if found is None:
        raise Failed(f"{tool} is missing: scripts/needs.sh and `make lint` bring it")
    done = subprocess.run([found, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{tool} {' '.join(arguments)}:\n{done.stdout}{done.stderr}")

"""Figures for benchmarks/README.md that only an engine can tell; a machine that is busy spoils them, so none fails."""

from __future__ import annotations

import time

from scripts.container_test.docker import Stage, docker, until
from scripts.container_test.images import BASE, Images
from scripts.container_test.world import POSTGRESQL, Sandbox, start_collector, start_database

_REST_S = 60


def figures(images: Images, stage: Stage) -> str:
    """Image size, start to healthy, memory at rest: what benchmarks/README.md keeps."""
    whole, base = _size(images.program), _size(BASE)
    Sandbox.start(stage, images.program)
    start_database(stage, images.database)
    told = [f"image {whole:.0f} MB, of which {base:.0f} MB are {BASE}"]
    for name, settings in (("SQLite", {}), ("PostgreSQL", POSTGRESQL)):
        began = time.monotonic()
        collector = start_collector(stage, images.program, stage.volume(name), settings=settings)
        collector.until_ready()
        ready = time.monotonic() - began
        until("healthy", lambda started=collector: started.health == "healthy", 60)
        healthy = time.monotonic() - began
        time.sleep(_REST_S)
        counted = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", collector.id).out.split("/")[0]
        resident = int(collector.python(_RESIDENT)) / 1e6
        told.append(
            f"{name}: ready after {ready:.1f} s, healthy after {healthy:.1f} s, "
            f"{resident:.0f} MB resident at rest ({counted.strip()} as the engine counts)"
        )
        collector.stop()
    return "; ".join(told)


_RESIDENT = "print(next(int(l.split()[1]) * 1024 for l in open('/proc/1/status') if l.startswith('VmRSS')))"


def _size(image: str) -> float:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image).out) / 1e6

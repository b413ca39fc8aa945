"""That a backup is worth something: restored into a new machine, it holds the same, and the daemon goes on."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.container_test.docker import Container, Failed, Stage, docker, until
from scripts.container_test.images import Images
from scripts.container_test.world import (
    FINISHED,
    KEPT,
    LEAST_RIGHTS,
    POSTGRESQL,
    Sandbox,
    psql,
    start_collector,
    start_database,
)


def restore(images: Images, stage: Stage) -> str:
    """Last night's backup restored into a new machine: same row counts, same checksums, the daemon goes on."""
    backup = stage.folder / "night.backup"
    _back_up(images, stage, backup)
    # A network of its own, an empty database, a new volume: nothing of the old machine is there but the file.
    with Stage("restore-new", stage.folder) as new:
        Sandbox.start(new, images.program)
        database = start_database(new, images.database)
        given = [*LEAST_RIGHTS, "--volume", f"{backup}:/backup:ro"]
        restored = new.ended(images.program, "db", "restore", "/backup", options=given, settings=POSTGRESQL)
        if restored.code:
            raise Failed(f"not restored:\n{restored.out}{restored.err}")
        compared = new.ended(
            images.program,
            "db",
            "verify",
            "/backup",
            "--compare",
            "--json",
            options=given,
            settings=POSTGRESQL,
        )
        if compared.code:
            raise Failed(f"the new database holds something else:\n{compared.out}{compared.err}")
        found = json.loads(compared.out)
        tables = {table["name"]: table["rows"] for table in found["tables"]}
        counted = {name: _count(database, name) for name in tables}
        # The restored database keeps that it was restored, in the one table that is not compared.
        if found["differing"] or {**counted, "upkeep_run": 0} != {**tables, "upkeep_run": 0}:
            raise Failed(f"rows in the backup {tables}, in the database {counted}")
        before, rounds = _kept(psql(database, KEPT)), int(psql(database, FINISHED))
        collector = start_collector(new, images.program, new.volume("data"), settings=POSTGRESQL)
        collector.until_ready()
        until("another round is finished", lambda: int(psql(database, FINISHED)) > rounds, 60)
        after = _kept(psql(database, KEPT))
        if any(now < then for then, now in zip(before, after, strict=True)):
            raise Failed(f"rows of followers, posts, posts' counts: {before} restored, {after} after a round")
    rows = sum(tables.values())
    return f"{rows:,} rows of {len(tables)} tables with the backup's checksums; the daemon finished another round"


def _back_up(images: Images, stage: Stage, file: Path) -> None:
    """Collect for a few rounds on the old machine, and take its backup while the daemon is at work."""
    Sandbox.start(stage, images.program)
    database = start_database(stage, images.database)
    collector = start_collector(stage, images.program, stage.volume("data"), settings=POSTGRESQL)
    collector.until_ready()
    until("a second round is finished", lambda: int(psql(database, FINISHED)) > 1, 60)
    docker("exec", collector.id, "collector", "db", "backup", "/data/night.backup")
    docker("cp", f"{collector.id}:/data/night.backup", str(file))
    # It is for its owner alone, who on this machine is somebody else.
    file.chmod(0o644)
    collector.kill()
    database.kill()


def _count(database: Container, table: str) -> int:
    return int(psql(database, f'SELECT count(*) FROM "{table}"'))  # noqa: S608 - a table of our own


def _kept(row: str) -> list[int]:
    return [int(count) for count in row.split("|")]

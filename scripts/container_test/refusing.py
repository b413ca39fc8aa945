"""That it ends at once, with code 2 and one clear line, where a person must see to something."""

from __future__ import annotations

from pathlib import Path

from scripts.container_test.docker import Ended, Failed, Stage
from scripts.container_test.images import Images
from scripts.container_test.world import (
    LEAST_RIGHTS,
    POSTGRESQL,
    SETTINGS,
    psql,
    start_database,
)

_AT_ONCE_S = 10


def wrong_password(images: Images, stage: Stage) -> str:
    """A wrong password of the database."""
    start_database(stage, images.database)
    wrong = "somebody else's password"
    ended = _run(images, stage, settings={**POSTGRESQL, "COLLECTOR_DATABASE_PASSWORD": wrong})
    if wrong in ended.out + ended.err:
        raise Failed("the password is in what it says")
    return _one_line(ended, "password authentication failed", "COLLECTOR_DATABASE_PASSWORD")


def newer_schema(images: Images, stage: Stage) -> str:
    """A database that a newer version upgraded."""
    database = start_database(stage, images.database)
    upgraded = stage.ended(images.program, "db", "upgrade", options=LEAST_RIGHTS, settings=POSTGRESQL)
    if upgraded.code:
        raise Failed(upgraded.err)
    psql(database, "UPDATE alembic_version SET version_num = '9999'")
    return _one_line(_run(images, stage, settings=POSTGRESQL), "9999", "newer")


def unreadable_secret(images: Images, stage: Stage) -> str:
    """A secret's file that the collector's user may not read."""
    secret = stage.file("token", "vk1.a.planted-token", mode=0o000)
    settings = {"COLLECTOR_VK__TOKENS": "", "COLLECTOR_VK__TOKENS_FILE": "/run/secrets/vk_token"}
    ended = _run(images, stage, "--volume", f"{secret}:/run/secrets/vk_token:ro", settings=settings)
    return _one_line(ended, "COLLECTOR_VK__TOKENS_FILE", "/run/secrets/vk_token", "Permission denied")


def malformed_branches(images: Images, stage: Stage) -> str:
    """A branches file that is no YAML."""
    branches = stage.file("branches.yaml", "branches:\n  - code: ВАО\n    name: [не закрыто\n")
    settings = {"COLLECTOR_BRANCHES_FILE": "/config/branches.yaml"}
    ended = _run(images, stage, *_mounted(branches), settings=settings)
    return _one_line(ended, "/config/branches.yaml:4", "close the bracket")


def _mounted(branches: Path) -> tuple[str, str]:
    return "--volume", f"{branches}:/config/branches.yaml:ro"


def _run(images: Images, stage: Stage, *options: str, settings: dict[str, str]) -> Ended:
    return stage.ended(
        images.program, "run", options=[*LEAST_RIGHTS, *options], settings={**SETTINGS, **settings}
    )


def _one_line(ended: Ended, *words: str) -> str:
    # What it did before, such as to make the tables, is told on lines of the log, which are JSON.
    lines = [line for line in (ended.out + ended.err).splitlines() if not line.startswith("{")]
    if ended.code != 2 or len(lines) != 1 or not all(word in lines[0] for word in words):
        raise Failed(
            f"ended with {ended.code} and said, where {words} were looked for:\n{ended.out}{ended.err}"
        )
    if ended.seconds > _AT_ONCE_S:
        raise Failed(f"only after {ended.seconds:.0f} s: {lines[0]}")
    return f"code 2 after {ended.seconds:.1f} s: {lines[0]}"

"""What the checks share: the sandbox in a container, and how a collector is set to collect from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scripts.container_test.docker import Container, Stage, docker, until

PASSWORD = "the database's password of container-test"  # noqa: S105 - of a database that lives for minutes
COMMUNITIES = 24
"""In config/branches.mgo.yaml, which the image has."""
_BRANCHES = "/usr/share/collector/branches.mgo.yaml"
LEAST_RIGHTS = (
    "--read-only",
    "--tmpfs",
    "/tmp",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "-m",
    "256m",
)
"""How compose.yaml starts it too: everything here runs so."""
SETTINGS = {
    "COLLECTOR_BRANCHES_FILE": _BRANCHES,
    "COLLECTOR_VK__API_URL": "http://sandbox:8800",
    "COLLECTOR_VK__TOKENS": "vk1.a.sandbox-service-token",
    "COLLECTOR_FACEBOOK__API_URL": "http://sandbox:8800",
    "COLLECTOR_FACEBOOK__TOKEN": "EAAsandboxSystemUserToken",
    "COLLECTOR_COLLECT__INTERVAL": "5s",
}
POSTGRESQL = {
    "COLLECTOR_DATABASE_URL": "postgresql://collector@database/collector",
    "COLLECTOR_DATABASE_PASSWORD": PASSWORD,
}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The networks."""

    container: Container

    @classmethod
    def start(cls, stage: Stage, image: str) -> Sandbox:
        """Start them, at http://sandbox:8800 of the stage."""
        options = ("--host", "0.0.0.0", "--port", "8800", "--branches", _BRANCHES)  # noqa: S104
        sandbox = cls(stage.run(image, "sandbox", *options, alias="sandbox", options=["--no-healthcheck"]))
        until("the sandbox answers", lambda: "The sandbox answers" in sandbox.container.log, 60)
        return sandbox

    def slow_down(self, seconds: float) -> None:
        """From now on each answer comes so late."""
        self._ask("/sandbox/clock", {"latency": seconds})

    def requests(self) -> int:
        """How many calls were answered so far."""
        return sum(self._ask("/sandbox/state")["requests"].values())

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = "None" if body is None else repr(json.dumps(body).encode())
        return json.loads(
            self.container.python(
                f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:8800{path}', {data}).read().decode())"
            )
        )


def start_database(stage: Stage, image: str) -> Container:
    """PostgreSQL at database:5432 of the stage, as compose.yaml has it."""
    secret = stage.file("password", PASSWORD + "\n")
    database = stage.run(
        image,
        alias="database",
        options=["--volume", f"{secret}:/run/keys/password:ro"],
        settings={
            "POSTGRES_USER": "collector",
            "POSTGRES_DB": "collector",
            "POSTGRES_PASSWORD_FILE": "/run/keys/password",
        },
    )
    until("PostgreSQL answers", lambda: psql(database, "SELECT 1", may_fail=True), 60)
    return database


def psql(database: Container, sql: str, *, may_fail: bool = False) -> str:
    """What a query of PostgreSQL gives, a row a line."""
    # By TCP, at which it does not answer while it sets itself up.
    asked = docker(
        "exec",
        "--env",
        f"PGPASSWORD={PASSWORD}",
        database.id,
        "psql",
        *("--no-psqlrc", "-h", "127.0.0.1", "-U", "collector", "-d", "collector", "-At", "-c", sql),
        may_fail=may_fail,
    )
    return asked.out.strip() if asked.code == 0 else ""


def sqlite(container: Container, sql: str, path: str = "/data/collector.db") -> list[list[Any]]:
    """What a query of the SQLite database gives that a running container has."""
    code = (
        "import json, sqlite3\n"
        f"conn = sqlite3.connect('file:{path}?mode=ro', uri=True, timeout=20)\n"
        f"print(json.dumps(conn.execute({sql!r}).fetchall()))\n"
    )
    rows: list[list[Any]] = json.loads(container.python(code))
    return rows


def start_collector(
    stage: Stage,
    image: str,
    volume: str,
    *,
    options: Sequence[str] = (),
    settings: dict[str, str] | None = None,
) -> Container:
    """The daemon, with the least rights and its data in `volume`."""
    mounted = ("--volume", f"{volume}:/data")
    return stage.run(
        image, "run", options=[*LEAST_RIGHTS, *mounted, *options], settings={**SETTINGS, **(settings or {})}
    )


KEPT = (
    "SELECT (SELECT count(*) FROM follower_snapshot), (SELECT count(*) FROM post), "
    "(SELECT count(*) FROM post_snapshot)"
)
"""What must never grow less."""
FINISHED = "SELECT count(*) FROM collection_run WHERE status = 'finished'"
LOOKED_AT = "SELECT count(*) FROM community_state WHERE last_attempt_at IS NOT NULL"
"""A row alone says nothing: it is made with the community, before the first look."""

"""That it survives: a stop, a kill, a database that is away, a disk that is full."""

from __future__ import annotations

import time

from scripts.container_test.docker import Container, Failed, Stage, docker, until
from scripts.container_test.images import Images
from scripts.container_test.world import (
    COMMUNITIES,
    FINISHED,
    KEPT,
    LOOKED_AT,
    POSTGRESQL,
    Sandbox,
    psql,
    sqlite,
    start_collector,
    start_database,
)

_AWAY_S = 60
_FULL_S = 30
_SLOW_S = 1.5
"""An answer of the networks takes so long while a round is to be interrupted."""


def stop_in_a_round(images: Images, stage: Stage) -> str:
    """`docker stop` in the middle of a round: exit 0 within 10 s, and the next start goes on."""
    collector, sandbox = _in_the_middle_of_a_round(images, stage)
    seconds = collector.stop()
    code = collector.exit_code
    if code != 0 or seconds > 10:
        raise Failed(f"ended with {code} after {seconds:.1f} s\n{collector.log[-2000:]}")
    sandbox.slow_down(0)
    collector.start()
    collector.until_ready()
    statuses = [status for (status,) in sqlite(collector, "SELECT status FROM collection_run ORDER BY id")]
    if statuses[0] != "stopped" or "finished" not in statuses:
        raise Failed(f"the rounds ended so: {statuses}")
    return (
        f"exit 0 after {seconds:.1f} s; the round is marked as stopped; {_all_are_read(collector)} after that"
    )


def kill_in_a_round(images: Images, stage: Stage) -> str:
    """kill -9 in the middle of a round: started anew by the engine, it goes on; the database is whole."""
    collector, sandbox = _in_the_middle_of_a_round(images, stage, "--restart", "unless-stopped")
    before = sqlite(collector, KEPT)[0]
    # From outside, since the first process of a container cannot be killed from within; and not by `docker kill`,
    # after which the engine takes it for ended on purpose.
    pid = collector.inspect()["State"]["Pid"]
    killing = f"import os; os.kill({pid}, 9)"
    outside = ("--pid=host", "--user=0", "--entrypoint=python")
    docker("run", "--rm", *outside, images.program, "-c", killing)
    until("the engine starts it anew", lambda: collector.inspect()["RestartCount"] == 1, 30)
    sandbox.slow_down(0)
    collector.until_ready()
    _nothing_is_lost(before, sqlite(collector, KEPT)[0])
    _is_whole(collector)
    return f"started anew by the engine; {_all_are_read(collector)}; the database is whole"


def database_away(images: Images, stage: Stage) -> str:
    """The database's container stopped for a minute: the daemon stays, says so, and goes on when it is back."""
    Sandbox.start(stage, images.program)
    database = start_database(stage, images.database)
    collector = start_collector(stage, images.program, stage.volume("data"), settings=POSTGRESQL)
    collector.until_ready()
    started_at = collector.inspect()["State"]["StartedAt"]
    before = [int(count) for count in psql(database, KEPT).split("|")]
    database.stop()
    away_since = time.monotonic()
    told = until("/readyz says that it is not ready", lambda: _not_ready(collector), 60)
    if "connect" not in told.lower() and "database" not in told.lower():
        raise Failed(f"/readyz does not name the database: {told}")
    if collector.asked("/healthz")[0] != 200:
        raise Failed("/healthz says that it is dead, which no restart would mend")
    time.sleep(max(0.0, _AWAY_S - (time.monotonic() - away_since)))
    database.start()
    until("PostgreSQL answers", lambda: psql(database, "SELECT 1", may_fail=True), 60)
    rounds = int(psql(database, FINISHED))
    back_at = time.monotonic()
    collector.until_ready(120)
    until("another round is finished", lambda: int(psql(database, FINISHED)) > rounds, 60)
    seconds = time.monotonic() - back_at
    _nothing_is_lost(before, [int(count) for count in psql(database, KEPT).split("|")])
    if collector.inspect()["State"]["StartedAt"] != started_at:
        raise Failed("the daemon was started anew in between")
    return f"the same process; ready and with a new round {seconds:.0f} s after it was back; meanwhile: {_short(told)}"


def disk_full(images: Images, stage: Stage) -> str:
    """The volume's disk full: the daemon stays, says so, and goes on once there is room."""
    Sandbox.start(stage, images.program)
    of_24_mb = ("--opt=type=tmpfs", "--opt=device=tmpfs", "--opt=o=size=24m,uid=10001,gid=10001")
    volume = stage.volume("data", "--driver=local", *of_24_mb)
    # Somebody must hold a tmpfs, else it is empty when the next comes.
    keeper = stage.run(
        images.program,
        *("-c", "import time; time.sleep(3600)"),
        options=["--entrypoint=python", "--no-healthcheck", "--volume", f"{volume}:/data"],
    )
    collector = start_collector(stage, images.program, volume)
    collector.until_ready()
    before = sqlite(collector, KEPT)[0]
    filling = (
        "import os\n"
        "with open('/data/filler', 'ab', buffering=0) as file:\n"
        "    size = 65536\n"
        "    while size:\n"
        "        try: file.write(bytes(size))\n"
        "        except OSError: size //= 2\n"
    )
    began, told = time.monotonic(), ""
    while time.monotonic() < began + _FULL_S or not told:
        # Room that is freed in between, as when SQLite's log is written back, is taken again.
        keeper.python(filling)
        told = _not_ready(collector) or told
        if time.monotonic() > began + 4 * _FULL_S:
            raise Failed(f"/readyz says that all is well\n{collector.log[-2000:]}")
        time.sleep(2)
    if "disk" not in told:
        raise Failed(f"/readyz does not name the disk: {told}")
    if not collector.is_running or collector.inspect()["RestartCount"]:
        raise Failed(f"the daemon ended\n{collector.log[-2000:]}")
    keeper.python("import os; os.remove('/data/filler')")
    ((rounds,),) = sqlite(collector, FINISHED)
    collector.until_ready(120)
    until("another round is finished", lambda: sqlite(collector, FINISHED)[0][0] > rounds, 60)
    _nothing_is_lost(before, sqlite(collector, KEPT)[0])
    _is_whole(collector)
    return f"the same process all along; {_all_are_read(collector)} once there was room; meanwhile: {_short(told)}"


def _in_the_middle_of_a_round(images: Images, stage: Stage, *options: str) -> tuple[Container, Sandbox]:
    """A daemon that is at its first round, of which something is answered and something not."""
    sandbox = Sandbox.start(stage, images.program)
    sandbox.slow_down(_SLOW_S)
    collector = start_collector(stage, images.program, stage.volume("data"), options=options)
    until("the first answers", lambda: sandbox.requests() >= 1, 60)
    return collector, sandbox


def _all_are_read(collector: Container) -> str:
    ((looked_at,),) = sqlite(collector, LOOKED_AT)
    if looked_at < COMMUNITIES:
        raise Failed(f"{looked_at} of {COMMUNITIES} communities were looked at")
    return f"all {looked_at} communities looked at"


def _not_ready(collector: Container) -> str | None:
    status, text = collector.asked("/readyz")
    return None if status == 200 else text or f"status {status}"


def _nothing_is_lost(before: list[int], after: list[int]) -> None:
    if any(now < then for then, now in zip(before, after, strict=True)):
        raise Failed(f"rows of followers, posts, posts' counts: {before} before, {after} after")


def _is_whole(collector: Container) -> None:
    found = sqlite(collector, "PRAGMA integrity_check")
    if found != [["ok"]]:
        raise Failed(f"SQLite says: {found}")


def _short(told: str) -> str:
    return " ".join(told.split())[:160]

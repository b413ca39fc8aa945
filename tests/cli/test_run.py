"""`collector run`: the daemon, as ops start, stop, kill and double it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.sandbox import Fault, SandboxServer
from storage.errors import StoreError
from tests import postgres
from tests.cli import telegraph
from tests.cli.conftest import COMMUNITIES
from tests.cli.running import Collector, free_port, until
from tests.ops.asking import values

OFTEN = {"COLLECTOR_COLLECT__INTERVAL": "2s"}
STOPS_S = 10
"""The daemon needs 4 of these at most; the answers that it must not wait for take longer than all of them."""
MAIL = {"COLLECTOR_SMTP__HOST": "127.0.0.1", "COLLECTOR_SMTP__FROM": "collector@example.org"}
WAITING = {"round failed; the next tick tries again", "letters wait; the next tick tries again"}
ROUNDS = "SELECT status, read_count, due_count FROM collection_run ORDER BY id"
READ = """
    SELECT c.address FROM community c JOIN community_state s ON s.community_id = c.id
    WHERE s.follower_count IS NOT NULL AND c.network = :network
"""
DOUBLED = """
    SELECT community_id FROM post_snapshot GROUP BY community_id, native_id, observed_at HAVING count(*) > 1
    UNION ALL SELECT community_id FROM post GROUP BY community_id, native_id HAVING count(*) > 1
"""


def seen(collector: Collector, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Rows, if by now there is a table of them."""
    try:
        return collector.rows(query, **parameters)
    except StoreError:
        return []


def rounds(collector: Collector) -> list[tuple[Any, ...]]:
    return seen(collector, ROUNDS)


def finished(collector: Collector) -> int:
    return sum(row[0] == "finished" for row in rounds(collector))


def lines(collector: Collector) -> list[dict[str, Any]]:
    """The log; every line of it must be JSON."""
    whole = collector.log.rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def events(collector: Collector) -> Counter[str]:
    return Counter(line["event"] for line in lines(collector))


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=STOPS_S)


def until_health(collector: Collector, code: int) -> str:
    """What `collector health` prints once it ends so."""

    def asked() -> str | None:
        done = collector.run("health")
        assert done.returncode in (0, 1), done.stderr
        return done.stdout if done.returncode == code else None

    told: str = until(asked, f"health ends with {code}")
    return told


def detected(listen: str) -> str | None:
    """What is scraped, once it tells of a detection."""
    told = httpx.get(f"http://{listen}/metrics").text
    return told if values(told, "collector_branches") else None


def test_it_collects_at_its_start_and_by_the_clock(any_collector: Collector, sandbox: SandboxServer) -> None:
    with any_collector.started("run", **OFTEN) as daemon:
        until(lambda: finished(any_collector) >= 2, "two rounds are done")
        assert stop(daemon) == 0
    assert {(row[1], row[2]) for row in rounds(any_collector)} == {(6, 6)}
    assert any_collector.rows(DOUBLED) == []
    logged = lines(any_collector)
    assert all({"level", "event", "timestamp"} <= line.keys() for line in logged)
    assert [line["event"] for line in logged][-2:] == ["stopping", "stopped"]
    ended = next(line for line in logged if line["event"] == "round ended")
    assert (ended["read"], ended["failed"], ended["level"]) == (6, 0, "info")


def test_a_restart_waits_for_what_is_due(collector: Collector, sandbox: SandboxServer) -> None:
    debug = {"COLLECTOR_LOG__LEVEL": "debug"}
    with collector.started("run", **debug) as daemon:
        until(lambda: events(collector)["round ended"], "the round is done")
        assert stop(daemon) == 0
    with collector.started("run", **debug) as daemon:
        until(lambda: events(collector)["nothing is due"], "the next daemon has looked")
        assert stop(daemon) == 0
    assert len(rounds(collector)) == 1
    # The round's, and the day's look at the token: neither comes anew by a restart.
    assert sum(request.method == "groups.getById" for request in sandbox.requests) == 2


STUCK = [
    Fault("slow", network="facebook", skip=1, seconds=20),
    Fault("drip", network="facebook", skip=1, seconds=0.5),
    Fault("slow", method="execute", seconds=20),
]


@pytest.mark.parametrize("fault", STUCK, ids=lambda fault: f"{fault.kind}-{fault.network or fault.method}")
def test_sigterm_in_the_middle_of_a_round_keeps_what_was_fetched(
    collector: Collector, sandbox: SandboxServer, fault: Fault
) -> None:
    """The first Page is answered, the second hangs; or VK's groups are answered, and their walls hang."""
    sandbox.faults.add(fault)
    with collector.started("run", COLLECTOR_FACEBOOK__BATCH_SIZE="1") as daemon:
        slow, quick = ("facebook", "vk") if fault.network else ("vk", "facebook")
        until(lambda: sum(request.network == slow for request in sandbox.requests) >= 2, "an answer hangs")
        until(lambda: len(collector.rows(READ, network=quick)) == 3, "the other network is read")
        assert stop(daemon) == 0
    assert len(collector.rows(READ, network=quick)) == 3
    if fault.network == "facebook":
        assert collector.rows(READ, network=slow) == [("name:profsouz.vao",)]
    assert [row[0] for row in rounds(collector)] == ["stopped"]
    assert lines(collector)[-1]["event"] == "stopped"


def test_sigterm_while_nothing_answers(collector: Collector, sandbox: SandboxServer) -> None:
    sandbox.latency = 20
    with collector.started("run") as daemon:
        until(lambda: len(sandbox.requests) >= 2, "both networks are asked")
        sandbox.latency = 0
        assert stop(daemon) == 0
    assert [row[0] for row in rounds(collector)] == ["stopped"]


def test_what_was_fetched_is_written_before_a_hang_ends(collector: Collector, sandbox: SandboxServer) -> None:
    """So that kill -9, which nobody can prepare for, costs no more than seconds."""
    sandbox.faults.add(STUCK[0])
    with collector.started("run", COLLECTOR_FACEBOOK__BATCH_SIZE="1") as daemon:
        until(lambda: finished(collector) == 0 and len(sandbox.requests) >= 2, "an answer hangs")
        until(
            lambda: seen(collector, READ, network="facebook") == [("name:profsouz.vao",)],
            "the first Page is written",
        )
        daemon.kill()
    sandbox.faults.clear()
    with collector.started("run") as daemon:
        until(lambda: finished(collector) == 1, "the next daemon goes on")
        assert stop(daemon) == 0
    assert [row[0] for row in rounds(collector)] == ["abandoned", "finished"]
    assert len(collector.rows(READ, network="facebook")) == 3
    assert collector.rows(DOUBLED) == []


def test_a_second_daemon_stands_by_and_takes_over(any_collector: Collector, sandbox: SandboxServer) -> None:
    sandbox.latency = 20
    debug = {"COLLECTOR_LOG__LEVEL": "debug"}
    with any_collector.started("run") as first:
        until(lambda: len(sandbox.requests) >= 2, "the first has asked")
        with any_collector.started("run", **OFTEN, **debug) as second:
            until(lambda: "another process is collecting" in any_collector.log, "the second stands by")
            asked = [request.method for request in sandbox.requests]
            assert len(asked) == len(set(asked))
            sandbox.latency = 0
            first.kill()
            until(lambda: finished(any_collector), "the second takes over")
            assert stop(second) == 0
    assert [row[0] for row in rounds(any_collector)][:2] == ["abandoned", "finished"]
    assert any_collector.rows(DOUBLED) == []


def test_it_waits_for_postgresql_and_goes_on(tmp_path: Path, sandbox: SandboxServer) -> None:
    newest = list(postgres.installations().values())[-1]
    with postgres.running(newest) as server, postgres.database(server.url) as url:
        # Listening on all addresses, as in a container, is asked on loopback.
        listen = f"0.0.0.0:{free_port()}"
        collector = Collector(tmp_path, url, sandbox, OFTEN | MAIL | {"COLLECTOR_OPS__LISTEN": listen})
        collector.write_branches(COMMUNITIES)
        with collector.started("run") as daemon:
            until(lambda: finished(collector) >= 1, "a round is done")
            well = until_health(collector, 0)
            assert "ok    round: the last one ended" in well
            server.stop()
            until(lambda: min(events(collector)[told] for told in WAITING) >= 2, "each job tells twice")
            away = until_health(collector, 1)
            assert "FAIL  database: postgresql+psycopg://collector@127.0.0.1:" in away
            assert "FAIL  collect: postgresql+psycopg://collector@127.0.0.1:" in away
            alive = collector.run("health", "--alive")
            assert alive.returncode == 0, "a database that is away is no reason to be restarted"
            told = httpx.get(f"http://{listen}/metrics").text
            assert values(told, "collector_database_up") == {(): 0}
            server.start()
            done = finished(collector)
            until(lambda: finished(collector) > done, "a round is done again")
            until_health(collector, 0)
            assert stop(daemon) == 0
        assert "Traceback" not in collector.log
        told = [line for line in lines(collector) if line["level"] == "error"]
        assert {line["event"] for line in told} == WAITING
        assert "check that the server runs" in told[-1]["error"]
        assert collector.rows(DOUBLED) == []


def test_a_job_that_raises_does_not_end_it(collector: Collector) -> None:
    """One network's adapter has a bug: the others are read, and it is told."""
    collector.settings |= telegraph.install(collector.folder / "site") | OFTEN
    collector.settings["COLLECTOR_OPS__LISTEN"] = listen = f"127.0.0.1:{free_port()}"
    collector.write_branches({"ВАО": [("vk", "club101"), ("telegraph", "moskva")]})
    down = collector.folder / "telegraph-line-is-down"
    down.touch()
    with collector.started("run") as daemon:
        until(lambda: events(collector)["job failed; its next tick comes as planned"] >= 2, "two ticks fail")
        assert len(collector.rows(READ, network="vk")) == 1
        told = until_health(collector, 1)
        assert "FAIL  collect: an error that was not foreseen (RuntimeError); see the log" in told
        down.unlink()
        until(lambda: len(collector.rows(READ, network="telegraph")) == 1, "it is read when it is mended")
        told = until(lambda: detected(listen), "the round is counted, and who is silent judged")
        assert values(told, "collector_rounds_total")["failed"] >= 2
        assert values(told, "collector_outcomes_total")["read", "telegraph"] >= 1
        requests = values(told, "collector_requests_total")
        assert requests["wire", "telegraph"] >= 1, "a network that another package brings counts as well"
        assert requests["groups.getById", "vk"] >= 1
        assert values(told, "collector_request_seconds_count")["vk"] == sum(
            count for (_, network), count in requests.items() if network == "vk"
        )
        judged = {"active": 1, "silent": 0, "unknown": 0, "nothing_to_read": 0}
        assert values(told, "collector_branches") == judged
        assert stop(daemon) == 0
    failed = next(line for line in lines(collector) if line["event"].startswith("job failed"))
    assert failed["job"] == "collect"
    assert "RuntimeError" in failed["exception"]


def test_people_on_a_terminal_get_text(collector: Collector) -> None:
    ours, theirs = pty.openpty()
    daemon = subprocess.Popen(
        [sys.executable, "-m", "collector", "run"],
        cwd=collector.folder,
        env={**collector.environment, "TERM": "dumb"},
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while b"round ended" not in seen:
            seen += os.read(ours, 1000)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=STOPS_S)
        os.close(ours)
    text = re.sub(r"\x1b\[\d*m", "", seen.decode())
    assert "{" not in text.splitlines()[0]
    assert re.search(r"\[info +\] round ended .* read=6 ", text)


def test_a_stop_ends_a_start_that_waits(collector: Collector) -> None:
    """The first process of a container ignores SIGTERM but for a handler of its own: it would be killed, later."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(30)
        address = f"postgresql://c@127.0.0.1:{silent.getsockname()[1]}/c"
        with collector.started("run", COLLECTOR_DATABASE_URL=address) as daemon:
            connection, _ = silent.accept()
            with connection:
                assert stop(daemon) == 128 + signal.SIGTERM
    assert "Traceback" not in collector.log

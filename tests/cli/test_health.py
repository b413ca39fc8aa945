"""`collector health`, as a container's HEALTHCHECK calls it. A daemon's own answers: see `test_run.py`."""

from __future__ import annotations

import socket
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest

from collector.ops.listener import Answer
from tests.cli.running import Collector, free_port
from tests.ops.asking import listening


@pytest.fixture
def collector(tmp_path: Path) -> Collector:
    """Nothing but settings."""
    return Collector(tmp_path, f"sqlite:///{tmp_path / 'collector.db'}")


def test_it_prints_what_is_told_and_ends_accordingly(collector: Collector) -> None:
    routes = {
        "/healthz": lambda: Answer(b"ok    process: answers\n"),
        "/readyz": lambda: Answer(b"FAIL  disk: full\n", HTTPStatus.SERVICE_UNAVAILABLE),
    }
    with listening(routes) as port:
        collector.settings["COLLECTOR_OPS__LISTEN"] = f"0.0.0.0:{port}"
        ready, alive = collector.run("health"), collector.run("health", "--alive")
    assert (ready.returncode, ready.stdout) == (1, "FAIL  disk: full\n")
    assert (alive.returncode, alive.stdout) == (0, "ok    process: answers\n")


def test_where_nobody_listens_it_is_not_well(collector: Collector) -> None:
    port = free_port()
    # The file .env counts too.
    (collector.folder / ".env").write_text(f"COLLECTOR_OPS__LISTEN=127.0.0.1:{port}\n")
    done = collector.run("health")
    told = f"FAIL  process: nothing answers on 127.0.0.1:{port}: Connection refused; does it run?\n"
    assert (done.returncode, done.stdout) == (1, told)


def test_without_the_setting_it_says_so(collector: Collector) -> None:
    done = collector.run("health")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: COLLECTOR_OPS__LISTEN is not set")


@pytest.mark.parametrize("listen", ["127.0.0.1:", "127.0.0.1:0"])
def test_an_address_that_is_none_is_told_in_one_line(collector: Collector, listen: str) -> None:
    done = collector.run("health", COLLECTOR_OPS__LISTEN=listen)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: COLLECTOR_OPS__LISTEN: ")


def test_an_address_that_is_taken_ends_the_daemon_in_one_line(collector: Collector) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        done = collector.run("run", COLLECTOR_OPS__LISTEN=listen)
    assert done.returncode == 2
    assert f"error: cannot serve health and metrics on {listen}: Address already in use" in done.stderr
    assert "another address (COLLECTOR_OPS__LISTEN)" in done.stderr

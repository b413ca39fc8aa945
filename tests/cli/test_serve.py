"""`collector serve`, and the page inside `collector run`, as ops start and stop them."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from collector.domain.calendar import moscow_day
from collector.notifications.links import LetterLink, LinkSigner
from tests.cli.running import Collector, free_port, until

SECRET = "a-secret-of-at-least-32-characters"
STOPS_S = 10
SIGNER = LinkSigner(SECRET, "", timedelta(days=60))
CONTACTS = """
branches:
  - code: ВАО
    name: Организация ВАО
    kind: territorial
    communities:
      - {network: vk, address: club101}
    contacts:
      - {role: chair, name: Иванова Анна Петровна, email: chair@example.org}
"""


@pytest.fixture
def served(tmp_path: Path) -> Collector:
    """A database with one branch, and a secret."""
    made = Collector(
        tmp_path, f"sqlite:///{tmp_path / 'collector.db'}", settings={"COLLECTOR_WEB__SECRET": SECRET}
    )
    (tmp_path / "branches.yaml").write_text(CONTACTS)
    assert made.run("branches", "sync").returncode == 0
    return made


@contextmanager
def serving(
    collector: Collector, *arguments: str, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and where its page is."""
    with collector.started(*arguments, **settings) as process:
        port = until(lambda: _port(collector), "the page is served")
        yield process, f"http://127.0.0.1:{port}"


def _port(collector: Collector) -> int | None:
    for line in collector.log.splitlines():
        if (
            line.startswith("{")
            and line.endswith("}")
            and (told := json.loads(line))["event"] == "page served"
        ):
            return int(told["port"])
    return None


def link() -> str:
    made: str = SIGNER.url(LetterLink(None, 1, "chair@example.org"), datetime.now(UTC))
    return made


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=STOPS_S)


def test_it_serves_until_sigterm(served: Collector) -> None:
    with serving(served, "serve", "--listen", "127.0.0.1:0") as (process, base):
        assert httpx.get(f"{base}/healthz").text == "ok"
        page = httpx.get(f"{base}{link()}")
        assert page.status_code == 200
        assert "Организация ВАО" in page.text
        form = {"until": moscow_day(datetime.now(UTC)).isoformat(), "reason": "Каникулы"}
        assert httpx.post(f"{base}{link()}/mute", data=form).status_code == 303
        assert stop(process) == 0
    assert served.rows("SELECT reason FROM branch_mute") == [("Каникулы",)]
    token = link().rsplit("/", 1)[1].split(".")[0][:40]
    assert token not in served.log
    assert "/letters/" not in served.log
    assert "branch muted" in served.log


def test_it_ends_though_a_browser_keeps_its_connection(served: Collector) -> None:
    with (
        serving(served, "serve", "--listen", "127.0.0.1:0") as (process, base),
        httpx.Client() as browser,
        closing(socket.create_connection(("127.0.0.1", int(base.rsplit(":", 1)[1])))) as half,
    ):
        assert browser.get(f"{base}/healthz").status_code == 200
        half.sendall(b"POST /letters/x/mute HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nuntil=")
        assert stop(process) == 0


def test_it_ends_though_the_database_holds_a_request_up(served: Collector) -> None:
    with (
        serving(served, "serve", "--listen", "127.0.0.1:0", COLLECTOR_STOP_TIMEOUT="1") as (process, base),
        closing(sqlite3.connect(served.folder / "collector.db", isolation_level=None)) as other,
        closing(socket.create_connection(("127.0.0.1", int(base.rsplit(":", 1)[1])))) as hanging,
    ):
        other.execute("BEGIN IMMEDIATE")
        request = f"POST {link()}/unmute HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        hanging.sendall(request.encode())
        # It is under way when another is answered that came after it.
        assert httpx.get(f"{base}/healthz").text == "ok"
        assert stop(process) == 0


def test_a_port_that_is_taken_is_told_in_one_line(served: Collector) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        done = served.run("serve", "--listen", listen)
        inside = served.run("run", COLLECTOR_WEB__LISTEN=listen)
    for each in (done, inside):
        assert each.returncode == 2
        assert f"error: cannot serve the page on {listen}: Address already in use" in each.stderr
        assert "; end what listens there, or name another address" in each.stderr
        assert "Traceback" not in each.stderr


@pytest.mark.parametrize(
    "listen", ["127.0.0.1:99999", "nowhere.invalid:80", "8080", ":8080", "127.0.0.1", "[::1"]
)
def test_an_address_that_is_none_is_told_in_one_line(served: Collector, listen: str) -> None:
    done = served.run("serve", f"--listen={listen}")
    assert done.returncode == 2
    assert "error: cannot serve the page on" in done.stderr
    assert "; name another address" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_secret_it_refuses(served: Collector) -> None:
    done = served.run("serve", COLLECTOR_WEB__SECRET="")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("error: no secret for the links in letters")
    assert "COLLECTOR_WEB__SECRET" in done.stderr


def test_the_daemon_serves_it_too(served: Collector) -> None:
    with serving(served, "run", COLLECTOR_WEB__LISTEN="127.0.0.1:0") as (process, base):
        assert "Организация ВАО" in httpx.get(f"{base}{link()}").text
        assert stop(process) == 0


def test_the_setting_says_where(served: Collector) -> None:
    port, ops = free_port(), {"COLLECTOR_OPS__LISTEN": f"127.0.0.1:{free_port()}"}
    with serving(served, "serve", COLLECTOR_WEB__LISTEN=f"127.0.0.1:{port}", **ops) as (process, base):
        assert base.endswith(f":{port}")
        health = served.run("health", **ops)
        assert health.returncode == 0, "of a page no round is expected"
        assert "round" not in health.stdout
        assert stop(process) == 0

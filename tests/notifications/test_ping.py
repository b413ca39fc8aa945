"""The dead man's switch is called as healthchecks.io takes it, and never stands in a round's way."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from collector import logs
from collector.bootstrap.program import Program
from collector.bootstrap.watch import ping_after
from collector.domain.redaction import Redactor
from collector.jobs.collect import RoundSummary
from collector.notifications.ping import ping
from collector.settings import Settings
from storage.runs import RunCounts
from storage.store import open_store

PATIENCE_S = 10.0


class Switch(ThreadingHTTPServer):
    """Stands in for healthchecks.io."""

    daemon_threads = True

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.called: list[str] = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/0f1a2b3c-secret-switch"


class _Handler(BaseHTTPRequestHandler):
    server: Switch

    def do_GET(self) -> None:
        self.server.called.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Location", "/0f1a2b3c-secret-switch/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(server: Switch) -> Iterator[Switch]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def switch() -> Iterator[Switch]:
    with running(Switch()) as server:
        yield server


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log at its most talkative, with the redactor that the program would give it."""
    stream = io.StringIO()
    root, chatty = logging.getLogger(), logging.getLogger("urllib3")
    handlers, level, chatty_level = root.handlers[:], root.level, chatty.level
    chatty.setLevel(logging.NOTSET)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    chatty.setLevel(chatty_level)


def parts(url: str | None) -> Program:
    settings = Settings(_env_file=None, ping={"url": url, "timeout": PATIENCE_S})  # type: ignore[call-arg, arg-type]
    with open_store("sqlite:///never-opened.db") as store:
        return Program(
            settings, Redactor(settings.secrets()), store, lambda: datetime.now(UTC), threading.Event()
        )


def summary(*, due: int, read: int, **more: bool) -> RoundSummary:
    return RoundSummary(RunCounts(due=due, read=read), (), **more)


def test_a_good_round_is_told(switch: Switch) -> None:
    ping_after(parts(switch.url), summary(due=3, read=1))
    assert switch.called == ["/0f1a2b3c-secret-switch"]


def test_a_round_that_could_read_nothing_is_told_as_failed(switch: Switch) -> None:
    ping_after(parts(switch.url), summary(due=3, read=0))
    assert switch.called == ["/0f1a2b3c-secret-switch/fail"]


def test_a_query_stays_at_the_end(switch: Switch) -> None:
    assert ping(f"{switch.url}/?create=1", PATIENCE_S, is_good=False)
    assert switch.called == ["/0f1a2b3c-secret-switch/fail?create=1"]


@pytest.mark.parametrize(
    "quiet",
    [
        summary(due=0, read=0),
        summary(due=3, read=3, is_stopped=True),
        summary(due=3, read=3, is_elsewhere=True),
    ],
    ids=["nothing was due", "stopped", "another process did it"],
)
def test_what_was_no_whole_round_of_ours_says_nothing(switch: Switch, quiet: RoundSummary) -> None:
    ping_after(parts(switch.url), quiet)
    assert not switch.called


def test_without_an_address_nobody_is_called() -> None:
    ping_after(parts(None), summary(due=3, read=3))


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_yes_is_a_warning_and_no_redirect_is_followed(
    status: int, written: io.StringIO
) -> None:
    with running(Switch(status)) as server:
        logs.configure("info", "json", Redactor(), written)
        assert not ping(server.url, PATIENCE_S, is_good=True)
        assert server.called == ["/0f1a2b3c-secret-switch"]
    assert f"HTTP {status}" in written.getvalue()
    assert '"level": "warning"' in written.getvalue()


def test_nobody_there_is_a_warning_that_does_not_hold_the_address(written: io.StringIO) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as closed:
        port = closed.getsockname()[1]
    logs.configure("info", "json", Redactor(), written)
    assert not ping(f"http://127.0.0.1:{port}/0f1a2b3c-secret-switch", PATIENCE_S, is_good=True)
    assert "ConnectionError" in written.getvalue()
    assert "0f1a2b3c" not in written.getvalue()


@pytest.mark.parametrize("drips", [False, True], ids=["says nothing", "drips"])
def test_a_server_that_hangs_costs_the_timeout_and_no_more(drips: bool, written: io.StringIO) -> None:
    """It goes on for as long as we are patient: the call must have come back before."""
    logs.configure("info", "json", Redactor(), written)
    over, gave_up = threading.Event(), threading.Event()

    def hang(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            for _ in range(int(PATIENCE_S / 0.02)):
                if over.wait(0.02):
                    return
                if drips:
                    connection.sendall(b"a")
            gave_up.set()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=hang, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/0f1a2b3c-secret-switch"
        assert not ping(url, 0.3, is_good=True)
        assert not gave_up.is_set()
        over.set()
        thread.join()
    assert "the watch on the watcher was not reached" in written.getvalue()
    assert "0f1a2b3c" not in written.getvalue()
    for left in [each for each in threading.enumerate() if each.name == "ping"]:
        left.join(PATIENCE_S)


def test_the_address_is_in_no_log_however_talkative(switch: Switch, written: io.StringIO) -> None:
    made = parts(switch.url)
    logs.configure("debug", "json", made.redact, written)
    ping_after(made, summary(due=3, read=3))
    ping_after(made, summary(due=3, read=0))
    assert "GET" in written.getvalue(), "urllib3 tells of requests"
    assert "0f1a2b3c" not in written.getvalue()

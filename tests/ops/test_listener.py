"""The listener: what it answers, and that no client holds it up."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from collector.ops.listener import Answer
from tests.ops.asking import listening

_MANY = 40
"""More than it takes at once."""


def bug() -> Answer:
    raise ValueError("a secret")


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with listening({"/well": lambda: Answer(b"well\n"), "/bug": bug}) as port:
        yield f"http://127.0.0.1:{port}"


def test_it_answers_by_path(base: str) -> None:
    answer = httpx.get(f"{base}/well?verbose=1")
    assert (answer.status_code, answer.text) == (200, "well\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    head = httpx.head(f"{base}/well")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "5", b"")


def test_it_tells_what_there_is_where_nothing_is(base: str) -> None:
    answer = httpx.get(f"{base}/metrix")
    assert (answer.status_code, answer.text) == (404, "there is: /well, /bug\n")
    assert httpx.post(f"{base}/well").status_code == 501


def test_a_bug_is_told_to_the_log_alone(base: str, written: io.StringIO) -> None:
    answer = httpx.get(f"{base}/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "ValueError: a secret" in written.getvalue()


def test_probes_leave_no_lines_in_the_log(base: str, written: io.StringIO) -> None:
    httpx.get(f"{base}/well")
    assert written.getvalue() == ""


def test_clients_that_hang_keep_nobody_waiting(base: str) -> None:
    port = httpx.URL(base).port
    with ExitStack() as stack:
        hanging = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port or 0))) for _ in range(_MANY)
        ]
        for each in hanging:
            each.sendall(b"GET /well HTTP/1.1\r\n")
        assert httpx.get(f"{base}/well").text == "well\n"
        assert hanging[0].recv(1) == b"", "the oldest was not cut"


def test_it_ends_though_a_route_hangs() -> None:
    hangs, release = threading.Event(), threading.Event()

    def hang() -> Answer:
        hangs.set()
        release.wait(30)
        return Answer(b"late")

    with socket.socket() as client:
        with listening({"/hang": hang}) as port:
            client.connect(("127.0.0.1", port))
            client.sendall(b"GET /hang HTTP/1.0\r\n\r\n")
            assert hangs.wait(30)
        release.set()

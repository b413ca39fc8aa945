"""The listener: what it answers, and that no client holds it up."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import httpx
import pytest

from collector.ops.listener import LONGEST_HEAD, MOST_AT_ONCE, MOST_THREADS, Answer
from tests.ops.asking import listening


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


class Hanging:
    """A route that hangs until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.ended_count = 0

    def answer(self) -> Answer:
        self.begun.release()
        self.go.wait(30)
        self.ended_count += 1
        return Answer(b"late")


def connected(port: int, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))


def test_however_many_hang_the_newest_is_answered() -> None:
    hanging = Hanging()
    routes = {"/hang": hanging.answer, "/well": lambda: Answer(b"well\n")}
    with listening(routes) as port, ExitStack() as stack:
        clients = [connected(port, stack) for _ in range(MOST_AT_ONCE)]
        for client in clients:
            client.sendall(b"GET /hang HTTP/1.0\r\n\r\n")
            assert hanging.begun.acquire(timeout=30)
        assert httpx.get(f"http://127.0.0.1:{port}/well").text == "well\n"
        assert clients[0].recv(1) == b"", "the oldest is cut"
        assert hanging.ended_count == 0
        hanging.go.set()
        assert clients[1].recv(4) == b"HTTP", "and no other"


def drip(client: socket.socket) -> None:
    for _ in range(600):
        client.sendall(b"x")
        time.sleep(0.05)


def test_who_sends_a_byte_now_and_then_is_cut() -> None:
    with listening({}, longest_s=0.3) as port, ExitStack() as stack:
        client = connected(port, stack)
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            drip(client)


def test_threads_are_bounded_where_what_is_asked_for_hangs() -> None:
    hanging = Hanging()
    before = threading.active_count()
    with listening({"/hang": hanging.answer}) as port, ExitStack() as stack:
        for _ in range(MOST_THREADS):
            connected(port, stack).sendall(b"GET /hang HTTP/1.0\r\n\r\n")
            assert hanging.begun.acquire(timeout=30)
        refused = connected(port, stack)
        with suppress(ConnectionError):
            refused.sendall(b"GET /hang HTTP/1.0\r\n\r\n")
            assert refused.recv(1) == b""
        assert threading.active_count() <= before + 1 + MOST_THREADS
        hanging.go.set()


def test_those_who_drip_behind_one_that_hangs_are_cut_as_well() -> None:
    hanging = Hanging()
    with listening({"/hang": hanging.answer}) as port, ExitStack() as stack:
        connected(port, stack).sendall(b"GET /hang HTTP/1.0\r\n\r\n")
        assert hanging.begun.acquire(timeout=30)
        clients = [connected(port, stack) for _ in range(MOST_AT_ONCE + 1)]
        # Sooner than who sends nothing is cut for that.
        clients[0].settimeout(5)
        assert clients[0].recv(1) == b"", "the second oldest"
        hanging.go.set()


def test_headers_without_end_are_not_kept_in_memory() -> None:
    with listening({"/well": lambda: Answer(b"well\n")}) as port, ExitStack() as stack:
        client = connected(port, stack)
        client.sendall(b"GET /well HTTP/1.0\r\n")
        with suppress(ConnectionError):
            client.sendall(b"A: " + b"x" * LONGEST_HEAD)
        assert client.recv(4) == b"HTTP", "what follows is not waited for"


def test_it_ends_though_a_route_hangs() -> None:
    hanging = Hanging()
    with ExitStack() as stack:
        with listening({"/hang": hanging.answer}) as port:
            connected(port, stack).sendall(b"GET /hang HTTP/1.0\r\n\r\n")
            assert hanging.begun.acquire(timeout=30)
        assert hanging.ended_count == 0, "nobody waited for it"
        hanging.go.set()

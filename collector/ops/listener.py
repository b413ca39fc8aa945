"""A small HTTP server for probes and scrapes, on the standard library alone.

It has no login, so it shows nothing personal and no secret. A client that hangs holds a thread for some seconds, and
however many hang, the newest gets its answer.
"""

from __future__ import annotations

import io
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

import structlog

log = structlog.get_logger(__name__)

LONGEST_S = 20.0
"""Longer than any look is waited for."""
MOST_AT_ONCE = 16
"""Probes and scrapes come one at a time; beyond that the oldest connection is cut."""
MOST_THREADS = 96
"""A route that waits for a database notices only afterwards that its connection was cut."""
LONGEST_HEAD = 16 * 1024
"""A request and its headers, in bytes. The standard library takes six million, each kept twice: some such clients
would take all the memory that the daemon's container has."""
_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "text/plain; charset=utf-8"


Route = Callable[[], Answer]
"""Answers a GET."""


@contextmanager
def serving(
    listener: socket.socket, routes: Mapping[str, Route], longest_s: float = LONGEST_S
) -> Iterator[None]:
    """Answer on this socket, by path, until the block is left; then the socket is closed.

    `longest_s`: what a request and its answer may take, all in all.
    """
    server = _Server(listener, routes, longest_s)
    thread = threading.Thread(target=server.serve_forever, args=(_TICK_S,), name="ops", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    # Nobody waits for a client that hangs.
    daemon_threads = True
    block_on_close = False

    def __init__(self, listener: socket.socket, routes: Mapping[str, Route], longest_s: float) -> None:
        # Not HTTPServer: it asks the DNS for this machine's name.
        super().__init__(listener.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.routes = routes
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._open: dict[Any, float] = {}
        self._cut_off: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Called for each connection, one at a time."""
        with self._lock:
            if len(self._open) >= MOST_AT_ONCE:
                self._cut(next(iter(self._open)))
            is_one_too_many = len(self._open) + len(self._cut_off) >= MOST_THREADS
            if not is_one_too_many:
                self._open[request] = time.monotonic()
        if is_one_too_many:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Called at the end of each connection."""
        with self._lock:
            self._open.pop(request, None)
            self._cut_off.discard(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called several times a second."""
        with self._lock:
            late = [each for each, since in self._open.items() if time.monotonic() - since > self._longest_s]
            for each in late:
                self._cut(each)

    def handle_error(self, *_: Any) -> None:
        """A client that went away before its answer is nobody's fault."""
        log.debug("ops connection broke", exc_info=True)

    def _cut(self, connection: socket.socket) -> None:
        """End a connection that another thread reads or writes: that one is woken by it, and closes it."""
        del self._open[connection]
        self._cut_off.add(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class _Head:
    """What a client sends, as far as it may be long; behind that it is as if it had ended."""

    def __init__(self, sent: io.BufferedIOBase) -> None:
        self._sent = sent
        self._left = LONGEST_HEAD

    def readline(self, limit: int = -1) -> bytes:
        read = self._sent.readline(self._left if limit < 0 else min(limit, self._left))
        self._left -= len(read)
        return read

    def close(self) -> None:
        self._sent.close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "collector"
    sys_version = ""
    timeout = 10

    def setup(self) -> None:
        """Called before a request is read."""
        super().setup()
        self.rfile = _Head(self.rfile)  # type: ignore[assignment]

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        answer = self._found()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def _found(self) -> Answer:
        routes = self.server.routes
        route = routes.get(self.path.partition("?")[0])
        if route is None:
            return Answer(f"there is: {', '.join(routes)}\n".encode(), HTTPStatus.NOT_FOUND)
        try:
            return route()
        except Exception:
            log.exception("a probe could not be answered", path=self.path.partition("?")[0])
            return Answer(b"a bug; see the log\n", HTTPStatus.INTERNAL_SERVER_ERROR)

    def log_message(self, *_: Any) -> None:
        """Say nothing: a probe a few seconds apart would drown the log."""

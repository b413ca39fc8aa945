"""HTTP for the sandbox: reads requests, writes answers, and spoils them on the way as faults say.

One thread a connection, kept alive; on loopback, unless it is told another address.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from collector.sandbox.answer import Answer, to_json
from collector.sandbox.control import control
from collector.sandbox.faults import Fault

if TYPE_CHECKING:
    from collector.sandbox.server import SandboxServer

_DRIP_SECONDS = 0.2


class HttpServer(ThreadingHTTPServer):
    """Knows its open connections, so that it can end them."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.is_closing = False
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, and serve it in a thread."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection, and close it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the connections that clients keep alive: their threads wait for a next request."""
        self.is_closing = True
        with self._open_lock:
            waiting = list(self._open)
        for connection in waiting:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is its own affair; anything else is a bug of ours, and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a request line may hold a token, and the sandbox keeps a log of its own."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.path.startswith("/sandbox/"):
            status, told = control(self.server.sandbox, self.command, parts.path, query, body)
            self._send(status, to_json(told), {})
            return
        parameters = {**query, **self._form(body)}
        authorization = self.headers.get("Authorization", "")
        if authorization.lower().startswith("bearer "):
            parameters.setdefault("access_token", authorization[7:].strip())
        base_url = f"http://{self.headers.get('Host', '127.0.0.1')}"
        answer, faults = self.server.sandbox.handle(self.command, parts.path, parameters, base_url)
        self._send_spoiled(answer, {fault.kind: fault for fault in faults})

    def _form(self, body: bytes) -> dict[str, str]:
        if not body:
            return {}
        if self.headers.get("Content-Type", "").startswith("application/json"):
            given = json.loads(body)
            return {
                name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()
            }
        # As PHP reads it: of a repeated key the last counts, so that a list sent so shows as the mistake it is.
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))

    def _send_spoiled(self, answer: Answer, faults: Mapping[str, Fault]) -> None:
        status, body, headers = answer.status, answer.body, dict(answer.headers)
        headers["Content-Type"] = "application/json; charset=utf-8"
        if "no_date" not in faults:
            headers["Date"] = formatdate(self.server.sandbox.world.clock.timestamp(), usegmt=True)
        if (slow := faults.get("slow")) is not None:
            time.sleep(slow.seconds)
        if "cut_before" in faults:
            self._hang_up()
            return
        if (failing := faults.get("http_status")) is not None:
            status = failing.status or 502
            headers["Content-Type"] = "text/html"
            body = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
        if "html" in faults:
            headers["Content-Type"] = "text/html; charset=utf-8"
            body = "<!DOCTYPE html><html><body><h1>Технические работы</h1></body></html>".encode()
        if "truncated" in faults:
            body = body[: len(body) // 2]
        if "empty" in faults:
            body = b""
        if (elsewhere := faults.get("redirect")) is not None:
            status, headers["Location"] = 302, elsewhere.location
        if "cut_middle" in faults:
            head = self._head(status, len(body), headers)
            self.wfile.write(head + body[: len(body) // 2])
            self._hang_up()
        elif (dripping := faults.get("drip")) is not None:
            self._drip(self._head(status, len(body), headers), body, dripping.seconds or _DRIP_SECONDS)
        else:
            self._send(status, body, headers)

    def _drip(self, head: bytes, body: bytes, pause: float) -> None:
        self.wfile.write(head)
        for place in range(len(body)):
            if self.server.is_closing:
                return
            self.wfile.write(body[place : place + 1])
            time.sleep(pause)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        # In one piece: two small writes would cost a round trip.
        self.wfile.write(self._head(status, len(body), headers) + body)

    def _head(self, status: int, length: int, headers: Mapping[str, str]) -> bytes:
        try:
            reason = HTTPStatus(status).phrase
        except ValueError:
            reason = "Unknown"
        lines = [
            f"HTTP/1.1 {status} {reason}",
            f"Content-Length: {length}",
            *(f"{k}: {v}" for k, v in headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

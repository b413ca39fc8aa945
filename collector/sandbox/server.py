"""The sandbox over HTTP: routes requests to the stand-ins, logs them, and spoils answers as the faults say.

One thread a connection, kept alive, on loopback only.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from collector.sandbox.answer import Answer, to_json
from collector.sandbox.control import control
from collector.sandbox.faults import TRANSPORT_KINDS, Fault, FaultPlan
from collector.sandbox.graph import GraphApi, usage_headers
from collector.sandbox.limits import GraphToken, VkToken
from collector.sandbox.vk import UnknownInBatch, VkApi
from collector.sandbox.world import World

VK_TOKEN = "vk1.a.sandbox-service-token"  # noqa: S105 - opens nothing but the sandbox
GRAPH_TOKEN = "EAAsandboxSystemUserToken"  # noqa: S105 - opens nothing but the sandbox
DEFAULT_VK_TOKENS = (VkToken(VK_TOKEN),)
DEFAULT_GRAPH_TOKENS = (GraphToken(GRAPH_TOKEN),)
_SECRET_PARAMETERS = frozenset({"access_token", "appsecret_proof", "input_token"})
_KEPT_REQUESTS = 20_000
_DRIP_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as the log keeps it: never with a token."""

    network: str
    method: str
    """`wall.get`, `execute`; for Graph `page`, `published_posts`, `posts`, `feed`, `batch`, `debug_token`, `me`."""
    parameters: dict[str, str]
    communities: tuple[str, ...]
    """Native ids that it touched, those inside `execute` or a batch too."""
    inner_methods: tuple[str, ...]
    at: datetime
    """By the sandbox's clock."""
    monotonic: float
    """By `time.monotonic()`, as the request came in."""
    status: int
    error_code: int | None
    token_ending: str = field(default="", repr=False)
    """The token's last four characters."""


class SandboxServer:
    """The sandbox as a server; a context manager that starts and stops it.

    with SandboxServer(World([SandboxCommunity("vk", "123")])) as sandbox:
        requests.get(sandbox.vk_url + "/method/wall.get", ...)
    """

    def __init__(
        self,
        world: World,
        *,
        vk_tokens: Iterable[VkToken] = DEFAULT_VK_TOKENS,
        graph_tokens: Iterable[GraphToken] = DEFAULT_GRAPH_TOKENS,
        app_id: str = "1234567890",
        app_secret: str | None = None,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        unknown_in_batch: UnknownInBatch = "omit",
        doubles_execute_errors: bool = False,
        port: int = 0,
    ) -> None:
        """`latency`: real seconds before each answer. `app_secret`: demand `appsecret_proof`. `port` 0: any."""
        self.world = world
        self.faults: FaultPlan = FaultPlan(faults)
        self.latency = latency
        self.app_id = app_id
        self.requests: deque[RecordedRequest] = deque(maxlen=_KEPT_REQUESTS)
        self.request_counts: Counter[str] = Counter()
        self.error_counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.vk = VkApi(
            world,
            vk_tokens,
            self.faults,
            unknown_in_batch=unknown_in_batch,
            doubles_execute_errors=doubles_execute_errors,
        )
        self.graph = GraphApi(world, graph_tokens, self.faults, app_id=app_id, app_secret=app_secret)
        self._port = port
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None

    # Life

    def start(self) -> None:
        """Open the port and answer, in a thread. Raises OSError where the port is taken."""
        self._http = _HttpServer(self._port, self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="sandbox", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._http is not None and self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._http.close_connections()
            self._http.server_close()
            self._http = self._thread = None

    def __enter__(self) -> SandboxServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._http is None:
            raise RuntimeError("the sandbox is not started")
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def vk_url(self) -> str:
        """VK's API_URL: the part before `/method/...`."""
        return self.url

    @property
    def facebook_url(self) -> str:
        """Facebook's API_URL: the part before `/v26.0/...`."""
        return self.url

    # Requests

    def handle(
        self, http_method: str, path: str, parameters: Mapping[str, str], base_url: str
    ) -> tuple[Answer, list[Fault]]:
        """Answer a request of a network and log it; gives the transport faults that spoil the answer."""
        arrived, at = time.monotonic(), self.world.clock.now()
        network = "vk" if path.startswith("/method/") else "facebook"
        if network == "vk":
            answer = self.vk.answer(path.removeprefix("/method/").strip("/"), parameters)
        else:
            answer = self.graph.answer(http_method, path, parameters, base_url)
        token = parameters.get("access_token", "")
        spoiled = self.faults.due(
            TRANSPORT_KINDS,
            network=network,
            method=answer.method,
            communities=answer.communities,
            token=token,
            at=at.timestamp(),
            text=parameters.get("fields", "") + parameters.get("code", ""),
        )
        status = answer.status
        for fault in spoiled:
            if fault.kind == "http_status":
                status = fault.status or 502
            elif fault.kind == "usage":
                answer.headers |= usage_headers(
                    fault.percent, is_business=fault.value == "business", app_id=self.app_id
                )
        shown = {name: value for name, value in parameters.items() if name not in _SECRET_PARAMETERS}
        record = RecordedRequest(
            network,
            answer.method,
            shown,
            answer.communities,
            answer.inner_methods,
            at,
            arrived,
            status,
            answer.error_code,
            token[-4:],
        )
        with self._lock:
            self.requests.append(record)
            self.request_counts[f"{network} {answer.method}"] += 1
            if answer.error_code is not None:
                self.error_counts[f"{network} {answer.error_code}"] += 1
        if self.latency:
            time.sleep(self.latency)
        return answer, spoiled


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.is_closing = False
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
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
    server: _HttpServer

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
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _send_spoiled(self, answer: Answer, faults: Mapping[str, Fault]) -> None:
        status, body, headers = answer.status, answer.body, dict(answer.headers)
        headers["Content-Type"] = "application/json; charset=utf-8"
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

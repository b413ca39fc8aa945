"""A Sentry of the tests' own: it takes what a client sends, and tells it."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

KEY = "plantedSentryKey8888"


class Sentry:
    """Listens on a free port. `answers` cleared: it takes requests and does not answer them."""

    def __init__(self, status: int = 200) -> None:
        self.bodies: list[str] = []
        self.answers = threading.Event()
        self.answers.set()
        self.asked = threading.Event()
        sentry = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sentry.bodies.append(gzip.decompress(body).decode())
                sentry.asked.set()
                sentry.answers.wait()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://{KEY}@127.0.0.1:{self._server.server_port}/1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.answers.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that came; anything else in an envelope is an error."""
        found = []
        for body in self.bodies:
            lines = body.splitlines()
            assert len(lines) == 3, body
            assert json.loads(lines[1])["type"] == "event"
            found.append(json.loads(lines[2]))
        return found

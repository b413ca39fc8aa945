"""A small reverse proxy over real HTTP, such as stands before the page in earnest."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_PASSED_ON = (
    "content-type",
    "content-encoding",
    "location",
    "cache-control",
    "content-security-policy",
    "set-cookie",
)


class Proxy(ThreadingHTTPServer):
    """Passes `prefix`/... on to `behind`/..., with the prefix or without, and under a host name of its own."""

    daemon_threads = True

    def __init__(self, behind: str, prefix: str, *, keeps_prefix: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = urlsplit(behind).netloc
        self.prefix = prefix
        self.keeps_prefix = keeps_prefix
        self.base = f"http://127.0.0.1:{self.server_port}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Proxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def _pass_on(self) -> None:
        if not self.path.startswith(f"{self.server.prefix}/"):
            self.send_error(502)
            return
        path = self.path if self.server.keeps_prefix else self.path.removeprefix(self.server.prefix)
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
        }
        connection = http.client.HTTPConnection(self.server.behind, timeout=30)
        try:
            connection.request(self.command, path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        self.send_response(answer.status)
        for name in _PASSED_ON:
            for value in answer.headers.get_all(name, []):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = _pass_on

    def log_message(self, *_: object) -> None:
        pass

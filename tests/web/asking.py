"""Asks an application in this process, with any bytes in the path and the query, as no client would send them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.types import ASGIApp


@dataclass
class Asked:
    """An answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


def asked(
    app: ASGIApp,
    path: str,
    query: bytes = b"",
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (("host", "127.0.0.1:8080"),),
    client: str = "127.0.0.1",
    form: Mapping[str, str] | None = None,
) -> Asked:
    """One answer."""
    body = urlencode(form or {}).encode()
    if form is not None:
        headers = [*headers, ("content-type", "application/x-www-form-urlencoded")]
    (answer,) = all_asked(app, [(path, query)], method=method, headers=headers, client=client, body=body)
    return answer


def all_asked(
    app: ASGIApp,
    requests: Iterable[tuple[str, bytes]],
    *,
    method: str = "GET",
    headers: Sequence[tuple[str, str]] = (("host", "127.0.0.1:8080"),),
    client: str = "127.0.0.1",
    body: bytes = b"",
) -> list[Asked]:
    """One answer after another, without a new event loop for each."""

    async def ask(path: str, query: bytes) -> Asked:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            # As uvicorn does it.
            "path": unquote(path),
            "raw_path": path.encode("utf-8", "surrogateescape"),
            "root_path": "",
            "query_string": query,
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "client": (client, 50000),
            "server": ("127.0.0.1", 8080),
        }
        answer = Asked()
        parts: list[bytes] = []

        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop()
            # Nobody hangs up.
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                parts.append(message.get("body", b""))

        await app(scope, receive, send)
        answer.body = b"".join(parts)
        return answer

    async def ask_all() -> list[Asked]:
        return [await ask(path, query) for path, query in requests]

    return asyncio.run(ask_all())

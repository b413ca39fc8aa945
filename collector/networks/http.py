"""HTTP as all networks need it: no request without a time limit, no answer without a bound.

requests' own limits do not suffice: its time-out counts from byte to byte, so that a server which drips
one byte a second holds a thread for ever; an answer of any size is read into memory; and a redirect sends
the body, with the token in it, wherever the answer says.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Six times what VK's execute may answer (5 MB): beyond it, an answer is nobody's."""
_CHUNK = 64 * 1024


class AnswerTooLargeError(requests.RequestException):
    """The answer went past MAX_ANSWER_BYTES and was not read to its end."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: for the connection, between two bytes, and for the whole of a request."""

    connect: float = 5.0
    read: float = 20.0
    total: float = 30.0


class BoundedAdapter(HTTPAdapter):
    """A transport that ends every request in time and in size, and can take the server's place.

    `rewrite` maps a prefix of a URL to another (`https://api.vk.ru` to a stand-in), for clients whose host
    is fixed in their code.
    """

    def __init__(self, timeouts: Timeouts, connections: int, rewrite: Mapping[str, str] | None = None) -> None:
        """`connections`: how many may be open to a host at a time."""
        self._timeouts = timeouts
        self._rewrite = dict(rewrite or {})
        super().__init__(pool_connections=4, pool_maxsize=connections, pool_block=False)

    def send(
        self, request: requests.PreparedRequest, stream: bool = False, timeout: Any = None, **kwargs: Any
    ) -> requests.Response:
        """Send, with our time-outs whatever the caller passes: vk_api passes None, which means for ever."""
        del stream, timeout
        url = request.url or ""
        for prefix, other in self._rewrite.items():
            if url.startswith(prefix):
                request.url = other + url[len(prefix) :]
        ends_at = time.monotonic() + self._timeouts.total
        response = super().send(
            request, stream=True, timeout=(self._timeouts.connect, self._timeouts.read), **kwargs
        )
        self._read_within_bounds(response, ends_at)
        return response

    def _read_within_bounds(self, response: requests.Response, ends_at: float) -> None:
        parts: list[bytes] = []
        size = 0
        try:
            for part in response.iter_content(_CHUNK):
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER_BYTES:
                    raise AnswerTooLargeError(f"the answer is larger than {MAX_ANSWER_BYTES} bytes")
                if time.monotonic() > ends_at:
                    raise requests.ReadTimeout(f"no whole answer within {self._timeouts.total:g} s")
        except BaseException:
            response.close()
            raise
        # What `Response.content` would have kept, had it read the stream itself.
        response._content = b"".join(parts)
        response._content_consumed = True  # type: ignore[attr-defined]


def session(
    timeouts: Timeouts, *, connections: int, proxy: str | None = None, rewrite: Mapping[str, str] | None = None
) -> requests.Session:
    """A session all of whose requests are bounded, and which follows no redirect."""
    made = requests.Session()
    adapter = BoundedAdapter(timeouts, connections, rewrite)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    made.max_redirects = 0
    if proxy:
        made.proxies = {"http": proxy, "https": proxy}
        made.trust_env = False
    return made


def without_query(url: str) -> str:
    """The URL as it may be shown: no query, no user information."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))

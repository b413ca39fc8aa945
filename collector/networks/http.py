"""HTTP as all networks need it: no request without a time limit, no answer without a bound.

requests' own limits do not suffice: its time-out counts from byte to byte, so that a server which drips
one byte a second holds a thread for ever; an answer of any size is read into memory; and a redirect sends
the body, with the token in it, wherever the answer says.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar

from collector.domain.schedule import CLOCK_TOLERANCE

MAX_ANSWER_BYTES = 32 * 1024 * 1024
"""Six times what VK's execute may answer (5 MB): beyond it, an answer is nobody's. Counted after unpacking."""
_CHUNK = 64 * 1024

_running = threading.local()
"""`ends_at` of the request that this thread makes, for the sockets below to see."""


class AnswerTooLargeError(requests.RequestException):
    """The answer went past MAX_ANSWER_BYTES and was not read to its end."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: for the connection, between two bytes, and for the whole of a request."""

    connect: float = 5.0
    read: float = 20.0
    total: float = 30.0


class _DeadlineReader(io.RawIOBase):
    """Reads a socket, with a time-out that shrinks to what the whole request has left."""

    def __init__(self, raw: Any, sock: socket.socket, ends_at: float) -> None:
        self._raw = raw
        self._sock = sock
        self._ends_at = ends_at
        self._read_timeout = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request's time is used up")
        self._sock.settimeout(left if self._read_timeout is None else min(left, self._read_timeout))
        got: int | None = self._raw.readinto(buffer)
        return got

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """An answer, headers and body, that must be whole by the request's end: a drip does not prolong it."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        ends_at = getattr(_running, "ends_at", None)
        if ends_at is not None:
            self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock, ends_at))


@lru_cache(maxsize=16)
def _bounded(connection: Any) -> Any:
    """The same kind of connection (plain, TLS, SOCKS), whose answers have a deadline."""
    return type(connection.__name__, (connection,), {"response_class": _DeadlineResponse})


class BoundedAdapter(HTTPAdapter):
    """A transport that ends every request in time and in size."""

    def __init__(
        self, timeouts: Timeouts, connections: int, on_request: Callable[[float], None] | None = None
    ) -> None:
        """`connections`: how many to one host are kept open for later requests.

        `on_request` is told of each request how many seconds it took.
        """
        self._timeouts = timeouts
        self._on_request = on_request
        super().__init__(pool_connections=4, pool_maxsize=connections, pool_block=False)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """The pool for a request, whose connections know of deadlines."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if pool.ConnectionCls.response_class is not _DeadlineResponse:
            pool.ConnectionCls = _bounded(pool.ConnectionCls)
        return pool

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send, with our time-outs whatever the caller passes: vk_api passes None, which means for ever."""
        del stream, timeout
        began_at = time.monotonic()
        _running.ends_at = ends_at = began_at + self._timeouts.total
        try:
            limits = (self._timeouts.connect, self._timeouts.read)
            response = super().send(request, True, limits, verify, cert, proxies)
            self._read_within_bounds(response, ends_at)
        finally:
            _running.ends_at = None
            if self._on_request is not None:
                self._on_request(time.monotonic() - began_at)
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


class _Session(requests.Session):
    """A session that can send a host's requests elsewhere, and keeps no cookies."""

    def __init__(self, rewrite: Mapping[str, str]) -> None:
        super().__init__()
        self._rewrite = dict(rewrite)
        self._environments: dict[tuple[str, str], dict[str, Any]] = {}
        self.max_redirects = 0
        self.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Rewrite before anything looks at the URL: proxies and their exceptions go by the real host."""
        url = str(request.url)
        for prefix, other in self._rewrite.items():
            if url.startswith(prefix):
                request.url = other.rstrip("/") + url[len(prefix.rstrip("/")) :]
        return super().prepare_request(request)

    def merge_environment_settings(  # type: ignore[override]
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        """Proxies and certificates by the environment, looked up once a host: requests does so each time."""
        if proxies or verify is not None or cert is not None:
            return dict(super().merge_environment_settings(url, proxies, stream, verify, cert))
        host = urlsplit(str(url))[:2]
        if host not in self._environments:
            found = super().merge_environment_settings(url, {}, stream, None, None)
            self._environments[host] = dict(found)
        return self._environments[host] | {"proxies": dict(self._environments[host]["proxies"])}


def session(
    timeouts: Timeouts,
    *,
    connections: int,
    proxy: str | None = None,
    rewrite: Mapping[str, str] | None = None,
    on_request: Callable[[float], None] | None = None,
) -> requests.Session:
    """A session all of whose requests are bounded, and which follows no redirect: it raises TooManyRedirects.

    `rewrite` maps a prefix of a URL to another (`https://api.vk.ru` to a stand-in), for clients whose host
    is fixed in their code. With `proxy`, the environment's proxies have no say. `on_request` is told of each
    request how many seconds it took.
    """
    made = _Session(rewrite or {})
    adapter = BoundedAdapter(timeouts, connections, on_request)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    if proxy:
        made.proxies = {"http": proxy, "https": proxy}
        made.trust_env = False
    return made


def without_query(url: str) -> str:
    """The URL as it may be shown: no query, no user information."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))


def clock_ahead(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How far an answer's `Date` is ahead of our clock, to the second; None: it has none that can be read."""
    try:
        told = parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    # "-0000": an instant in UTC of which it is not said where.
    return (told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)) - now


def clock_trouble(headers: Mapping[str, str], now: datetime) -> str | None:
    """What is to be told where an answer's `Date` and our clock differ by more than they may; None: nothing.

    Without a date that can be read there is nothing to compare.
    """
    ahead = clock_ahead(headers, now)
    if ahead is None or abs(ahead) <= CLOCK_TOLERANCE:
        return None
    return (
        f"its clock says {now + ahead:%Y-%m-%d %H:%M} UTC, ours {now:%Y-%m-%d %H:%M}: "
        "set this machine's clock right (NTP); until then nothing that it tells is stored"
    )

"""A Graph API on loopback that can be told what to answer, and an adapter that asks it.

Time stands still unless a test moves it, and waiting only notes for how long.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from collector.domain.model import CommunityToRead, Failure, Outcome, Reading
from collector.networks.base import Services
from collector.networks.facebook import NETWORK

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOKEN = "EAAplantedtoken0123456789abcdefXYZ9"
APP_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


@dataclass
class Call:
    """One call of a batch, as the server understands it."""

    path: str
    query: dict[str, str]

    @property
    def page(self) -> str:
        return self.path.split("/")[0]


@dataclass
class Request:
    """One HTTP request, as the server got it."""

    method: str
    path: str
    form: dict[str, str]
    calls: list[Call]


@dataclass
class Reply:
    """An answer to a whole request, to the byte. `cut`: close the connection in its middle."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class Graph:
    """What the server knows and does."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.nodes: dict[str, dict[str, Any]] = {}
        self.posts: dict[str, list[dict[str, Any]]] = {}
        self.headers: dict[str, str] = {}
        self.whole: list[Reply | None] = []
        self.always: Callable[[Request], Reply | None] = lambda request: None
        self.override: Callable[[Call], Any] = lambda call: Ellipsis

    def add_page(
        self, native_id: str = "100", posts: list[dict[str, Any]] | None = None, **node: Any
    ) -> None:
        """A Page; its posts come in the order given, as a ranked feed would."""
        known = {"id": native_id, "name": "Профсоюз", "username": f"page{native_id}", "followers_count": 3051}
        self.nodes[native_id] = {key: value for key, value in {**known, **node}.items() if value is not ...}
        self.nodes[str(self.nodes[native_id].get("username", native_id)).lower()] = self.nodes[native_id]
        self.posts[native_id] = posts or []

    def answer(self, request: Request) -> Reply:
        planned = self.whole.pop(0) if self.whole else None
        planned = planned or self.always(request)
        if planned is not None:
            return planned
        elements = [self._element(call) for call in request.calls]
        return Reply(json.dumps(elements).encode(), headers=self.headers)

    def _element(self, call: Call) -> Any:
        told = self.override(call)
        if told is ...:
            told = self.plain(call)
        if told is None or (isinstance(told, dict) and "body" in told):
            return told
        is_error = isinstance(told, dict) and "error" in told
        return {"code": 400 if is_error else 200, "headers": [], "body": json.dumps(told)}

    def plain(self, call: Call) -> dict[str, Any]:
        """The answer of a network that works."""
        node = self.nodes.get(call.page)
        if node is None:
            return graph_error(100, "Unsupported get request. Object does not exist", error_subcode=33)
        if call.path.endswith("/published_posts"):
            return self.edge(node["id"], int(call.query["limit"]), int(call.query.get("after", 0)))
        answer = dict(node)
        fields = call.query["fields"]
        if "published_posts.limit(" in fields:
            limit = int(fields.split("published_posts.limit(")[1].split(")")[0])
            answer["published_posts"] = self.edge(node["id"], limit, 0)
        return answer

    def edge(self, page: str, limit: int, start: int) -> dict[str, Any]:
        posts = self.posts[page]
        end = start + limit
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(posts):
            paging["next"] = f"{self.url}/v26.0/{page}/published_posts?access_token={TOKEN}&after={end}"
        return {"data": posts[start:end], "paging": paging, "summary": {"total_count": len(posts)}}

    @property
    def calls(self) -> list[str]:
        """The paths of all calls so far, in order."""
        return [call.path for request in self.requests for call in request.calls]


def graph_error(code: int | None, message: str = "told so", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": "OAuthException", "code": code, **more}}


def post(number: int, at: datetime, page: str = "100", **more: Any) -> dict[str, Any]:
    shape = {
        "id": f"{page}_{number}",
        "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "permalink_url": f"https://www.facebook.com/{page}/posts/{number}",
        "is_published": True,
        "from": {"id": page},
        "shares": {"count": 3},
        "reactions": {"data": [], "summary": {"total_count": 12}},
        "comments": {"data": [], "summary": {"total_count": 0}},
    }
    return {key: value for key, value in {**shape, **more}.items() if value is not ...}


def daily_posts(
    count: int, page: str = "100", newest: datetime = NOW - timedelta(hours=1)
) -> list[dict[str, Any]]:
    """A post a day, the newest first; the numbers count up with time."""
    return [post(count - age, newest - timedelta(days=age), page) for age in range(count)]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        calls = []
        for call in json.loads(form.get("batch", "[]")):
            parts = urlsplit(call["relative_url"])
            calls.append(Call(parts.path, {key: values[0] for key, values in parse_qs(parts.query).items()}))
        request = Request("POST", self.path, form, calls)
        self.server.graph.requests.append(request)
        reply = self.server.graph.answer(request)
        # Without a date: its clock stands where a test puts it.
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)

    def do_GET(self) -> None:
        self.server.graph.requests.append(Request("GET", self.path, {}, []))
        self.send_error(405)

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    graph: Graph


class NotedStop(threading.Event):
    """A stop event that does not wait, but notes for how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.is_set()


@dataclass
class Bench:
    """The network, the adapter, and what a test does with them."""

    graph: Graph
    stop: NotedStop = field(default_factory=NotedStop)
    now: datetime = NOW
    options: dict[str, Any] = field(default_factory=dict)
    opened: list[Any] = field(default_factory=list)

    @property
    def adapter(self) -> Any:
        if not self.opened:
            options = {
                "token": TOKEN,
                "app_secret": APP_SECRET,
                "api_url": self.graph.url,
                "retry_wait": 0.01,
            }
            services = Services(now=lambda: self.now, stop=self.stop, quota=None)  # type: ignore[arg-type]
            self.opened.append(NETWORK.open_adapter({**options, **self.options}, services))
        return self.opened[0]

    def read(self, *targets: CommunityToRead) -> list[Outcome]:
        return list(self.adapter.read(targets))

    def one(self, target: CommunityToRead) -> Outcome:
        outcomes = self.read(target)
        assert [outcome.community_id for outcome in outcomes] == [target.community_id]
        return outcomes[0]

    def reading(self, target: CommunityToRead) -> Reading:
        outcome = self.one(target)
        assert isinstance(outcome, Reading), outcome
        return outcome

    def failure(self, target: CommunityToRead) -> Failure:
        outcome = self.one(target)
        assert isinstance(outcome, Failure), outcome
        return outcome


def target(native_id: str | None = "100", known: datetime | None = None, **more: Any) -> CommunityToRead:
    community_id = more.pop("community_id", int(native_id or 1))
    name = more.pop("screen_name", None)
    return CommunityToRead(
        community_id,
        "facebook",
        native_id,
        name,
        newest_known_post_at=known,
        wants_wall=more.pop("wants_wall", True),
    )

"""The sandbox as one thing: routes requests to the stand-ins, and keeps a log of them without tokens."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType

from collector.sandbox.answer import Answer
from collector.sandbox.faults import TRANSPORT_KINDS, Fault, FaultPlan
from collector.sandbox.graph import GraphApi, usage_headers
from collector.sandbox.http_server import HttpServer
from collector.sandbox.limits import GraphToken, VkToken
from collector.sandbox.vk import UnknownInBatch, VkApi
from collector.sandbox.world import World

VK_TOKEN = "vk1.a.sandbox-service-token"  # noqa: S105 - opens nothing but the sandbox
GRAPH_TOKEN = "EAAsandboxSystemUserToken"  # noqa: S105 - opens nothing but the sandbox
DEFAULT_VK_TOKENS = (VkToken(VK_TOKEN),)
DEFAULT_GRAPH_TOKENS = (GraphToken(GRAPH_TOKEN),)
_SECRET_PARAMETERS = frozenset({"access_token", "appsecret_proof", "input_token"})
_KEPT_REQUESTS = 20_000


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
        kept_walls: int = 1_000,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """`latency`: real seconds before each answer. `app_secret`: demand `appsecret_proof`. `port` 0: any.

        `host`: where it listens; `0.0.0.0` in a container, for its neighbours.

        `kept_walls`: as many as a benchmark has communities, so that it measures its client and not us.
        The other two are VkApi's.
        """
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
            kept_walls=kept_walls,
        )
        self.graph = GraphApi(world, graph_tokens, self.faults, app_id=app_id, app_secret=app_secret)
        self._host = host
        self._port = port
        self._http: HttpServer | None = None
        self._thread: threading.Thread | None = None

    # Life

    def start(self) -> None:
        """Open the port and answer, in a thread. Raises OSError where the port is taken."""
        self._http = HttpServer(self._host, self._port, self)
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
        """Where it answers on this machine, without a trailing slash."""
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

    def ask(
        self, http_method: str, path: str, parameters: Mapping[str, str], base_url: str
    ) -> tuple[str, Answer]:
        """Which network a request is for, and what that says. A stand-in of another network overrides this."""
        if path.startswith("/method/"):
            return "vk", self.vk.answer(path.removeprefix("/method/").strip("/"), parameters)
        return "facebook", self.graph.answer(http_method, path, parameters, base_url)

    def handle(
        self, http_method: str, path: str, parameters: Mapping[str, str], base_url: str
    ) -> tuple[Answer, list[Fault]]:
        """Answer a request of a network and log it; gives the transport faults that spoil the answer."""
        arrived, at = time.monotonic(), self.world.clock.now()
        network, answer = self.ask(http_method, path, parameters, base_url)
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

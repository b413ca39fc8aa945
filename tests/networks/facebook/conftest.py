"""Each test gets its own network and adapter."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .stand_in import Bench, Graph, Handler, Server


@pytest.fixture
def graph() -> Iterator[Graph]:
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    server.graph = Graph()
    server.graph.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.graph
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def bench(graph: Graph) -> Iterator[Bench]:
    made = Bench(graph)
    yield made
    for adapter in made.opened:
        adapter.close()


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    folder = Path(__file__).parents[2] / "payloads" / "recorded" / "meta"
    return lambda name: json.loads((folder / name).read_text(encoding="utf-8"))

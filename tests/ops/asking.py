"""A listener for a test, and how it is asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from collector.ops.listener import Route, serving


@contextmanager
def listening(routes: Mapping[str, Route]) -> Iterator[int]:
    """Serve these routes; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        with serving(listener, routes):
            yield port

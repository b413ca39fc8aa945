"""A listener for a test, and how what it tells is read."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from collector.ops.listener import Route, serving


@contextmanager
def listening(routes: Mapping[str, Route], **limits: float) -> Iterator[int]:
    """Serve these routes; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        with serving(listener, routes, **limits):
            yield port


Values = dict[Any, float]
"""By the labels' values, in the order of the labels' names: none `()`, one `"vk"`, several `("read", "vk")`."""


def values(registry: CollectorRegistry | str, name: str) -> Values:
    """The samples of this name, of a registry or of what was scraped."""
    families = text_string_to_metric_families(registry) if isinstance(registry, str) else registry.collect()
    found: Values = {}
    for family in families:
        for sample in family.samples:
            if sample.name == name:
                key = tuple(sample.labels[label] for label in sorted(sample.labels))
                found[key[0] if len(key) == 1 else key] = sample.value
    return found

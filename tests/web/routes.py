"""Every route of the application, so that what is added later is tested by itself."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp


def all_routes(served: ASGIApp) -> list[tuple[str, frozenset[str]]]:
    """Each path as it is declared, such as `/letters/{token}`, with its methods."""
    while not isinstance(served, Starlette):
        served = served._app  # type: ignore[attr-defined]
    return sorted(_routes(served.routes, ""), key=lambda each: each[0])


def _routes(routes: list[BaseRoute], above: str) -> Iterator[tuple[str, frozenset[str]]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _routes(list(route.routes), above + route.path)
        elif (included := getattr(route, "original_router", None)) is not None:
            # FastAPI's own kind of route, for `include_router`.
            yield from _routes(included.routes, above + route.include_context.prefix)  # type: ignore[attr-defined]
        else:
            assert isinstance(route, Route), f"a route of another kind, which must be tested too: {route}"
            yield above + route.path, frozenset(route.methods or ())

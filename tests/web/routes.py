"""Every route of the application, so that what is added later is tested by itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Place:
    """A route: its path as it is declared, such as `/letters/{token}`, and what it knows in a query."""

    path: str
    methods: frozenset[str]
    parameters: frozenset[str]


def all_routes(served: ASGIApp) -> list[Place]:
    """By path."""
    while not isinstance(served, Starlette):
        served = served._app  # type: ignore[attr-defined]
    return sorted(_places(served.routes, ""), key=lambda place: (place.path, sorted(place.methods)))


def _places(routes: list[BaseRoute], above: str) -> Iterator[Place]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _places(list(route.routes), above + route.path)
        elif (included := getattr(route, "original_router", None)) is not None:
            # FastAPI's own kind of route, for `include_router`.
            yield from _places(included.routes, above + route.include_context.prefix)  # type: ignore[attr-defined]
        else:
            assert isinstance(route, Route), f"a route of another kind, which must be tested too: {route}"
            yield Place(above + route.path, frozenset(route.methods or ()), frozenset(_parameters(route)))


def _parameters(route: Route) -> Iterator[str]:
    if not isinstance(route, APIRoute):
        return
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        # It would have another name for each method of a route.
        described = get_openapi(title="x", version="1", routes=[route])["paths"]
    for methods in described.values():
        for parameter in methods.get("get", {}).get("parameters", []):
            if parameter["in"] == "query":
                yield parameter["name"]

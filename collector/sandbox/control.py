"""The control API under /sandbox/: what ops use to look behind the scene and to stage one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector.domain.model import Access
from collector.sandbox.faults import Fault
from collector.sandbox.model import PostFacts, PostKind
from collector.sandbox.world import UnknownCommunityError, World

if TYPE_CHECKING:
    from collector.sandbox.server import SandboxServer

_SHOWN_REQUESTS = 200
_SHOWN_POSTS = 100


class ControlError(ValueError):
    """A control request that asks for nothing that there is."""


def control(
    server: SandboxServer, http_method: str, path: str, query: Mapping[str, str], body: bytes
) -> tuple[int, Any]:
    """Answer a control request: HTTP status and JSON value."""
    route = _ROUTES.get((http_method, path.rstrip("/")))
    if route is None:
        known = ", ".join(f"{method} {where}" for method, where in _ROUTES)
        return 404, {"error": f"no such control; there are: {known}"}
    try:
        given = json.loads(body) if body else {}
        return 200, route(server, query, given)
    except UnknownCommunityError as error:
        return 404, {"error": str(error)}
    except (ValueError, TypeError, KeyError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


def _state(server: SandboxServer, _query: Mapping[str, str], _given: Any) -> Any:
    world = server.world
    return {
        "now": world.clock.now().isoformat(),
        "speed": world.clock.speed,
        "latency": server.latency,
        "communities": len(world.lives),
        "requests": dict(server.request_counts),
        "errors": dict(server.error_counts),
        "faults": server.faults.listed(),
    }


def _clock(server: SandboxServer, _query: Mapping[str, str], given: Any) -> Any:
    if "advance_seconds" in given:
        server.world.clock.advance(timedelta(seconds=float(given["advance_seconds"])))
    if "speed" in given:
        server.world.clock.set_speed(float(given["speed"]))
    if "latency" in given:
        server.latency = float(given["latency"])
    return {"now": server.world.clock.now().isoformat(), "speed": server.world.clock.speed}


def _requests(server: SandboxServer, query: Mapping[str, str], _given: Any) -> Any:
    shown = list(server.requests)[-int(query.get("limit", _SHOWN_REQUESTS)) :]
    return [{**asdict(record), "at": record.at.isoformat()} for record in shown]


def _add_faults(server: SandboxServer, _query: Mapping[str, str], given: Any) -> Any:
    faults = [Fault.from_json(item) for item in (given if isinstance(given, list) else [given])]
    return {"numbers": [server.faults.add(fault) for fault in faults]}


def _clear_faults(server: SandboxServer, query: Mapping[str, str], _given: Any) -> Any:
    server.faults.clear(int(query["number"]) if "number" in query else None)
    return {"faults": server.faults.listed()}


def _communities(server: SandboxServer, _query: Mapping[str, str], _given: Any) -> Any:
    at = server.world.clock.timestamp()
    return [
        {
            "network": life.network,
            "native_id": str(life.native_id),
            "screen_name": life.value("screen_name", at),
            "title": life.value("title", at),
            "access": str(life.value("access", at)),
        }
        for life in server.world.lives
    ]


def _truth(server: SandboxServer, query: Mapping[str, str], _given: Any) -> Any:
    at = datetime.fromisoformat(query["at"]).astimezone(UTC) if "at" in query else None
    truth = server.world.truth(query["network"], query["id"], at)
    told = asdict(truth)
    told["counted_posts"] = told["counted_posts"][:_SHOWN_POSTS]
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in told.items()}


def _change(server: SandboxServer, _query: Mapping[str, str], given: Any) -> Any:
    action = _ACTIONS.get(given.get("action"))
    if action is None:
        raise ControlError(
            f"unknown action {given.get('action')!r}; known are: {', '.join(sorted(_ACTIONS))}"
        )
    done = action(server.world, given["network"], str(given["id"]), given.get("value"))
    return {"done": given["action"], **({"post_id": done.post_id} if isinstance(done, PostFacts) else {})}


_Action = Callable[[World, str, str, Any], Any]
_ACTIONS: dict[str, _Action] = {
    "post": lambda world, network, key, value: world.publish(network, key, PostKind(value or "own")),
    "delete_post": lambda world, network, key, value: world.delete_post(network, key, int(value)),
    "pin": lambda world, network, key, value: world.change(
        network, key, "pinned", None if value is None else int(value)
    ),
    "access": lambda world, network, key, value: world.set_access(network, key, Access(value)),
    "rename": lambda world, network, key, value: world.rename(network, key, str(value)),
    "followers": lambda world, network, key, value: world.set_followers(network, key, int(value)),
    "withhold": lambda world, network, key, value: world.change(network, key, "withheld", bool(value)),
    "title": lambda world, network, key, value: world.change(network, key, "title", str(value)),
    "wall": lambda world, network, key, value: world.change(network, key, "wall", bool(value)),
}

_ROUTES: dict[tuple[str, str], Callable[[SandboxServer, Mapping[str, str], Any], Any]] = {
    ("GET", "/sandbox/state"): _state,
    ("POST", "/sandbox/clock"): _clock,
    ("GET", "/sandbox/requests"): _requests,
    ("GET", "/sandbox/faults"): lambda server, _query, _given: server.faults.listed(),
    ("POST", "/sandbox/faults"): _add_faults,
    ("DELETE", "/sandbox/faults"): _clear_faults,
    ("GET", "/sandbox/communities"): _communities,
    ("POST", "/sandbox/communities"): _change,
    ("GET", "/sandbox/truth"): _truth,
}

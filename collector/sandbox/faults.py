"""The fault plan: what the sandbox does wrong on purpose, to whom, and how often.

Plain data, so that a test and the control API set the same things. The vocabulary is in README.md.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

CALL_KINDS = frozenset({"error"})
"""One API call fails, inside `execute` or a batch too."""
PAYLOAD_KINDS = frozenset({"set", "drop", "future"})
"""The answer of one API call is changed at a path."""
ENVELOPE_KINDS = frozenset({"null_response", "too_big", "null_element"})
"""What befalls `execute` (the first two), a Graph call (`too_big`) or a batch (the last)."""
TRANSPORT_KINDS = frozenset(
    {
        "http_status",
        "html",
        "truncated",
        "empty",
        "slow",
        "drip",
        "cut_before",
        "cut_middle",
        "redirect",
        "usage",
        "no_date",
    }
)
"""The HTTP answer as a whole is not what it should be."""
KINDS = CALL_KINDS | PAYLOAD_KINDS | ENVELOPE_KINDS | TRANSPORT_KINDS


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to do wrong. Whom it meets: every given one of network, method, community, token must fit.

    It lets `skip` fitting calls pass, then acts on the next `times` (None: always), between the sandbox
    instants `since` and `until`. What the other fields mean depends on the kind.
    """

    kind: str
    network: str | None = None
    method: str | None = None
    community: str | None = None
    """Native id, without sign."""
    token: str | None = field(default=None, repr=False)
    """A whole token or its ending."""
    contains: str | None = None
    """Only where the request's fields or script contain this text."""
    times: int | None = None
    skip: int = 0
    since: datetime | None = None
    until: datetime | None = None
    code: int | None = None
    subcode: int | None = None
    message: str | None = None
    is_transient: bool | None = None
    status: int | None = None
    seconds: float = 0.0
    path: str = ""
    value: Any = None
    percent: float = 0.0
    location: str = "https://elsewhere.invalid/"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known are: {', '.join(sorted(KINDS))}")
        if self.kind == "error" and self.code is None:
            raise ValueError("a fault of kind error needs a code")
        if self.kind in PAYLOAD_KINDS and not self.path:
            raise ValueError(f"a fault of kind {self.kind} needs a path")

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Fault:
        """From a JSON object with the same names. Raises ValueError for one that is none."""
        known = {item.name for item in fields(cls)}
        if unknown := given.keys() - known:
            raise ValueError(
                f"unknown in a fault: {', '.join(sorted(unknown))}; known are: {', '.join(sorted(known))}"
            )
        values = dict(given)
        for name in ("since", "until"):
            if isinstance(values.get(name), str):
                values[name] = datetime.fromisoformat(values[name]).astimezone(UTC)
        if "kind" not in values:
            raise ValueError("a fault needs a kind")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without the token."""
        shown = {name: value for name, value in asdict(self).items() if value not in (None, "", 0, 0.0)}
        shown.pop("token", None)
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in shown.items()
        }


@dataclass(slots=True)
class _Planned:
    fault: Fault
    skip_left: int
    times_left: int | None


class FaultPlan:
    """The faults in force. Safe to use from many threads."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._planned: dict[int, _Planned] = {}
        self._next = 1
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> int:
        """Put a fault in force; gives the number by which it can be taken away."""
        with self._lock:
            number = self._next
            self._next += 1
            self._planned[number] = _Planned(fault, fault.skip, fault.times)
            return number

    def clear(self, number: int | None = None) -> None:
        """Take one fault away, or all."""
        with self._lock:
            if number is None:
                self._planned.clear()
            else:
                self._planned.pop(number, None)

    def listed(self) -> list[dict[str, Any]]:
        """The faults in force, as JSON objects."""
        with self._lock:
            return [
                {"number": number, **planned.fault.to_json(), "times_left": planned.times_left}
                for number, planned in self._planned.items()
            ]

    def due(
        self,
        kinds: frozenset[str],
        *,
        network: str,
        method: str,
        communities: Sequence[str],
        token: str,
        at: float,
        text: str = "",
        is_late: bool = False,
    ) -> list[Fault]:
        """The faults that meet this call; each is used up by one.

        `is_late`: ask for those alone that name a community, where the communities were not known before.
        """
        if not self._planned:
            return []
        met = []
        with self._lock:
            for number, planned in list(self._planned.items()):
                fault = planned.fault
                if fault.kind not in kinds or (is_late and fault.community is None):
                    continue
                if not _fits(fault, network, method, communities, token, at):
                    continue
                if fault.contains is not None and fault.contains not in text:
                    continue
                if planned.skip_left > 0:
                    planned.skip_left -= 1
                    continue
                if planned.times_left is not None:
                    planned.times_left -= 1
                    if planned.times_left <= 0:
                        del self._planned[number]
                met.append(fault)
        return met


def _fits(fault: Fault, network: str, method: str, communities: Sequence[str], token: str, at: float) -> bool:
    return (
        fault.network in (None, network)
        and fault.method in (None, method)
        and (fault.community is None or fault.community in communities)
        and (fault.token is None or (bool(token) and token.endswith(fault.token)))
        and (fault.since is None or fault.since.timestamp() <= at)
        and (fault.until is None or at < fault.until.timestamp())
    )


def change_at(payload: Any, path: str, change: Any) -> None:
    """Apply `change(holder, key)` at each place that a dotted path names; `*` stands for all of an array."""
    head, _, rest = path.partition(".")
    places: Iterable[Any]
    if isinstance(payload, list):
        places = (
            range(len(payload))
            if head == "*"
            else [int(head)]
            if head.isdecimal() and int(head) < len(payload)
            else []
        )
    elif isinstance(payload, dict):
        places = list(payload) if head == "*" else [head]
    else:
        return
    for place in places:
        if rest:
            inner = payload.get(place) if isinstance(payload, dict) else payload[place]
            change_at(inner, rest, change)
        else:
            change(payload, place)


def damaged(payload: Any, faults: Sequence[Fault], at: float, as_time: Any) -> Any:
    """The payload with faults of PAYLOAD_KINDS applied, in place. `as_time`: how the network writes an instant."""
    for fault in faults:
        if fault.kind == "drop":
            change_at(payload, fault.path, _drop)
        else:
            value = as_time(at + fault.seconds) if fault.kind == "future" else fault.value

            def put(holder: Any, key: Any, value: Any = value) -> None:
                holder[key] = value

            change_at(payload, fault.path, put)
    return payload


def _drop(holder: Any, key: Any) -> None:
    if isinstance(holder, dict):
        holder.pop(key, None)
    else:
        holder[key] = None

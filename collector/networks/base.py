"""The contract that every network keeps, and how a network is found.

Terms
    A *network* is a place where communities live (VK, Facebook). Its *adapter* reads them. A *target* is a
    community whose turn it is. An *outcome* is what a target's turn gave: a `Reading` or a `Failure`.

What an adapter promises
    1. Exactly one outcome for each target, in any order, whatever the network does. `read` itself raises
       only for a bug of ours.
    2. An outcome's `observed_at` is the instant of the answer, by the clock it was given.
    3. What the network does not tell is None. What cannot be true (a negative count, a date in the
       future, another type than documented) makes a `Failure` of kind `unexpected_response` with the
       answer kept, bounded and redacted; nothing of that answer is given as a value.
    4. Posts are the community's own: published, not adverts, not visitors'. The pinned post has no say
       in what is newest or where paging ends.
    5. It starts no request after `stop` is set; targets not reached then get kind `interrupted`. One that was
       read but for its wall may come as a reading with that failure for the wall.
    6. A token that the network refuses is not used again in that `read`; others go on.
    7. No text that it raises, returns or logs holds a secret.

The contract test suite in `tests/networks/test_contract.py` holds every adapter to these.

How a network is found
    By an entry point of the group `collector.networks` that names a `Network`, so that another package can
    bring one. Its settings come from the section of its name (`COLLECTOR_VK__...`), or for a network that
    the program does not know, from `COLLECTOR_NETWORKS__<NAME>__...`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any, Protocol

from collector.domain.errors import CollectorError
from collector.domain.model import Address, CommunityToRead, Outcome, RequestTally, TokenReport

ENTRY_POINT_GROUP = "collector.networks"


class AddressError(ValueError):
    """A text that is no address of this network; the message says what would be right."""


class QuotaLedger(Protocol):
    """Counts what a daily quota has left, across restarts."""

    def take(self, network: str, token_key: str, method: str, wanted: int, limit: int, now: datetime) -> int:
        """Reserve up to `wanted` uses of `method` of the `limit` in any 24 hours; returns how many were granted."""
        ...

    def give_back(self, network: str, token_key: str, method: str, unused: int, now: datetime) -> None:
        """Return reserved uses for which no request was made."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What an adapter is handed from outside: a clock, a way to be stopped, the quota ledger, who measures."""

    now: Callable[[], datetime]
    """The present instant: aware, UTC."""
    stop: threading.Event
    quota: QuotaLedger
    on_request: Callable[[float], None] = lambda _seconds: None
    """Told of each HTTP request how many seconds it took, whatever came of it; from any thread."""


class NetworkAdapter(Protocol):
    """Reads communities of one network."""

    tally: RequestTally
    """The HTTP requests made so far."""

    def read(self, targets: Iterable[CommunityToRead]) -> Iterator[Outcome]:
        """Read each target; the targets come in order of urgency, where a quota does not suffice for all.

        A generator that takes targets as it needs them, so that any number of communities fits in memory.
        """
        ...

    def check(self, *, is_brief: bool = False) -> Sequence[TokenReport]:
        """Really try each token with as few requests as can be, and tell what it can and cannot do.

        `is_brief`: one request a token, none of a quota: whether it works, and until when, is all that is asked.
        """
        ...

    def close(self) -> None:
        """Let connections go. The adapter is not used afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Network:
    """A network as an entry point names it."""

    name: str
    """In settings, the branches file and the database: `vk`."""
    title: str
    """As people write it: `VK`."""
    parse_address: Callable[[str], Address]
    """Turns what a person pastes (id, name, URL) into an address. Raises AddressError."""
    open_adapter: Callable[[Mapping[str, Any], Services], NetworkAdapter]
    """Makes an adapter from the network's section of the settings, as a mapping of plain values.

    A missing token is no error here: each target then gets a `Failure` of kind `no_token`.
    """


class UnknownNetworkError(CollectorError):
    """No installed package brings a network of this name."""


def networks() -> dict[str, Network]:
    """Every network that installed packages bring, by name."""
    found: dict[str, Network] = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        network = point.load()
        if not isinstance(network, Network):
            raise CollectorError(
                f"entry point {point.name!r} of {ENTRY_POINT_GROUP} is no Network: {point.value}"
            )
        found[network.name] = network
    return found


def network(name: str) -> Network:
    """The network of this name. Raises UnknownNetworkError."""
    found = networks()
    if name not in found:
        raise UnknownNetworkError(f"unknown network {name!r}; installed are: {', '.join(sorted(found))}")
    return found[name]

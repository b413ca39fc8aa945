"""What goes wrong in the year, and when: drawn from a seed, before it begins.

Three streams that overlap: what keeps the daemon from knowing (the networks, the database), what keeps letters from
leaving (the mail server), and what befalls the daemon itself (kills, sleep, its clock).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from collector.sandbox import Fault
from scripts.soak.story import DAY

HOUR = 3600.0
_CALM_AT_BEGIN, _CALM_AT_END = 1 * DAY, 3 * DAY


class Area(StrEnum):
    """What is out of order."""

    NETWORKS = "networks"
    DATABASE = "database"
    MAIL = "mail"
    DAEMON = "daemon"
    CLOCK = "clock"
    MACHINE = "machine"


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong: instants in seconds since 1970. `ends` equals `begins` for what happens at once."""

    area: Area
    name: str
    begins: float
    ends: float

    def __str__(self) -> str:
        hours = (self.ends - self.begins) / HOUR
        return f"{datetime.fromtimestamp(self.begins, UTC):%Y-%m-%d %H:%M} {self.area}: {self.name}, {hours:.1f} h"


_NETWORKS: dict[str, list[dict[str, Any]]] = {
    "VK answers 10, internal error": [{"kind": "error", "network": "vk", "code": 10}],
    "VK refuses the token": [{"kind": "error", "network": "vk", "code": 5}],
    "VK's walls are rationed": [{"kind": "error", "network": "vk", "method": "wall.get", "code": 29}],
    "VK says too many requests": [{"kind": "error", "network": "vk", "code": 6}],
    "Graph answers 502": [{"kind": "http_status", "network": "facebook", "status": 502}],
    "Graph refuses the token": [{"kind": "error", "network": "facebook", "code": 190}],
    "Graph says too many requests": [{"kind": "error", "network": "facebook", "code": 4}],
    "lines are cut": [{"kind": "cut_before"}],
    "answers are web pages": [{"kind": "html"}],
    "answers are half": [{"kind": "truncated"}],
    "answers are empty": [{"kind": "empty", "network": "vk"}, {"kind": "cut_middle", "network": "facebook"}],
    "answers come too late": [{"kind": "slow", "seconds": 2.0}],
    "batches hold nothing": [
        {"kind": "null_response", "method": "execute"},
        {"kind": "null_element", "method": "batch"},
    ],
}
_MAIL = (
    "no connection",
    "421 at MAIL",
    "450 at RCPT",
    "451 at DATA",
    "hangs at DATA",
    "line cut before 250",
)
KEEPS_AND_CUTS = "line cut before 250"
"""The letter is kept, and the sender cannot know: it must send it again."""
KILLED, DOWN, STOPPED, ASLEEP = "SIGKILL", "SIGKILL, then down", "SIGTERM", "asleep"
AHEAD, AHEAD_FROM_START = "a year ahead", "a year ahead from its start"


def faults_of(trouble: Trouble) -> list[Fault]:
    """The sandbox's faults for a trouble of the networks."""
    since, until = (datetime.fromtimestamp(at, UTC) for at in (trouble.begins, trouble.ends))
    return [Fault(since=since, until=until, **given) for given in _NETWORKS[trouble.name]]


@dataclass
class Plan:
    """All troubles of a soak, in order of time."""

    troubles: list[Trouble] = field(default_factory=list)

    @classmethod
    def drawn(cls, seed: int, start: datetime, days: int) -> Plan:
        """The troubles of so many days."""
        begins = start.timestamp() + _CALM_AT_BEGIN
        ends = start.timestamp() + days * DAY - _CALM_AT_END
        found: list[Trouble] = []
        for stream, calm in ((_knowing, (1, 5)), (_mail, (1, 5)), (_daemon, (1, 4))):
            rng = random.Random(f"{seed}:{stream.__name__}")  # noqa: S311 - to be drawn again by the same seed
            found += stream(rng, begins, ends, calm)
        return cls(sorted(found, key=lambda trouble: trouble.begins))


def _spans(
    rng: random.Random, begins: float, ends: float, calm: tuple[int, int], longest: float
) -> Iterator[tuple[float, float]]:
    at = begins + rng.uniform(0, calm[1]) * DAY
    while at < ends:
        until = min(at + math.exp(rng.uniform(0, math.log(longest))) * HOUR, ends)
        yield at, until
        at = until + rng.uniform(*calm) * DAY


def _knowing(rng: random.Random, begins: float, ends: float, calm: tuple[int, int]) -> Iterator[Trouble]:
    names = _shuffled(rng, [*_NETWORKS, "locked", "locked"])
    for at, until in _spans(rng, begins, ends, calm, longest=48):
        name = next(names)
        yield Trouble(Area.NETWORKS if name in _NETWORKS else Area.DATABASE, name, at, until)


def _mail(rng: random.Random, begins: float, ends: float, calm: tuple[int, int]) -> Iterator[Trouble]:
    names = _shuffled(rng, list(_MAIL))
    for at, until in _spans(rng, begins, ends, calm, longest=60):
        yield Trouble(Area.MAIL, next(names), at, until)


def _daemon(rng: random.Random, begins: float, ends: float, calm: tuple[int, int]) -> Iterator[Trouble]:
    names = _shuffled(rng, [KILLED, KILLED, KILLED, DOWN, STOPPED, ASLEEP, AHEAD, AHEAD_FROM_START])
    for at, until in _spans(rng, begins, ends, calm, longest=24):
        name = next(names)
        area = Area.CLOCK if name in (AHEAD, AHEAD_FROM_START) else Area.DAEMON
        yield Trouble(area, name, at, at if name in (KILLED, STOPPED) else until)


def _shuffled(rng: random.Random, names: list[str]) -> Iterator[str]:
    """Each as often as it stands there, in another order each time."""
    while True:
        rng.shuffle(names)
        yield from names

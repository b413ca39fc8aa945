"""What one round knows of its tokens: which may still do what, and how busy they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from collector.domain.errors import FailureKind
from collector.networks.vk.client import VkClient
from collector.networks.vk.script import MAX_CALLS

QUOTA_REST = timedelta(minutes=30)
"""VK does not say when a day's quota is refilled, and ours may be another than VK counts: asked again after this."""

# So many executes of a token run before the first answer tells whether it may execute at all.
_UNPROVEN_EXECUTES = 2


class Work(Enum):
    """What a token is needed for; one kind may be stopped while the other goes on."""

    LOOKUPS = "lookups"
    WALLS = "walls"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a token does no more of some work in this round."""

    kind: FailureKind
    detail: str


@dataclass(slots=True)
class Token:
    """A token for as long as its adapter lives."""

    client: VkClient
    label: str
    key: str
    """What the quota ledger knows it by: never the token."""
    lanes: int
    """How many requests it may have under way."""
    may_execute: bool | None = None
    """None until tried."""
    batch: int = MAX_CALLS
    """Walls in an execute; fewer once VK has found that too many operations."""
    may_ask_contents: bool = True
    """Whether its executes ask what posts contain; no more once VK has refused a script that did."""
    walls_rest_until: datetime | None = None
    """VK said that the day's wall reads are used up: not asked for again before this."""


class TokenRound:
    """A token in one round."""

    __slots__ = ("executes", "has_read_walls", "stopped", "token", "under_way")

    def __init__(self, token: Token) -> None:
        self.token = token
        self.under_way = 0
        self.executes = 0
        self.has_read_walls = False
        self.stopped: dict[Work, Stopped] = {}

    def stop(self, kind: FailureKind, detail: str, works: Iterable[Work] = tuple(Work)) -> None:
        """Do no more of this work in this round."""
        for work in works:
            self.stopped.setdefault(work, Stopped(kind, f"token {self.token.label}: {detail}"))

    def rest(self, now: datetime) -> None:
        """Leave the walls alone for as long as VK's word that they are used up is fresh."""
        until = self.token.walls_rest_until
        if until is not None and now < until:
            detail = f"VK said that its wall reads are used up; asked for again after {until:%H:%M} UTC"
            self.stop(FailureKind.QUOTA_SPENT, detail, [Work.WALLS])

    def is_free(self, work: Work) -> bool:
        """Whether it can take on one more task of this kind now."""
        if work in self.stopped or self.under_way >= self.token.lanes:
            return False
        return not (
            work is Work.WALLS and self.token.may_execute is None and self.executes >= _UNPROVEN_EXECUTES
        )


def why_none(rounds: Iterable[TokenRound], work: Work) -> Stopped:
    """Why no token is left for some work: the reason of the first that has the gravest one."""
    reasons = [round_.stopped[work] for round_ in rounds if work in round_.stopped]
    # A spent quota passes by itself; what ops must act on is to be told before it.
    acted_on = [reason for reason in reasons if reason.kind is not FailureKind.QUOTA_SPENT]
    chosen = (acted_on or reasons)[0]
    return Stopped(chosen.kind, "; ".join(dict.fromkeys(reason.detail for reason in reasons)))

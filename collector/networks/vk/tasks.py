"""What a round has to do, as data: requests to make, and what an answer leads to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collector.domain.errors import FailureKind
from collector.domain.model import Access, CommunityToRead, Failure, Outcome, Reading
from collector.networks.vk.errors import (
    RETRY_AFTER,
    ApiFailure,
    ClockWrong,
    GarbledAnswer,
    NetworkTrouble,
    Reaction,
    VkError,
    kind_of,
)
from collector.networks.vk.mapping import Unexpected, WallPage, shortened
from collector.networks.vk.options import VkOptions
from collector.networks.vk.tokens import TokenRound, Work

# A balancer gives up on an answer that is too large or too slow to make: a smaller question may pass.
_TOO_LARGE_STATUSES = frozenset({413, 500, 502, 504})


@dataclass(slots=True)
class WallJob:
    """A wall under way: what is known of its community, and which page is to be read next."""

    target: CommunityToRead
    reading: Reading
    owner_id: int
    """VK's, negative for a community."""
    count: int
    offset: int = 0
    page: WallPage | None = None
    """What was read so far."""
    read_at: datetime | None = None
    """When the first page came: of that instant the newest post is known."""
    tries: int = 0
    is_direct: bool = False
    """Whether it is to be asked for on its own, without execute."""
    has_pinned_post: bool = False


@dataclass(slots=True, eq=False)
class Task:
    """A request to be made, and for what: either lookups or walls."""

    method: str
    lookups: list[tuple[str, CommunityToRead]] = field(default_factory=list)
    """Id or name as VK is asked for it, with the target."""
    walls: list[WallJob] = field(default_factory=list)
    token: TokenRound | None = None
    was_sent: bool = False
    asks_contents: bool = False
    """Whether the script asks what posts contain, too."""

    @property
    def work(self) -> Work:
        """What kind of work it is for the token."""
        return Work.WALLS if self.walls else Work.LOOKUPS

    @property
    def size(self) -> int:
        """How many communities hang on it."""
        return len(self.walls) or len(self.lookups)

    @property
    def targets(self) -> list[CommunityToRead]:
        """Those communities."""
        return [wall.target for wall in self.walls] or [target for _, target in self.lookups]

    def halves(self) -> list[Task]:
        """The same work in two requests."""
        middle = self.size // 2
        if self.walls:
            return [
                Task(self.method, walls=self.walls[:middle]),
                Task(self.method, walls=self.walls[middle:]),
            ]
        return [Task(self.method, self.lookups[:middle]), Task(self.method, self.lookups[middle:])]


@dataclass(slots=True)
class Steps:
    """What an answer leads to."""

    outcomes: list[Outcome] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    """To be made next, as they are."""
    reread: list[tuple[str, CommunityToRead]] = field(default_factory=list)
    """To be looked up again, by id."""
    walls: list[WallJob] = field(default_factory=list)
    """Newly found."""
    again: list[WallJob] = field(default_factory=list)
    """To be taken up again before the others."""
    trouble: ApiFailure | None = None
    """What calls inside the request say about the token."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the handlers of answers need to know of the adapter."""

    options: VkOptions
    redact: Callable[[str], str]

    def raw(self, part: Any) -> str:
        """A part of an answer as it may be kept."""
        return self.redact(json.dumps(shortened(part), ensure_ascii=False))


def failure(
    target: CommunityToRead,
    at: datetime,
    kind: FailureKind,
    detail: str,
    *,
    access: Access | None = None,
    is_certain: bool = True,
    raw: str | None = None,
) -> Failure:
    """A failure of this target."""
    return Failure(
        target.community_id,
        at,
        kind,
        detail,
        access,
        is_certain,
        raw_answer=raw,
        retry_after=RETRY_AFTER.get(kind),
    )


def unexpected(target: CommunityToRead, at: datetime, error: Unexpected, context: Context) -> Failure:
    """The failure of an answer that cannot be true."""
    return failure(target, at, FailureKind.UNEXPECTED_RESPONSE, str(error), raw=context.raw(error.part))


def failure_of(error: VkError, target: CommunityToRead, at: datetime) -> Failure:
    """The failure that remains when a request gave nothing, and nothing could be done about it."""
    if isinstance(error, GarbledAnswer):
        return failure(target, at, FailureKind.UNEXPECTED_RESPONSE, str(error), raw=error.raw)
    if isinstance(error, ClockWrong):
        return failure(target, at, FailureKind.CLOCK_WRONG, str(error))
    if isinstance(error, ApiFailure):
        return failure(target, at, kind_of(error.reaction), str(error), is_certain=False)
    return failure(target, at, FailureKind.TEMPORARY, str(error))


def may_be_too_large(error: VkError) -> bool:
    """Whether the same question in two halves may be answered."""
    if isinstance(error, ApiFailure):
        return error.reaction is Reaction.TOO_LARGE
    if isinstance(error, NetworkTrouble):
        return error.status in _TOO_LARGE_STATUSES
    return isinstance(error, GarbledAnswer)

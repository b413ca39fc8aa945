"""When each branch was truly silent: by the sandbox alone, slowly and obviously, without the program's rule.

A branch's state changes only when a post appears or goes, when a community closes or opens, and when a deadline
passes. So the sandbox is asked what was so after each of these, and nothing between needs asking.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from collector.domain.model import Access
from collector.sandbox import World
from scripts.soak.story import DAY, Branch, Deed

_MOSCOW = ZoneInfo("Europe/Moscow")


class State(StrEnum):
    """What a branch was."""

    ACTIVE = "active"
    SILENT = "silent"
    CLOSED = "closed"
    """None of its communities could be read by anybody, or nobody can tell: see `_Seen.is_hidden`."""


@dataclass(frozen=True)
class Stretch:
    """A time `[begins, ends)` in which a branch was one of these: seconds since 1970.

    `deadlines` are the last instants of activity after `last_post`, the post that counts, and after those that
    counted earlier in it: a community that opens may show a later one. A silence that begins later than its deadline
    was hidden until then: by a post that was deleted, or as all was closed.
    """

    state: State
    begins: float
    ends: float
    last_post: float
    deadlines: tuple[float, ...]

    def __str__(self) -> str:
        return f"{told(self.begins)} to {told(self.ends)} {self.state}, last post {told(self.last_post)}"


@dataclass(frozen=True)
class _Seen:
    """What somebody who always looked would know of a community from an instant on."""

    since: float
    newest: float | None
    is_open: bool
    is_hidden: bool
    """Whether it may be there and lively: Facebook says the same of a Page that is gone and of one that it hides."""


class Truth:
    """What was so of some branches, from one instant to another."""

    def __init__(
        self, world: World, branches: Sequence[Branch], done: Iterable[Deed], begins: float, ends: float
    ) -> None:
        """`begins`: the first look. `done`: the deeds as they were done, with the instants at which they were."""
        by_community: dict[tuple[str, str], list[float]] = {}
        for deed in done:
            if deed.what != "pin" and deed.at > begins:
                by_community.setdefault(deed.community, []).append(deed.at)
        self.of: dict[str, list[Stretch]] = {}
        """By the branches' codes, in order of time."""
        for branch in branches:
            seen = [
                _watched(world, community, [begins, *sorted(by_community.get(community, ()))])
                for community in branch.communities
            ]
            self.of[branch.code] = _joined(_stretches(branch, seen, begins, ends))

    def within(self, code: str, state: State, begins: float, ends: float) -> Stretch | None:
        """The last stretch of a branch in this state that had an instant between these two."""
        found = [each for each in self.of[code] if each.state is state]
        return next((each for each in reversed(found) if each.begins <= ends and each.ends > begins), None)


def _watched(world: World, community: tuple[str, str], instants: Iterable[float]) -> list[_Seen]:
    """What became known of a community, from the first of these instants on."""
    seen: list[_Seen] = []
    # Who has not seen a community open does not know its posts.
    newest: float | None = None
    for at in instants:
        # The sandbox dates by whole seconds; a second later all that was done is to be seen.
        truth = world.truth(*community, datetime.fromtimestamp(at + 1, UTC))
        is_open = truth.access is Access.OPEN
        if is_open:
            newest = None if truth.newest_post_at is None else truth.newest_post_at.timestamp()
        was_there = any(each.is_open for each in seen)
        seen.append(_Seen(at, newest, is_open, community[0] == "facebook" and not is_open and was_there))
    return seen


def _stretches(branch: Branch, seen: list[list[_Seen]], begins: float, ends: float) -> Iterator[Stretch]:
    changes = sorted({each.since for community in seen for each in community if begins <= each.since < ends})
    starts = [[each.since for each in community] for community in seen]
    for at, until in zip(changes, [*changes[1:], ends], strict=True):
        now = [community[bisect_right(since, at) - 1] for community, since in zip(seen, starts, strict=True)]
        posts = [each.newest for each in now if each.newest is not None]
        if not posts or not any(each.is_open for each in now):
            yield Stretch(State.CLOSED, at, until, at, ())
            continue
        last_post = max(posts)
        deadline = deadline_of(last_post, branch)
        falls = min(max(at, deadline), until)
        if at < falls:
            yield Stretch(State.ACTIVE, at, falls, last_post, (deadline,))
        if falls < until:
            state = State.CLOSED if any(each.is_hidden for each in now) else State.SILENT
            yield Stretch(state, falls, until, last_post, (deadline,))


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Neighbours of one state as one; of a silence, the last post that counted at its end."""
    found: list[Stretch] = []
    for each in stretches:
        if found and found[-1].state is each.state:
            before = found[-1]
            found[-1] = replace(each, begins=before.begins, deadlines=before.deadlines + each.deadlines)
        else:
            found.append(each)
    return found


def deadline_of(last_post: float, branch: Branch) -> float:
    """A last post's instant and as many days of 24 hours as are allowed, those of pauses left out."""
    left = branch.threshold_days * DAY
    at = last_post
    while True:
        day = datetime.fromtimestamp(at, _MOSCOW).date()
        midnight = _midnight(day + timedelta(days=1))
        if not any(first <= day <= last for first, last in branch.pauses):
            if at + left < midnight:
                return at + left
            left -= midnight - at
        at = midnight


def is_paused(branch: Branch, at: float) -> bool:
    """Whether an instant lies in one of its pauses."""
    day = datetime.fromtimestamp(at, _MOSCOW).date()
    return any(first <= day <= last for first, last in branch.pauses)


def told(at: float) -> str:
    """An instant for people."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=_MOSCOW).timestamp()

"""The lives of the branches: what their communities do in the year, drawn from a seed, before it begins.

A life is a list of deeds by instants. Between lively times lie silences of all kinds, and what looks like one or
hides one: visitors' posts, adverts, a pinned post, one community quiet and the other not, the only recent post
deleted, communities closed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.domain.model import Access
from collector.sandbox import Behaviour, PostKind, SandboxCommunity, World

DAY = 86_400.0
THRESHOLD_DAYS = 7
NETWORKS = ("vk", "facebook")
_PAST_DAYS = 40
_QUIET_BEFORE_CLOSING = 4 * DAY
"""A post just before a closure may be seen or not: whoever closes has been quiet for longer than any outage."""
_STILL = Behaviour(
    days_between_posts=1e7,
    repost_share=0,
    visitor_share=0,
    advert_share=0,
    deleted_share=0,
    daily_growth=0.0003,
)


@dataclass(frozen=True)
class Branch:
    """A branch of the soak. `pauses`: first and last day of each."""

    code: str
    name: str
    communities: tuple[tuple[str, str], ...]
    pauses: tuple[tuple[date, date], ...] = ()
    threshold_days: int = THRESHOLD_DAYS

    @property
    def chair(self) -> str:
        """The chair's address."""
        return f"chair@{self.code}.example.org"

    @property
    def administrator(self) -> str:
        """The address of who runs the communities."""
        return f"smm@{self.code}.example.org"


@dataclass(frozen=True)
class Deed:
    """Something done to a community. `post`: the number, in this story, of the post that it is about."""

    at: float
    community: tuple[str, str]
    what: str
    """`publish`, `delete`, `pin`, `access`"""
    value: str = ""
    post: int = 0


class Story:
    """Branches and all their deeds, in order of time."""

    def __init__(self, seed: int, start: datetime, days: int, count: int = 11) -> None:
        self._numbers = itertools.count(1)
        self.start = start
        self._begins = start.timestamp() - _PAST_DAYS * DAY
        self._ends = start.timestamp() + days * DAY
        self.branches: list[Branch] = []
        deeds: list[Deed] = []
        for number in range(count):
            rng = random.Random(f"{seed}:{number}")  # noqa: S311 - to be drawn again by the same seed
            branch = _declared(number, start.date(), days)
            self.branches.append(branch)
            deeds += self._life(rng, branch, longest=max(15.0, min(60.0, days / 3)))
        self.deeds = sorted(deeds, key=lambda deed: deed.at)

    def _life(self, rng: random.Random, branch: Branch, longest: float) -> Iterator[Deed]:
        at = self._begins + rng.uniform(0, 2) * DAY
        first = True
        while at < self._ends:
            lively_until = at + (rng.uniform(20, 45) if first else rng.uniform(1, 16)) * DAY
            for community in branch.communities:
                yield from self._lively(rng, community, at, lively_until)
            at, first = lively_until, False
            scene = rng.choices(
                [self._quiet, self._one_quiet, self._deleted, self._one_closed, self._all_closed],
                weights=[8, 3, 3, 2, 1],
            )[0]
            quiet = rng.choice([rng.uniform(4, 9), rng.uniform(7, 16), rng.uniform(8, longest)]) * DAY
            yield from scene(rng, branch, at, at + quiet)
            at += quiet
            # It resumes by a post in one of them.
            yield self._post(at, rng.choice(branch.communities), rng.choice([PostKind.OWN, PostKind.REPOST]))

    # Scenes

    def _lively(
        self, rng: random.Random, community: tuple[str, str], begins: float, ends: float
    ) -> Iterator[Deed]:
        gap = rng.uniform(0.4, 2.0) * DAY
        at = begins + rng.uniform(0.1, 1) * gap
        while at < ends:
            post = self._post(at, community, rng.choices([PostKind.OWN, PostKind.REPOST], [3, 1])[0])
            yield post
            if rng.random() < 0.06:
                yield Deed(at + rng.uniform(0.02, 1.5) * DAY, community, "delete", post=post.post)
            elif rng.random() < 0.03:
                yield Deed(at + rng.uniform(0.1, 2) * DAY, community, "pin", post=post.post)
            at += min(rng.expovariate(1 / gap), 3 * gap)
        yield from self._noise(rng, community, begins, ends, mean=4 * DAY)

    def _quiet(self, rng: random.Random, branch: Branch, begins: float, ends: float) -> Iterator[Deed]:
        for community in branch.communities:
            yield from self._noise(rng, community, begins, ends, mean=1.5 * DAY)

    def _one_quiet(self, rng: random.Random, branch: Branch, begins: float, ends: float) -> Iterator[Deed]:
        quiet, lively = rng.sample(branch.communities, 2)
        yield from self._noise(rng, quiet, begins, ends, mean=2 * DAY)
        yield from self._lively(rng, lively, begins, ends)

    def _deleted(self, rng: random.Random, branch: Branch, begins: float, ends: float) -> Iterator[Deed]:
        """The only post of a quiet time, taken back after a while."""
        yield from self._quiet(rng, branch, begins, ends)
        at = rng.uniform(begins + DAY, (begins + ends) / 2)
        post = self._post(at, rng.choice(branch.communities), PostKind.OWN)
        yield post
        yield Deed(at + rng.uniform(0.1, 4) * DAY, post.community, "delete", post=post.post)

    def _one_closed(self, rng: random.Random, branch: Branch, begins: float, ends: float) -> Iterator[Deed]:
        yield from self._quiet(rng, branch, begins, ends)
        yield from self._closed(rng, rng.choice(branch.communities), begins, ends)

    def _all_closed(self, rng: random.Random, branch: Branch, begins: float, ends: float) -> Iterator[Deed]:
        yield from self._quiet(rng, branch, begins, ends)
        for community in branch.communities:
            yield from self._closed(rng, community, begins, ends)

    def _closed(
        self, rng: random.Random, community: tuple[str, str], begins: float, ends: float
    ) -> Iterator[Deed]:
        closes = begins + _QUIET_BEFORE_CLOSING
        if closes < ends - DAY / 2:
            how = rng.choice([Access.CLOSED, Access.BANNED]) if community[0] == "vk" else Access.CLOSED
            yield Deed(closes, community, "access", how.value)
            yield Deed(ends - DAY / 4, community, "access", Access.OPEN.value)

    def _noise(
        self, rng: random.Random, community: tuple[str, str], begins: float, ends: float, mean: float
    ) -> Iterator[Deed]:
        """What must break no silence: posts of visitors, and adverts."""
        at = begins + rng.expovariate(1 / mean)
        while at < ends:
            kind = (
                PostKind.VISITOR
                if community[0] == "facebook"
                else rng.choice([PostKind.VISITOR, PostKind.ADVERT])
            )
            yield self._post(at, community, kind)
            at += rng.expovariate(1 / mean)

    def _post(self, at: float, community: tuple[str, str], kind: PostKind) -> Deed:
        return Deed(at, community, "publish", kind.value, next(self._numbers))


def _declared(number: int, first_day: date, days: int) -> Branch:
    code = f"b{number + 1:02}"
    communities = tuple((network, str(1000 + number)) for network in NETWORKS)
    pauses: tuple[tuple[date, date], ...] = ()
    if number in (3, 4):
        begins = first_day + timedelta(days=days // 3 + 5 * (number - 3))
        pauses = ((begins, begins + timedelta(days=max(5, days // 8))),)
    return Branch(code, f"Организация {code}", communities, pauses, THRESHOLD_DAYS + 2 * (number == 5))


def sandbox_communities(branches: list[Branch]) -> list[SandboxCommunity]:
    """What the sandbox is to answer for: communities that do nothing of their own accord."""
    return [
        SandboxCommunity(network, native_id=native_id, behaviour=_STILL, title=branch.name)
        for branch in branches
        for network, native_id in branch.communities
    ]


class Teller:
    """Does the deeds in a world, and keeps which post of the story is which there."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._posts: dict[int, int] = {}

    def tell(self, deed: Deed, at: float | None = None) -> None:
        """Do a deed, at an instant of the past before the world is looked at, or now (None)."""
        life = self._world.find(*deed.community)
        instant = self._world.clock.timestamp() if at is None else at
        if deed.what == "publish":
            self._posts[deed.post] = life.publish(instant, PostKind(deed.value)).post_id
        elif deed.what == "delete":
            life.delete(self._posts[deed.post], instant)
        elif deed.what == "pin":
            # One that was deleted meanwhile cannot be pinned.
            if life.post_of_id(self._posts[deed.post], instant) is not None:
                life.change("pinned", self._posts[deed.post], instant)
        else:
            life.change("access", Access(deed.value), instant)

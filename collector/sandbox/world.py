"""The sandbox's world: every community by every name it answers to, and the truth about each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from collector.domain.model import Access, PostContent
from collector.sandbox.clock import SandboxClock
from collector.sandbox.community import CommunityLife
from collector.sandbox.contents import content
from collector.sandbox.model import (
    MIXED_PLAN,
    Behaviour,
    PostFacts,
    PostKind,
    SandboxCommunity,
    Truth,
    seed_of,
)

VK_ID_PREFIXES = ("club", "public", "event")


class UnknownCommunityError(LookupError):
    """No community of that network and id."""


class World:
    """A seeded world of communities. What it holds at an instant depends on seed, declarations and changes alone."""

    def __init__(
        self,
        communities: Sequence[SandboxCommunity],
        seed: int = 1,
        clock: SandboxClock | None = None,
        plan: Sequence[Behaviour] = MIXED_PLAN,
    ) -> None:
        """`plan`: what communities without a behaviour of their own do, by their place in their network."""
        self.clock = clock or SandboxClock()
        self.origin = int(self.clock.start.timestamp())
        self.seed = seed
        self._lock = threading.Lock()
        self._by_id: dict[tuple[str, int], CommunityLife] = {}
        self._names: dict[tuple[str, str], CommunityLife] = {}
        self._ids: dict[str, list[int]] = {}
        places: dict[str, int] = {}
        for declared in communities:
            place = places.get(declared.network, 0)
            places[declared.network] = place + 1
            self._add(declared, plan[place % len(plan)])

    def _add(self, declared: SandboxCommunity, planned: Behaviour) -> None:
        if declared.native_id is None and declared.screen_name is None:
            raise ValueError("a community needs an id or a screen name")
        name = (declared.screen_name or "").lower()
        native_id = (
            int(declared.native_id) if declared.native_id else self._derived_id(declared.network, name)
        )
        key = (declared.network, native_id)
        if key in self._by_id:
            raise ValueError(f"{declared.network} community {native_id} is declared twice")
        if not name:
            name = (
                f"club{native_id}"
                if declared.network == "vk" and not declared.is_person
                else f"id{native_id}"
            )
        life = CommunityLife(declared, native_id, name, declared.behaviour or planned, self.seed, self.origin)
        life.neighbours = self._ids.setdefault(declared.network, [])
        if not declared.is_person:
            self._ids[declared.network].append(native_id)
        self._by_id[key] = life
        self._names[declared.network, name] = life

    def _derived_id(self, network: str, name: str) -> int:
        low, high = (10_000_000, 220_000_000) if network == "vk" else (10**14, 2 * 10**14)
        return low + seed_of(self.seed, network, name) % (high - low)

    def warm(self) -> None:
        """Lay out everybody's past now, so that a first round is answered as quickly as later ones."""
        at = self.clock.timestamp()
        for life in self._by_id.values():
            life.totals(at)

    # Finding

    @property
    def lives(self) -> list[CommunityLife]:
        """All communities and people."""
        return list(self._by_id.values())

    def by_id(self, network: str, native_id: int) -> CommunityLife | None:
        """The community of an id, or None."""
        return self._by_id.get((network, native_id))

    def by_name(self, network: str, name: str) -> CommunityLife | None:
        """The community or person that answers to a screen name now; case does not matter."""
        name = name.lower()
        life = self._names.get((network, name))
        if life is None and network == "vk":
            for prefix in VK_ID_PREFIXES:
                if name.startswith(prefix) and name[len(prefix) :].isdecimal():
                    life = self.by_id("vk", int(name[len(prefix) :]))
                    return life if life is not None and not life.is_person else None
            if name.startswith("id") and name[2:].isdecimal():
                life = self.by_id("vk", int(name[2:]))
                return life if life is not None and life.is_person else None
        return life

    def find(self, network: str, id_or_name: str | int) -> CommunityLife:
        """The community of an id or a name. Raises UnknownCommunityError."""
        text = str(id_or_name)
        life = self.by_id(network, int(text)) if text.isdecimal() else None
        life = life or self.by_name(network, text)
        if life is None:
            raise UnknownCommunityError(f"no {network} community {text!r} in the sandbox")
        return life

    # Changing

    def rename(self, network: str, id_or_name: str | int, screen_name: str) -> None:
        """Same id, another screen name; the old one leads nowhere from now on."""
        life = self.find(network, id_or_name)
        at = self.clock.timestamp()
        with self._lock:
            self._names.pop((network, life.value("screen_name", at)), None)
            self._names[network, screen_name.lower()] = life
        life.change("screen_name", screen_name.lower(), at)

    def set_access(self, network: str, id_or_name: str | int, access: Access | str) -> None:
        """Open, close, make private, ban or delete from now on, for good."""
        self.find(network, id_or_name).change("access", Access(access), self.clock.timestamp())

    def set_followers(self, network: str, id_or_name: str | int, count: int) -> None:
        """That many follow now; growth goes on from there."""
        self.find(network, id_or_name).change("followers", count, self.clock.timestamp())

    def change(self, network: str, id_or_name: str | int, name: str, value: Any) -> None:
        """Set `title`, `withheld` (bool), `wall` (bool) or `pinned` (post id or None) from now on.

        Or what it offers: `wall_kind` (1 to 3), `site` (empty: none), `messages` (bool).
        """
        self.find(network, id_or_name).change(name, value, self.clock.timestamp())

    def publish(self, network: str, id_or_name: str | int, kind: PostKind | str = PostKind.OWN) -> PostFacts:
        """A post now."""
        return self.find(network, id_or_name).publish(self.clock.timestamp(), PostKind(kind))

    def delete_post(self, network: str, id_or_name: str | int, post_id: int) -> None:
        """Delete a post now. Raises KeyError where there is none."""
        self.find(network, id_or_name).delete(post_id, self.clock.timestamp())

    # The truth

    def content(self, network: str, id_or_name: str | int, post: PostFacts) -> PostContent:
        """What a post of a community says and shows."""
        return content(self.find(network, id_or_name), post)

    def truth(self, network: str, id_or_name: str | int, at: datetime | None = None) -> Truth:
        """What is so at an instant (now if None). Raises UnknownCommunityError."""
        life = self.find(network, id_or_name)
        instant = self.clock.timestamp() if at is None else at.timestamp()
        visible = list(life.posts(instant))
        counted = tuple(post for post in visible if post.kind.is_counted)
        originals = [post for post in counted if post.kind is PostKind.OWN]
        adverts = sum(post.kind is PostKind.ADVERT for post in visible)
        return Truth(
            network=network,
            native_id=str(life.native_id),
            screen_name=life.value("screen_name", instant),
            title=life.value("title", instant),
            access=life.value("access", instant),
            follower_count=life.followers(instant),
            is_follower_count_withheld=life.value("withheld", instant),
            post_count=len(counted) + (adverts if network == "vk" else 0),
            newest_post_at=_instant(counted[0].published_at) if counted else None,
            newest_post_id=str(counted[0].post_id) if counted else None,
            newest_original_at=_instant(originals[0].published_at) if originals else None,
            counted_posts=counted,
        )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

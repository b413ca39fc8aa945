"""A network's bench for the contract suite: the sandbox, an adapter on it, targets, and ways to break it.

A network joins the suite with a class like `VkBench`: one of ours in `benches`, one of another package by an
entry point that names it. See docs/networks.md.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from types import TracebackType
from typing import Any, Self

from collector.domain.model import Attachment, CommunityToRead, Outcome, PostContent
from collector.networks.base import NetworkAdapter, Services, network
from collector.sandbox import (
    LIVELY_PLAN,
    Fault,
    GraphToken,
    SandboxClock,
    SandboxCommunity,
    SandboxServer,
    Truth,
    VkToken,
    World,
)
from collector.sandbox.contents import source_of
from collector.sandbox.model import PostFacts, PostKind

ENTRY_POINT_GROUP = "collector.network_benches"
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


class Ledger:
    """A quota ledger in memory; it notes which thread asked, since a database's session belongs to one."""

    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self.threads: set[int] = set()

    def take(self, network: str, token_key: str, method: str, wanted: int, limit: int, now: datetime) -> int:
        self.threads.add(threading.get_ident())
        granted = max(0, min(wanted, limit - self.used[token_key]))
        self.used[token_key] += granted
        return granted

    def give_back(self, network: str, token_key: str, method: str, unused: int, now: datetime) -> None:
        self.threads.add(threading.get_ident())
        self.used[token_key] -= unused


class Bench(ABC):
    """A sandbox with communities of one network, numbered from 0, at an instant that stands still."""

    network: str
    secrets: tuple[str, ...]
    breaks: dict[str, list[Fault]]
    """What can befall the whole network, by a name; each fault has no community."""
    damages: dict[str, Fault]
    """What can be wrong in the answer about one community, by a name; the bench sets whose."""
    oddities: dict[str, Fault]
    """What can be odd in what posts contain and communities offer, by a name: it costs no look."""

    tells_how_it_is_gone = True
    """Whether the network says of a community that it was banned, deleted, or never was; else one of the three."""

    def __init__(self, count: int = 6, **server: Any) -> None:
        self.clock = SandboxClock(start=NOW, speed=0)
        self.ahead = timedelta(0)
        """By how much the adapters' clock is ahead of the network's."""
        self.communities = [self.declared(place) for place in range(count)]
        self.world = World(self.communities, seed=7, clock=self.clock, plan=LIVELY_PLAN)
        self.sandbox = self.stand_in(self.world, **server)
        self.stop = threading.Event()
        self.ledger = Ledger()
        self._opened: list[NetworkAdapter] = []

    def __enter__(self) -> Self:
        self.sandbox.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for adapter in self._opened:
            adapter.close()
        self.sandbox.stop()

    def stand_in(self, world: World, **server: Any) -> SandboxServer:
        """The stand-in network; `server` is what a test or the bench wants of it."""
        return SandboxServer(world, **server)

    @abstractmethod
    def declared(self, place: int) -> SandboxCommunity:
        """The community of that number."""

    @abstractmethod
    def options(self) -> dict[str, Any]:
        """The network's section of the settings, so that no test waits."""

    def adapter(self, **options: Any) -> NetworkAdapter:
        services = Services(lambda: self.clock.now() + self.ahead, self.stop, self.ledger)
        adapter = network(self.network).open_adapter({**self.options(), **options}, services)
        self._opened.append(adapter)
        return adapter

    def key(self, place: int) -> str:
        """What the sandbox knows the community by."""
        declared = self.communities[place]
        return str(declared.native_id or declared.screen_name)

    def target(self, place: int, **changes: Any) -> CommunityToRead:
        declared = self.communities[place]
        target = CommunityToRead(place, self.network, declared.native_id, declared.screen_name)
        return replace(target, **changes)

    def targets(self, **changes: Any) -> list[CommunityToRead]:
        return [self.target(place, **changes) for place in range(len(self.communities))]

    def read(self, targets: Iterable[CommunityToRead] | None = None, **options: Any) -> dict[int, Outcome]:
        """What a read by a new adapter gives, by number; more than one for a target is an error."""
        found: dict[int, Outcome] = {}
        for outcome in self.adapter(**options).read(self.targets() if targets is None else targets):
            assert outcome.community_id not in found, f"a second outcome: {outcome}"
            found[outcome.community_id] = outcome
        return found

    def truth(self, place: int) -> Truth:
        return self.world.truth(self.network, self.key(place))

    def content(self, place: int, post: PostFacts) -> PostContent:
        """What a post contains, as far as the network tells."""
        return self.world.content(self.network, self.key(place), post)

    def site(self, place: int) -> str | None:
        """The community's site, as far as the network tells."""
        site: str = self.world.find(self.network, self.key(place)).value("site", self.clock.timestamp())
        return site

    def break_network(self, name: str) -> None:
        for fault in self.breaks[name]:
            self.sandbox.faults.add(replace(fault, network=self.network))

    def damage(self, name: str, place: int) -> None:
        native_id = self.truth(place).native_id
        self.sandbox.faults.add(replace(self.damages[name], network=self.network, community=native_id))


HOSTILE = "Ко\x00ллеги\ud800 \u202eнаоборот " + "я" * 500_000
"""What a text may hold: what no database takes, what turns a line round, and a megabyte."""

VK_TOKEN = "vk1.a.planted-service-token"


class VkBench(Bench):
    network = "vk"
    secrets = (VK_TOKEN,)
    breaks = {  # noqa: RUF012 - a table
        "html": [Fault("html")],
        "truncated": [Fault("truncated")],
        "empty": [Fault("empty")],
        "http_status": [Fault("http_status", status=502)],
        "not_found": [Fault("http_status", status=404)],
        "cut_before": [Fault("cut_before")],
        "cut_middle": [Fault("cut_middle")],
        "redirect": [Fault("redirect")],
        "token_refused": [Fault("error", code=5)],
        "captcha": [Fault("error", code=14)],
        "rate_limited": [Fault("error", code=9)],
        "passing_error": [Fault("error", code=10)],
        "our_bug": [Fault("error", code=8)],
        "unknown_error": [Fault("error", code=4242)],
        "wrong_shape": [Fault("set", path="groups", value=7), Fault("set", path="items", value="нет")],
        "nothing_twice": [Fault("empty", times=2)],
        "passing_error_twice": [Fault("error", code=6, times=2)],
    }
    damages = {  # noqa: RUF012 - a table
        "absurd_followers": Fault("set", method="groups.getById", path="groups.*.members_count", value=-5),
        "future_post": Fault("future", method="wall.get", path="items.1.date", seconds=86_400),
        "wrong_type": Fault("set", method="wall.get", path="items.0.likes.count", value="много"),
        "missing_field": Fault("drop", method="wall.get", path="items.2.id"),
    }
    oddities = {  # noqa: RUF012 - a table
        "hostile_text": Fault("set", method="wall.get", community="1001", path="items.1.text", value=HOSTILE),
        "no_text": Fault("drop", method="wall.get", path="items.*.text"),
        "odd_text": Fault("set", method="wall.get", path="items.*.text", value={"a": 1}),
        "odd_attachments": Fault(
            "set", method="wall.get", path="items.*.attachments", value=[None, {"type": 7}]
        ),
        "no_list": Fault("set", method="wall.get", path="items.*.attachments", value="photo"),
        "many": Fault("set", method="wall.get", path="items.*.attachments", value=[{"type": "photo"}] * 500),
        "odd_repost": Fault("set", method="wall.get", path="items.*.copy_history", value=[7]),
        "hostile_site": Fault("set", method="groups.getById", path="groups.*.site", value=HOSTILE),
        "odd_site": Fault("set", method="groups.getById", path="groups.*.site", value=[1]),
        "odd_message": Fault("set", method="groups.getById", path="groups.*.can_message", value="да"),
    }

    def __init__(self, count: int = 6, **server: Any) -> None:
        server.setdefault(
            "vk_tokens",
            [VkToken(secret, requests_per_second=None, daily_wall_reads=None) for secret in self.secrets],
        )
        super().__init__(count, **server)

    def declared(self, place: int) -> SandboxCommunity:
        return SandboxCommunity("vk", native_id=str(1000 + place))

    def options(self) -> dict[str, Any]:
        return {
            "tokens": list(self.secrets),
            "api_url": self.sandbox.vk_url,
            "requests_per_second": 1000,
            "retry_wait": 0.001,
        }


FACEBOOK_TOKEN = "EAAplantedsystemusertoken0123456789"
FACEBOOK_APP_SECRET = "c0ffee0123456789c0ffee0123456789"


class FacebookBench(Bench):
    network = "facebook"
    secrets = (FACEBOOK_TOKEN, FACEBOOK_APP_SECRET)
    tells_how_it_is_gone = False
    breaks = {  # noqa: RUF012 - a table
        "html": [Fault("html")],
        "truncated": [Fault("truncated")],
        "empty": [Fault("empty")],
        "http_status": [Fault("http_status", status=502)],
        "not_found": [Fault("http_status", status=404)],
        "cut_before": [Fault("cut_before")],
        "cut_middle": [Fault("cut_middle")],
        "redirect": [Fault("redirect")],
        "token_refused": [Fault("error", code=190, subcode=463)],
        "captcha": [Fault("error", code=368)],
        "rate_limited": [Fault("error", code=4)],
        "pages_limited": [Fault("error", method="page", code=80001)],
        "passing_error": [Fault("error", code=2)],
        "passing_error_inside": [Fault("error", method="page", code=2)],
        "unanswered": [Fault("null_element", method="batch")],
        "too_big": [Fault("too_big", value=0)],
        "forbidden": [Fault("error", method="page", contains="published_posts", code=10)],
        "our_bug": [Fault("error", code=2500)],
        "unknown_error": [Fault("error", code=4242)],
        "wrong_shape": [Fault("set", path="id", value=7), Fault("set", path="published_posts", value="нет")],
        "nothing_twice": [Fault("empty", times=2)],
        "passing_error_twice": [Fault("error", code=2, times=2)],
        "limit_near": [Fault("usage", percent=97)],
    }
    damages = {  # noqa: RUF012 - a table
        "absurd_followers": Fault("set", method="page", path="followers_count", value=-5),
        "future_post": Fault(
            "future", method="page", path="published_posts.data.1.created_time", seconds=86_400
        ),
        "wrong_type": Fault(
            "set", method="page", path="published_posts.data.0.reactions.summary.total_count", value="много"
        ),
        "missing_field": Fault("drop", method="page", path="published_posts.data.2.id"),
    }
    oddities = {  # noqa: RUF012 - a table
        "hostile_text": Fault("set", method="page", path="published_posts.data.1.message", value=HOSTILE),
        "odd_text": Fault("set", method="page", path="published_posts.data.*.message", value={"a": 1}),
        "odd_attachments": Fault(
            "set",
            method="page",
            path="published_posts.data.*.attachments",
            value={"data": [None, {"type": 7, "media_type": []}, {"subattachments": {"data": [7]}}]},
        ),
        "no_list": Fault("set", method="page", path="published_posts.data.*.attachments", value="photo"),
        "many": Fault(
            "set",
            method="page",
            path="published_posts.data.*.attachments",
            value={"data": [{"media_type": "photo"}] * 500},
        ),
        "odd_repost": Fault("set", method="page", path="published_posts.data.*.parent_id", value="_"),
        "hostile_site": Fault("set", method="page", path="website", value=HOSTILE),
        "odd_site": Fault("set", method="page", path="website", value=[1]),
    }

    def __init__(self, count: int = 6, **server: Any) -> None:
        server.setdefault("graph_tokens", [GraphToken(FACEBOOK_TOKEN)])
        super().__init__(count, app_secret=FACEBOOK_APP_SECRET, **server)

    def declared(self, place: int) -> SandboxCommunity:
        return SandboxCommunity("facebook", native_id=str(1000 + place))

    def content(self, place: int, post: PostFacts) -> PostContent:
        """Facebook tells whose post is passed on without telling a person from a Page."""
        content = super().content(place, post)
        if post.kind is PostKind.REPOST:
            source = source_of(self.world.find(self.network, self.key(place)), post)
            return replace(content, reposted_native_id=str(abs(source)))
        unknown = {Attachment.POLL, Attachment.ARTICLE, Attachment.DOCUMENT, Attachment.AUDIO}
        told = (Attachment.LINK if kind in unknown else kind for kind in content.attachments)
        return replace(content, attachments=tuple(told))

    def site(self, place: int) -> str | None:
        """Facebook leaves out what is empty."""
        return super().site(place) or None

    def options(self) -> dict[str, Any]:
        return {
            "token": FACEBOOK_TOKEN,
            "app_secret": FACEBOOK_APP_SECRET,
            "api_url": self.sandbox.facebook_url,
            "retry_wait": 0.001,
        }


def benches() -> tuple[type[Bench], ...]:
    """The benches of our networks, and of those that other installed packages bring."""
    # A function, as the others' modules import this one.
    brought = [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)]
    return VkBench, FacebookBench, *brought

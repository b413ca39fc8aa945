"""What the sandbox's world is made of: declared communities, how they behave, what a post is.

Everything here is a plain value, or a function of one: no clock, no I/O.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.model import Access

DAY = 86_400
_MASK = (1 << 64) - 1


def seed_of(*parts: object) -> int:
    """A 64-bit number that the parts determine, the same in every process."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def mix(seed: int, index: int) -> int:
    """A 64-bit number that looks random, from a seed and an index (splitmix64): cheap and repeatable."""
    z = (seed + (index + 1) * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class PostKind(StrEnum):
    """Whose a post is, and why it counts or not."""

    OWN = "own"
    REPOST = "repost"
    VISITOR = "visitor"
    ADVERT = "advert"
    POSTPONED = "postponed"

    @property
    def is_counted(self) -> bool:
        """Whether it is the community's own published post."""
        return self in {PostKind.OWN, PostKind.REPOST}


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post as the world knows it. Instants in seconds since 1970."""

    post_id: int
    published_at: int
    kind: PostKind
    random: int
    """Determines its text, attachments and counts."""
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a community's life, half-open, relative to the world's origin."""

    begins: timedelta
    ends: timedelta


@dataclass(frozen=True, slots=True)
class AccessSpan:
    """A stretch in which a community is not open."""

    access: Access
    span: Span


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a community lives. `days_between_posts` is a mean; the rest are shares and instants."""

    days_between_posts: float = 1.0
    silences: tuple[Span, ...] = ()
    closures: tuple[AccessSpan, ...] = ()
    daily_growth: float = 0.0006
    """Followers gained a day, as a share of those at the origin."""
    repost_share: float = 0.1
    visitor_share: float = 0.06
    advert_share: float = 0.04
    deleted_share: float = 0.03
    has_pinned_post: bool = False
    shows_postponed: bool = False
    has_wall: bool = True


@dataclass(frozen=True, slots=True)
class SandboxCommunity:
    """A community that the sandbox shall answer for, by id or by screen name.

    `network` is `vk` or `facebook`. One that is declared by id has that id; one by name alone gets an id
    that seed and name determine. `is_person` makes it a user's page. None for `behaviour`: the world's plan.
    """

    network: str
    native_id: str | None = None
    screen_name: str | None = None
    title: str = ""
    followers_hint: int | None = None
    is_person: bool = False
    behaviour: Behaviour | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a community at an instant: what a perfect reader would know."""

    network: str
    native_id: str
    screen_name: str
    title: str
    access: Access
    follower_count: int
    is_follower_count_withheld: bool
    post_count: int
    """Visible own posts, reposts and adverts (what `filter=owner` counts); Facebook: published posts."""
    newest_post_at: datetime | None
    """Of the counted posts, reposts among them."""
    newest_post_id: str | None
    newest_original_at: datetime | None
    """The same without reposts."""
    counted_posts: tuple[PostFacts, ...] = field(default=(), repr=False)
    """All visible counted posts, the newest first."""


def _days(begins: float, ends: float) -> Span:
    return Span(timedelta(days=begins), timedelta(days=ends))


LIVELY = Behaviour(days_between_posts=0.6, has_pinned_post=True)
"""Posts almost twice a day, with all that must not be counted."""

MIXED_PLAN: tuple[Behaviour, ...] = (
    LIVELY,
    Behaviour(days_between_posts=2.5, daily_growth=0.0003),
    # Silent as the world begins, for three weeks already; speaks again after twelve days more.
    Behaviour(days_between_posts=1.2, silences=(_days(-21, 12),), has_pinned_post=True, daily_growth=0.0001),
    Behaviour(days_between_posts=0.3, daily_growth=0.0015, shows_postponed=True),
    # Goes silent after a day, for five weeks.
    Behaviour(days_between_posts=0.9, silences=(_days(1, 36),)),
    Behaviour(days_between_posts=4.5, daily_growth=0.0002),
    # Closed as the world begins.
    Behaviour(days_between_posts=1.5, closures=(AccessSpan(Access.CLOSED, _days(-6, 9)),)),
    Behaviour(days_between_posts=0.8, repost_share=0.5, has_pinned_post=True),
    # Banned after two days, back after nine.
    Behaviour(days_between_posts=1.0, closures=(AccessSpan(Access.BANNED, _days(2, 9)),)),
    Behaviour(days_between_posts=5.0, visitor_share=0.4, daily_growth=-0.0002),
    # Twice silent, as after the help of the founding project ended.
    Behaviour(days_between_posts=0.7, silences=(_days(-90, -40), _days(4, 60)), daily_growth=0.001),
)
"""What communities do by default, by their place among those of their network."""

LIVELY_PLAN: tuple[Behaviour, ...] = (
    LIVELY,
    Behaviour(days_between_posts=1.5),
    Behaviour(days_between_posts=3.0),
)
"""A world without findings."""

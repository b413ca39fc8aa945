"""One community of the sandbox's world through time: a function of seed, declaration and instant.

Posts are laid out ahead of time by gaps that a hash of their index gives, so that nothing depends on when
or how often one looks. What ops change by hand is kept beside it as dated events.
"""

from __future__ import annotations

import math
import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from collector.domain.model import Access
from collector.sandbox.model import DAY, Behaviour, PostFacts, PostKind, SandboxCommunity, mix, seed_of

HISTORY_DAYS = 150
_MIN_GAP = 300
_SHARE = 2**24
"""Draws for shares have this many outcomes."""
_ID_STEP = 60
"""A post's id is the minute of its publishing since the community's birth: growing, and stable."""
SETTLED_AFTER = 15 * DAY
"""A post's counts do not move any more after this age."""
COUNT_STEP = 600
"""Counts move in steps of this many seconds, followers hourly."""
_FATE_OPEN = 4 * DAY
"""Whether a post is deleted of its own accord shows before this age."""


class CommunityLife:
    """What one community is, and does, at any instant (seconds since 1970)."""

    def __init__(
        self,
        declared: SandboxCommunity,
        native_id: int,
        screen_name: str,
        behaviour: Behaviour,
        seed: int,
        origin: int,
    ) -> None:
        """`origin`: the instant that the behaviour's spans count from."""
        self.declared = declared
        self.network = declared.network
        self.native_id = native_id
        self.is_person = declared.is_person
        self.neighbours: Sequence[int] = ()
        """Ids of the world's communities of this network: now and then it passes on a post of theirs."""
        self.behaviour = behaviour
        self.origin = origin
        self.seed = seed_of(seed, declared.network, native_id)
        self.revision = 0
        self._lock = threading.Lock()
        hint = declared.followers_hint
        self._audience = hint if hint is not None else 150 + mix(self.seed, -1) % 900
        shares = (behaviour.repost_share, behaviour.visitor_share, behaviour.advert_share)
        kinds = (PostKind.REPOST, PostKind.VISITOR, PostKind.ADVERT)
        self._kind_bounds = [
            (int(bound * _SHARE), kind) for bound, kind in zip(accumulate(shares), kinds, strict=True)
        ]
        self._deleted_bound = int(behaviour.deleted_share * _SHARE)
        self._birth = origin - HISTORY_DAYS * DAY
        self._times = array("q", [self._birth + int(mix(self.seed, -7) % DAY)])
        self._silences = [
            (origin + s.begins.total_seconds(), origin + s.ends.total_seconds()) for s in behaviour.silences
        ]
        # Never changed, but replaced: requests read them meanwhile, without the lock.
        self._extra: Mapping[int, PostFacts] = {}
        self._deletions: Mapping[int, float] = {}
        self._settled = (0, 0, 0)
        """How many of the oldest posts were counted for good: index, own voice, all."""
        self._changes: dict[str, list[tuple[float, Any]]] = {
            "screen_name": [(-math.inf, screen_name)],
            "title": [(-math.inf, declared.title or f"Профсоюз {native_id}")],
            "access": self._planned_access(),
            "followers": [],
            "withheld": [(-math.inf, False)],
            "wall": [(-math.inf, behaviour.has_wall)],
            "wall_kind": [(-math.inf, 1 + mix(self.seed, -11) % 3)],
            "site": [(-math.inf, "https://www.mgoprof.ru/" if mix(self.seed, -12) % 3 else "")],
            "messages": [(-math.inf, mix(self.seed, -13) % 4 > 0)],
            "pinned": [(-math.inf, self._planned_pin())],
        }

    # What is so at an instant

    def value(self, name: str, at: float) -> Any:
        """The value of `screen_name`, `title`, `access`, `withheld`, `wall` or `pinned` at an instant.

        And what a community offers: `wall_kind` (VK's number of a wall that is on), `site`, `messages`.
        """
        changes = self._changes[name]
        return changes[bisect_right(changes, at, key=lambda change: change[0]) - 1][1]

    def followers(self, at: float) -> int:
        """How many follow at an instant, whether told or withheld."""
        hour = int(at // 3600)
        base, since = self._audience, float(self.origin)
        for changed_at, count in self._changes["followers"]:
            if changed_at <= at:
                base, since = count, changed_at
        days = (hour * 3600 - since) / DAY
        grown = base * (1 + self.behaviour.daily_growth * days)
        if since != self.origin and days <= 0:
            return int(base)
        draw = mix(self.seed, hour) % 16
        return max(0, int(grown) + (1 if draw == 0 else -1 if draw == 1 else 0))

    def posts(self, at: float, since_index: int = 0) -> Iterator[PostFacts]:
        """The posts that are there at an instant, the newest first; the postponed ones not among them."""
        self._extend(at)
        index = bisect_right(self._times, at) - 1
        extra = sorted((post for post in self._extra.values() if post.published_at <= at), key=_instant)
        while index >= since_index or extra:
            if extra and (index < since_index or extra[-1].published_at >= self._times[index]):
                post = extra.pop()
            else:
                post = self._post(index)
                index -= 1
            deleted_at = self._deletions.get(post.post_id, post.deleted_at)
            if deleted_at is None or deleted_at > at:
                yield post

    def post_of_id(self, post_id: int, at: float) -> PostFacts | None:
        """The post of an id, if it is there at an instant."""
        self._extend(at)
        post = self._extra.get(post_id)
        if post is None:
            index = bisect_left(self._times, self._birth + (post_id - 1) * _ID_STEP)
            post = self._post(index) if index < len(self._times) else None
        if post is None or post.post_id != post_id or post.published_at > at:
            return None
        deleted_at = self._deletions.get(post_id, post.deleted_at)
        return post if deleted_at is None or deleted_at > at else None

    def totals(self, at: float) -> tuple[int, int]:
        """How many posts are there at an instant: of the community's own voice, and with visitors'."""
        self._extend(at)
        if self._deletions:
            kinds = [post.kind for post in self.posts(at)]
            return sum(kind is not PostKind.VISITOR for kind in kinds), len(kinds)
        with self._lock:
            index, own, everything = self._settled
            if index and self._times[index - 1] > at - _FATE_OPEN:
                index, own, everything = 0, 0, 0
            while self._times[index] <= at - _FATE_OPEN:
                post = self._post(index)
                index += 1
                if post.deleted_at is None:
                    everything += 1
                    own += post.kind is not PostKind.VISITOR
            self._settled = (index, own, everything)
        for post in self.posts(at, index):
            everything += 1
            own += post.kind is not PostKind.VISITOR
        return own, everything

    def counts(self, post: PostFacts, at: float) -> dict[str, int]:
        """Likes, comments, reposts, views of a post at an instant: they grow, then settle."""
        age = min(max(0, (int(at) // COUNT_STEP) * COUNT_STEP - post.published_at), SETTLED_AFTER)
        ripeness = 1 - math.exp(-age / (1.5 * DAY))
        draw = post.random
        audience = self._audience
        views = int((audience * (0.3 + (draw & 0xFF) / 256)) * ripeness)
        likes = int(views * (0.02 + ((draw >> 8) & 0xFF) / 2048))
        return {
            "likes": likes,
            "comments": int(likes * ((draw >> 16) & 0xFF) / 512),
            "reposts": int(likes * ((draw >> 24) & 0xFF) / 1024),
            "views": views,
        }

    def postponed(self, at: float) -> PostFacts | None:
        """The post that waits for its time, if the community shows such."""
        if not self.behaviour.shows_postponed:
            return None
        tomorrow = (int(at) // DAY + 1) * DAY + 9 * 3600
        return PostFacts(self.id_at(tomorrow), tomorrow, PostKind.POSTPONED, mix(self.seed, tomorrow))

    def next_change(self, at: float) -> float:
        """An instant up to which nothing but what was asked for by hand changes."""
        self._extend(at)
        upcoming = self._times[bisect_right(self._times, at)]
        step = (int(at) // COUNT_STEP + 1) * COUNT_STEP
        dated = [when for changes in self._changes.values() for when, _ in changes if when > at]
        deletions = [when for when in self._deletions.values() if when > at]
        return min(float(upcoming), float(step), *dated, *deletions)

    def id_at(self, instant: float) -> int:
        """The id that a post published at an instant gets."""
        return int(instant - self._birth) // _ID_STEP + 1

    # What ops change

    def change(self, name: str, value: Any, at: float) -> None:
        """From this instant on, the value is another; what was planned for later is dropped."""
        with self._lock:
            kept = [change for change in self._changes[name] if change[0] < at]
            self._changes[name] = [*kept, (at, value)]
            self.revision += 1

    def publish(self, at: float, kind: PostKind = PostKind.OWN) -> PostFacts:
        """A post now. Raises ValueError for a kind that is not published."""
        if kind is PostKind.POSTPONED:
            raise ValueError("a postponed post is not published")
        with self._lock:
            post_id = self.id_at(at)
            taken = {post.post_id for post in self._extra.values()}
            index = bisect_left(self._times, at - 10 * _ID_STEP)
            taken.update(self.id_at(instant) for instant in self._times[index : index + 20])
            while post_id in taken:
                post_id += 1
            post = PostFacts(post_id, int(at), kind, mix(self.seed, post_id + 10**9))
            self._extra = {**self._extra, post_id: post}
            self.revision += 1
            return post

    def delete(self, post_id: int, at: float) -> None:
        """Delete a post. Raises KeyError where there is none of that id."""
        if self.post_of_id(post_id, at) is None:
            raise KeyError(post_id)
        with self._lock:
            self._deletions = {**self._deletions, post_id: at}
            self.revision += 1

    # How it was laid out

    def _planned_access(self) -> list[tuple[float, Any]]:
        changes: list[tuple[float, Any]] = [(-math.inf, Access.OPEN)]
        for closure in self.behaviour.closures:
            changes.append((self.origin + closure.span.begins.total_seconds(), closure.access))
            changes.append((self.origin + closure.span.ends.total_seconds(), Access.OPEN))
        return sorted(changes, key=lambda change: change[0])

    def _planned_pin(self) -> int | None:
        if not self.behaviour.has_pinned_post:
            return None
        self._extend(self._birth + 40 * DAY)
        for index, _ in enumerate(self._times):
            post = self._post(index)
            if post.kind is PostKind.OWN and post.deleted_at is None:
                return post.post_id
        return None

    def _extend(self, at: float) -> None:
        """Lay out posts until one lies after `at`."""
        if self._times[-1] > at:
            return
        with self._lock:
            mean = self.behaviour.days_between_posts * DAY
            while self._times[-1] <= at:
                draw = mix(self.seed, 1_000_000 + len(self._times)) / 2**64
                # Rather regular than not: real communities post in waves, but seldom wait four times the mean.
                instant = self._times[-1] + max(_MIN_GAP, int(mean * min(-math.log(1 - draw), 3.0)))
                for begins, ends in self._silences:
                    if begins <= instant < ends:
                        instant = int(ends + 3600 * draw)
                self._times.append(instant)

    def _post(self, index: int) -> PostFacts:
        draw = mix(self.seed, 2_000_000 + index)
        published_at = self._times[index]
        share = draw >> 40
        kind = PostKind.OWN
        for bound, candidate in self._kind_bounds:
            if share < bound:
                kind = candidate
                break
        deleted_at = None
        again = (draw * 0xD1342543DE82EF95) & 0xFFFFFFFFFFFFFFFF
        if again >> 40 < self._deleted_bound:
            # On the step at which counts move, so that a page may be kept until then.
            after = 3600 + again % (_FATE_OPEN - DAY)
            deleted_at = float(((published_at + after) // COUNT_STEP + 1) * COUNT_STEP)
        return PostFacts(self.id_at(published_at), published_at, kind, draw, deleted_at)


def _instant(post: PostFacts) -> int:
    return post.published_at

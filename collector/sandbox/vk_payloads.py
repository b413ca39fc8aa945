"""Communities and posts in the shapes of VK API 5.199 (https://dev.vk.com/ru/reference/objects/post).

Pages of a wall are kept until the world changes, so that a busy benchmark measures the client and not us.
Nested arrays are tuples: what is kept here is shared between answers and must not be changed by a script.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from collector.domain.model import Access
from collector.sandbox.community import CommunityLife
from collector.sandbox.contents import bundle_of, content, passed_on, source_of
from collector.sandbox.model import DAY, PostFacts, PostKind
from collector.sandbox.vk_attachments import ATTACHMENTS

_VIEWS_SINCE_AGE = 100 * DAY
"""Posts older than this when the world began have no view counter, as real ones from before 2017."""

_SOURCE = {"type": "vk"}


def group(life: CommunityLife, at: float, fields: frozenset[str]) -> dict[str, Any]:
    """A community as groups.getById gives it: what comes unasked, and of the rest what was asked for."""
    access: Access = life.value("access", at)
    answer: dict[str, Any] = {
        "id": life.native_id,
        "name": life.value("title", at),
        "screen_name": life.value("screen_name", at),
        "is_closed": {Access.CLOSED: 1, Access.PRIVATE: 2}.get(access, 0),
        "type": "group",
        "photo_50": f"https://sun9-1.userapi.com/c{life.native_id}/50.jpg",
        "photo_100": f"https://sun9-1.userapi.com/c{life.native_id}/100.jpg",
        "photo_200": f"https://sun9-1.userapi.com/c{life.native_id}/200.jpg",
    }
    if access in {Access.BANNED, Access.DELETED}:
        answer["deactivated"] = str(access)
        return answer
    optional: dict[str, Any] = {
        "activity": "Профсоюзная организация",
        "description": f"Официальная страница: {answer['name']}",
        "status": "",
        "site": life.value("site", at),
        "verified": 0,
        "wall": life.value("wall_kind", at) if life.value("wall", at) else 0,
        "can_message": 1 if life.value("messages", at) else 0,
        "counters": {"photos": life.native_id % 300, "videos": life.native_id % 40},
    }
    if not life.value("withheld", at) and access is not Access.PRIVATE:
        optional["members_count"] = life.followers(at)
    if (pinned := life.value("pinned", at)) is not None:
        optional["fixed_post"] = pinned
    answer.update((name, value) for name, value in optional.items() if name in fields)
    return answer


def person(life: CommunityLife, at: float) -> dict[str, Any]:
    """A user as users.get gives them."""
    first_name, _, last_name = life.value("title", at).partition(" ")
    return {
        "id": life.native_id,
        "first_name": first_name,
        "last_name": last_name,
        "can_access_closed": True,
        "is_closed": False,
    }


def post(life: CommunityLife, facts: PostFacts, at: float) -> dict[str, Any]:
    """A post as wall.get gives it."""
    owner_id = -life.native_id
    draw = facts.random
    counts = life.counts(facts, at)
    said = content(life, facts)
    answer: dict[str, Any] = {
        "inner_type": "wall_wallpost",
        "id": facts.post_id,
        "owner_id": owner_id,
        "from_id": 1000 + draw % 10**8 if facts.kind is PostKind.VISITOR else owner_id,
        "date": facts.published_at,
        "post_type": "postpone" if facts.kind is PostKind.POSTPONED else "post",
        "marked_as_ads": 1 if facts.kind is PostKind.ADVERT else 0,
        "text": said.text,
        "attachments": ATTACHMENTS[bundle_of(facts)] if said.attachments else (),
        "post_source": _SOURCE,
        "hash": f"{draw:016x}",
        "is_favorite": False,
        "comments": {"can_post": 0, "count": counts["comments"]},
        "likes": {"can_like": 1, "count": counts["likes"], "user_likes": 0, "can_publish": 1},
        "reposts": {"count": counts["reposts"], "user_reposted": 0},
    }
    if facts.published_at > life.origin - _VIEWS_SINCE_AGE:
        answer["views"] = {"count": counts["views"]}
    if facts.kind is PostKind.REPOST:
        source_owner = source_of(life, facts)
        answer["copy_history"] = (
            {
                "inner_type": "wall_wallpost",
                "id": 1 + draw % 5000,
                "owner_id": source_owner,
                "from_id": source_owner,
                "date": facts.published_at - 7200,
                "post_type": "post",
                "text": passed_on(facts),
                "attachments": ATTACHMENTS[bundle_of(facts)],
                "post_source": _SOURCE,
            },
        )
    return answer


class Walls:
    """Walls as wall.get shows them, kept until the world changes."""

    def __init__(self, kept: int) -> None:
        """`kept`: how many walls; each takes some 25 KB."""
        self._size = kept
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, bool], _Page] = OrderedDict()

    def get(
        self, life: CommunityLife, at: float, offset: int, count: int, is_owner_only: bool
    ) -> dict[str, Any]:
        """The `response` of wall.get: a dictionary and a list of the caller's own, with shared posts."""
        key = (life.native_id, is_owner_only)
        with self._lock:
            page = self._kept.get(key)
            if page is None or page.life is not life or not page.is_valid(at):
                page = _Page(life, at, is_owner_only)
                self._kept[key] = page
                if len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            else:
                self._kept.move_to_end(key)
            return {"count": page.total, "items": page.items(offset, count)}


class _Page:
    def __init__(self, life: CommunityLife, at: float, is_owner_only: bool) -> None:
        self.life = life
        self._at = at
        self._until = life.next_change(at)
        self._revision = life.revision
        self._is_owner_only = is_owner_only
        own, everything = life.totals(at)
        self.total = own if is_owner_only else everything
        pinned: int | None = life.value("pinned", at)
        self._pinned = None if pinned is None else life.post_of_id(pinned, at)
        self._built: list[dict[str, Any]] = []
        self._rest = self._in_order()

    def is_valid(self, at: float) -> bool:
        return self._at <= at < self._until and self._revision == self.life.revision

    def items(self, offset: int, count: int) -> list[dict[str, Any]]:
        while len(self._built) < offset + count:
            facts = next(self._rest, None)
            if facts is None:
                break
            built = post(self.life, facts, self._at)
            if facts == self._pinned:
                built["is_pinned"] = 1
            self._built.append(built)
        return self._built[offset : offset + count]

    def _in_order(self) -> Iterator[PostFacts]:
        if self._pinned is not None:
            # The pinned post comes first, whatever its date, and not again in its place.
            yield self._pinned
        if (waiting := self.life.postponed(self._at)) is not None:
            yield waiting
        for facts in self.life.posts(self._at):
            if facts != self._pinned and not (self._is_owner_only and facts.kind is PostKind.VISITOR):
                yield facts

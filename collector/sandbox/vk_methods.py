"""The VK methods that the sandbox knows, as functions of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from collector.domain.model import Access
from collector.sandbox import vk_payloads
from collector.sandbox.community import CommunityLife
from collector.sandbox.limits import VkToken
from collector.sandbox.vk_errors import VkError
from collector.sandbox.vk_payloads import Walls
from collector.sandbox.world import World

MAX_GROUPS = 500
MAX_POSTS = 100
_OBJECTS_SINCE = (5, 132)
"""From this version on, groups.getById answers with an object; up to 5.131 with a bare array."""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call and what it needs to be answered."""

    world: World
    walls: Walls
    token: VkToken
    parameters: Mapping[str, str]
    at: float
    is_unknown_fatal: bool

    def text(self, name: str) -> str:
        """A parameter; empty if it is missing."""
        return self.parameters.get(name, "").strip()

    def words(self, name: str) -> list[str]:
        """A parameter that is a list with commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within bounds. Raises VkError 100."""
        given = self.text(name)
        if not given:
            return default
        try:
            number = int(given)
        except ValueError:
            raise _invalid(f"{name} not integer") from None
        if not low <= number <= high:
            raise _invalid(f"{name} should be between {low} and {high}")
        return number


def communities_of(world: World, method: str, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """The native ids that a call is about; a name that nobody has is given as it is."""
    if method == "wall.get":
        owner = parameters.get("owner_id", "")
        if owner:
            return (owner.lstrip("-"),)
        words = [parameters.get("domain", "")]
    elif method == "wall.getById":
        return tuple({post.split("_")[0].lstrip("-") for post in parameters.get("posts", "").split(",")})
    elif method == "groups.getById":
        words = (parameters.get("group_ids") or parameters.get("group_id") or "").split(",")
    elif method == "utils.resolveScreenName":
        words = [parameters.get("screen_name", "")]
    else:
        return ()
    found = []
    for word in filter(None, map(str.strip, words)):
        life = None if word.isdecimal() else world.by_name("vk", word)
        found.append(word if life is None else str(life.native_id))
    return tuple(found)


def _groups_get_by_id(call: Call) -> Any:
    words = call.words("group_ids") or call.words("group_id")
    if not words and call.token.group_id is not None:
        words = [str(call.token.group_id)]
    if not words:
        raise _invalid("group_ids is undefined")
    if len(words) > MAX_GROUPS:
        raise _invalid(f"group_ids should have at most {MAX_GROUPS} values")
    fields = frozenset(call.words("fields"))
    lives = [_community(call, word) for word in words]
    found = {life.native_id: life for life in lives if life is not None}
    if not found or (call.is_unknown_fatal and None in lives):
        raise _invalid("group_ids is invalid")
    # VK promises no order: by id, so that nobody leans on the order asked in.
    groups = [vk_payloads.group(found[native_id], call.at, fields) for native_id in sorted(found)]
    major, _, minor = call.text("v").partition(".")
    is_object = (int(major or 0), int(minor or 0)) >= _OBJECTS_SINCE
    return {"groups": groups, "profiles": []} if is_object else groups


def _community(call: Call, word: str) -> CommunityLife | None:
    life = call.world.by_id("vk", int(word)) if word.isdecimal() else call.world.by_name("vk", word)
    if life is None or life.is_person or life.value("access", call.at) is Access.MISSING:
        return None
    return life


def _resolve_screen_name(call: Call) -> Any:
    if not call.text("screen_name"):
        raise _invalid("screen_name is undefined")
    life = call.world.by_name("vk", call.text("screen_name"))
    if life is None or life.value("access", call.at) is Access.MISSING:
        return []
    return {"object_id": life.native_id, "type": "user" if life.is_person else "group"}


def _wall_get(call: Call) -> Any:
    if call.text("owner_id"):
        owner_id = call.integer("owner_id", 0, -(10**12), 10**12)
        life = call.world.by_id("vk", abs(owner_id))
        if life is not None and life.is_person != (owner_id > 0):
            life = None
    else:
        if not call.text("domain"):
            raise _invalid("owner_id is undefined")
        life = call.world.by_name("vk", call.text("domain"))
        if life is None:
            raise _invalid("domain is invalid")
    offset = call.integer("offset", 0, 0, 10**9)
    count = call.integer("count", 20, 0, MAX_POSTS)
    wanted = call.text("filter") or "all"
    if wanted not in {"owner", "all"}:
        raise _invalid("filter is invalid")
    life = _readable(life, call.at)
    answer = call.walls.get(life, call.at, offset, count, wanted == "owner")
    if call.text("extended") == "1":
        answer |= {"profiles": [], "groups": [vk_payloads.group(life, call.at, frozenset())]}
    return answer


def _readable(life: CommunityLife | None, at: float) -> CommunityLife:
    """The owner of a wall that can be read. Raises the VkError that VK gives for one that cannot."""
    access = Access.MISSING if life is None else life.value("access", at)
    if life is None or access in {Access.MISSING, Access.DELETED} or not life.value("wall", at):
        if life is not None and life.is_person and access is Access.DELETED:
            raise VkError(18)
        # For an id that nobody has, VK says the same.
        raise VkError(15, "Access denied: wall is disabled")
    if life.is_person:
        if access is Access.BANNED:
            raise VkError(18)
        if access is not Access.OPEN:
            raise VkError(30)
    elif access is Access.CLOSED:
        raise VkError(15, "Access denied: this wall available only for community members")
    elif access is Access.PRIVATE:
        raise VkError(203)
    elif access is Access.BANNED:
        raise VkError(19)
    return life


def _wall_get_by_id(call: Call) -> Any:
    words = call.words("posts")
    if not words or len(words) > MAX_POSTS:
        raise _invalid("posts is undefined")
    items = []
    for word in words:
        owner, _, post_id = word.partition("_")
        life = call.world.by_id("vk", int(owner[1:])) if owner[:1] == "-" and owner[1:].isdecimal() else None
        if life is None or not post_id.isdecimal():
            continue
        try:
            _readable(life, call.at)
        except VkError:
            continue
        facts = life.post_of_id(int(post_id), call.at)
        if facts is not None:
            items.append(vk_payloads.post(life, facts, call.at))
    return {"items": items}


def _users_get(call: Call) -> Any:
    words = call.words("user_ids")
    if not words:
        # A user's token speaks of its user; others have none.
        if call.token.kind != "user":
            return []
        return [
            {
                "id": 1,
                "first_name": "Песочница",
                "last_name": "Тестова",
                "can_access_closed": True,
                "is_closed": False,
            }
        ]
    lives = [call.world.by_id("vk", int(w)) if w.isdecimal() else call.world.by_name("vk", w) for w in words]
    return [vk_payloads.person(life, call.at) for life in lives if life is not None and life.is_person]


def _invalid(what: str) -> VkError:
    return VkError(100, f"One of the parameters specified was missing or invalid: {what}")


METHODS: dict[str, Callable[[Call], Any]] = {
    "groups.getById": _groups_get_by_id,
    "utils.resolveScreenName": _resolve_screen_name,
    "wall.get": _wall_get,
    "wall.getById": _wall_get_by_id,
    "users.get": _users_get,
}

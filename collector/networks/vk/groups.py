"""Communities as VK tells them, in the domain's words. Plain functions; what cannot be true raises Unexpected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collector.domain.model import Access
from collector.domain.texts import kept
from collector.networks.vk.mapping import MAX_COUNT, Unexpected

LONGEST_SITE = 500
"""Characters that are kept of a community's site."""
_ARE_COMMENTS_OPEN = {0: False, 1: True, 2: True, 3: False}
"""By the kind of the wall: off, open, limited (only its editors post), closed (nor does anybody else comment)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A community as groups.getById tells it."""

    native_id: str
    screen_name: str | None
    title: str | None
    access: Access
    follower_count: int | None
    is_member: bool
    has_no_wall: bool
    has_pinned_post: bool
    site: str | None
    are_messages_open: bool | None
    """Whether our token's user can write to it, by VK's word; a token without a user may be told of none."""
    are_comments_open: bool | None


def group_list(response: Any) -> list[Any]:
    """The communities in an answer: `{groups: [...]}` from 5.139 on, `{items: [...]}`, or a bare array before."""
    if isinstance(response, dict):
        response = response.get("groups", response.get("items"))
    if not isinstance(response, list):
        raise Unexpected("groups.getById gave no list of communities", response)
    return response


def group_id(part: Any) -> str | None:
    """The id that a community's part of the answer bears, if it bears one."""
    number = part.get("id", part.get("gid")) if isinstance(part, dict) else None
    return str(number) if type(number) is int and number > 0 else None


def group_name(part: Any) -> str | None:
    """Its screen name, in lower case."""
    name = part.get("screen_name") if isinstance(part, dict) else None
    return name.lower() if isinstance(name, str) and name else None


def deactivated(part: dict[str, Any]) -> Access | None:
    """BANNED or DELETED where VK says so in the data, else None."""
    word = part.get("deactivated")
    if word is None:
        return None
    if word not in ("banned", "deleted"):
        raise Unexpected("an unknown value of deactivated", part)
    return Access(word)


def group(part: dict[str, Any]) -> Group:
    """A community that is alive."""
    native_id = group_id(part)
    title, name = part.get("name"), part.get("screen_name")
    closed, members = part.get("is_closed"), part.get("members_count")
    if native_id is None or not isinstance(title, str | None) or not isinstance(name, str | None):
        raise Unexpected("id, name or screen_name of another type than documented", part)
    if closed is not None and (type(closed) is not int or not 0 <= closed <= 2):
        raise Unexpected("is_closed is none of 0, 1, 2", part)
    if members is not None and (type(members) is not int or not 0 <= members <= MAX_COUNT):
        raise Unexpected("members_count is no possible number", part)
    wall, site, can_message = part.get("wall"), part.get("site"), part.get("can_message")
    return Group(
        native_id=native_id,
        screen_name=name.lower() if name else None,
        title=title,
        access=Access.UNKNOWN if closed is None else (Access.OPEN, Access.CLOSED, Access.PRIVATE)[closed],
        follower_count=members,
        is_member=part.get("is_member") in (1, True),
        has_no_wall=type(wall) is int and wall == 0,
        has_pinned_post=bool(part.get("fixed_post")),
        # What follows is told beside: where it is of another type it is unknown, and the look is good.
        site=kept(site, LONGEST_SITE).strip() if isinstance(site, str) else None,
        are_messages_open=bool(can_message) if can_message in (0, 1) else None,
        are_comments_open=_ARE_COMMENTS_OPEN.get(wall) if type(wall) is int else None,
    )


def resolved(response: Any) -> tuple[str, str | None]:
    """What utils.resolveScreenName knows of a name: its type, and the id if it is a community's.

    The type is empty for a name that nobody has (VK answers `[]` then).
    """
    if response in ([], {}, None, False):
        return "", None
    kind = response.get("type") if isinstance(response, dict) else None
    number = response.get("object_id", response.get("group_id")) if isinstance(response, dict) else None
    if not isinstance(kind, str) or type(number) is not int or number <= 0:
        raise Unexpected("utils.resolveScreenName gave another shape than documented", response)
    return kind, str(number) if kind in ("group", "page", "event", "public") else None

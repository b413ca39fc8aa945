"""Pages and their posts in the Graph API's shapes.

https://developers.facebook.com/docs/graph-api/reference/page and .../page/feed
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from collector.domain.model import Attachment
from collector.sandbox.community import CommunityLife
from collector.sandbox.contents import BUNDLES, bundle_of, content, source_of
from collector.sandbox.graph_errors import GraphError
from collector.sandbox.graph_fields import Field
from collector.sandbox.model import PostFacts, PostKind

MAX_LIMIT = 100
EDGES = ("published_posts", "posts", "feed")
_EDGE_DEFAULT = [Field("created_time"), Field("message"), Field("id")]
_POST_ID_BASE = 10**15


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page or post is rendered for: the instant, and what a `next` link is made of."""

    at: float
    base_url: str
    access_token: str


def time_text(seconds: float) -> str:
    """An instant as Graph writes it: `2019-05-17T16:24:04+0000`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def page(life: CommunityLife, fields: list[Field], asked: Asked) -> dict[str, Any]:
    """A Page with the fields asked for; what Meta withholds is absent. Raises GraphError."""
    answer: dict[str, Any] = {}
    for wanted in fields:
        if wanted.name in EDGES:
            answer[wanted.name] = edge(life, wanted.name, wanted.children, wanted.modifiers, asked)
        elif (give := _PAGE.get(wanted.name)) is not None:
            value = give(life, asked.at)
            if value is not None:
                answer[wanted.name] = value
        else:
            raise _no_field(wanted.name, "Page")
    answer["id"] = str(life.native_id)
    return answer


def edge(
    life: CommunityLife, name: str, fields: list[Field] | None, modifiers: dict[str, str], asked: Asked
) -> dict[str, Any]:
    """A page of posts, with cursors, and `next` unless it is the last. Raises GraphError."""
    limit = _limit(modifiers)
    after = _post_id_of(modifiers["after"]) if modifiers.get("after") else None
    kinds = (
        {PostKind.OWN, PostKind.REPOST, PostKind.VISITOR}
        if name == "feed"
        else {PostKind.OWN, PostKind.REPOST}
    )
    visible = (post for post in life.posts(asked.at) if post.kind in kinds)
    wanted = (post for post in visible if after is None or post.post_id < after)
    taken = list(islice(wanted, limit + 1))
    shown, has_more = taken[:limit], len(taken) > limit
    rendered = [_post(life, facts, fields or _EDGE_DEFAULT, asked.at) for facts in shown]
    answer: dict[str, Any] = {"data": rendered}
    if shown:
        cursors = {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}
        answer["paging"] = {"cursors": cursors}
        if has_more:
            # As Meta does it, the token is in the link: a collector must never log it.
            query = {
                "access_token": asked.access_token,
                "pretty": "0",
                "limit": limit,
                "after": cursors["after"],
            }
            if fields is not None:
                query["fields"] = _write(fields)
            answer["paging"]["next"] = f"{asked.base_url}/{life.native_id}/{name}?{urlencode(query)}"
    if modifiers.get("summary"):
        answer["summary"] = {"total_count": sum(post.kind in kinds for post in life.posts(asked.at))}
    return answer


def _limit(modifiers: dict[str, str]) -> int:
    given = modifiers.get("limit", "25")
    if not given.isdecimal() or int(given) > MAX_LIMIT:
        raise GraphError(100, f"(#100) Param limit must be between 0 and {MAX_LIMIT}")
    return int(given)


def _cursor(facts: PostFacts) -> str:
    return base64.urlsafe_b64encode(f"after:{facts.post_id}".encode()).decode().rstrip("=")


def _post_id_of(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("after:"))
    except ValueError:
        raise GraphError(100, "(#100) Invalid cursors values") from None


def _write(fields: list[Field]) -> str:
    parts = []
    for item in fields:
        modifiers = "".join(f".{name}({value})" for name, value in item.modifiers.items())
        children = "{" + _write(item.children) + "}" if item.children else ""
        parts.append(item.name + modifiers + children)
    return ",".join(parts)


def _post(life: CommunityLife, facts: PostFacts, fields: list[Field], at: float) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    counts = life.counts(facts, at)
    for wanted in fields:
        if wanted.name in _EDGE_COUNTS:
            inner: dict[str, Any] = {"data": []}
            if wanted.modifiers.get("summary"):
                inner["summary"] = {"total_count": counts[_EDGE_COUNTS[wanted.name]]}
            answer[wanted.name] = inner
        elif wanted.name == "shares":
            # Absent, not 0, where nobody shared.
            if counts["reposts"]:
                answer["shares"] = {"count": counts["reposts"]}
        elif (give := _POST.get(wanted.name)) is not None:
            value = give(life, facts)
            if value is not None:
                answer[wanted.name] = value
        else:
            raise _no_field(wanted.name, "Post")
    answer["id"] = post_id(life, facts)
    return answer


def post_id(life: CommunityLife, facts: PostFacts) -> str:
    """A post's id: the Page's, and its own."""
    return f"{life.native_id}_{_POST_ID_BASE + facts.post_id}"


def _no_field(name: str, node: str) -> GraphError:
    return GraphError(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")


def _followers(life: CommunityLife, at: float) -> int | None:
    return None if life.value("withheld", at) else life.followers(at)


def _author(life: CommunityLife, facts: PostFacts) -> dict[str, str]:
    if facts.kind is PostKind.VISITOR:
        return {"name": "Гость Страницы", "id": str(10**14 + facts.random % 10**12)}
    return {"name": str(life.value("title", facts.published_at)), "id": str(life.native_id)}


def _status_type(_life: CommunityLife, facts: PostFacts) -> str:
    if facts.kind is PostKind.REPOST:
        return "shared_story"
    return "added_photos" if facts.random % 3 else "mobile_status_update"


def _attachments(_life: CommunityLife, facts: PostFacts) -> dict[str, Any] | None:
    """What is attached; of a shared story, what the original has. Several photos come as an album."""
    bundle = BUNDLES[bundle_of(facts)]
    photos = bundle.count(Attachment.PHOTO)
    data: list[dict[str, Any]] = [_ATTACHED[kind] for kind in bundle if kind is not Attachment.PHOTO]
    if photos > 1:
        several = {"data": [_ATTACHED[Attachment.PHOTO]] * photos}
        data.insert(0, {"media_type": "album", "type": "album", "subattachments": several})
    elif photos:
        data.insert(0, _ATTACHED[Attachment.PHOTO])
    return {"data": data} if data else None


_SHARE = {"media_type": "link", "type": "share"}
_ATTACHED: dict[Attachment, dict[str, str]] = dict.fromkeys(Attachment, _SHARE) | {
    Attachment.PHOTO: {"media_type": "photo", "type": "photo"},
    Attachment.VIDEO: {"media_type": "video", "type": "video_inline"},
    Attachment.VIDEO_LINK: {"media_type": "video", "type": "video_share_youtube"},
    Attachment.ALBUM: {"media_type": "album", "type": "album"},
    Attachment.EVENT: {"media_type": "event", "type": "event"},
}
"""What Pages cannot post, such as a poll, is a link here."""
_EDGE_COUNTS = {"reactions": "likes", "likes": "likes", "comments": "comments"}
_PAGE: dict[str, Callable[[CommunityLife, float], Any]] = {
    "id": lambda life, _at: str(life.native_id),
    "name": lambda life, at: life.value("title", at),
    "username": lambda life, at: None if (name := life.value("screen_name", at)).startswith("id") else name,
    "link": lambda life, at: f"https://www.facebook.com/{life.value('screen_name', at)}",
    "followers_count": _followers,
    "fan_count": _followers,
    "category": lambda _life, _at: "Профсоюз",
    "about": lambda life, at: f"Официальная страница: {life.value('title', at)}",
    "website": lambda life, at: life.value("site", at) or None,
    "verification_status": lambda _life, _at: "not_verified",
    "is_published": lambda _life, _at: True,
}
_POST: dict[str, Callable[[CommunityLife, PostFacts], Any]] = {
    "id": post_id,
    "created_time": lambda _life, facts: time_text(facts.published_at),
    "updated_time": lambda _life, facts: time_text(facts.published_at + 60),
    "message": lambda life, facts: content(life, facts).text or None,
    "attachments": _attachments,
    "permalink_url": lambda life, facts: (
        f"https://www.facebook.com/{life.native_id}/posts/{_POST_ID_BASE + facts.post_id}"
    ),
    "is_published": lambda _life, _facts: True,
    "is_hidden": lambda _life, _facts: False,
    "status_type": _status_type,
    "parent_id": lambda life, facts: (
        f"{abs(source_of(life, facts))}_{facts.random % 10**15}" if facts.kind is PostKind.REPOST else None
    ),
    "from": _author,
    "backdated_time": lambda _life, _facts: None,
    "promotion_status": lambda _life, _facts: "inactive",
}

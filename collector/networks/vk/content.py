"""What a post on VK says and shows, as the domain's words. Never a reason to lose a look: what is odd is unknown.

Kinds of attachments: https://dev.vk.com/ru/reference/objects/attachments-wall; VK adds new ones without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collector.domain.model import Attachment, PostContent

_KINDS = {
    "photo": Attachment.PHOTO,
    "posted_photo": Attachment.PHOTO,
    "video": Attachment.VIDEO,
    "clip": Attachment.VIDEO,
    "link": Attachment.LINK,
    "poll": Attachment.POLL,
    "article": Attachment.ARTICLE,
    "audio": Attachment.AUDIO,
    "audio_playlist": Attachment.AUDIO,
    "podcast": Attachment.AUDIO,
    "doc": Attachment.DOCUMENT,
    "album": Attachment.ALBUM,
    "event": Attachment.EVENT,
}
_ARTICLE = re.compile(r"https?://(?:m\.)?vk\.(?:com|ru)/@")
"""Articles come as links, too: their addresses have an @ where others have none."""


def contents_of(posts: Any) -> dict[int, PostContent]:
    """The contents of these posts, by id; a post whose content VK hides, or tells oddly, is left out."""
    found = {}
    for post in posts if isinstance(posts, list) else ():
        if isinstance(post, dict) and type(number := post.get("id")) is int:
            content = _content(post)
            if content is not None:
                found[number] = content
    return found


def _content(post: Mapping[str, Any]) -> PostContent | None:
    text, attached, copied = post.get("text"), post.get("attachments"), post.get("copy_history")
    if not isinstance(text, str) or not isinstance(attached, list | None) or _is_hidden(post):
        return None
    return PostContent.of(text, _kinds(attached or ()), _reposted(copied))


def _is_hidden(post: Mapping[str, Any]) -> bool:
    """Whether it is for paying followers, who alone see its text and attachments."""
    donut = post.get("donut")
    return isinstance(donut, dict) and donut.get("placeholder") is not None


def _kinds(attached: Any) -> Iterator[Attachment]:
    for attachment in attached:
        word = attachment.get("type") if isinstance(attachment, dict) else None
        kind = _KINDS.get(word, Attachment.OTHER) if isinstance(word, str) else Attachment.OTHER
        what = attachment.get(word) if kind is not Attachment.OTHER else None
        if kind is Attachment.VIDEO and isinstance(what, dict) and what.get("platform"):
            # The name of the platform whose player it is; of a video uploaded to VK there is none.
            kind = Attachment.VIDEO_LINK
        elif kind is Attachment.LINK and isinstance(what, dict) and _ARTICLE.match(str(what.get("url"))):
            kind = Attachment.ARTICLE
        yield kind


def _reposted(copied: Any) -> str | None:
    """Whose post is passed on, if a community's: VK's ids of those are negative."""
    first = copied[0] if isinstance(copied, list) and copied else None
    owner = first.get("owner_id") if isinstance(first, dict) else None
    return str(-owner) if type(owner) is int and owner < 0 else None

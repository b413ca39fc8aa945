"""Hashtags in a post's text."""

from __future__ import annotations

import re

_HASHTAG = re.compile(r"(?<![\w#&/@])#(\w*[^\W\d_]\w*)(?:@([\w.]+))?")
_LONGEST = 100


def hashtags(text: str) -> tuple[str, ...]:
    """The hashtags of a text, in lower case and in their order, each once: `#профсоюз`, `#новости@mgo`.

    As VK links them: letters of any script, digits and underscores, at least one letter among them, and perhaps
    the community within which the tag is searched. VK documents no grammar, so in doubt it is none: what is glued to
    a word, to another tag or to an address, such as `vk.com/page#part`.
    """
    found: dict[str, None] = {}
    for tag, community in _HASHTAG.findall(text):
        if len(tag) <= _LONGEST:
            place = community.rstrip(".")
            found[f"#{tag}@{place}".lower() if place else f"#{tag}".lower()] = None
    return tuple(found)

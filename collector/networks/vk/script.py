"""The VKScript that reads many walls in one request.

VKScript is no JavaScript (https://dev.vk.com/ru/execute): this uses calls, literals, `var`, `if`, assignment,
`push`, `slice`, `!=`, `return` and the projection `@.`, nothing else. VK allows 1,000 operations and does not say
what one is; a wall takes 39 if operators, calls, projections, statements and literals' elements all count, so that
25 walls pass.

What posts contain is most of an answer, photos' addresses above all, and changes least. So a wall tells it of its
newest posts only, and only where the newest is not the one that we know: a round an hour later carries the contents
of what was published in that hour. Nothing known to VKScript tells attachments' kinds alone: a projection of arrays
in an array is documented nowhere, and a loop would take more operations than are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_CALLS = 25
"""API calls in one execute (https://dev.vk.com/ru/execute)."""

COLUMNS: dict[str, str] = {
    "i": "id",
    "d": "date",
    "f": "from_id",
    "t": "post_type",
    "a": "marked_as_ads",
    "x": "is_deleted",
    "c": "copy_history",
    "l": "likes",
    "m": "comments",
    "r": "reposts",
    "v": "views",
}
"""A wall comes as columns, one letter each: what a post has that we keep, and no text, photos or the like.

copy_history comes whole, since a projection of an array's length is documented nowhere; it is there for reposts only.
Counters come whole to save operations. is_pinned is left out for the same: the pinned post comes first, and what
matters is the last one's date.
"""
COUNTERS = "lmrv"
TOTAL = "n"
OWNER = "o"
REPOSTED = "c"
NEWEST = "s"
"""The newest posts, whole."""

FIRST_CONTENTS = 3
"""Posts that come whole of a wall that was never read: 25 walls of ten photos each stay below VK's 5 MB."""
NEW_CONTENTS = 5
"""The same of a wall that has something new."""

_ROW = ",".join(f'"{letter}":i@.{name}' for letter, name in COLUMNS.items())


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a wall to be read: `count` posts from `offset` on, of the wall of `owner_id` (negative)."""

    owner_id: int
    count: int
    offset: int = 0
    contents: int = 0
    """Of so many posts at its beginning, what they contain."""
    unless_newest_at: int | None = None
    """But of none where the newest post was published then, in Unix seconds. None: of all the same."""
    has_pinned: bool = False
    """Whether a pinned post comes before the newest.

    Where it is itself the newest, contents come with each look: seldom, and to ask costs operations of every wall.
    """


def walls_script(pages: Iterable[Page]) -> str:
    """The code that reads these pages.

    Returns an array with an object for each page, which names its owner itself; where the call failed, it
    has the owner and nothing else.
    """
    lines = ["var r=[];var w=false;var i=[];"]
    for page in pages:
        owner = f'"{OWNER}":"{page.owner_id}"'
        skip = f',"offset":{page.offset}' if page.offset else ""
        row = f'{owner},"{TOTAL}":w.count,{_ROW}'
        push = f"r.push({{{row}}});"
        if page.contents:
            bare, push = push, f'r.push({{{row},"{NEWEST}":i.slice(0,{page.contents})}});'
            if page.unless_newest_at is not None:
                # `!=` holds for the null of an empty wall too, where an order may be an error.
                place = 1 if page.has_pinned else 0
                push = f"if(i[{place}].date!={page.unless_newest_at}){{{push}}}else{{{bare}}}"
        lines.append(
            f'w=API.wall.get({{"owner_id":"{page.owner_id}","count":{page.count}{skip},"filter":"owner"}});'
            f"if(w){{i=w.items;{push}}}else{{r.push({{{owner}}});}}"
        )
    lines.append("return r;")
    return "\n".join(lines)

"""The VKScript that reads many walls in one request.

VKScript is no JavaScript (https://dev.vk.com/ru/execute): this uses calls, literals, `var`, `if`, assignment,
`push`, `return` and the projection `@.`, nothing else. VK allows 1,000 operations and does not say what one is;
without a loop a wall takes 22 operators, calls and projections, and 39 if literals' elements and statements count
too, so that 25 walls pass by either count.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    "l": "likes@.count",
    "m": "comments@.count",
    "r": "reposts@.count",
    "v": "views@.count",
}
"""A wall comes as columns, one letter each: what a post has that we keep, and no text, photos or the like.

copy_history comes whole, since a projection of an array's length is documented nowhere; it is there for reposts only.
is_pinned is left out to save operations: the pinned post comes first, and what matters is the last one's date.
"""
TOTAL = "n"
OWNER = "o"
REPOSTED = "c"

_ROW = ",".join(f'"{letter}":i@.{path}' for letter, path in COLUMNS.items())


def walls_script(pages: Sequence[tuple[int, int, int]]) -> str:
    """The code that reads `pages`: owner id (negative), how many posts, and from which on.

    Returns an array with an object for each page, which names its owner itself; where the call failed, it
    has the owner and nothing else.
    """
    lines = ["var r=[];var w=false;var i=[];"]
    for owner, count, offset in pages:
        skip = f',"offset":{offset}' if offset else ""
        lines.append(
            f'w=API.wall.get({{"owner_id":"{owner}","count":{count}{skip},"filter":"owner"}});'
            f'if(w){{i=w.items;r.push({{"{OWNER}":"{owner}","{TOTAL}":w.count,{_ROW}}});}}'
            f'else{{r.push({{"{OWNER}":"{owner}"}});}}'
        )
    lines.append("return r;")
    return "\n".join(lines)

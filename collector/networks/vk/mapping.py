"""Walls as VK tells them, in the domain's words. Plain functions; what cannot be true raises Unexpected.

A wall is kept as columns from beginning to end: they come so from our script, and whole columns are checked at
C speed, where post by post would cost more than all else that a reading takes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collector.domain.model import Post, PostContent, Wall
from collector.networks.vk.content import contents_of
from collector.networks.vk.script import COLUMNS, COUNTERS, TOTAL

MAX_COUNT = 10**10
"""More people than there are: no count of anything here is larger."""
CLOCK_SKEW = timedelta(minutes=15)
"""A post may be dated this far ahead of our clock."""
_LATEST_DATE = 2**33
_NOT_PUBLISHED = frozenset({"postpone", "suggest"})
_NOT_COUNTED = _NOT_PUBLISHED | {"post_ads", "reply"}

_INT = frozenset({int})
_NONE = type(None)
_INT_OR_NONE = frozenset({int, _NONE})
_STR_OR_NONE = frozenset({str, _NONE})
_FLAG = frozenset({int, bool, _NONE})


class Unexpected(ValueError):
    """A part of an answer that cannot be true. The part itself is kept for diagnosis."""

    def __init__(self, detail: str, part: Any) -> None:
        super().__init__(detail)
        self.part = part


class Unreadable(ValueError):
    """What our script gave for a wall does not fit together: that wall is to be asked for directly."""


@dataclass(frozen=True, slots=True)
class WallPage:
    """A part of a wall as columns of equal length, checked. `total` is VK's count of the wall's posts."""

    columns: dict[str, list[Any]]
    total: int | None
    contents: dict[int, PostContent] = field(default_factory=dict)
    """By id, of those posts whose content was read."""

    @property
    def size(self) -> int:
        """How many posts of whatever kind."""
        return len(self.columns["i"])


def page_of_columns(part: dict[str, Any]) -> WallPage:
    """A wall as our script gives it. Raises Unreadable where the columns do not fit together."""
    ids = part.get("i")
    total = part.get(TOTAL)
    if ids is None and total == 0:
        ids = []
    if not isinstance(ids, list):
        raise Unreadable("no column of ids")
    size = len(ids)
    columns = {}
    for letter in COLUMNS:
        column = part.get(letter)
        # No post has the field: a projection may then be null, or empty.
        if not column and (size == 0 or letter not in "id"):
            column = [None] * size
        if not isinstance(column, list) or len(column) != size:
            raise Unreadable(f"the column of {COLUMNS[letter]} is not as long as that of the ids")
        columns[letter] = column
    for letter in COUNTERS:
        columns[letter] = [_count(counter, part) for counter in columns[letter]]
    columns["p"] = [None] * size
    return _checked(columns, total, part)


def page_of_answer(response: Any, owner_id: int | None = None) -> WallPage:
    """A wall as wall.get gives it: `{count, items}`, or a bare array of posts.

    With `owner_id`, a post that names another wall as its own is unexpected.
    """
    items = response.get("items") if isinstance(response, dict) else response
    total = response.get("count") if isinstance(response, dict) else None
    if not isinstance(items, list):
        raise Unexpected("wall.get gave no list of posts", response)
    for item in items:
        if not isinstance(item, dict):
            raise Unexpected("a post is no object", item)
        if owner_id is not None and item.get("owner_id", owner_id) != owner_id:
            raise Unexpected("a post of another wall", item)
    columns = {letter: [item.get(name) for item in items] for letter, name in COLUMNS.items()}
    for letter in COUNTERS:
        columns[letter] = [_count(counter, response) for counter in columns[letter]]
    columns["p"] = [item.get("is_pinned") for item in items]
    return replace(_checked(columns, total, response), contents=contents_of(items))


def _count(counter: Any, part: Any) -> Any:
    """The count in a post's likes, comments, reposts or views; None where it has none of them."""
    if type(counter) is dict:
        return counter.get("count")
    if counter is not None:
        raise Unexpected("a counter of a post is no object", part)
    return None


def _checked(columns: dict[str, list[Any]], total: Any, part: Any) -> WallPage:
    if total is not None and (type(total) is not int or not 0 <= total <= MAX_COUNT):
        raise Unexpected("the wall's count is no possible number", part)
    ids, dates = columns["i"], columns["d"]
    if ids:
        if set(map(type, ids)) != _INT or min(ids) <= 0 or max(ids) > MAX_COUNT:
            raise Unexpected("a post without a possible id", part)
        if set(map(type, dates)) != _INT or min(dates) <= 0 or max(dates) > _LATEST_DATE:
            raise Unexpected("a post without a possible date", part)
        for letter in "lmrv":
            if not (types := set(map(type, columns[letter]))) <= _INT_OR_NONE:
                raise Unexpected("a post's count is no number", part)
            numbers = columns[letter] if _NONE not in types else [n for n in columns[letter] if n is not None]
            if numbers and (min(numbers) < 0 or max(numbers) > MAX_COUNT):
                raise Unexpected("a post's count is no possible number", part)
        for letter, allowed in (
            ("f", _INT_OR_NONE),
            ("t", _STR_OR_NONE),
            ("a", _FLAG),
            ("p", _FLAG),
            ("x", _FLAG),
        ):
            if not set(map(type, columns[letter])) <= allowed:
                raise Unexpected("a field of a post has another type than documented", part)
        if not set(map(type, columns["c"])) <= {list, _NONE, bool}:
            raise Unexpected("copy_history of a post is no array", part)
    return WallPage(columns, total)


def joined(first: WallPage, second: WallPage) -> WallPage:
    """Two pages, one after the other; posts that moved from one to the next while we read are in it once."""
    known = set(first.columns["i"])
    fresh = [place for place, number in enumerate(second.columns["i"]) if number not in known]
    return WallPage(
        {
            letter: column + [second.columns[letter][place] for place in fresh]
            for letter, column in first.columns.items()
        },
        second.total if second.total is not None else first.total,
        second.contents | first.contents,
    )


def oldest_read(page: WallPage) -> int | None:
    """The date down to which the wall was read, in unix seconds: that of its last published, unpinned post.

    The last one's, not the smallest: an old pinned post comes first, and proves nothing of those between.
    None where there is no such post.
    """
    columns = page.columns
    dates, kinds, pinned = columns["d"], columns["t"], columns["p"]
    for place in range(len(dates) - 1, -1, -1):
        if not pinned[place] and kinds[place] not in _NOT_PUBLISHED:
            return int(dates[place])
    return None


def wall(page: WallPage, owner_id: int, now: datetime, *, is_whole: bool, is_gap_possible: bool) -> Wall:
    """The wall as the domain knows it: the community's own published posts, without adverts.

    `owner_id` is VK's, negative for a community.
    """
    latest = (now + CLOCK_SKEW).timestamp()
    url = f"https://vk.com/wall{owner_id}_"
    posts = []
    seen = set()
    from_timestamp = datetime.fromtimestamp
    c = page.columns
    for number, date, author, kind, advert, gone, copied, likes, comments, shares, views in zip(
        c["i"], c["d"], c["f"], c["t"], c["a"], c["x"], c["c"], c["l"], c["m"], c["r"], c["v"], strict=True
    ):
        if (
            advert
            or gone
            or kind in _NOT_COUNTED
            or (author is not None and author != owner_id)
            or number in seen
        ):
            continue
        if date > latest:
            raise Unexpected("a post is dated in the future", {"id": number, "date": date, "post_type": kind})
        seen.add(number)
        native_id = str(number)
        posts.append(
            Post(
                native_id,
                from_timestamp(date, UTC),
                url + native_id,
                bool(copied) or kind == "copy",
                likes,
                comments,
                shares,
                views,
                page.contents.get(number),
            )
        )
    covers_since = None
    if not is_whole:
        oldest = oldest_read(page)
        # Where nothing tells how far we read, nothing is claimed to be covered.
        covers_since = now if oldest is None else min(from_timestamp(oldest, UTC), now)
    return Wall(tuple(posts), covers_since, page.total, is_gap_possible)


def shortened(part: Any, limit: int = 3) -> Any:
    """A part of an answer short enough to keep: of long lists the first few."""
    if isinstance(part, dict):
        return {key: shortened(value, limit) for key, value in part.items()}
    if isinstance(part, list):
        return [shortened(value, limit) for value in part[:limit]]
    return part

"""Graph's answers as the domain's values. Pure: no I/O, the clock is an argument.

Every type is checked. What the network leaves out is None; what cannot be true makes the whole answer
unbelievable (`UnexpectedShapeError`), and nothing of it becomes a value. Field lists:
https://developers.facebook.com/docs/graph-api/reference/page and .../reference/pagepost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from collector.domain.model import Post
from collector.networks.facebook.content import content_of, site_of

MOST_PLAUSIBLE = 10_000_000_000
"""More than there are people: no count of a Page is larger."""
CLOCK_TOLERANCE = timedelta(minutes=15)
"""How far ahead of ours Facebook's clock may be before a date counts as one of the future."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:?[0-9]{2})")
_TAIL = 5
# What tells where the next page starts, in the paging of today (`after`) and of old. Never the token.
_CURSORS = ("after", "until", "__paging_token")
_LONGEST_CURSOR = 2000


class UnexpectedShapeError(Exception):
    """An answer that cannot be true; the message names the place and never the value."""


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character")
    return text


Count = Annotated[int, Field(strict=True, ge=0, le=MOST_PLAUSIBLE)]
Text = Annotated[str, StringConstraints(strict=True, max_length=2000), AfterValidator(_storable)]
PageId = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{1,20}$")]
PostId = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9A-Za-z_:.-]{1,100}$")]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


ShapeT = TypeVar("ShapeT", bound=_Shape)


class _Total(_Shape):
    total_count: Count | None = None


class _Summary(_Shape):
    summary: _Total | None = None

    @property
    def total(self) -> int | None:
        return self.summary.total_count if self.summary else None


class _Shares(_Shape):
    count: Count | None = None


class _Author(_Shape):
    id: PageId


class _PostShape(_Shape):
    id: PostId
    created_time: Text
    permalink_url: Text | None = None
    is_published: Annotated[bool, Field(strict=True)] | None = None
    parent_id: Text | None = None
    shares: _Shares | None = None
    author: _Author | None = Field(None, alias="from")
    reactions: _Summary | None = None
    likes: _Summary | None = None
    comments: _Summary | None = None
    message: Any = None
    attachments: Any = None


class _Cursors(_Shape):
    after: Text | None = None


class _Paging(_Shape):
    cursors: _Cursors | None = None
    next: Annotated[str, Field(strict=True)] | None = None


class _Edge(_Shape):
    data: list[_PostShape]
    paging: _Paging | None = None
    summary: _Total | None = None


class _PageShape(_Shape):
    id: PageId
    name: Text | None = None
    username: Text | None = None
    followers_count: Count | None = None
    fan_count: Count | None = None
    website: Any = None


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a Page's node tells of the Page itself."""

    native_id: str
    screen_name: str | None
    title: str | None
    follower_count: int | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """One answer of the posts' edge.

    `published_at` holds the dates of all its published posts in the order of the answer, those that do not
    count included: the order is what tells how far the answer can be trusted. `has_more` is Facebook's
    word (`next`); `next_page` are the parameters that lead there, None where it gives none that we may use.
    """

    posts: tuple[Post, ...]
    published_at: tuple[datetime, ...]
    has_more: bool
    next_page: tuple[tuple[str, str], ...] | None
    post_count: int | None


def read_page(payload: Mapping[str, Any], asked_id: str | None) -> PageFacts:
    """A Page's node. Raises UnexpectedShapeError, also where the answer is of another Page than asked for."""
    page = _shaped(_PageShape, payload)
    if asked_id is not None and page.id != asked_id:
        raise UnexpectedShapeError(f"asked for Page {asked_id}, the answer is of Page {page.id}")
    return PageFacts(
        native_id=page.id,
        screen_name=page.username.lower() if page.username else None,
        title=page.name,
        # New Pages tell the same in both fields; old ones count likes apart.
        follower_count=page.followers_count if page.followers_count is not None else page.fan_count,
        site=site_of(page.website),
    )


def read_window(payload: object, page_id: str, now: datetime, *, has_contents: bool = False) -> Window:
    """One answer of the edge `published_posts`. Raises UnexpectedShapeError.

    `has_contents`: the posts were asked for what they contain, so that what is left out is empty.
    """
    edge = _shaped(_Edge, payload)
    posts: list[Post] = []
    published_at: list[datetime] = []
    for shape in edge.data:
        if shape.is_published is False:
            continue
        at = read_time(shape.created_time)
        if at > now + CLOCK_TOLERANCE:
            raise UnexpectedShapeError("created_time: a published post of the future")
        published_at.append(at)
        if shape.author is None or shape.author.id == page_id:
            posts.append(_post(shape, at, has_contents=has_contents))
    paging = edge.paging
    next_url = paging.next if paging else None
    return Window(
        posts=tuple(posts),
        published_at=tuple(published_at),
        has_more=bool(next_url),
        next_page=_next_page(paging.cursors, next_url) if paging and next_url else None,
        post_count=edge.summary.total_count if edge.summary else None,
    )


def read_time(text: str) -> datetime:
    """Graph's time, `2019-05-17T16:24:04+0000`, in UTC. Raises UnexpectedShapeError."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        # Several times as quick as strptime, and most of the time that a post takes.
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnexpectedShapeError("created_time: not a time") from None


def covered_since(published_at: Sequence[datetime], now: datetime) -> datetime:
    """The instant after which every post was surely read, from the dates read so far in Facebook's order.

    The edge is "ranked": newest first, but with exceptions (backdated posts, posts moved up), so that its
    oldest date proves nothing: one old post at the end of a window would make posts look deleted that the
    next window holds. What is unread can be no newer than the newest of the last few that were read, as
    long as no post strays further than those few. How far posts stray is measured on what was read:
    the newest of a tail at least that long, and never shorter than five, is the answer. Fewer than five
    prove nothing: then it is `now`.
    """
    if len(published_at) < _TAIL:
        return now
    in_order = sorted(range(len(published_at)), key=lambda index: published_at[index], reverse=True)
    strays_by = max(index - rank for rank, index in enumerate(in_order))
    return max(published_at[-max(_TAIL, strays_by + 1) :])


def _post(shape: _PostShape, at: datetime, *, has_contents: bool) -> Post:
    reactions = shape.reactions if shape.reactions is not None else shape.likes
    return Post(
        native_id=shape.id,
        published_at=at,
        url=_post_url(shape),
        is_repost=bool(shape.parent_id),
        like_count=reactions.total if reactions else None,
        comment_count=shape.comments.total if shape.comments else None,
        share_count=shape.shares.count if shape.shares else None,
        content=content_of(shape.message, shape.attachments, shape.parent_id) if has_contents else None,
    )


def _post_url(shape: _PostShape) -> str:
    told = shape.permalink_url or ""
    if told.startswith(("https://", "http://")):
        return told
    # Some kinds of posts tell the path only.
    return f"https://www.facebook.com{told if told.startswith('/') else f'/{shape.id}'}"


def _next_page(cursors: _Cursors | None, next_url: str) -> tuple[tuple[str, str], ...] | None:
    # The URL itself is never followed nor kept: it holds the token. Only its place in the feed is taken.
    if cursors and cursors.after:
        return (("after", cursors.after),)
    try:
        told = dict(parse_qsl(urlsplit(next_url).query))
    except ValueError:
        return None
    found = tuple((name, told[name]) for name in _CURSORS if 0 < len(told.get(name, "")) <= _LONGEST_CURSOR)
    return found or None


def _shaped(shape: type[ShapeT], payload: object) -> ShapeT:
    try:
        return shape.model_validate(payload)
    except ValidationError as error:
        # The place and the complaint only: pydantic's own text quotes the value.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        problem = f"{'.'.join(map(str, first['loc'])) or 'answer'}: {first['type']}"
    raise UnexpectedShapeError(problem)

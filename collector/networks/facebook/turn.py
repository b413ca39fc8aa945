"""One Page's turn: what to ask next, and what its answers amount to.

    the node with its newest posts ─► older posts, page by page ─► a reading
             │ refused for want of a permission, or too large
             ├─► the same without what posts contain, unless it is known that this is not at fault
             └─► the node alone ─► a reading without a wall, which says why

Knows nothing of HTTP, tokens or other Pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from collector.domain.errors import FailureKind
from collector.domain.model import Access, CommunityToRead, Failure, Outcome, Post, Reading, Wall
from collector.networks.facebook.content import CONTENT_FIELDS, SITE_FIELD
from collector.networks.facebook.mapping import (
    PageFacts,
    UnexpectedShapeError,
    Window,
    covered_since,
    read_page,
    read_window,
)
from collector.networks.facebook.options import LARGEST_WINDOW, Options

PAGE_FIELDS = "id,name,username,followers_count,fan_count"
POST_FIELDS = (
    "id,created_time,permalink_url,is_published,status_type,parent_id,shares,from{id},"
    "reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count)"
)
EDGE = "published_posts"
CONFIRMATIONS = 3
"""Facebook says the same of a Page that is gone, hidden, or out of the token's sight: so often, and it is gone."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something could not be read, not yet tied to a community."""

    kind: FailureKind
    detail: str
    access: Access | None = None
    is_certain: bool = True
    raw_answer: str | None = None
    retry_after: timedelta | None = None

    def failure(self, community_id: int, at: datetime) -> Failure:
        """The problem as a community's failure."""
        return Failure(
            community_id=community_id,
            observed_at=at,
            kind=self.kind,
            detail=self.detail,
            access=self.access,
            is_certain=self.is_certain,
            confirmations=1 if self.is_certain else CONFIRMATIONS,
            raw_answer=self.raw_answer,
            retry_after=self.retry_after,
        )


@dataclass(slots=True)
class Contents:
    """Whether posts are asked for what they contain, by what the Pages before have shown of the token."""

    are_asked: bool = True
    are_innocent: bool = False
    """Whether a Page was read with them, or refused without them too: a refusal is not about them."""


class Turn:
    """A Page on its way to its outcome. Each method that takes an answer returns the outcome or None: go on."""

    def __init__(self, target: CommunityToRead, options: Options, contents: Contents) -> None:
        """Nothing is asked yet. `contents` is the adapter's."""
        self.target = target
        self._contents = contents
        self._asks_contents = True
        self._was_refused_with_contents = False
        self._wants_posts = target.wants_wall
        # The first look goes as far as one answer can; later ones need what is new.
        self._limit = options.post_window if target.newest_known_post_at else LARGEST_WINDOW
        self._left = max(options.max_posts_back, 1)
        self._facts: PageFacts | None = None
        self._facts_at: datetime | None = None
        self._posts: dict[str, Post] = {}
        self._dates: list[datetime] = []
        self._post_count: int | None = None
        self._next_page: tuple[tuple[str, str], ...] | None = ()
        self._wall_problem: Problem | None = None

    def call(self) -> str:
        """The relative URL to ask next."""
        self._asks_contents = self._asks_contents and self._contents.are_asked
        fields = f"{PAGE_FIELDS},{SITE_FIELD}" if self._asks_contents else PAGE_FIELDS
        post_fields = f"{POST_FIELDS},{CONTENT_FIELDS}" if self._asks_contents else POST_FIELDS
        if self._facts is not None:
            page = {"fields": post_fields, "limit": str(self._asked()), **dict(self._next_page or ())}
            return f"{self._facts.native_id}/{EDGE}?{urlencode(page)}"
        if self._wants_posts:
            fields += f",{EDGE}.limit({self._asked()}).summary(total_count){{{post_fields}}}"
        name = self.target.native_id or quote(self.target.screen_name or "", safe="")
        return f"{name}?{urlencode({'fields': fields})}"

    def take(
        self, payload: dict[str, object], now: datetime, raw: Callable[[], str | None]
    ) -> Outcome | None:
        """Take an answer; `raw` gives its text, where it turns out not to be believable."""
        try:
            if self._facts is not None:
                return self._take_window(payload, now)
            facts = read_page(payload, self.target.native_id)
            if self._wants_posts and EDGE in payload:
                window = self._window(payload[EDGE], facts, now)
                self._facts, self._facts_at = facts, now
                self._learn()
                return self._add(window, now)
            self._facts, self._facts_at = facts, now
        except UnexpectedShapeError as error:
            detail = f"Facebook's answer cannot be true: {error}"
            return self.end(Problem(FailureKind.UNEXPECTED_RESPONSE, detail, raw_answer=raw()), now)
        # An edge that was left out may be empty or withheld: asked for directly, Facebook says which.
        return None if self._wants_posts else self._reading(None)

    def shrink(self, problem: Problem, now: datetime) -> Outcome | None:
        """The answer would be too large: ask for half as many posts, in the end for none."""
        if self._limit > 1 and self._wants_posts:
            self._limit = max(1, self._asked() // 2)
            return None
        return self._fall_to_page(problem, now)

    def fall_back(self, problem: Problem, now: datetime) -> Outcome | None:
        """Something is refused: ask for less, the Page alone in the end. Where that is refused too, the turn ends."""
        if self._facts is None and self._asks_contents and not self._contents.are_innocent:
            # Asked for beside, they are never the reason for which a Page is not read.
            self._asks_contents, self._was_refused_with_contents = False, True
            return None
        self._contents.are_innocent |= self._was_refused_with_contents
        return self._fall_to_page(problem, now)

    def _fall_to_page(self, problem: Problem, now: datetime) -> Outcome | None:
        if self._facts is not None or not self._wants_posts:
            return self.end(problem, now)
        self._wants_posts, self._wall_problem = False, problem
        return None

    def end(self, problem: Problem, now: datetime) -> Outcome:
        """End the turn early. What was read of the Page itself is kept; posts without their rest are not:

        were they stored, the next round would page back to them only, and the gap would stay.
        """
        failure = problem.failure(self.target.community_id, now)
        if self._facts is None or problem.kind is FailureKind.INTERRUPTED:
            return failure
        return self._reading(None, failure)

    def _asked(self) -> int:
        return min(self._limit, max(self._left, 1))

    def _take_window(self, payload: object, now: datetime) -> Outcome | None:
        facts = self._facts
        assert facts is not None  # noqa: S101 - the caller's condition, for the type checker
        return self._add(self._window(payload, facts, now), now)

    def _window(self, payload: object, facts: PageFacts, now: datetime) -> Window:
        return read_window(payload, facts.native_id, now, has_contents=self._asks_contents)

    def _learn(self) -> None:
        """Posts were read: with what they contain, or only after that was left out."""
        if self._asks_contents:
            self._contents.are_innocent = True
        elif self._was_refused_with_contents:
            self._contents.are_asked = False

    def _add(self, window: Window, now: datetime) -> Outcome | None:
        self._left -= self._asked()
        if window.post_count is not None:
            self._post_count = window.post_count
        for post in window.posts:
            self._posts.setdefault(post.native_id, post)
        self._dates.extend(window.published_at)
        if not window.has_more:
            return self._wall(covers_since=None)
        covers_since = covered_since(self._dates, now)
        known = self.target.newest_known_post_at
        if known is None:
            is_enough = bool(self._dates)
        else:
            is_all_old = bool(window.published_at) and max(window.published_at) <= known
            is_enough = is_all_old or covers_since <= known
        # The same place once more would be a circle.
        can_go_on = self._left > 0 and window.next_page not in (None, self._next_page)
        if not is_enough and can_go_on:
            self._next_page = window.next_page
            return None
        return self._wall(covers_since, is_gap_possible=known is not None and not is_enough)

    def _wall(self, covers_since: datetime | None, is_gap_possible: bool = False) -> Outcome:
        newest_first = sorted(self._posts.values(), key=lambda post: post.published_at, reverse=True)
        return self._reading(Wall(tuple(newest_first), covers_since, self._post_count, is_gap_possible))

    def _reading(self, wall: Wall | None, failure: Failure | None = None) -> Reading:
        facts, at = self._facts, self._facts_at
        assert facts is not None  # noqa: S101 - no reading is made before
        assert at is not None  # noqa: S101
        if failure is None and self._wall_problem is not None:
            failure = self._wall_problem.failure(self.target.community_id, at)
        return Reading(
            community_id=self.target.community_id,
            observed_at=at,
            native_id=facts.native_id,
            screen_name=facts.screen_name,
            title=facts.title,
            access=Access.OPEN,
            follower_count=facts.follower_count,
            wall=wall,
            wall_failure=failure,
            site=facts.site,
        )

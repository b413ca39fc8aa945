"""The contest of news: which posts compete, their places by engagement, and which primaries gave no news.

What competes is a primary's own post, and a post of a territorial organisation that passes on a primary's post or names
a primary: by its code, its name, its community's title or address, as whole words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from collector.domain.calendar import moscow_day
from collector.domain.mentions import Names
from collector.domain.model import Access, BranchKind
from collector.domain.period import ReportPeriod
from collector.reports.engagement import engagement, engagement_rate, followers_then
from collector.reports.points import rounded
from storage.news import NewsCommunity, NewsFacts, NewsPost, Primary

NEAR = timedelta(days=7)
"""A reading of followers farther than this from a post says nothing of it."""


class Via(StrEnum):
    """By what a post is of a primary organisation."""

    OWN = "own"
    REPOST = "repost"
    MENTION = "mention"


class Why(StrEnum):
    """Why a post is not compared."""

    RETIRED = "retired"
    COUNTS_UNKNOWN = "counts_unknown"
    WITHHELD = "withheld"
    NO_READING = "no_reading"
    FROM_NOBODY = "from_nobody"


class Lack(StrEnum):
    """What is known of a primary without news. All but the first: it cannot be told whether it gave any."""

    NO_POSTS = "no_posts"
    RETIRED = "retired"
    NO_COMMUNITY = "no_community"
    NOT_OPEN = "not_open"
    BORN = "born"
    WALL_UNSEEN_BEFORE = "wall_unseen_before"
    WALL_UNSEEN_AFTER = "wall_unseen_after"


@dataclass(frozen=True, slots=True)
class Entry:
    """A post that is of one primary organisation or of some."""

    of: NewsPost
    primaries: tuple[str, ...]
    """Their codes."""
    via: Via
    evidence: tuple[str, ...]
    """Of a mention: who is named, as it stands in the text."""
    rate: float | None
    """Engagement in percent of the followers then; None: it is not compared."""
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry's place; its places differ where it shares them: 2 and 3."""

    entry: Entry
    first_place: int
    last_place: int


@dataclass(frozen=True, slots=True)
class WithoutNews:
    """A primary organisation of which no news was seen."""

    code: str
    parent_code: str | None
    lack: Lack
    network: str | None = None
    on: date | None = None
    access: str | None = None
    repost_count: int = 0
    """How many reposts it has all the same."""


@dataclass(frozen=True, slots=True)
class NewsNumbers:
    """The whole report's numbers."""

    period: ReportPeriod
    placed: tuple[Placed, ...]
    not_compared: tuple[Entry, ...]
    without_news: tuple[WithoutNews, ...]
    primary_count: int
    unread_count: int
    """Posts of territorial organisations whose text was not read: whom they name is not known."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All that compete or would."""
        return (*(each.entry for each in self.placed), *self.not_compared)


def news(facts: NewsFacts) -> NewsNumbers:
    """The numbers of what is known."""
    entries, unread = _entries(facts)
    compared = [each for each in entries if each.rate is not None]
    given = {code for each in entries for code in each.primaries}
    return NewsNumbers(
        facts.period,
        tuple(_placed(compared)),
        tuple(each for each in entries if each.rate is None),
        tuple(_without_news(facts, given)),
        len(facts.primaries),
        unread,
    )


def _entries(facts: NewsFacts) -> tuple[list[Entry], int]:
    by_community = {
        (each.network, each.native_id): primary.code
        for primary in facts.primaries
        for each in primary.communities
        if each.native_id is not None
    }
    names, unread = _names(facts.primaries), 0
    entries = []
    listed = {each.code for each in facts.primaries}
    retired = {
        each.code
        for each in facts.primaries
        if each.retired_at is not None and each.retired_at <= facts.counted_until
    }
    for post in facts.posts:
        if post.branch_kind is BranchKind.PRIMARY:
            if not post.post.is_repost and post.branch_code in listed:
                entries.append(_entry(post, (post.branch_code,), Via.OWN, (), retired))
            continue
        if post.content is None:
            unread += 1
            continue
        source = by_community.get((post.network, post.content.reposted_native_id or ""))
        mentions = names.mentioned_in(post.content.text)
        if source is not None:
            entries.append(_entry(post, (source,), Via.REPOST, (), retired))
        elif mentions:
            who = tuple(each.who for each in mentions)
            entries.append(_entry(post, who, Via.MENTION, tuple(each.words for each in mentions), retired))
    return entries, unread


def _names(primaries: Sequence[Primary]) -> Names:
    """Codes, names, and titles of two words or more; a title of one says too little of whose it is."""
    names = [(each.code, name) for each in primaries for name in (each.code, each.name)]
    addresses = []
    for primary in primaries:
        for each in primary.communities:
            if each.title is not None and len(each.title.split()) > 1:
                names.append((primary.code, each.title))
            if each.screen_name is not None:
                addresses.append((primary.code, each.screen_name))
            if each.network == "vk" and each.native_id is not None:
                # As VK writes a mention: [club42|...].
                addresses += [(primary.code, f"{kind}{each.native_id}") for kind in ("club", "public")]
    return Names(names, addresses)


def _entry(
    post: NewsPost, primaries: tuple[str, ...], via: Via, evidence: tuple[str, ...], retired: set[str]
) -> Entry:
    why = Why.RETIRED if retired.issuperset(primaries) else _why_not_compared(post)
    rate = engagement_rate(post.post, NEAR) if why is None else None
    told = None if rate is None else rounded(rate.numerator, rate.denominator, 2)
    return Entry(post, primaries, via, evidence, told, why)


def _why_not_compared(of: NewsPost) -> Why | None:
    post, then = of.post, followers_then(of.post, NEAR)
    if engagement(post) is None:
        return Why.COUNTS_UNKNOWN
    if then is None:
        near = [
            read
            for read in (post.before, post.after)
            if read is not None and abs(read.observed_at - post.published_at) <= NEAR
        ]
        return Why.WITHHELD if near else Why.NO_READING
    return None if then.follower_count else Why.FROM_NOBODY


def _placed(entries: Sequence[Entry]) -> Iterator[Placed]:
    """The greatest rate first; of equal ones, which share their places, the earlier."""
    in_order = sorted(entries, key=lambda each: (-(each.rate or 0), each.of.post.published_at))
    rates = [each.rate for each in in_order]
    last = {rate: place for place, rate in enumerate(rates, start=1)}
    first = {rate: place for place, rate in reversed(list(enumerate(rates, start=1)))}
    for each in in_order:
        yield Placed(each, first[each.rate], last[each.rate])


def _without_news(facts: NewsFacts, given: set[str]) -> Iterator[WithoutNews]:
    reposts: dict[str, int] = {}
    for each in facts.posts:
        if each.post.is_repost:
            reposts[each.branch_code] = reposts.get(each.branch_code, 0) + 1
    for primary in facts.primaries:
        if primary.code not in given:
            yield _lack(primary, facts, reposts.get(primary.code, 0))


def _lack(primary: Primary, facts: NewsFacts, repost_count: int) -> WithoutNews:
    """What is known of a primary without news; of several communities the first that cannot be told of decides."""

    def lacks(
        lack: Lack, on: date | None = None, of: NewsCommunity | None = None, access: str | None = None
    ) -> WithoutNews:
        network = None if of is None else of.network
        return WithoutNews(primary.code, primary.parent_code, lack, network, on, access, repost_count)

    if primary.retired_at is not None and primary.retired_at <= facts.counted_until:
        return lacks(Lack.RETIRED, moscow_day(primary.retired_at))
    communities = [
        each
        for each in primary.communities
        if each.retired_at is None or each.retired_at > facts.counted_until
    ]
    if not communities:
        return lacks(Lack.NO_COMMUNITY)
    for each in communities:
        first, last = each.posts_known_since, each.wall_last_seen_at
        if each.access not in (Access.OPEN, Access.UNKNOWN):
            since = None if each.access_since is None else moscow_day(each.access_since)
            return lacks(Lack.NOT_OPEN, since, each, each.access)
        if first is None or first > facts.period.start:
            if each.absent_on is not None and each.absent_on >= facts.period.first_day:
                return lacks(Lack.BORN, each.absent_on, each)
            return lacks(Lack.WALL_UNSEEN_BEFORE, None if first is None else moscow_day(first), each)
        if last is None or last < facts.period.end:
            return lacks(Lack.WALL_UNSEEN_AFTER, None if last is None else moscow_day(last), each)
    return lacks(Lack.NO_POSTS)

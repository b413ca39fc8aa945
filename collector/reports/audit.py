"""The audit's numbers: what the posts and communities show of the 16 recommendations of the founding resolution.

A share is of those posts alone of which the thing is known: a post whose content was not read is neither with a hashtag
nor without one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from collector.domain.calendar import MOSCOW, moscow_day
from collector.domain.model import Attachment
from collector.domain.period import ReportPeriod
from collector.reports.naming import Naming, naming
from storage.audit import AuditedContent, AuditedPost, AuditFacts
from storage.growth import BranchLine

_OPEN = ("open", "unknown")
_TAGS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Share:
    """How many posts have something, of those of which it is known; `total`: of all."""

    part: int
    known: int
    total: int

    @property
    def fraction(self) -> Fraction | None:
        """None: not known of any."""
        return Fraction(self.part, self.known) if self.known else None

    @property
    def unknown(self) -> int:
        """Posts of which it is not known."""
        return self.total - self.known


@dataclass(frozen=True, slots=True)
class PostShares:
    """What posts show."""

    own: Share
    """Not passed on from elsewhere."""
    video: Share
    """Uploaded to the network itself."""
    video_link: Share
    poll: Share
    article: Share
    hashtag: Share
    of_primaries: Share
    """Passed on from a primary organisation's community."""
    commented: Share


@dataclass(frozen=True, slots=True)
class CommunityAudit:
    """A community's line."""

    facts: AuditFacts
    is_whole: bool
    """Whether its wall was seen all the time."""
    days_with_posts: int
    shares: PostShares

    @property
    def is_closed(self) -> bool:
        """Whether it is closed, or not to be found, at the period's end."""
        return self.facts.access is not None and self.facts.access.access not in _OPEN


@dataclass(frozen=True, slots=True)
class BranchAudit:
    """How regularly a branch posts, over all its communities."""

    code: str
    has_community: bool
    is_retired: bool
    is_whole: bool
    days_with_posts: int


@dataclass(frozen=True, slots=True)
class AuditNumbers:
    """The whole report's numbers. `period`: as far as it is over."""

    asked: ReportPeriod
    period: ReportPeriod
    today: date
    branches: tuple[BranchAudit, ...]
    communities: tuple[CommunityAudit, ...]
    shares: PostShares
    """Of all posts together."""
    hashtags: tuple[tuple[str, int], ...]
    """The most used, and in how many posts."""
    rhythm: tuple[tuple[int, ...], ...]
    """Posts by weekday, Monday first, and hour of Moscow."""
    naming: Naming

    @property
    def day_count(self) -> int:
        """Days of the period."""
        return len(self.period.days)


def audit(
    asked: ReportPeriod,
    period: ReportPeriod,
    lines: Sequence[BranchLine],
    facts: Sequence[AuditFacts],
    today: date,
) -> AuditNumbers:
    """The numbers from what is known. `period`: the days of `asked` that are over."""
    communities = tuple(_community(each, period) for each in facts)
    by_branch: dict[str, list[CommunityAudit]] = defaultdict(list)
    for each in communities:
        by_branch[each.facts.branch_code].append(each)
    posts = [post for of_one in facts for post in of_one.posts]
    tags = Counter(tag for post in posts if post.content is not None for tag in post.content.hashtags)
    return AuditNumbers(
        asked,
        period,
        today,
        tuple(_branch(line, by_branch.get(line.code, ()), period) for line in lines),
        communities,
        _shares(posts),
        tuple(sorted(tags.items(), key=lambda each: (-each[1], each[0]))[:_TAGS_TOLD]),
        _rhythm(posts),
        naming([of_one for of_one in facts if of_one.retired_at is None]),
    )


def _community(facts: AuditFacts, period: ReportPeriod) -> CommunityAudit:
    return CommunityAudit(
        facts,
        period.is_seen(facts.posts_known_since, facts.wall_last_seen_at),
        len(_days_of(facts.posts)),
        _shares(facts.posts),
    )


def _branch(line: BranchLine, own: Sequence[CommunityAudit], period: ReportPeriod) -> BranchAudit:
    return BranchAudit(
        line.code,
        bool(own),
        line.retired_at is not None and line.retired_at < period.end,
        bool(own) and all(each.is_whole for each in own),
        len(_days_of(post for each in own for post in each.facts.posts)),
    )


def _days_of(posts: Iterable[AuditedPost]) -> set[date]:
    return {moscow_day(post.published_at) for post in posts}


def _shares(posts: Sequence[AuditedPost]) -> PostShares:
    def of_content(has: Callable[[AuditedContent], bool]) -> Share:
        read = [post.content for post in posts if post.content is not None]
        return Share(sum(has(content) for content in read), len(read), len(posts))

    def with_kind(kind: Attachment) -> Share:
        return of_content(lambda content: kind.value in content.attachments)

    comments = [post.comment_count for post in posts if post.comment_count is not None]
    return PostShares(
        own=Share(sum(not post.is_repost for post in posts), len(posts), len(posts)),
        video=with_kind(Attachment.VIDEO),
        video_link=with_kind(Attachment.VIDEO_LINK),
        poll=with_kind(Attachment.POLL),
        article=with_kind(Attachment.ARTICLE),
        hashtag=of_content(lambda content: bool(content.hashtags)),
        of_primaries=of_content(lambda content: content.is_of_primary),
        commented=Share(sum(count > 0 for count in comments), len(comments), len(posts)),
    )


def _rhythm(posts: Sequence[AuditedPost]) -> tuple[tuple[int, ...], ...]:
    counts = Counter(
        (at.weekday(), at.hour) for at in (post.published_at.astimezone(MOSCOW) for post in posts)
    )
    return tuple(tuple(counts[weekday, hour] for hour in range(24)) for weekday in range(7))

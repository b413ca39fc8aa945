"""The nouns of the program: branches and their communities, and what one look at a community gives.

Frozen, without I/O. Datetimes are aware and in UTC; what is unknown is None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from collector.domain.errors import FailureKind
from collector.domain.texts import kept


class BranchKind(StrEnum):
    """The level of a union organisation."""

    CITY = "city"
    TERRITORIAL = "territorial"
    PRIMARY = "primary"


class ContactRole(StrEnum):
    """What a person is to a branch, hence which letters concern them."""

    CHAIR = "chair"
    ADMINISTRATOR = "administrator"
    DEPARTMENT = "department"


class Access(StrEnum):
    """How far a community is open to us."""

    OPEN = "open"
    CLOSED = "closed"
    PRIVATE = "private"
    BANNED = "banned"
    DELETED = "deleted"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Attachment(StrEnum):
    """What a post can have attached to its text, in our words for all networks."""

    PHOTO = "photo"
    VIDEO = "video"
    """Uploaded to the network itself."""
    VIDEO_LINK = "video_link"
    """The player of another platform."""
    LINK = "link"
    POLL = "poll"
    ARTICLE = "article"
    AUDIO = "audio"
    DOCUMENT = "document"
    ALBUM = "album"
    EVENT = "event"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a community is, as a person declared it: a numeric id or a name, never both.

    `native_id` is the network's own id without sign (VK) as a decimal string; `screen_name` is lower case.
    """

    network: str
    native_id: str | None
    screen_name: str | None
    url: str

    @property
    def key(self) -> str:
        """The address in one word, unique within its network: `id:123` or `name:profsouz.vao`."""
        return f"id:{self.native_id}" if self.native_id is not None else f"name:{self.screen_name}"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to write to."""

    role: ContactRole
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which nobody is expected to post, both included."""

    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class BranchDeclaration:
    """A branch as the branches file declares it."""

    code: str
    name: str
    kind: BranchKind
    parent_code: str | None = None
    primary_count: int | None = None
    silence_threshold: timedelta | None = None
    pauses: tuple[Pause, ...] = ()
    contacts: tuple[Contact, ...] = ()
    communities: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class CommunityToRead:
    """A community whose turn it is, with what an adapter needs to read no more than is new."""

    community_id: int
    network: str
    native_id: str | None
    screen_name: str | None
    wants_wall: bool = True
    """Whether its wall is due too; walls cost quota, the rest does not."""
    newest_known_post_at: datetime | None = None
    """Page back to here, so that a gap of ours loses no post. None: the wall was never read."""


LONGEST_TEXT = 4_000
"""Characters that are kept of a post's text; one that was longer ends with an ellipsis."""
MOST_ATTACHMENTS = 50
"""Attachments that are kept of a post: networks take ten or so, an album on Facebook shows more."""


@dataclass(frozen=True, slots=True)
class PostContent:
    """What a post says and shows.

    `text` is the community's own words, not those of a post that it passes on; `attachments` are its own too, in
    their order, each as often as it occurs. `reposted_native_id` is the network's id, without sign, of the
    community whose post is passed on; None: of none, or of a person (Facebook alone does not tell the two apart, so
    that there it may be a person's id). Make it by `of`, which cleans and bounds.
    """

    text: str
    attachments: tuple[Attachment, ...] = ()
    reposted_native_id: str | None = None

    @classmethod
    def of(
        cls, text: str, attachments: Iterable[Attachment] = (), reposted_native_id: str | None = None
    ) -> PostContent:
        """The content that a network tells, without what no database or reader takes, and no longer than is kept."""
        return cls(kept(text, LONGEST_TEXT), tuple(islice(attachments, MOST_ATTACHMENTS)), reposted_native_id)


@dataclass(frozen=True, slots=True)
class Post:
    """A post of the community's own, as one look saw it. Counts are None where the network tells none."""

    native_id: str
    published_at: datetime
    url: str
    is_repost: bool = False
    like_count: int | None = None
    comment_count: int | None = None
    share_count: int | None = None
    view_count: int | None = None
    content: PostContent | None = None
    """None: this look did not read it. Never that the post is empty, or has lost what it had."""


@dataclass(frozen=True, slots=True)
class Wall:
    """What one look at a wall showed.

    `posts` are the community's own published posts: no visitors', adverts, postponed or suggested ones.
    All that were published after `covers_since` are among them, so that a known one which is missing was
    deleted; None means that the whole wall was read. `post_count` is the network's own total of the wall.
    `is_gap_possible` tells that paging back ended at its bound before it reached what was known.
    """

    posts: tuple[Post, ...]
    covers_since: datetime | None
    post_count: int | None = None
    is_gap_possible: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A community, or its wall, that could not be read, and why.

    `access` is what the failure tells of the community, if anything. `is_certain` is False where the
    network's answer may also mean that the token is at fault: not believed where most communities fail
    alike. `confirmations` is how many such answers in a row it takes to believe `access`. `raw_answer` is
    bounded and free of secrets.
    """

    community_id: int
    observed_at: datetime
    kind: FailureKind
    detail: str
    access: Access | None = None
    is_certain: bool = True
    confirmations: int = 1
    raw_answer: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one successful look at a community gave.

    `wall` is None where the wall was not asked for or could not be read; `wall_failure` says why not.
    """

    community_id: int
    observed_at: datetime
    native_id: str
    screen_name: str | None
    title: str | None
    access: Access
    follower_count: int | None
    wall: Wall | None = None
    wall_failure: Failure | None = None
    url: str | None = None
    """Link for people by its present name; None: the declared one holds."""
    site: str | None = None
    """The site that it names in its description; "": it names none; None: not told."""
    are_messages_open: bool | None = None
    """Whether our token's user can write to it, by the network's word; None: not told."""
    are_comments_open: bool | None = None
    """Whether visitors can comment on its posts; None: not told."""


Outcome = Reading | Failure


@dataclass(frozen=True, slots=True)
class TokenReport:
    """What trying a token out showed. `label` names it by position and last four characters only.

    `is_working` None: that could not be found out, as nobody answered; `advice` says why. `token_key`: see
    `redaction.token_key`. `kind`: whose it is, in words; None: the network does not tell. `clock_ahead`: how far the
    clock of who answered is ahead of ours; None: it did not tell.
    """

    network: str
    label: str
    is_working: bool | None
    can: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    advice: str | None = None
    expires_at: datetime | None = None
    token_key: str = ""
    kind: str | None = None
    clock_ahead: timedelta | None = None


@dataclass(slots=True)
class RequestTally:
    """How many HTTP requests an adapter made, by method; for the run's record."""

    by_method: dict[str, int] = field(default_factory=dict)

    def add(self, method: str) -> None:
        """Count one request."""
        self.by_method[method] = self.by_method.get(method, 0) + 1

    @property
    def total(self) -> int:
        """All requests so far."""
        return sum(self.by_method.values())

"""When a community's turn comes, and whose wall goes first where the quota does not suffice for all.

Pure functions of what is known and of `now`.

Reading a community costs a share of one request; reading its wall costs a unit of a daily quota. So each
community is read once an interval, and its wall as often as the quota lets all walls be read evenly, but
at once when its deadline of silence has passed unread: only a wall read after the deadline proves silence. What the
rule of silence still lacks of a wall (its branch has another deadline than it) is asked for, and goes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Access

LOOK_AGAIN_AFTER = timedelta(days=1)
"""A wall known to be silent or withheld is looked at again within this, as far as the quota goes."""

QUOTA_IN_REGULAR_USE = 0.9
"""The share of the daily quota that regular reading may plan with; the rest is for deadlines and paging back."""


CLOCK_TOLERANCE = timedelta(hours=1)
"""What is stored as later than now by more than this was stored while a clock was wrong."""


@dataclass(frozen=True, slots=True)
class CommunityFacts:
    """What the store knows of a community when its turn is decided."""

    community_id: int
    native_id: str | None
    screen_name: str | None
    newest_post_at: datetime | None
    wall_first_seen_at: datetime | None
    wall_last_seen_at: datetime | None
    wall_attempted_at: datetime | None
    wall_failure_count: int
    """Attempts in a row at its wall that failed through the community itself."""
    threshold: timedelta
    access: Access = Access.UNKNOWN
    failure_kind: FailureKind | None = None
    """Why the last attempt failed, in whole or for the wall; None: it did not."""
    look_asked_at: datetime | None = None
    """A look at its wall after this instant decides whether its branch is silent; None: none is asked for."""


def is_look_asked(facts: CommunityFacts) -> bool:
    """Whether a look at its wall is asked for that was not tried yet."""
    if facts.look_asked_at is None:
        return False
    return facts.wall_attempted_at is None or facts.wall_attempted_at <= facts.look_asked_at


def deadline(facts: CommunityFacts) -> datetime | None:
    """When the community counts as silent unless it posts; None while its wall was never read.

    A wall without any post counts from its first reading. Pauses are not looked at: here it only ranks.
    """
    since = facts.newest_post_at or facts.wall_first_seen_at
    return None if since is None else since + facts.threshold


def wall_wanted_at(facts: CommunityFacts, spacing: timedelta) -> datetime | None:
    """From when its wall is to be read again; None: at once, as it never was, or as a look is asked for.

    `spacing` is the time between two regular readings of one wall. A wall that is withheld is tried less
    and less often, at least once a day.
    """
    if is_look_asked(facts):
        return None
    if facts.wall_failure_count and facts.wall_attempted_at is not None:
        # Doubling only what is shorter than a day: with a quota of 0 the spacing may be centuries.
        doublings = min(facts.wall_failure_count, 16) if spacing < LOOK_AGAIN_AFTER else 0
        return facts.wall_attempted_at + min(spacing * (1 << doublings), max(spacing, LOOK_AGAIN_AFTER))
    if facts.wall_last_seen_at is None:
        return None
    regular: datetime = facts.wall_last_seen_at + spacing
    due = deadline(facts)
    unproven = due is not None and facts.wall_last_seen_at <= due
    return min(regular, due) if due is not None and unproven else regular


def wall_rank(facts: CommunityFacts) -> tuple[float, float]:
    """Sorts walls by urgency, the most urgent first: those asked for, those never read, then the nearest deadline.

    A wall that was read after its deadline counts as due a day after that reading, since its resumption must
    be noticed too; one that is withheld, a day after the last attempt. Ties go to the longest unread.
    """
    if is_look_asked(facts):
        return (float("-inf"), -1.0)
    if facts.wall_failure_count and facts.wall_attempted_at is not None:
        return ((facts.wall_attempted_at + LOOK_AGAIN_AFTER).timestamp(), 0.0)
    if facts.wall_last_seen_at is None:
        return (float("-inf"), 0.0)
    due = deadline(facts)
    if due is None or facts.wall_last_seen_at > due:
        due = facts.wall_last_seen_at + LOOK_AGAIN_AFTER
    return (due.timestamp(), facts.wall_last_seen_at.timestamp())


def wall_spacing(wall_count: int, daily_quota: int | None, interval: timedelta) -> timedelta:
    """The time between two regular readings of one wall, so that the quota suffices for all, evenly.

    Never shorter than the `interval` of collection. `daily_quota` None: the network knows no quota.
    """
    if daily_quota is None or wall_count == 0:
        return interval
    usable = max(daily_quota * QUOTA_IN_REGULAR_USE, 1.0)
    return max(interval, timedelta(days=1) * (wall_count / usable))


def next_due_at(
    round_started_at: datetime,
    interval: timedelta,
    max_backoff: timedelta,
    failure: FailureKind | None,
    consecutive_failures: int,
    retry_after: timedelta | None = None,
) -> datetime:
    """When to read a community again.

    Counted from the start of the round, so that communities read together stay together and share
    requests. Failures of the community's own double the wait up to `max_backoff`; `consecutive_failures`
    counts them, this one included. Those of a token or the network do not: it is read again as soon as
    they have passed. `retry_after`, the network's wish, counts up to `max_backoff` too: a wish of a week, or a
    header that was wrong, must not leave communities unread after ops have set another token.
    """
    wait = interval
    # What cannot be read may be half an answer of a network in trouble: who was left alone for a day after that would
    # fall silent unseen.
    may_pass = failure is FailureKind.UNEXPECTED_RESPONSE
    if failure is not None and failure.blame is Blame.COMMUNITY and not may_pass:
        doublings = min(consecutive_failures, 16)
        wait = max(interval, min(interval * (1 << doublings), max_backoff))
    if retry_after is not None:
        wait = max(wait, min(retry_after, max_backoff))
    return round_started_at + wait

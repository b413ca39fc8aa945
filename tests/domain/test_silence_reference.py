"""The rule of silence against a slow, obvious reference, over 10,000 random histories.

A history is what happened to the communities of a branch, in order. The rule is given what a store would have kept
of it; the reference goes through the history itself, event by event and day by day, and shares no code with the rule.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.domain.model import Access, Pause
from collector.domain.silence import Evidence, SeenPost, SilencePolicy, UnknownReason, Verdict, assess

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BEGIN = datetime(2026, 10, 9, 21, tzinfo=UTC)
"""Midnight in Moscow, before all that happens; a fortnight on, clocks change in Europe, and not there."""
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Event:
    """What happened to a community at an instant: `at` is true time."""

    at: datetime
    what: str


QUARTER = 6 * HOUR
"""Most fall on one grid of a quarter of a day, so that thresholds, pauses and looks meet to the second."""
OFF = (0 * SECOND, 0 * SECOND, SECOND, -SECOND)
POSTS = [
    (number * QUARTER + off, what)
    for what in ("post", "post", "delete")
    for number in range(60)
    for off in OFF
]
LOOKS = [
    (number * QUARTER + off, what)
    for what in ("read", "read", "withheld", "failed", "read by a clock a year ahead")
    for number in (0, 1, 2, 4, 8, 16, 28)
    for off in OFF
]
PAUSES = [
    Pause(date(2026, 10, 10) + first * DAY, date(2026, 10, 9) + (first + days) * DAY, "каникулы")
    for first in range(28)
    for days in range(1, 7)
]
NOWS = [BEGIN + number * QUARTER + off for number in range(80, 110) for off in OFF]

# One draw for each thing that happens: drawing is what takes the time.
histories = st.lists(
    st.tuples(st.lists(st.sampled_from(POSTS), max_size=3), st.lists(st.sampled_from(LOOKS), max_size=3)),
    max_size=3,
)
"""By community: how long before now, and what."""
policies = st.builds(
    SilencePolicy,
    st.sampled_from([1 * DAY, 2 * DAY, 3 * DAY, 7 * DAY]),
    st.lists(st.sampled_from(PAUSES), max_size=3).map(tuple),
)

Told = tuple[list[tuple[timedelta, str]], list[tuple[timedelta, str]]]


def kept(number: int, history: list[Event], now: datetime) -> Evidence:
    """What a store keeps of a community, of what happened up to now."""
    past = [event for event in sorted(history, key=lambda event: event.at) if event.at <= now]
    looks = [event for event in past if event.what.startswith("read")]
    stamps = [look.at + (YEAR if "ahead" in look.what else timedelta(0)) for look in looks]
    told = [event for event in past if event.what.startswith(("read", "withheld"))]
    withheld = told[-1].at if told and told[-1].what == "withheld" else None
    standing: list[datetime] = []
    if looks:
        for event in past[: past.index(looks[-1]) + 1]:
            if event.what == "post":
                standing.append(event.at)
            elif event.what == "delete" and standing:
                standing.remove(max(standing))
    newest = max(standing, default=None)
    return Evidence(
        community_id=number,
        network="vk",
        url="",
        title=None,
        access=Access.OPEN if withheld is None else Access.CLOSED,
        newest_post=None if newest is None else SeenPost(number, "vk", "1", newest, ""),
        wall_first_seen_at=min(stamps, default=None),
        wall_last_seen_at=stamps[-1] if stamps else None,
        withheld_at=withheld,
    )


# The reference


def is_pause_day(at: datetime, policy: SilencePolicy) -> bool:
    day = (at + 3 * HOUR).date()
    return any(pause.starts_on <= day <= pause.ends_on for pause in policy.pauses)


def days_between(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """A stretch of time, cut at each midnight of Moscow."""
    cuts = [since]
    midnight = BEGIN
    while midnight < until:
        if midnight > since:
            cuts.append(midnight)
        midnight += DAY
    return list(pairwise([*cuts, until]))


def counted(since: datetime, until: datetime, policy: SilencePolicy) -> timedelta:
    """How much of a stretch of time was outside the pauses."""
    total = timedelta(0)
    for begins, ends in days_between(since, until) if since < until else []:
        if not is_pause_day(begins, policy):
            total += ends - begins
    return total


class Reference:
    """Goes through what happened, and remembers what was seen."""

    def __init__(self, histories: list[list[Event]], now: datetime, policy: SilencePolicy) -> None:
        self.policy, self.now = policy, now
        self.posts: dict[int, list[datetime]] = {number: [] for number in range(len(histories))}
        self.seen_posts: dict[int, list[datetime]] = {number: [] for number in self.posts}
        self.readable = dict.fromkeys(self.posts, True)
        self.looked: dict[int, datetime | None] = dict.fromkeys(self.posts)
        self.first_looks: list[datetime] = []
        everything = [(event, number) for number, history in enumerate(histories) for event in history]
        for event, number in sorted(everything, key=lambda pair: pair[0].at):
            if event.at <= now:
                self.happen(event, number)

    def happen(self, event: Event, number: int) -> None:
        match event.what:
            case "post":
                self.posts[number].append(event.at)
            case "delete":
                self.posts[number] = sorted(self.posts[number])[:-1]
            case "withheld":
                self.readable[number], self.looked[number] = False, event.at
            case "read" | "read by a clock a year ahead":
                stamp = event.at if event.what == "read" else event.at + YEAR
                self.readable[number], self.looked[number] = True, stamp
                self.seen_posts[number] = list(self.posts[number])
                self.first_looks.append(stamp)

    def was_over(self, since: datetime, at: datetime) -> bool:
        """Whether at an instant more time had passed than is allowed."""
        return counted(since, at, self.policy) > self.policy.threshold

    def verdict(self) -> tuple[Verdict, UnknownReason | None, set[int]]:
        if not self.posts:
            return Verdict.UNKNOWN, UnknownReason.NO_COMMUNITY, set()
        is_any_readable = any(self.readable.values())
        posts = [at for seen in self.seen_posts.values() for at in seen]
        if not posts and not self.first_looks:
            if not is_any_readable:
                return Verdict.UNKNOWN, UnknownReason.NONE_READABLE, set()
            unread = {number for number, looked in self.looked.items() if looked is None}
            return Verdict.UNKNOWN, UnknownReason.NEVER_READ, unread
        since = max(posts) if posts else min(self.first_looks)
        if not self.was_over(since, self.now):
            return Verdict.ACTIVE, None, set()
        if not is_any_readable:
            return Verdict.UNKNOWN, UnknownReason.NONE_READABLE, set()
        unproven = {
            number
            for number, looked in self.looked.items()
            if looked is None or looked > self.now + HOUR or not self.was_over(since, looked)
        }
        if unproven:
            return Verdict.UNKNOWN, UnknownReason.NOT_READ, unproven
        return Verdict.SILENT, None, set()


def test_the_rule_agrees_with_the_reference_over_ten_thousand_histories() -> None:
    met: Counter[tuple[Verdict, UnknownReason | None]] = Counter()

    @settings(
        max_examples=10_000,
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories, st.sampled_from(NOWS), policies)
    def agrees(told: list[Told], now: datetime, policy: SilencePolicy) -> None:
        histories = [[Event(now - ago, what) for ago, what in posted + looked] for posted, looked in told]
        communities = [kept(number, history, now) for number, history in enumerate(histories)]
        found = assess(communities, policy, now)
        verdict, reason, missing = Reference(histories, now, policy).verdict()
        assert (found.verdict, found.reason, set(found.missing)) == (verdict, reason, missing)
        if found.deadline_at is not None and found.counted_from is not None:
            assert counted(found.counted_from, found.deadline_at, policy) == policy.threshold
            assert counted(found.counted_from, found.deadline_at + SECOND, policy) > policy.threshold
        met[verdict, reason] += 1

    agrees()
    assert met.total() >= 9_000
    rare = {kind: met[kind] for kind in KINDS if met[kind] < 300}
    assert not rare, f"too rare among the histories to be tested: {rare} of {met}"


KINDS = [
    (Verdict.ACTIVE, None),
    (Verdict.SILENT, None),
    *((Verdict.UNKNOWN, reason) for reason in UnknownReason),
]

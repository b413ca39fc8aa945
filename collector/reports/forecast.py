"""The forecast's numbers: when each community passes a milestone, at the pace of three windows of its last 90 days.

The fastest window gives the earliest day, the slowest the latest. Where a window's end was not read there is no pace,
and no day: what stood in the way is told instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from fractions import Fraction
from itertools import pairwise

from collector.domain.calendar import moscow_day
from storage.growth import BranchLine
from storage.pace import PaceFacts
from storage.readings import KnownCount

WINDOW = timedelta(days=30)
WINDOWS = 3
NEAR = timedelta(days=7)
"""A reading farther than this from a window's end says too little of it: a quarter of the window."""
HORIZON = timedelta(days=3653)
"""Ten years: what 90 days say of later ones is nothing."""


class Outcome(Enum):
    """What can be told."""

    BETWEEN = auto()
    """Between `earliest` and `latest`."""
    NOT_BEFORE = auto()
    """`earliest` is known; at the slowest pace it never comes, or later than the horizon."""
    NEVER = auto()
    """Not at this pace: not even at the fastest."""
    ALREADY = auto()
    UNTOLD = auto()
    """Nothing; `why` says why."""


class Why(Enum):
    """Why nothing can be told."""

    FUTURE = auto()
    NO_COMMUNITY = auto()
    LEFT = auto()
    """It left the branches file."""
    CLOSED = auto()
    ABSENT = auto()
    """There was no account yet."""
    NEVER_READ = auto()
    NEW = auto()
    """There was no account yet at the end of a window."""
    READ_LATELY = auto()
    """It was there, perhaps, but the first reading is younger than 90 days."""
    WITHHELD = auto()
    GAP = auto()


@dataclass(frozen=True, slots=True)
class Window:
    """What came between two readings, about 30 days apart."""

    start: KnownCount
    end: KnownCount

    @property
    def change(self) -> int:
        """`net_follower_change`, people."""
        return self.end.follower_count - self.start.follower_count

    @property
    def days(self) -> int:
        """Days between the two."""
        return (self.end.on - self.start.on).days

    @property
    def pace(self) -> Fraction:
        """People a day."""
        return Fraction(self.change, self.days)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of a community, or of a branch that has none."""

    branch_code: str
    network: str | None
    """None: the branch has no community."""
    url: str
    outcome: Outcome
    why: Why | None = None
    on: date | None = None
    """The day that `why` is about: that of a gap, of a closing, of the first reading."""
    access: str | None = None
    """How far a closed one is open."""
    current: KnownCount | None = None
    points: tuple[tuple[date, KnownCount], ...] = ()
    """The windows' ends, and the readings that stand for them."""
    windows: tuple[Window, ...] = ()
    earliest: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True)
class ForecastNumbers:
    """The whole report's numbers. `on`: the day that it is told on; nothing later is used."""

    milestone: int
    on: date
    today: date
    forecasts: tuple[Forecast, ...]

    @property
    def run_ids(self) -> set[int]:
        """The runs that brought the numbers."""
        return {reading.run_id for each in self.forecasts for _, reading in each.points}


def window_ends(on: date) -> list[date]:
    """The days between which the windows lie, in order."""
    return [on - number * WINDOW for number in range(WINDOWS, -1, -1)]


def forecast(
    lines: Sequence[BranchLine], facts: Sequence[PaceFacts], milestone: int, on: date, today: date
) -> ForecastNumbers:
    """The numbers from what is known, in the order of the branches; a branch without communities has a line too."""
    by_branch: dict[str, list[PaceFacts]] = {}
    for each in facts:
        by_branch.setdefault(each.branch_code, []).append(each)
    found = []
    for line in lines:
        of_branch = by_branch.get(line.code, [])
        found += [_forecast(each, milestone, on, today) for each in of_branch]
        if not of_branch:
            has_left = line.retired_at is not None and moscow_day(line.retired_at) <= on
            why = Why.LEFT if has_left else Why.NO_COMMUNITY
            found.append(Forecast(line.code, None, "", Outcome.UNTOLD, why))
    return ForecastNumbers(milestone, on, today, tuple(found))


def _forecast(facts: PaceFacts, milestone: int, on: date, today: date) -> Forecast:
    about = (facts.branch_code, facts.network, facts.url)
    if (obstacle := _obstacle(facts, on, today)) is not None:
        return Forecast(*about, Outcome.UNTOLD, *obstacle)
    ends = window_ends(on)
    points = [_nearest(facts, at, day) for at, day in enumerate(ends)]
    used = tuple((day, point) for day, point in zip(ends, points, strict=True) if point is not None)
    current = points[-1]
    if current is not None and current.follower_count >= milestone:
        return Forecast(*about, Outcome.ALREADY, current=current, points=used[-1:])
    missing = next((day for day, point in zip(ends, points, strict=True) if point is None), None)
    if current is None or missing is not None:
        missing = on if current is None or missing is None else missing
        why, since = _why_missing(facts, missing)
        return Forecast(*about, Outcome.UNTOLD, why, since, current=current, points=used)
    windows = tuple(Window(start, end) for (_, start), (_, end) in pairwise(used))
    paces = sorted(window.pace for window in windows)
    latest, earliest = (_reached(current, milestone, pace, on) for pace in (paces[0], paces[-1]))
    outcome = Outcome.NEVER if earliest is None else Outcome.NOT_BEFORE if latest is None else Outcome.BETWEEN
    return Forecast(
        *about,
        outcome,
        current=current,
        points=used,
        windows=windows,
        earliest=earliest,
        latest=latest,
    )


def _obstacle(facts: PaceFacts, on: date, today: date) -> tuple[Why, date | None, str | None] | None:
    """What forbids any forecast, whatever was read; with its day, and how far a closed community is open."""
    if on > today:
        return Why.FUTURE, on, None
    if facts.retired_at is not None and moscow_day(facts.retired_at) <= on:
        return Why.LEFT, moscow_day(facts.retired_at), None
    if facts.access is not None and facts.access.access not in ("open", "unknown"):
        return Why.CLOSED, moscow_day(facts.access.since), facts.access.access
    if facts.first_on is None and not facts.withheld_on:
        if facts.absence is not None:
            return Why.ABSENT, facts.absence.on, None
        return Why.NEVER_READ, None, None
    return None


def _nearest(facts: PaceFacts, at: int, day: date) -> KnownCount | None:
    """The reading nearest to a window's end, the earlier of two as near; None: there is none near it."""
    near = [each for each in facts.near[at] if each is not None and abs(each.on - day) <= NEAR]
    return min(near, key=lambda reading: (abs(reading.on - day), reading.on), default=None)


def _why_missing(facts: PaceFacts, day: date) -> tuple[Why, date | None]:
    """Why there is no reading near a window's end, and the day to be told with it."""
    if any(abs(each - day) <= NEAR for each in facts.withheld_on):
        return Why.WITHHELD, day
    if facts.absence is not None and facts.absence.on >= day:
        return Why.NEW, facts.absence.on
    if facts.first_on is not None and facts.first_on > day:
        return Why.READ_LATELY, facts.first_on
    return Why.GAP, day


def _reached(current: KnownCount, milestone: int, pace: Fraction, on: date) -> date | None:
    """The day on which the milestone is passed; None: never, or later than the horizon.

    Where it would have been passed since the last reading, nobody saw that: it is told of the day itself.
    """
    if pace <= 0:
        return None
    lasts = -((current.follower_count - milestone) // pace)
    return max(current.on + timedelta(days=lasts), on) if lasts <= HORIZON.days else None

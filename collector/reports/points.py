"""What is known of followers at a day, of one community or several: the nearest reading, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, auto

from collector.domain.calendar import moscow_day
from collector.domain.period import LONGEST_DISTANCE
from storage.growth import Absence, GrowthFacts
from storage.readings import KnownCount


class What(Enum):
    """What is known of followers at a day."""

    KNOWN = auto()
    ABSENT = auto()
    """There was no account yet."""
    UNKNOWN = auto()
    """Nobody looked, or the network told nothing."""
    FUTURE = auto()
    """The day has not come."""
    LEFT = auto()
    """It had left the branches file: nobody reads it any more, nor counts it."""


@dataclass(frozen=True, slots=True)
class Point:
    """Followers of a community, or of some, at a day."""

    what: What
    count: int | None = None
    days_off: int = 0
    """How many days after the day it was read; before it, negative. Of some, the farthest."""
    readings: tuple[tuple[int, KnownCount], ...] = ()
    """What the count was made of: communities and their readings."""
    absences: tuple[tuple[int, Absence], ...] = ()
    """Communities that had no account yet, and where that is known from."""
    has_left: bool = False
    """Whether one had left the branches file by then."""

    @property
    def origins(self) -> tuple[tuple[int, KnownCount | Absence], ...]:
        """All that it was made of."""
        return (*self.readings, *self.absences)


def nearest_point(
    facts: GrowthFacts, day: date, today: date, before: KnownCount | None, after: KnownCount | None
) -> Point:
    """The nearest of the two readings, the earlier of two as near; or that there was no account yet."""
    if day > today:
        return Point(What.FUTURE)
    if facts.retired_at is not None and moscow_day(facts.retired_at) <= day:
        return Point(What.LEFT, has_left=True)
    if before is not None and before.on == day:
        return Point(What.KNOWN, before.follower_count, 0, ((facts.community_id, before),))
    # Who had no account yet on a later day had none on this one; on an earlier day says nothing of this one.
    absence = next((each for each in facts.absences if each.on >= day), None)
    if absence is not None and before is None:
        return Point(What.ABSENT, absences=((facts.community_id, absence),))
    found = [reading for reading in (before, after) if reading is not None]
    nearest = min(found, key=lambda reading: (abs(reading.on - day), reading.on), default=None)
    if nearest is None or abs(nearest.on - day) > LONGEST_DISTANCE:
        return Point(What.UNKNOWN)
    return Point(
        What.KNOWN,
        nearest.follower_count,
        (nearest.on - day).days,
        ((facts.community_id, nearest),),
    )


def together(points: Sequence[Point]) -> Point:
    """Several communities of a branch on one network: a sum only where each is known, or was not there yet."""
    if len(points) == 1:
        return points[0]
    for what in (What.FUTURE, What.UNKNOWN):
        if any(point.what is what for point in points):
            return Point(what)
    return added(points)


def added(points: Iterable[Point]) -> Point:
    """A sum of those that are known. Not known of any: what the first is."""
    all_of_them = list(points)
    known = [point for point in all_of_them if point.what is What.KNOWN]
    absences = tuple(absence for point in all_of_them for absence in point.absences)
    has_left = any(point.has_left for point in all_of_them)
    if not known:
        # Of a mixture, that it is not known; it would be no absence.
        whats = {point.what for point in all_of_them}
        what = next(
            (each for each in (What.UNKNOWN, What.FUTURE, What.ABSENT, What.LEFT) if each in whats), None
        )
        return Point(what or What.UNKNOWN, absences=absences, has_left=has_left)
    return Point(
        What.KNOWN,
        sum(point.count or 0 for point in known),
        max((point.days_off for point in known), key=abs),
        tuple(reading for point in known for reading in point.readings),
        absences,
        has_left,
    )


def rounded(part: float, whole: float, decimals: int = 1) -> float:
    """A ratio with so many decimals, halves upwards as Excel and the databases round, not to the even digit."""
    if isinstance(part, int) and isinstance(whole, int) and whole > 0:
        # A tenth of the time; a report has a million of them.
        scale: int = 10**decimals
        steps = (2 * scale * abs(part) + whole) // (2 * whole)
        return (steps if part >= 0 else -steps) / scale
    exact = Decimal(str(part)) / Decimal(str(whole))
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def difference(later: int | None, earlier: int | None) -> int | None:
    """What came; None where one of them is not known."""
    return None if later is None or earlier is None else later - earlier


def sum_of(values: Sequence[int | None]) -> int | None:
    """Their sum; None where one is not known."""
    return None if None in values else sum(value for value in values if value is not None)

"""When what was well: the troubles as they happened, and the calm between them; office hours."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from scripts.soak.troubles import Area, Trouble

_MOSCOW = ZoneInfo("Europe/Moscow")
Span = tuple[float, float]
_FREE = {
    (2026, 1): (1, 2, 5, 6, 7, 8, 9),
    (2026, 2): (23,),
    (2026, 3): (9,),
    (2026, 5): (1, 11),
    (2026, 6): (12,),
    (2026, 11): (4,),
    (2026, 12): (31,),
    (2027, 1): (1, 4, 5, 6, 7, 8),
}
"""Weekdays on which Russia rests, written down by hand: the program has them from a library."""

KNOWING = (Area.NETWORKS, Area.DATABASE, Area.DAEMON, Area.CLOCK, Area.MACHINE)
"""What must be well for the daemon to know what is so."""


class Weather:
    """The troubles of a time, by area."""

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = sorted(troubles, key=lambda trouble: trouble.begins)

    def calm(self, areas: Collection[Area], begins: float, ends: float) -> list[Span]:
        """The stretches of a time in which none of these areas was in trouble."""
        bad = [(each.begins, each.ends) for each in self.troubles if each.area in areas]
        return without([(begins, ends)], bad)

    def at(self, area: Area, at: float) -> Trouble | None:
        """What an area was in trouble with at an instant."""
        return next(
            (each for each in self.troubles if each.area is area and each.begins <= at <= each.ends), None
        )

    def around(self, begins: float, ends: float) -> list[Trouble]:
        """All that had an instant in a time."""
        return [each for each in self.troubles if each.begins <= ends and each.ends >= begins]


def without(spans: Iterable[Span], bad: Iterable[Span]) -> list[Span]:
    """What is left of some spans."""
    left = list(spans)
    for bad_begins, bad_ends in bad:
        kept: list[Span] = []
        for begins, ends in left:
            if bad_ends < begins or ends < bad_begins:
                kept.append((begins, ends))
                continue
            kept += [(begins, bad_begins)] if begins < bad_begins else []
            kept += [(bad_ends, ends)] if bad_ends < ends else []
        left = kept
    return left


def first_long(spans: Iterable[Span], length: float) -> float | None:
    """When the first span that is long enough begins."""
    return next((begins for begins, ends in spans if ends - begins >= length), None)


def is_working(at: float, hours: tuple[int, int]) -> bool:
    """Whether an instant lies in office hours of a working day, in Moscow."""
    there = datetime.fromtimestamp(at, _MOSCOW)
    return (
        there.weekday() < 5
        and there.day not in _FREE.get((there.year, there.month), ())
        and hours[0] <= there.hour < hours[1]
    )


def working_spans(begins: float, ends: float, hours: tuple[int, int]) -> list[Span]:
    """The office hours of a time; of neighbouring days round the clock, one span each."""
    found: list[Span] = []
    day = datetime.fromtimestamp(begins, _MOSCOW).date()
    while (midnight := datetime.combine(day, time(), _MOSCOW)).timestamp() < ends:
        opens = midnight + timedelta(hours=hours[0])
        if is_working(opens.timestamp(), hours):
            closes = midnight + timedelta(hours=hours[1])
            found.append((max(opens.timestamp(), begins), min(closes.timestamp(), ends)))
        day += timedelta(days=1)
    return [span for span in found if span[0] < span[1]]

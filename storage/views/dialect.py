"""How the views' SQL says the few things that SQLite and PostgreSQL say differently, and what a view is.

People of the information department live by Moscow's clock: whatever a view shows of time is Moscow's, without a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from functools import cache
from typing import Protocol

from collector.domain.calendar import MOSCOW

_NETWORKS_BEGAN_ON = date(2004, 1, 1)
"""No post is older: Facebook's first year."""


class Words(Protocol):
    """What must be said in the database's own way. Arguments and results are SQL."""

    def at(self, instant: str) -> str:
        """An instant as Moscow's date and time."""

    def day(self, instant: str) -> str:
        """An instant's day in Moscow."""

    def month(self, day: str) -> str:
        """The first day of a day's month."""

    def next_month(self, day: str) -> str:
        """The first day of the next month."""

    def days(self, since: str, until: str) -> str:
        """Whole days between two days."""

    def percent(self, part: str, whole: str) -> str:
        """A share in percent with one decimal; NULL where there is no whole."""

    def newest_reading(self, alias: str, community: str, condition: str) -> str:
        """A join with the newest follower_snapshot of a community that meets a condition on `w`, or with none."""


@dataclass(frozen=True, slots=True)
class View:
    """A view that people may rely on: what it is called does not change, and each column says what it holds."""

    name: str
    comment: str
    """In Russian."""
    columns: Mapping[str, str]
    """In Russian: what each holds, its unit, and what NULL means."""
    select: Callable[[Words], str]
    period_column: str | None = None
    """The column of days, or times, by which a period of it is asked for; None: it tells of now."""
    key: tuple[str, ...] = ()
    """The columns that tell each row from every other: its pages follow one another by them. Only texts among them may
    be NULL, and not the first."""

    @property
    def title(self) -> str:
        """Its comment's beginning, up to what a row is."""
        return self.comment.partition(":")[0].partition(".")[0]


class Holds(Enum):
    """What a view's column holds, the same in both databases: SQLite has texts for days and times."""

    DAY = auto()
    TIME = auto()
    NUMBER = auto()
    TEXT = auto()


def holds(column: str) -> Holds:
    """By the column's name: the views keep to it, and a test holds them to it."""
    if column in ("day", "month", "muted_until") or column.endswith("_on"):
        return Holds.DAY
    if column in ("since", "silent_since") or column.endswith("_at"):
        return Holds.TIME
    is_number = column.endswith(("_count", "_percent", "_change", "_days")) or column == "days_without_posts"
    return Holds.NUMBER if is_number or column in ("community_id", "silence_id", "run_id") else Holds.TEXT


class PostgreSql:
    """PostgreSQL's way."""

    def at(self, instant: str) -> str:
        """To a timestamp without a zone."""
        return f"({instant} AT TIME ZONE 'Europe/Moscow')"

    def day(self, instant: str) -> str:
        """To a date."""
        return f"({instant} AT TIME ZONE 'Europe/Moscow')::date"

    def month(self, day: str) -> str:
        """To a date."""
        return f"date_trunc('month', {day}::timestamp)::date"

    def next_month(self, day: str) -> str:
        """To a date."""
        return f"({day} + interval '1 month')::date"

    def days(self, since: str, until: str) -> str:
        """Dates are subtracted."""
        return f"({until} - {since})"

    def percent(self, part: str, whole: str) -> str:
        """Rounded as numeric: as a double it would keep binary dust."""
        return f"round(100.0 * ({part}) / nullif({whole}, 0), 1)"

    def newest_reading(self, alias: str, community: str, condition: str) -> str:
        """By a search of the key for each row. As a condition it is at times answered by sorting the whole series."""
        return f"""LEFT JOIN LATERAL (
  SELECT w.* FROM follower_snapshot w WHERE w.community_id = {community} AND {condition}
  ORDER BY w.observed_at DESC LIMIT 1) {alias} ON true"""


class Sqlite:
    """SQLite's way: instants are Unix seconds there, days are texts such as 2026-10-05."""

    def at(self, instant: str) -> str:
        """To a text such as 2026-10-05 09:30:00."""
        return f"datetime({instant} + {_offset(instant)}, 'unixepoch')"

    def day(self, instant: str) -> str:
        """To a text such as 2026-10-05."""
        return f"date({instant} + {_offset(instant)}, 'unixepoch')"

    def month(self, day: str) -> str:
        """To a text."""
        return f"date({day}, 'start of month')"

    def next_month(self, day: str) -> str:
        """To a text."""
        return f"date({day}, '+1 month')"

    def days(self, since: str, until: str) -> str:
        """By Julian days, which are whole at the same time of day."""
        return f"CAST(julianday({until}) - julianday({since}) AS INTEGER)"

    def percent(self, part: str, whole: str) -> str:
        """A division by 0 is NULL by itself."""
        return f"round(100.0 * ({part}) / ({whole}), 1)"

    def newest_reading(self, alias: str, community: str, condition: str) -> str:
        """By its instant: SQLite has no LATERAL."""
        return f"""LEFT JOIN follower_snapshot {alias} ON {alias}.community_id = {community} AND {alias}.observed_at = (
  SELECT max(w.observed_at) FROM follower_snapshot w WHERE w.community_id = {community} AND {condition})"""


@cache
def _offsets() -> list[tuple[datetime, int]]:
    """From when on Moscow's clock was how many seconds ahead of UTC, the newest first.

    SQLite knows no zones. Summer time ended in 2011, and the zone itself changed in 2011 and 2014.
    """
    found: list[tuple[datetime, int]] = []
    hour = datetime.combine(_NETWORKS_BEGAN_ON, datetime.min.time(), UTC)
    until = datetime(2015, 1, 1, tzinfo=UTC)
    while hour < until:
        offset = round((hour.astimezone(MOSCOW).utcoffset() or timedelta(0)).total_seconds())
        if not found or found[-1][1] != offset:
            found.append((hour, offset))
        hour += timedelta(hours=1)
    return found[::-1]


@cache
def _offset(instant: str) -> str:
    whens = " ".join(
        f"WHEN {instant} >= {round(since.timestamp())} THEN {offset}" for since, offset in _offsets()[:-1]
    )
    return f"CASE {whens} ELSE {_offsets()[-1][1]} END"

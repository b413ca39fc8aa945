"""Contests as they were decided: written once, and read back.

What a record holds, and whether it is untouched, is not known here: see `collector.reports.frozen`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from collector.domain.contest import League
from collector.domain.period import ReportPeriod
from storage.report_tables import contest_freeze
from storage.upsert import insert_new_returning


@dataclass(frozen=True, slots=True)
class ContestFreeze:
    """A contest's record, as the table has it."""

    league: League
    period: ReportPeriod
    number: int
    """1, 2, ...: of several the newest holds."""
    rules: str
    facts: str
    result: str
    sha256: str
    frozen_at: datetime
    frozen_by: str


_TEXTS = ("rules", "facts", "result", "sha256", "frozen_at", "frozen_by")


def write_freeze(conn: Connection, freeze: ContestFreeze) -> bool:
    """Write it; False, and nothing is done, where another of its number is there already."""
    row = {
        "league": freeze.league.value,
        "first_on": freeze.period.first_day,
        "end_on": freeze.period.end_day,
        "number": freeze.number,
        **{name: getattr(freeze, name) for name in _TEXTS},
    }
    return bool(insert_new_returning(conn, contest_freeze, [row], ["number"]))


def read_freezes(
    conn: Connection, league: League | None = None, period: ReportPeriod | None = None
) -> list[ContestFreeze]:
    """All, or those of a league and a period, the newest last."""
    found = contest_freeze.c
    query = select(contest_freeze).order_by(found.first_on, found.end_on, found.league, found.number)
    if league is not None:
        query = query.where(found.league == league.value)
    if period is not None:
        query = query.where(found.first_on == period.first_day, found.end_on == period.end_day)
    return [
        ContestFreeze(
            League(row.league),
            ReportPeriod(row.first_on, row.end_on),
            row.number,
            **{name: getattr(row, name) for name in _TEXTS},
        )
        for row in conn.execute(query)
    ]

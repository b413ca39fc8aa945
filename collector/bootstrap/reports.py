"""Reports: their facts from the database, their numbers, and the form that was asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from collector.bootstrap.program import Program
from collector.domain.calendar import moscow_day
from collector.domain.period import ReportPeriod
from collector.reports.growth import growth
from collector.reports.growth_report import growth_report
from collector.reports.report import Report


def make_growth(parts: Program, first_day: date, last_day: date, kinds: Collection[str]) -> Report:
    """Followers at two days, and what came between."""
    period = ReportPeriod.of_days(first_day, last_day)
    facts = parts.store.reports.growth_facts(period, kinds)
    numbers = growth(facts, period, moscow_day(parts.now()))
    used = {
        reading.run_id
        for branch in numbers.branches
        for each in branch.networks.values()
        for point in (each.start, each.end)
        for _, reading in point.readings
    }
    return growth_report(numbers, parts.store.reports.runs_by_id(used))

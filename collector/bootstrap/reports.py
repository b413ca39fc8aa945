"""Reports: their facts from the database, their numbers, and the form that was asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from collector.bootstrap.program import Program
from collector.domain.calendar import moscow_day
from collector.domain.garbage import garbage_left
from collector.domain.period import ReportPeriod
from collector.reports.growth import growth
from collector.reports.growth_report import growth_report
from collector.reports.report import Report


def make_growth(parts: Program, first_day: date, last_day: date, kinds: Collection[str]) -> Report:
    """Followers at two days, and what came between."""
    period = ReportPeriod.of_days(first_day, last_day)
    with garbage_left():
        facts = parts.store.reports.growth_facts(period, kinds)
        numbers = growth(facts, period, moscow_day(parts.now()))
        return growth_report(numbers, parts.store.reports.runs_by_id(numbers.run_ids))

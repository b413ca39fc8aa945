"""Reports: their facts from the database, their numbers, and the form that was asked for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

from collector.bootstrap.program import Program
from collector.branches import read_claims_csv
from collector.domain.calendar import moscow_day
from collector.domain.garbage import garbage_left
from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod, months_before
from collector.reports.claims import judge
from collector.reports.claims_report import claims_report
from collector.reports.forecast import NEAR, forecast, window_ends
from collector.reports.forecast_report import forecast_report
from collector.reports.growth import GrowthNumbers, growth
from collector.reports.growth_report import growth_report
from collector.reports.report import Report
from collector.reports.summary import as_far_as_over, days_between, summary
from collector.reports.summary_report import not_begun, summary_report


def make_growth(parts: Program, first_day: date, last_day: date, kinds: Collection[str]) -> Report:
    """Followers at two days, and what came between."""
    period = ReportPeriod.of_days(first_day, last_day)
    with garbage_left():
        numbers = _numbers(parts, period, kinds)
        return growth_report(numbers, parts.store.reports.runs_by_id(numbers.run_ids))


def make_claims(parts: Program, file: Path) -> Report:
    """What the data say of each claim in a file. Raises CollectorError for mistakes in it."""
    claims = read_claims_csv(file)
    numbers = {}
    for first_day, last_day in dict.fromkeys((claim.first_day, claim.last_day) for claim in claims):
        period = ReportPeriod.of_days(first_day, last_day)
        numbers[first_day, last_day] = _numbers(parts, period, tuple(BranchKind))
    used = set().union(*(each.run_ids for each in numbers.values()))
    return claims_report(judge(claims, numbers), numbers, parts.store.reports.runs_by_id(used))


def make_forecast(parts: Program, milestone: int, on: date | None, kinds: Collection[str]) -> Report:
    """When each community passes a milestone. `on`: the day that it is told on; None: today."""
    today = moscow_day(parts.now())
    at = on or today
    ends = window_ends(at)
    reports = parts.store.reports
    with garbage_left():
        lines = reports.growth_branches(ReportPeriod.of_days(ends[0], at), kinds)
        facts = reports.pace_facts(ends, ends[0] - NEAR, kinds)
        numbers = forecast(lines, facts, milestone, at, today)
        return forecast_report(numbers, reports.runs_by_id(numbers.run_ids))


def make_summary(parts: Program, asked: ReportPeriod, kinds: Collection[str]) -> Report:
    """What a month, a quarter or a year brought, on one page."""
    today = moscow_day(parts.now())
    period = as_far_as_over(asked, today)
    if period is None:
        return not_begun(asked)
    reports = parts.store.reports
    with garbage_left():
        facts = reports.summary_facts(period, months_before(asked), days_between(period), kinds)
        numbers = summary(asked, facts, today)
        return summary_report(numbers, reports.runs_by_id(numbers.run_ids))


def _numbers(parts: Program, period: ReportPeriod, kinds: Collection[str]) -> GrowthNumbers:
    reports = parts.store.reports
    lines, facts = reports.growth_branches(period, kinds), reports.growth_facts(period, kinds)
    return growth(lines, facts, period, moscow_day(parts.now()))

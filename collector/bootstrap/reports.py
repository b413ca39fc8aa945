"""Reports: their facts from the database, their numbers, and the form that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from collector.bootstrap.program import Program
from collector.branches import Claim
from collector.domain.calendar import moscow_day
from collector.domain.errors import CollectorError
from collector.domain.garbage import garbage_left
from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod, as_far_as_over, months_before
from collector.reports.audit import audit
from collector.reports.audit_report import audit_not_begun, audit_report
from collector.reports.claims import judge
from collector.reports.claims_report import claims_report
from collector.reports.forecast import NEAR, forecast, window_ends
from collector.reports.forecast_report import forecast_report
from collector.reports.growth import GrowthNumbers, growth
from collector.reports.growth_report import growth_report
from collector.reports.report import Report
from collector.reports.summary import summary
from collector.reports.summary_followers import days_between
from collector.reports.summary_report import not_begun, summary_report


class UnknownBranchError(CollectorError):
    """A report was asked for about a branch that is not there in its period."""


def make_growth(parts: Program, first_day: date, last_day: date, kinds: Collection[str]) -> Report:
    """Followers at two days, and what came between."""
    period = ReportPeriod.of_days(first_day, last_day)
    with garbage_left():
        numbers = _numbers(parts, period, kinds)
        return growth_report(numbers, parts.store.reports.runs_by_id(numbers.run_ids))


def make_claims(parts: Program, claims: Sequence[Claim]) -> Report:
    """What the data say of each claim."""
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


def make_audit(
    parts: Program, asked: ReportPeriod | None, kinds: Collection[str], code: str | None
) -> Report:
    """What the data show of the resolution's recommendations. `asked` None: the 90 days before today.

    `code`: of the one branch that it is about, of whatever kind. Raises UnknownBranchError where there is none.
    """
    today = moscow_day(parts.now())
    asked = asked or ReportPeriod(today - timedelta(days=90), today)
    period = as_far_as_over(asked, today)
    if period is None:
        return audit_not_begun(asked, code)
    reports = parts.store.reports
    of = tuple(BranchKind) if code is not None else kinds
    with garbage_left():
        lines = reports.audit_branches(period, of, code)
        if code is not None and not lines:
            raise UnknownBranchError(
                f"--branch {code}: no such branch in this period; `collector branches list` names them"
            )
        return audit_report(audit(asked, period, lines, reports.audit_facts(period, of, code), today), code)


def _numbers(parts: Program, period: ReportPeriod, kinds: Collection[str]) -> GrowthNumbers:
    reports = parts.store.reports
    lines, facts = reports.growth(period, kinds)
    return growth(lines, facts, period, moscow_day(parts.now()))

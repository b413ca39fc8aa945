"""Contests: of communities, counted, frozen and shown beside what a recount tells; and of a month's news."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from collector.bootstrap.program import Program
from collector.branches import SHIPPED_RULES, ContestRules, load_contest_rules, read_contest_rules
from collector.domain.calendar import moscow_day
from collector.domain.contest import COUNTS_AFTER, League, LeagueRules
from collector.domain.errors import CollectorError
from collector.domain.garbage import garbage_left
from collector.domain.period import ReportPeriod
from collector.reports import frozen
from collector.reports.contest import (
    ContestResult,
    contest,
    counted_until,
    of_those_named,
    settled_at,
    whole_days,
)
from collector.reports.contest_list import contest_list
from collector.reports.contest_report import Contest, contest_report
from collector.reports.contest_sources import runs_used
from collector.reports.contest_words import OTHER_RULES, record_remarks, tampered_remark
from collector.reports.news import news
from collector.reports.news_report import news_report, runs_of
from collector.reports.report import Report
from storage.contest_freezes import ContestFreeze


def make_contest(parts: Program, league: League, period: ReportPeriod, rules_file: Path | None) -> Report:
    """A contest: as it was frozen, if it was; else as it stands.

    Raises CollectorError for mistakes in the rules, or where they know no such league.
    """
    with garbage_left():
        kept = parts.store.reports.freezes(league, period)
        told = _as_frozen(parts, kept, rules_file) if kept else None
        if told is None:
            told = _as_it_stands(parts, league, period, _rules_of(_file(parts, rules_file), league))
            told = replace(told, remarks=[tampered_remark(each) for each in kept[-1:]])
        used = runs_used(told.facts, told.rules) if told.facts is not None else set()
        return contest_report(told, parts.store.reports.runs_by_id(used))


def freeze_contest(
    parts: Program, league: League, period: ReportPeriod, rules_file: Path | None, who: str, *, again: bool
) -> Report:
    """Keep a contest as it is decided now, and show it.

    Raises CollectorError where its result is not final yet, or was frozen already and not `again` is wanted.
    """
    rules = _file(parts, rules_file)
    of_league, now = _rules_of(rules, league), parts.now()
    if now < (final_at := settled_at(period, of_league)):
        raise CollectorError(
            f"the contest of {period.code} can be frozen from {moscow_day(final_at)} on: its last day is "
            f"{period.last_day}, and posts are counted {of_league.counts_after.days} days after it"
        )
    kept = parts.store.reports.freezes(league, period)
    if kept and not again:
        raise CollectorError(
            f"the contest {league} of {period.code} was frozen on {moscow_day(kept[-1].frozen_at)} by "
            f"{kept[-1].frozen_by}; --again freezes it once more and keeps both"
        )
    found = _as_it_stands(parts, league, period, of_league)
    if found.facts is None:
        raise CollectorError(f"no day of {period.code} is over: there is nothing to freeze")
    number = kept[-1].number + 1 if kept else 1
    record = frozen.freeze(league, period, number, rules.text, found.facts, found.result, now, who)
    if not parts.store.reports.write_freeze(record):
        raise CollectorError(
            f"somebody else froze the contest {league} of {period.code} meanwhile; look at it first"
        )
    return make_contest(parts, league, period, None)


def make_contest_list(parts: Program) -> Report:
    """All contests that were frozen."""
    return contest_list(parts.store.reports.freezes(), parts.now())


def make_best_news(parts: Program, month: ReportPeriod, top: int) -> Report:
    """A month's best news of primary organisations, and who gave none. `top`: places that are shown."""
    now = parts.now()
    days = whole_days(month, moscow_day(now))
    if days is None:
        return news_report(month, None, None, {}, top, now)
    with garbage_left():
        facts = parts.store.reports.news_facts(days, min(month.end + COUNTS_AFTER, now))
        numbers = news(facts)
        return news_report(month, numbers, facts, parts.store.reports.runs_by_id(runs_of(numbers)), top, now)


def _as_it_stands(parts: Program, league: League, period: ReportPeriod, rules: LeagueRules) -> Contest:
    now = parts.now()
    days = whole_days(period, moscow_day(now))
    if days is None:
        return Contest(league, period, rules, None, ContestResult((), ()), now)
    of_kinds = parts.store.reports.contest_facts(
        days, rules.kinds, rules.networks, counted_until(period, rules, now), rules.reading_within
    )
    facts = of_those_named(of_kinds, rules)
    return Contest(league, period, rules, facts, contest(facts, rules), now)


def _as_frozen(parts: Program, kept: list[ContestFreeze], rules_file: Path | None) -> Contest | None:
    """As the newest record has it; None: it was changed since."""
    newest = kept[-1]
    try:
        if not frozen.is_intact(newest):
            return None
        facts, result = frozen.opened(newest)
    except ValueError:
        return None
    rules = _rules_of(read_contest_rules(newest.rules, Path("the frozen rules")), newest.league)
    recount = _as_it_stands(parts, newest.league, newest.period, rules)
    differing = frozen.changes(result, recount.result)
    remarks = record_remarks(kept, is_same=not differing)
    if rules_file is not None and load_contest_rules(rules_file).text != newest.rules:
        remarks.append(OTHER_RULES)
    return replace(recount, facts=facts, result=result, frozen=newest, changes=differing, remarks=remarks)


def _file(parts: Program, given: Path | None) -> ContestRules:
    return load_contest_rules(given or parts.settings.contest_rules_file or SHIPPED_RULES)


def _rules_of(rules: ContestRules, league: League) -> LeagueRules:
    if league not in rules.leagues:
        known = ", ".join(rules.leagues)
        raise CollectorError(f"the rules have no league {league}; they have {known}")
    return rules.leagues[league]

"""A contest in words: who has which place and by which numbers, who is not ranked and why, and how it was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.domain.calendar import moscow_day
from collector.domain.contest import League, LeagueRules, Metric
from collector.domain.period import ReportPeriod
from collector.notifications import words
from collector.reports.contest import ContestResult, NotRanked, Ranked, counting_communities, settled_at
from collector.reports.contest_sources import contest_sources, readings_apart
from collector.reports.contest_words import (
    KINDS,
    LEAGUES,
    MEANINGS,
    NOT_LISTED,
    NOT_RANKED,
    ON_SCREEN,
    TITLES,
    place,
    reasons,
)
from collector.reports.frozen import Change
from collector.reports.report import Bars, Cell, Column, Kind, Report, Table, nothing, text
from storage.contest import ContestFacts
from storage.contest_freezes import ContestFreeze
from storage.growth import RunFacts


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest to be told: as it stands, or as it was frozen."""

    league: League
    period: ReportPeriod
    """The whole one; the facts' own is of the days that were over."""
    rules: LeagueRules
    facts: ContestFacts | None
    """None: no day of the period was over."""
    result: ContestResult
    now: datetime
    frozen: ContestFreeze | None = None
    changes: Sequence[Change] = ()
    """What a recount would tell otherwise than what was frozen."""
    remarks: Sequence[str] = ()
    """What must be known of its record, in Russian."""


def contest_report(contest: Contest, runs: Mapping[int, RunFacts]) -> Report:
    """The report. `runs`: those that the numbers came from."""
    rules, result, facts = contest.rules, contest.result, contest.facts
    equal = Counter(each.points for each in result.ranked)
    rows = [_row(each, equal[each.points]) for each in result.ranked]
    tables = [Table("Места", _columns(rules), rows, name="places")]
    if result.not_ranked:
        rows = [[text(each.code), text(reasons(each.reasons, rules))] for each in result.not_ranked]
        columns = [Column("Организация"), Column("Почему вне зачёта")]
        tables.append(Table("Вне зачёта", columns, rows, name="not-ranked"))
    if contest.changes:
        tables.append(_changed(contest))
    return Report(
        name="contest",
        title=f"Конкурс «{rules.title}»: {LEAGUES[contest.league]}",
        period=words.period(contest.period),
        tables=tables,
        sources=None if facts is None else lambda: contest_sources(facts, rules, runs),
        method=tuple(_method(contest)),
        warnings=tuple(_warnings(contest)),
        gaps=lambda: (
            [] if facts is None else readings_apart(facts, rules, {each.code for each in result.ranked})
        ),
        charts=(Bars("Баллы: чем меньше, тем выше место", 0, [("баллы", 2)]),) if result.ranked else (),
    )


def _columns(rules: LeagueRules) -> list[Column]:
    def group(metric: Metric, weight: int) -> str:
        return TITLES[metric] if weight == 1 else f"{TITLES[metric]} (место × {weight})"

    return [
        Column("Организация"),
        Column("Место", Kind.COUNT),
        Column("Баллы", Kind.COUNT),
        *(
            column
            for each in rules.metrics
            for column in (
                Column("число", KINDS[each.metric], group(each.metric, each.weight), ON_SCREEN[each.metric]),
                Column("место", Kind.COUNT, group(each.metric, each.weight), ON_SCREEN[each.metric]),
            )
        ),
    ]


def _row(ranked: Ranked, with_these_points: int) -> list[Cell]:
    sharing = ranked.last_place - ranked.first_place + 1
    by_ties = (
        "баллов поровну, место решили показатели «При равной сумме баллов»"
        if with_these_points > sharing
        else ""
    )
    return [
        text(ranked.code),
        Cell(ranked.first_place if sharing == 1 else place(ranked.first_place, ranked.last_place)),
        Cell(ranked.points, note=by_ties),
        *(cell for score in ranked.scores for cell in (Cell(score.value), Cell(score.place))),
    ]


def _changed(contest: Contest) -> Table:
    columns = [
        Column("Организация"),
        Column("Что"),
        Column("Заморожено", Kind.RATIO),
        Column("Сейчас", Kind.RATIO),
    ]
    rows = [
        [
            text(each.code),
            text("место и баллы" if each.metric is None else TITLES[each.metric]),
            _standing(each.before, each.metric, contest.rules),
            _standing(each.after, each.metric, contest.rules),
        ]
        for each in contest.changes
    ]
    return Table("Что изменилось", columns, rows, name="changed")


def _standing(of: Ranked | NotRanked | None, metric: Metric | None, rules: LeagueRules) -> Cell:
    if of is None:
        return nothing(NOT_LISTED)
    if isinstance(of, NotRanked):
        return nothing(NOT_RANKED, reasons(of.reasons, rules))
    if metric is None:
        return Cell(f"{place(of.first_place, of.last_place)} ({of.points})")
    return next((Cell(score.value) for score in of.scores if score.metric is metric), nothing(NOT_RANKED))


def _warnings(contest: Contest) -> Iterator[str]:
    yield from contest.remarks
    facts, today = contest.facts, moscow_day(contest.now)
    if facts is None:
        is_ahead = contest.period.first_day > today
        yield (
            "Период ещё не начался: считать нечего."
            if is_ahead
            else "В периоде ещё не прошло ни одного полного дня: считать нечего."
        )
        return
    if facts.period != contest.period:
        yield (
            f"Период ещё не закончился: посчитаны дни по {words.day(facts.period.last_day)} включительно, места "
            "предварительные."
        )
    elif contest.now < (settled := settled_at(contest.period, contest.rules)):
        yield (
            "Места предварительные: лайки, комментарии и репосты берутся такими, какими их знают через "
            f"{words.counted(contest.rules.counts_after.days, 'день')} после конца периода, то есть "
            f"{words.moment(settled)}, а это ещё впереди."
        )
    there = {each.code for each in facts.branches}
    if missing := [code for code in contest.rules.branches if code not in there]:
        yield f"В правилах названы организации, которых нет в списке: {', '.join(missing)}."
    if not facts.branches:
        yield "В списке нет таких организаций: считать нечего."
    elif not contest.result.ranked:
        yield "В зачёте никого нет: почему, сказано у каждой организации."


def _method(contest: Contest) -> Iterator[tuple[str, str]]:
    rules, facts = contest.rules, contest.facts
    first, last = contest.period.first_day, contest.period.last_day
    yield "Период", f"с {words.day(first)} по {words.day(last)}, дни по московскому времени"
    if contest.frozen is not None:
        yield "Заморожено", f"{words.day(contest.frozen.frozen_at)}: {contest.frozen.frozen_by}"
        yield (
            "Отпечаток (SHA-256)",
            f"{contest.frozen.sha256}. По нему видно, что правила, данные и результат не менялись: впишите его в "
            "протокол",
        )
    yield "Составлено", words.day(contest.now)
    yield "Кто участвует", LEAGUES[contest.league]
    yield (
        "Сети",
        ", ".join(map(words.network_name, rules.networks))
        if rules.networks
        else "все, в которых есть сообщества",
    )
    for each in rules.metrics:
        yield f"{TITLES[each.metric]}, вес {each.weight}", MEANINGS[each.metric]
    yield (
        "Места и баллы",
        "по каждому показателю у кого число больше, у того место выше; числа сравниваются такими, какими показаны, у "
        "равных место общее, следующее за ними пропущено (1, 2, 2, 4). Место умножается на вес показателя; у кого "
        "сумма баллов меньше, тот выше",
    )
    ties = ", затем ".join(f"«{TITLES[metric]}»" for metric in rules.ties)
    yield (
        "При равной сумме баллов",
        f"сравнивается {ties}; равные и по этому делят место: «2–3»" if ties else "место общее: «2–3»",
    )
    yield (
        "Вне зачёта",
        "у кого хотя бы один показатель неизвестен или сообщество закрыто; чисел вместо неизвестных нет. "
        "Сообщества, исключённые из списка, не считаются",
    )
    if rules.minimum_own_posts:
        yield "Наименьшая активность", f"собственных публикаций за период не меньше {rules.minimum_own_posts}"
    if facts is not None:
        yield (
            "Лайки, комментарии, репосты",
            f"последние известные на {words.moment(facts.counted_until)}: по правилам через "
            f"{words.counted(rules.counts_after.days, 'день')} после конца периода",
        )
    yield (
        "Число подписчиков",
        "замер, ближайший к нужному дню или к выходу публикации, но не дальше "
        f"{words.of_days(rules.reading_within.days)}; все замеры и публикации — в таблице источников",
    )
    if facts is not None:
        counted = sum(map(len, counting_communities(facts).values()))
        yield "Сообществ считалось", words.number(counted)

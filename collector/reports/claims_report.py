"""The report on claims in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collector.branches.claims_csv import Claim, Metric
from collector.notifications import words
from collector.reports.claims import Days, Judged, Verdict, Why
from collector.reports.growth import GrowthNumbers
from collector.reports.growth_report import sources_table
from collector.reports.report import Cell, Column, Kind, Report, Table, nothing, text
from storage.growth import RunFacts

_VERDICTS = {
    Verdict.CONFIRMED: "подтверждается",
    Verdict.REFUTED: "не подтверждается",
    Verdict.NOT_PROVABLE: "нельзя проверить",
}
_WHY = {
    Why.NO_BRANCH: "организации с таким коротким именем и с сообществами нет в списке",
    Why.NO_NETWORK: "сообществ в этой сети нет в списке",
    Why.NO_BASELINE: "в начале сообщества ещё не было: процент считать не от чего",
    Why.FROM_NOBODY: "в начале у сообщества не было ни одного подписчика: процент считать не от чего",
    Why.SOME_WITHOUT_BASELINE: "не у всех сообществ есть начальное число: процент считать не от чего",
    Why.UNKNOWN: "рядом с одним из этих дней сообщество не читали",
    Why.ONE_READING: "замер только один, что было между этими днями, неизвестно",
    Why.FUTURE: "один из этих дней ещё не наступил",
    Why.ABSENT: "сообщества тогда не было",
    Why.POSTS_UNSEEN: "публикации видели не за весь период",
}
METRICS = {
    Metric.FOLLOWERS: "подписчиков в конце",
    Metric.CHANGE: "новых подписчиков",
    Metric.PERCENT: "рост подписчиков, %",
    Metric.POSTS: "публикаций",
}
_ALL_BRANCHES = "все ТПО"
_COLUMNS = [
    Column("Организация"),
    Column("Сеть"),
    Column("Что"),
    Column("С", Kind.DATE),
    Column("По", Kind.DATE),
    Column("Утверждалось", Kind.RATIO),
    Column("По данным", Kind.RATIO),
    Column("Вывод"),
    Column("Пояснение"),
]


def claims_report(
    judged: Sequence[Judged], numbers: Mapping[Days, GrowthNumbers], runs: Mapping[int, RunFacts]
) -> Report:
    """The report. `runs`: those that the numbers came from."""
    days = [day for each in judged for day in (each.claim.first_day, each.claim.last_day)]
    period = f"с {words.day(min(days))} по {words.day(max(days))}"
    (today,) = {each.today for each in numbers.values()}
    return Report(
        name="claims",
        title="Проверка утверждений",
        period=period,
        tables=(Table("Утверждения", _COLUMNS, [_row(each) for each in judged]),),
        sources=lambda: sources_table(list(numbers.values()), runs),
        method=(
            ("Период", f"{period}, дни по московскому времени; у каждого утверждения свои дни"),
            ("Составлено", words.day(today)),
            ("По данным", "числа отчёта о приросте за те же дни: замеры, ближайшие к этим дням"),
            ("«подтверждается»", "число то же; процент — с той точностью, с какой он назван"),
            ("«нельзя проверить»", "данных для проверки нет; это не значит, что утверждение неверно"),
            ("Организация не указана", "все территориальные организации вместе"),
            ("Сеть не указана", "все сети вместе"),
        ),
        gaps=lambda: [
            f"{each.claim.organization or _ALL_BRANCHES}, {_network(each.claim)}, {METRICS[each.claim.metric]}: {why}"
            for each in judged
            if (why := _why(each))
        ],
    )


def _row(judged: Judged) -> list[Cell]:
    claim = judged.claim
    return [
        text(claim.organization or _ALL_BRANCHES),
        text(words.network_name(claim.network) if claim.network else "все"),
        text(METRICS[claim.metric]),
        Cell(claim.first_day),
        Cell(claim.last_day),
        Cell(_number(claim, claim.claimed)),
        nothing("—") if judged.actual is None else Cell(_number(claim, judged.actual)),
        text(_VERDICTS[judged.verdict]),
        text(_why(judged)),
    ]


def _network(claim: Claim) -> str:
    return words.network_name(claim.network) if claim.network else "все сети"


def _number(claim: Claim, value: float) -> float:
    """People and posts are whole."""
    return round(value, 1) if claim.metric is Metric.PERCENT else int(value) if value == int(value) else value


def _why(judged: Judged) -> str:
    if judged.why is not None:
        least = "не меньше, чем сказано в столбце «По данным»: " if judged.actual is not None else ""
        return f"{least}{_WHY[judged.why]}"
    if judged.farthest:
        side = "позже" if judged.farthest > 0 else "раньше"
        return f"замер на {words.counted(abs(judged.farthest), 'день')} {side}"
    return ""

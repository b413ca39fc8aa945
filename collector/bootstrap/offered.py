"""Every report that the department's page offers. One that is added here appears there by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from collector.bootstrap.contest import make_best_news, make_contest, make_contest_list
from collector.bootstrap.program import Program
from collector.bootstrap.reports import (
    UnknownBranchError,
    make_audit,
    make_claims,
    make_forecast,
    make_growth,
    make_summary,
)
from collector.branches import Claim, Metric
from collector.domain.contest import League
from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod, month_of
from collector.networks.base import networks
from collector.notifications import words
from collector.reports.claims_report import METRICS
from collector.reports.offered import Asked, Field, FieldKind, FormMistakeError, Offered
from collector.reports.report import Report

_ALL = "all"
_HIGHEST_MILESTONE = 100_000_000
_MOST_PLACES = 1_000
_BRANCHES = Field(
    "league",
    "Какие организации",
    FieldKind.CHOICE,
    lambda _: BranchKind.TERRITORIAL.value,
    (
        (BranchKind.TERRITORIAL.value, "ТПО"),
        (BranchKind.PRIMARY.value, "ППО"),
        (BranchKind.CITY.value, "МГО"),
        (_ALL, "все"),
    ),
)
_FROM = Field("from", "С какого дня", FieldKind.DAY, lambda today: (today - timedelta(days=90)).isoformat())
_TO = Field("to", "По какой день", FieldKind.DAY, lambda today: today.isoformat())
_NETWORK = Field(
    "network",
    "В какой сети",
    FieldKind.CHOICE,
    lambda _: _ALL,
    ((_ALL, "все вместе"), *((name, words.network_name(name)) for name in networks())),
)
_METRIC = Field(
    "metric",
    "Что",
    FieldKind.CHOICE,
    lambda _: Metric.CHANGE.value,
    tuple((metric.value, title) for metric, title in METRICS.items()),
)
_LEAGUE = Field(
    "league",
    "Кто соревнуется",
    FieldKind.CHOICE,
    lambda _: League.TERRITORIAL.value,
    ((League.TERRITORIAL.value, "ТПО"), (League.PRIMARY.value, "ППО")),
)


def offered(parts: Program) -> tuple[Offered, ...]:
    """All of them, in the order in which they are shown. Of claims one at a time; a file is for the command line."""
    return (
        Offered(
            "growth",
            "Прирост подписчиков",
            "Сколько подписчиков было в два дня и что прибавилось между ними: таблица постановления.",
            (
                _FROM,
                _TO,
                _BRANCHES,
            ),
            lambda asked: _growth(parts, asked),
        ),
        Offered(
            "summary",
            "Сводка",
            "Что принёс месяц, квартал или год: одна страница слов и чисел для Президиума.",
            (Field("period", "За какое время", FieldKind.PERIOD, _last_month), _BRANCHES),
            lambda asked: make_summary(parts, asked.period("period"), _kinds(asked)),
        ),
        Offered(
            "forecast",
            "Прогноз",
            "Когда каждое сообщество наберёт столько подписчиков, если расти будет как в последние 90 дней.",
            (Field("milestone", "Сколько подписчиков", FieldKind.NUMBER, lambda _: "1000"), _BRANCHES),
            lambda asked: make_forecast(
                parts, asked.number("milestone", _HIGHEST_MILESTONE), None, _kinds(asked)
            ),
        ),
        Offered(
            "audit",
            "Рекомендации постановления",
            "Что видно по данным о каждой из 16 рекомендаций и на что должен посмотреть человек.",
            (
                Field("period", "За какое время", FieldKind.PERIOD, _last_quarter),
                _BRANCHES,
                Field(
                    "branch", "Только одна (короткое имя, можно не указывать)", FieldKind.CODE, lambda _: ""
                ),
            ),
            lambda asked: _audit(parts, asked),
        ),
        Offered(
            "claims",
            "Проверка утверждения",
            "Кто-то называет прирост или проценты: так ли это по данным, или проверить нельзя.",
            (
                Field(
                    "organization", "Чьё (короткое имя; пусто — все ТПО вместе)", FieldKind.CODE, lambda _: ""
                ),
                _NETWORK,
                _METRIC,
                Field("claimed", "Сколько называют", FieldKind.CLAIMED, lambda _: ""),
                _FROM,
                _TO,
            ),
            lambda asked: make_claims(parts, [_claim(asked)]),
        ),
        Offered(
            "contest",
            "Лучшее профсоюзное сообщество",
            "Места по правилам конкурса; каждый балл можно проверить. Замороженный итог показан таким, каким был.",
            (Field("period", "За какое время", FieldKind.PERIOD, _last_quarter), _LEAGUE),
            lambda asked: make_contest(parts, League(asked.choice(_LEAGUE)), asked.period("period"), None),
            is_contest=True,
        ),
        Offered(
            "best-news",
            "Лучшая новость месяца от первички",
            "Публикации первичных организаций и о них, на которые откликнулись больше всего, и кто не дал новостей.",
            (
                Field("month", "За какой месяц", FieldKind.MONTH, _last_month),
                Field("top", "Сколько мест", FieldKind.NUMBER, lambda _: "20"),
            ),
            lambda asked: make_best_news(parts, asked.month("month"), asked.number("top", _MOST_PLACES)),
            is_contest=True,
        ),
        Offered(
            "contests",
            "Замороженные итоги конкурсов",
            "Какие итоги заморожены, когда и кем, и не изменены ли записи с тех пор.",
            (),
            _without_form(lambda: make_contest_list(parts)),
            is_contest=True,
        ),
    )


def _growth(parts: Program, asked: Asked) -> Report:
    first, last = _two_days(asked)
    return make_growth(parts, first, last, _kinds(asked))


def _two_days(asked: Asked) -> tuple[date, date]:
    first, last = asked.day("from"), asked.day("to")
    if first >= last:
        raise FormMistakeError("to", "Этот день должен быть позже первого.")
    return first, last


def _claim(asked: Asked) -> Claim:
    network = asked.choice(_NETWORK)
    return Claim(
        1,
        asked.code("organization"),
        None if network == _ALL else network,
        Metric(asked.choice(_METRIC)),
        asked.claimed("claimed"),
        *_two_days(asked),
    )


def _audit(parts: Program, asked: Asked) -> Report:
    try:
        return make_audit(parts, asked.period("period"), _kinds(asked), asked.code("branch"))
    except UnknownBranchError:
        raise FormMistakeError(
            "branch", "За это время такой организации в списке нет. Короткие имена стоят в обзоре."
        ) from None


def _kinds(asked: Asked) -> tuple[BranchKind, ...]:
    chosen = asked.choice(_BRANCHES)
    return tuple(BranchKind) if chosen == _ALL else (BranchKind(chosen),)


def _without_form(make: Callable[[], Report]) -> Callable[[Asked], Report]:
    return lambda _: make()


def _last_month(today: date) -> str:
    return month_of(today.replace(day=1) - timedelta(days=1)).code


def _last_quarter(today: date) -> str:
    """The newest quarter that is over."""
    begins = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last_day = begins - timedelta(days=1)
    return ReportPeriod.of_days(last_day.replace(month=last_day.month - 2, day=1), last_day).code

"""What the summary says in sentences: what happened, and how its numbers were counted."""

from __future__ import annotations

from collections.abc import Iterator

from collector.domain.model import Access
from collector.domain.period import LONGEST_DISTANCE
from collector.notifications import words
from collector.notifications.standing import access_in_words
from collector.reports.growth import BranchGrowth
from collector.reports.phrases import in_digits, listed
from collector.reports.report import Cell, text
from collector.reports.summary import SummaryNumbers
from collector.reports.summary_followers import NEAR

UNKNOWN, NOT_READ = "неизвестно", "не читали"
_OF_FEWER = ", часть сообществ исключили из списка"
_MOST, _NAMED = 3, 6
"""How many are named of those that stand out, and of others: the page has no room for more."""


def told(numbers: SummaryNumbers) -> Iterator[list[Cell]]:
    """Rows: what about, and what is known of it. Each is there, also where there is nothing to tell."""
    for asked, told in (
        ("Выросли больше всех", _grown(numbers)),
        ("Потеряли подписчиков", _shrunk(numbers)),
        ("Новые сообщества", _new(numbers)),
        ("Замолчали", _fell_silent(numbers)),
        ("Возобновили публикации", _resumed(numbers)),
        ("Закрыты или недоступны", _closed(numbers)),
        ("Без сообществ, исключены", _without(numbers)),
        ("Полнота сбора", _seen(numbers)),
    ):
        yield [text(asked), text(told)]


def _changes(numbers: SummaryNumbers) -> list[tuple[BranchGrowth, int]]:
    """The branches whose change is known on each of their networks, who grew most first."""
    known = [(each, each.change) for each in numbers.growth.branches]
    return sorted(
        [(branch, change) for branch, change in known if change is not None], key=lambda each: -each[1]
    )


def _grown(numbers: SummaryNumbers) -> str:
    changes = _changes(numbers)
    grown = [f"{each.code} (+{words.number(change)})" for each, change in changes[:_MOST] if change > 0]
    return ", ".join(grown) or ("никто" if changes else UNKNOWN)


def _shrunk(numbers: SummaryNumbers) -> str:
    changes = _changes(numbers)
    lost = [
        f"{each.code} (\u2212{words.number(-change)}{_OF_FEWER if each.is_of_fewer else ''})"
        for each, change in reversed(changes)
        if change < 0
    ]
    return listed(lost, _NAMED) or ("никто" if changes else UNKNOWN)


def _new(numbers: SummaryNumbers) -> str:
    new = [
        f"{branch.code} ({words.network_name(growth.network)})"
        for branch in numbers.growth.branches
        for growth in branch.networks.values()
        if growth.is_new
    ]
    return listed(new, _NAMED) or "нет"


def _fell_silent(numbers: SummaryNumbers) -> str:
    fell = [
        f"{each.branch_code} ({words.short_day(each.fell_silent_on)})"
        for each in numbers.silences
        if each.fell_silent_on is not None
    ]
    return listed(fell, _NAMED) or (NOT_READ if numbers.silent_after is None else "никто")


def _resumed(numbers: SummaryNumbers) -> str:
    resumed = [
        f"{each.branch_code} ({words.short_day(each.resumed_on)})"
        for each in numbers.silences
        if each.resumed_on is not None
    ]
    return listed(resumed, _NAMED) or (NOT_READ if numbers.silent_after is None else "никто")


def _closed(numbers: SummaryNumbers) -> str:
    closed = [
        f"{each.branch_code}, {words.network_name(each.network)}: {access_in_words(Access(each.access.access))}, "
        f"замечено {words.near_day(each.access.since, numbers.period.last_day)}"
        for each in numbers.closed
    ]
    return listed(closed, _NAMED, "; ") or (NOT_READ if numbers.silent_after is None else "нет")


def _without(numbers: SummaryNumbers) -> str:
    none = [each.code for each in numbers.growth.branches if not each.networks and not each.is_retired]
    left = [each.code for each in numbers.growth.branches if each.is_retired]
    parts = [
        f"нет сообществ: {listed(none, _NAMED)}" if none else "",
        f"исключены из списка: {listed(left, _NAMED)}" if left else "",
    ]
    return "; ".join(filter(None, parts)) or "нет"


def _seen(numbers: SummaryNumbers) -> str:
    """How much of the days was seen, and who was seen least."""
    days, seen = sum(each.days for each in numbers.looks), sum(each.seen_days for each in numbers.looks)
    if not seen:
        return "в этот период сообщества не читали"
    least = sorted(
        (each for each in numbers.looks if each.seen_days < each.days),
        key=lambda each: each.seen_days / each.days,
    )
    if not least:
        return "каждый день прочитано каждое сообщество"
    named = [
        f"{each.branch_code}, {words.network_name(each.network)} ({each.seen_days} из {each.days})"
        for each in least
    ]
    return f"прочитано {100 * seen // days}\u00a0% дней; меньше всего: {listed(named, _MOST, '; ')}"


def method(numbers: SummaryNumbers) -> Iterator[tuple[str, str]]:
    """«Как считалось»."""
    period = numbers.period
    yield (
        "Период",
        f"с {words.day(period.first_day)} по {words.day(period.last_day)}, дни по московскому времени",
    )
    yield "Составлено", words.day(numbers.today)
    yield (
        "Подписчики",
        f"было — на {in_digits(numbers.days[0].day)}, стало — на {in_digits(numbers.days[-1].day)}, по замерам, "
        f"ближайшим к этим дням, но не дальше {words.of_days(LONGEST_DISTANCE.days)}. Считаются одни и те же "
        "сообщества: те, о которых известны оба числа; «—» — сообществ ещё не было, у новых посчитаны все "
        "подписчики. Кто не посчитан, сказано в примечании",
    )
    yield (
        "Подписчики по неделям",
        f"те же сообщества; если хотя бы у одного рядом с днём (до {words.of_days(NEAR.days)}) нет замера, числа нет",
    )
    yield (
        "Публикации",
        "вышедшие в эти дни и не удалённые, вместе с репостами, без записей посетителей и рекламы; тех сообществ, чьи "
        "публикации видели всё время, и в этом периоде, и в прошлом. «Не меньше» — если видели не всё",
    )
    yield (
        "Молчание",
        "дней больше срока без публикаций ни в одном из сообществ, и это проверено чтением каждого. Дни без публикаций "
        "считаются от последней публикации до новой, но только внутри периода",
    )
    yield (
        "Выросли больше всех, потеряли подписчиков",
        "по всем сетям вместе; только организации, у которых прирост известен в каждой сети",
    )
    yield (
        "Полнота сбора",
        "доля дней, в которые сообщество удалось прочитать, из тех, когда оно было в списке",
    )

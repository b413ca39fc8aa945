"""The growth report in words: the table of the founding resolution, rebuilt, and how each of its numbers came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collector.domain.period import LONGEST_DISTANCE
from collector.notifications import words
from collector.reports.growth import MILESTONE, BranchGrowth, Growth, GrowthNumbers, NetworkTotal, total
from collector.reports.phrases import how_far, in_digits, listed
from collector.reports.points import Point, What, rounded
from collector.reports.report import Bars, Cell, Column, Kind, Report, Table, nothing, text
from collector.reports.sources import UsedReading, readings_table
from storage.growth import RunFacts

ABSENT, UNKNOWN, FUTURE = "—", "нет замера", "ещё не наступило"
NEW, FROM_NOBODY = "новое", "с нуля"
ONE_READING, NO_DATA = "нет второго замера", "нет данных"
NOT_LISTED, LEFT, NOT_GIVEN = "нет в списке", "исключено из списка", "не указано"
_FOLLOWERS = "Кол. подписчиков на"
_WORDS = {What.ABSENT: ABSENT, What.UNKNOWN: UNKNOWN, What.FUTURE: FUTURE, What.LEFT: LEFT}


def growth_report(numbers: GrowthNumbers, runs: Mapping[int, RunFacts]) -> Report:
    """The report. `runs`: those that the numbers came from."""
    first, last = numbers.period.first_day, numbers.period.last_day
    rows = [_row(branch, numbers) for branch in numbers.branches]
    columns = _columns(numbers)
    return Report(
        name="growth",
        title="Подписчики сообществ: было и стало",
        period=f"с {words.day(first)} по {words.day(last)}",
        tables=(Table("Прирост", columns, rows, _totals(numbers) if rows else ()),),
        sources=lambda: sources_table([numbers], runs),
        method=tuple(_method(numbers)),
        warnings=tuple(_warnings(numbers)),
        gaps=lambda: list(_gaps(numbers)),
        charts=_charts(numbers, columns),
    )


def _columns(numbers: GrowthNumbers) -> list[Column]:
    names = [words.network_name(network) for network in numbers.networks]
    days = [in_digits(day) for day in (numbers.period.first_day, numbers.period.last_day)]
    return [
        Column("Организация"),
        Column("Кол. ППО", Kind.COUNT),
        *(Column(name, Kind.COUNT, f"{_FOLLOWERS} {day}", day) for day in days for name in names),
        *(Column(name, Kind.CHANGE, "Прирост") for name in names),
        Column("Всего", Kind.CHANGE, "Прирост"),
        *(Column(name, Kind.PERCENT, "Прирост, %", "%") for name in names),
        *(Column(name, Kind.COUNT, "Публикаций за период", "Публ.") for name in names),
        Column("Подписчиков на одну ППО", Kind.RATIO),
        Column(f"Доля от {MILESTONE}, %", Kind.PERCENT),
    ]


_OF_FEWER = "часть сообществ исключили из списка: во втором числе их нет"


def _row(branch: BranchGrowth, numbers: GrowthNumbers) -> list[Cell]:
    on = [branch.networks.get(network) for network in numbers.networks]
    followers, size = branch.followers, branch.primary_count
    return [
        text(branch.code, "исключена из списка организаций" if branch.is_retired else ""),
        nothing(NOT_GIVEN) if size is None else Cell(size),
        *(_point(growth.start if growth else None) for growth in on),
        *(_point(growth.end if growth else None) for growth in on),
        *(_change(growth) for growth in on),
        nothing(_why_unknown(on))
        if branch.change is None
        else Cell(branch.change, note=_OF_FEWER if branch.is_of_fewer else ""),
        *(_percent(growth) for growth in on),
        *(_posts(growth) for growth in on),
        nothing(NOT_GIVEN if followers is not None else _why_unknown(on))
        if followers is None or not size
        else Cell(rounded(followers, size)),
        nothing(_why_unknown(on)) if followers is None else Cell(rounded(100 * followers, MILESTONE)),
    ]


def _totals(numbers: GrowthNumbers) -> list[Cell]:
    on = [total(numbers, network) for network in numbers.networks]
    sizes = [branch.primary_count for branch in numbers.branches]
    changes = [each.change for each in on if each.change is not None]
    unknown_change = list(dict.fromkeys(code for each in on for code in each.left_out))
    return [
        text("Всего"),
        nothing(NOT_GIVEN) if None in sizes else Cell(sum(size or 0 for size in sizes)),
        *(_total_point(each.start, each.not_at_start) for each in on),
        *(_total_point(each.end, each.not_at_end) for each in on),
        *(_total_change(each.change, each.left_out) for each in on),
        _total_change(sum(changes) if changes else None, unknown_change),
        *(_total_percent(each) for each in on),
        *(_post_count(each.post_count, each.least_post_count) for each in on),
        nothing(""),
        nothing(""),
    ]


def _total_point(point: Point, unknown: Sequence[str]) -> Cell:
    cell = _point(point)
    left_out = (
        f"без тех, чьё число неизвестно: {listed(unknown)}" if unknown and point.count is not None else ""
    )
    return cell._replace(note="; ".join(filter(None, (left_out, cell.note))))


def _total_change(change: int | None, unknown: Sequence[str]) -> Cell:
    if change is None:
        return nothing(UNKNOWN)
    return Cell(change, note=f"без тех, чей прирост неизвестен: {listed(unknown)}" if unknown else "")


def _total_percent(of: NetworkTotal) -> Cell:
    if of.percent is None:
        return nothing(UNKNOWN if of.change is None else NEW)
    return Cell(of.percent, note="только у тех, у кого в начале уже было сообщество и известны оба числа")


def _point(point: Point | None) -> Cell:
    if point is None:
        return nothing(NOT_LISTED)
    left = "без исключённых из списка" if point.has_left else ""
    if point.count is None:
        return nothing(_WORDS[point.what])
    return Cell(point.count, note="; ".join(filter(None, (how_far(point.days_off), left))))


def _change(growth: Growth | None) -> Cell:
    if growth is None:
        return nothing(NOT_LISTED)
    if growth.change is None:
        return nothing(_why_unknown([growth]))
    if growth.is_of_fewer:
        return Cell(growth.change, note=_OF_FEWER)
    return Cell(growth.change, note="сообщество новое: посчитаны все подписчики" if growth.is_new else "")


def _percent(growth: Growth | None) -> Cell:
    if growth is None:
        return nothing(NOT_LISTED)
    if growth.percent is not None:
        return Cell(growth.percent, note=_OF_FEWER if growth.is_of_fewer else "")
    if growth.change is None:
        return nothing(_why_unknown([growth]))
    if growth.is_new:
        return nothing(NEW)
    if growth.start.absences:
        return nothing(NEW, "часть сообществ новая: процент считать не от чего")
    return nothing(FROM_NOBODY)


def _why_unknown(growths: list[Growth | None]) -> str:
    """The word for a number that is not known of all."""
    there = [growth for growth in growths if growth is not None]
    if not there:
        return NOT_LISTED
    for growth in there:
        for point in (growth.start, growth.end):
            if point.what in (What.UNKNOWN, What.FUTURE):
                return _WORDS[point.what]
    if any(growth.is_same_reading for growth in there):
        return ONE_READING
    return LEFT if any(growth.end.what is What.LEFT for growth in there) else ABSENT


def _posts(growth: Growth | None) -> Cell:
    if growth is None:
        return nothing(NOT_LISTED)
    return _post_count(growth.post_count, growth.least_post_count)


def _post_count(known: int | None, least: int) -> Cell:
    if known is not None:
        return Cell(known)
    return nothing(f"не меньше {least}" if least else NO_DATA)


def sources_table(of: Sequence[GrowthNumbers], runs: Mapping[int, RunFacts]) -> Table:
    """Where each number comes from: a row a reading."""
    return readings_table((each for numbers in of for each in used_readings(numbers)), runs)


def used_readings(numbers: GrowthNumbers) -> Iterator[UsedReading]:
    """The readings of both days, branch by branch."""
    first, last = numbers.period.first_day, numbers.period.last_day
    for branch in numbers.branches:
        for growth in branch.networks.values():
            urls = {each.community_id: each.url for each in growth.communities}
            for day, point in ((first, growth.start), (last, growth.end)):
                for community_id, reading in point.origins:
                    yield UsedReading(branch.code, growth.network, urls[community_id], day, reading)


def _method(numbers: GrowthNumbers) -> Iterator[tuple[str, str]]:
    first, last = numbers.period.first_day, numbers.period.last_day
    yield "Период", f"с {words.day(first)} по {words.day(last)}, дни по московскому времени"
    yield "Составлено", words.day(numbers.today)
    yield (
        "Число подписчиков на день",
        "замер, ближайший к этому дню; насколько он в стороне, сказано в примечании и в таблице «Замеры» файла. Замер "
        f"дальше {words.of_days(LONGEST_DISTANCE.days)} не берётся",
    )
    yield f"«{ABSENT}»", "сообщества ещё не было: это не ноль подписчиков"
    yield (
        f"«{NOT_LISTED}», «{LEFT}»",
        "сообщества в этой сети нет в списке организаций, или к этому дню уже не было",
    )
    yield f"«{UNKNOWN}»", "рядом с этим днём сообщество не читали, или сеть скрыла число"
    yield f"«{NEW}»", "расти было не от чего, поэтому процента нет; в приросте посчитаны все подписчики"
    yield f"«{FROM_NOBODY}»", "сообщество было, но без подписчиков, поэтому процента нет"
    yield (
        "Прирост",
        "второе число без первого; процент считается от первого числа. Если оба числа — один и тот же замер, прирост "
        "неизвестен",
    )
    yield (
        "Публикации",
        "вышедшие в эти дни и не удалённые, вместе с репостами, без записей посетителей и рекламы",
    )
    yield (
        f"Доля от {MILESTONE}",
        "подписчики организации во всех сетях ко второму дню, в процентах от отметки, которую назвало постановление "
        "№ 40-7",
    )


def _warnings(numbers: GrowthNumbers) -> Iterator[str]:
    if not numbers.branches:
        yield "В списке нет таких организаций: считать нечего."
    for day in (numbers.period.first_day, numbers.period.last_day):
        if day > numbers.today:
            yield f"День {words.day(day)} ещё не наступил: чисел на него нет."
        elif day == numbers.today:
            yield f"День {words.day(day)} ещё не закончился: число может измениться."
    if without := [branch.code for branch in numbers.branches if not branch.networks]:
        yield f"Сообществ в списке нет: {listed(without)}."
    for branch in numbers.branches:
        closed = [
            words.network_name(facts.network)
            for growth in branch.networks.values()
            for facts in growth.communities
            if facts.access not in ("open", "unknown") and facts.retired_at is None
        ]
        if closed:
            where = ", ".join(dict.fromkeys(closed))
            yield f"{branch.code}: сообщество сейчас закрыто, заблокировано или не найдено ({where})."
        if branch.is_retired:
            yield f"{branch.code}: организация исключена из списка."


def _gaps(numbers: GrowthNumbers) -> Iterator[str]:
    for branch in numbers.branches:
        for growth in branch.networks.values():
            for day, point in (
                (numbers.period.first_day, growth.start),
                (numbers.period.last_day, growth.end),
            ):
                told = how_far(point.days_off) or (
                    _WORDS[point.what] if point.what in (What.UNKNOWN, What.FUTURE) else ""
                )
                if told:
                    yield f"{branch.code}, {words.network_name(growth.network)}, {in_digits(day)}: {told}"


def _charts(numbers: GrowthNumbers, columns: list[Column]) -> tuple[Bars, ...]:
    names = [words.network_name(network) for network in numbers.networks]
    last = f"{_FOLLOWERS} {in_digits(numbers.period.last_day)}"
    series = [(column.title, at) for at, column in enumerate(columns) if column.group == last]
    title = f"Подписчики на {words.day(numbers.period.last_day)}"
    return (Bars(title, 0, series),) if names and numbers.branches else ()

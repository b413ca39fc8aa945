"""The growth report in words: the table of the founding resolution, rebuilt, and how each of its numbers came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from collector.notifications import words
from collector.reports.growth import (
    LONGEST_DISTANCE,
    MILESTONE,
    BranchGrowth,
    Growth,
    GrowthNumbers,
    NetworkTotal,
    Point,
    What,
    total,
)
from collector.reports.report import Bars, Cell, Column, Kind, Report, Table, nothing, text
from storage.growth import RunFacts

ABSENT, UNKNOWN, FUTURE = "—", "нет замера", "ещё не наступило"
NEW, ONE_READING, NO_DATA = "новое", "нет второго замера", "нет данных"
_FOLLOWERS = "Кол. подписчиков на"
_WORDS = {What.ABSENT: ABSENT, What.UNKNOWN: UNKNOWN, What.FUTURE: FUTURE}


def growth_report(numbers: GrowthNumbers, runs: Mapping[int, RunFacts]) -> Report:
    """The report. `runs`: those that the numbers came from."""
    first, last = numbers.period.first_day, numbers.period.last_day
    rows = [_row(branch, numbers) for branch in numbers.branches]
    columns = _columns(numbers)
    return Report(
        name="growth",
        title="Подписчики сообществ: было и стало",
        period=f"с {words.day(first)} по {words.day(last)}",
        tables=(Table("Прирост", columns, rows, _totals(numbers)),),
        sources=lambda: sources_table([numbers], runs),
        method=tuple(_method(numbers)),
        warnings=tuple(_warnings(numbers)),
        gaps=lambda: list(_gaps(numbers)),
        charts=_charts(numbers, columns),
    )


def _columns(numbers: GrowthNumbers) -> list[Column]:
    names = [words.network_name(network) for network in numbers.networks]
    days = [_day(day) for day in (numbers.period.first_day, numbers.period.last_day)]
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


def _row(branch: BranchGrowth, numbers: GrowthNumbers) -> list[Cell]:
    on = [branch.networks.get(network) for network in numbers.networks]
    followers, size = branch.followers, branch.primary_count
    return [
        text(branch.code, "исключена из списка организаций" if branch.is_retired else ""),
        nothing("не указано") if size is None else Cell(size),
        *(_point(growth.start if growth else None) for growth in on),
        *(_point(growth.end if growth else None) for growth in on),
        *(_change(growth) for growth in on),
        nothing(_why_unknown(on)) if branch.change is None else Cell(branch.change),
        *(_percent(growth) for growth in on),
        *(_posts(growth) for growth in on),
        nothing(ABSENT) if followers is None or not size else Cell(round(followers / size, 1)),
        nothing(ABSENT) if followers is None else Cell(round(100 * followers / MILESTONE, 1)),
    ]


def _totals(numbers: GrowthNumbers) -> list[Cell]:
    on = [total(numbers, network) for network in numbers.networks]
    sizes = [branch.primary_count for branch in numbers.branches]
    changes = [each.change for each in on if each.change is not None]
    return [
        text("Всего"),
        nothing("не указано") if None in sizes else Cell(sum(size or 0 for size in sizes)),
        *(_point(each.start) for each in on),
        *(_point(each.end) for each in on),
        *(nothing(UNKNOWN) if each.change is None else Cell(each.change, note=_without(each)) for each in on),
        nothing(UNKNOWN) if not changes else Cell(sum(changes), note=_without(*on)),
        *(
            nothing(ABSENT)
            if each.percent is None
            else Cell(
                each.percent, note="только у тех, у кого в начале уже было сообщество и известны оба числа"
            )
            for each in on
        ),
        *(_post_count(each.post_count, each.least_post_count) for each in on),
        nothing(""),
        nothing(""),
    ]


def _without(*totals: NetworkTotal) -> str:
    left_out = list(dict.fromkeys(code for each in totals for code in each.left_out))
    return f"без тех, у кого прирост неизвестен: {', '.join(left_out)}" if left_out else ""


def _point(point: Point | None) -> Cell:
    if point is None:
        return nothing(ABSENT, "сообщества в этой сети нет в списке")
    if point.count is None:
        return nothing(_WORDS[point.what])
    return Cell(point.count, note=_how_far(point.days_off))


def _how_far(days_off: int) -> str:
    if not days_off:
        return ""
    return f"замер на {words.counted(abs(days_off), 'день')} {'позже' if days_off > 0 else 'раньше'}"


def _change(growth: Growth | None) -> Cell:
    if growth is None:
        return nothing(ABSENT)
    if growth.change is None:
        return nothing(_why_unknown([growth]))
    return Cell(growth.change, note="сообщество новое: посчитаны все подписчики" if growth.is_new else "")


def _percent(growth: Growth | None) -> Cell:
    if growth is None:
        return nothing(ABSENT)
    if growth.is_new:
        return nothing(NEW)
    if growth.percent is None:
        # Grown from 0 real followers: there is a change, and no share.
        return nothing(NEW if growth.start.count == 0 and growth.change else _why_unknown([growth]))
    return Cell(growth.percent)


def _why_unknown(growths: list[Growth | None]) -> str:
    """The word for a change that is not known."""
    for growth in growths:
        if growth is None:
            continue
        for point in (growth.start, growth.end):
            if point.what in (What.UNKNOWN, What.FUTURE):
                return _WORDS[point.what]
        if growth.is_same_reading:
            return ONE_READING
    return ABSENT


def _posts(growth: Growth | None) -> Cell:
    if growth is None:
        return nothing(ABSENT)
    return _post_count(growth.post_count, growth.least_post_count)


def _post_count(known: int | None, least: int) -> Cell:
    if known is not None:
        return Cell(known)
    return nothing(f"не меньше {least}" if least else NO_DATA)


def sources_table(of: Sequence[GrowthNumbers], runs: Mapping[int, RunFacts]) -> Table:
    """Where each number comes from: a row a reading."""
    rows = [
        [
            text(branch.code),
            text(words.network_name(growth.network)),
            text({each.community_id: each.url for each in growth.communities}[community_id]),
            Cell(day),
            Cell(reading.on),
            Cell((reading.on - day).days),
            Cell(reading.follower_count),
            text(_origin(runs.get(reading.run_id), reading.run_id)),
        ]
        for numbers in of
        for branch in numbers.branches
        for growth in branch.networks.values()
        for day, point in (
            (numbers.period.first_day, growth.start),
            (numbers.period.last_day, growth.end),
        )
        for community_id, reading in point.readings
    ]
    columns = [
        Column("Организация"),
        Column("Сеть"),
        Column("Сообщество", Kind.LINK),
        Column("На какой день", Kind.DATE),
        Column("День замера", Kind.DATE),
        Column("Дней от него", Kind.CHANGE),
        Column("Подписчиков", Kind.COUNT),
        Column("Откуда число"),
    ]
    return Table("Замеры", columns, rows)


def _origin(run: RunFacts | None, run_id: int) -> str:
    if run is None or run.kind != "import":
        return f"обход № {run_id}"
    return f"загрузка № {run_id}: {run.source}"


def _method(numbers: GrowthNumbers) -> Iterator[tuple[str, str]]:
    first, last = numbers.period.first_day, numbers.period.last_day
    yield "Период", f"с {words.day(first)} по {words.day(last)}, дни по московскому времени"
    yield "Составлено", words.day(numbers.today)
    yield (
        "Число подписчиков на день",
        "замер, ближайший к этому дню; насколько он в стороне, сказано в примечании и на листе «Замеры». Замер дальше "
        f"{words.of_days(LONGEST_DISTANCE.days)} не берётся",
    )
    yield f"«{ABSENT}»", "сообщества ещё не было: это не ноль подписчиков"
    yield f"«{UNKNOWN}»", "рядом с этим днём сообщество не читали, или сеть скрыла число"
    yield f"«{NEW}»", "расти было не от чего, поэтому процента нет; в приросте посчитаны все подписчики"
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
        yield "В списке нет сообществ таких организаций: считать нечего."
    if numbers.period.last_day > numbers.today:
        yield f"Период ещё не закончился: чисел на {words.day(numbers.period.last_day)} пока нет."
    for branch in numbers.branches:
        closed = [
            words.network_name(facts.network)
            for growth in branch.networks.values()
            for facts in growth.communities
            if facts.access not in ("open", "unknown") and facts.retired_at is None
        ]
        if closed:
            yield f"{branch.code}: сейчас закрыто или не найдено сообщество: {', '.join(dict.fromkeys(closed))}."
        if branch.is_retired:
            yield f"{branch.code}: организация исключена из списка."


def _gaps(numbers: GrowthNumbers) -> Iterator[str]:
    for branch in numbers.branches:
        for growth in branch.networks.values():
            for day, point in (
                (numbers.period.first_day, growth.start),
                (numbers.period.last_day, growth.end),
            ):
                told = _how_far(point.days_off) or (
                    _WORDS[point.what] if point.what in (What.UNKNOWN, What.FUTURE) else ""
                )
                if told:
                    yield f"{branch.code}, {words.network_name(growth.network)}, {_day(day)}: {told}"


def _charts(numbers: GrowthNumbers, columns: list[Column]) -> tuple[Bars, ...]:
    names = [words.network_name(network) for network in numbers.networks]
    last = f"{_FOLLOWERS} {_day(numbers.period.last_day)}"
    series = [(column.title, at) for at, column in enumerate(columns) if column.group == last]
    title = f"Подписчики на {words.day(numbers.period.last_day)}"
    return (Bars(title, 0, series),) if names and numbers.branches else ()


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"

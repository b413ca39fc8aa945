"""The summary in words: one page for the Presidium, with three charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collector.domain.period import ReportPeriod
from collector.notifications import words
from collector.reports.growth_report import used_readings
from collector.reports.phrases import in_digits, listed
from collector.reports.points import difference
from collector.reports.report import Bars, Cell, Chart, Column, Kind, Lines, Report, Table, nothing, text
from collector.reports.sources import readings_table
from collector.reports.summary import BranchPosts, SummaryNumbers
from collector.reports.summary_followers import Followers
from collector.reports.summary_words import NOT_READ, UNKNOWN, method, told
from storage.growth import RunFacts

NOT_OVER, NO_ACCOUNT = "не сравнивается", "—"
_ITS_PAST = "было — за период до этого"


def summary_report(numbers: SummaryNumbers, runs: Mapping[int, RunFacts]) -> Report:
    """The report. `runs`: those that the numbers came from."""
    return Report(
        name="summary",
        title=f"Сообщества профсоюза: {words.period(numbers.asked)}",
        period=f"с {words.day(numbers.period.first_day)} по {words.day(numbers.period.last_day)}",
        tables=(
            Table("Главное", _KEY_COLUMNS, list(_key_rows(numbers))),
            Table(
                "Что произошло", (Column("О чём"), Column("Что известно")), list(told(numbers)), name="words"
            ),
            _days_table(numbers),
            _posts_table(numbers),
            _silences_table(numbers),
        ),
        sources=lambda: readings_table([*used_readings(numbers.growth), *numbers.between], runs),
        method=tuple(method(numbers)),
        warnings=tuple(_warnings(numbers)),
        gaps=lambda: list(_gaps(numbers)),
        charts=tuple(_charts(numbers)),
        is_one_page=True,
    )


def not_begun(asked: ReportPeriod) -> Report:
    """The report on a period of which no day is over: that there is nothing to tell."""
    return Report(
        name="summary",
        title=f"Сообщества профсоюза: {words.period(asked)}",
        period=f"с {words.day(asked.first_day)} по {words.day(asked.last_day)}",
        tables=(Table("Главное", _KEY_COLUMNS, []),),
        warnings=("В этом периоде ещё не закончился ни один день: чисел нет.",),
        is_one_page=True,
    )


_KEY_COLUMNS = (
    Column("Показатель"),
    Column("Было", Kind.COUNT, "За период"),
    Column("Стало", Kind.COUNT, "За период"),
    Column("Изменение", Kind.CHANGE, "За период"),
)


def _key_rows(numbers: SummaryNumbers) -> Iterator[Sequence[Cell]]:
    for each in numbers.followers:
        name = "все сети" if each.network is None else words.network_name(each.network)
        yield [
            text(f"Подписчики, {name}", _followers_note(each)),
            nothing(NO_ACCOUNT) if each.is_all_new else _count(each.start),
            _count(each.end),
            _count(each.change),
        ]
    is_over = numbers.period == numbers.asked
    posts, not_over = numbers.posts, nothing(NOT_OVER)
    unseen = (
        f"без тех, чьи публикации видели не всё время: {listed(posts.left_out)}" if posts.left_out else ""
    )
    before = _count(posts.before, _at_least(numbers.branch_posts_before)) if is_over else not_over
    note = "; ".join(filter(None, (_ITS_PAST, unseen)))
    yield _pair("Публикации", before, _count(posts.now, _at_least(numbers.branch_posts)), note)
    before = _posting(numbers.branch_posts_before) if is_over else not_over
    yield _pair("Организации, которые публиковали", before, _posting(numbers.branch_posts), _ITS_PAST)
    silent = _count(numbers.silent_before, NOT_READ), _count(numbers.silent_after, NOT_READ)
    yield _pair("Молчащие организации", *silent)
    is_read = numbers.silent_after is not None
    closed = (
        _count(numbers.closed_before, NOT_READ),
        _count(len(numbers.closed) if is_read else None, NOT_READ),
    )
    yield _pair("Закрытые и недоступные сообщества", *closed)


def _pair(title: str, before: Cell, after: Cell, note: str = "") -> list[Cell]:
    if isinstance(before.value, int) and isinstance(after.value, int):
        return [text(title, note), before, after, Cell(after.value - before.value)]
    return [text(title, note), before, after, nothing(UNKNOWN)]


def _count(value: int | None, word: str = UNKNOWN) -> Cell:
    return nothing(word) if value is None else Cell(value)


def _posting(branches: Sequence[BranchPosts]) -> Cell:
    """How many branches posted; where one that was not seen all the time may have, at least how many."""
    count = sum(each.count > 0 for each in branches)
    if branches and all(each.is_whole or each.count for each in branches):
        return Cell(count)
    return nothing(f"не меньше {count}" if count else NOT_READ)


def _at_least(branches: Sequence[BranchPosts]) -> str:
    count = sum(each.count for each in branches)
    return f"не меньше {count}" if count else NOT_READ


def _followers_note(followers: Followers) -> str:
    new = f"новые, без начального числа: {listed(followers.new)}" if followers.new else ""
    left_out = f"без тех, чей прирост неизвестен: {listed(followers.left_out)}" if followers.left_out else ""
    of_fewer = f"стало — без сообществ, исключённых из списка: {listed(followers.of_fewer)}"
    return "; ".join(filter(None, (new, left_out, of_fewer if followers.of_fewer else "")))


def _days_table(numbers: SummaryNumbers) -> Table:
    networks = numbers.growth.networks
    names = [words.network_name(network) for network in networks]
    totals = {each.network: each for each in numbers.followers}
    rows = []
    for each in numbers.days:
        is_first = each is numbers.days[0]
        counts, changes = [], []
        for network in networks:
            of = totals[network]
            count = each.counts[network]
            begin = difference(of.end, of.change)
            counts.append(nothing(NO_ACCOUNT) if is_first and of.is_all_new else _read(count))
            changes.append(_read(difference(begin if is_first else count, begin)))
        rows.append([Cell(each.day), *counts, *changes])
    columns = [
        Column("День", Kind.DATE),
        *(Column(name, Kind.COUNT, "Подписчиков") for name in names),
        *(Column(name, Kind.CHANGE, "Прирост с начала") for name in names),
    ]
    return Table("Подписчики по неделям", columns, rows, name="followers", is_drawn=True)


def _read(value: int | None) -> Cell:
    return nothing("нет замера") if value is None else Cell(value)


def _posts_table(numbers: SummaryNumbers) -> Table:
    partly = "не меньше: публикации видели не за весь период"
    rows = [
        [text(each.code), Cell(each.count, note="" if each.is_whole else partly)]
        if each.is_whole or each.count
        else [text(each.code), nothing(NOT_READ)]
        for each in numbers.branch_posts
    ]
    columns = (Column("Организация"), Column("Публикаций", Kind.COUNT))
    return Table("Публикации", columns, rows, name="posts", is_drawn=True)


def _silences_table(numbers: SummaryNumbers) -> Table:
    rows = [
        [
            text(each.branch_code),
            Cell(each.days, note="не меньше: дальше не проверено" if each.is_least else ""),
            nothing("публикаций не было") if each.last_post_on is None else Cell(each.last_post_on),
            nothing("раньше") if each.fell_silent_on is None else Cell(each.fell_silent_on),
            nothing("нет") if each.resumed_on is None else Cell(each.resumed_on),
        ]
        for each in sorted(numbers.silences, key=lambda each: -each.days)
    ]
    columns = (
        Column("Организация"),
        Column("Дней без публикаций за период", Kind.COUNT),
        Column("Последняя публикация перед молчанием", Kind.DATE),
        Column("Замолчала", Kind.DATE),
        Column("Возобновила", Kind.DATE),
    )
    return Table("Молчание", columns, rows, name="silences", is_drawn=True)


_DAYS, _POSTS, _SILENCES = 2, 3, 4
"""Places of the tables that are drawn."""


def _charts(numbers: SummaryNumbers) -> Iterator[Chart]:
    networks = numbers.growth.networks
    if networks:
        lines = [(words.network_name(network), 1 + len(networks) + at) for at, network in enumerate(networks)]
        yield Lines("Прирост подписчиков с начала периода", 0, lines, _DAYS)
    if numbers.branch_posts:
        yield Bars("Публикации за период", 0, [("Публикаций", 1)], _POSTS, is_narrow=True)
    if numbers.silences:
        yield Bars("Дней без публикаций у тех, кто молчал", 0, [("Дней", 1)], _SILENCES, is_narrow=True)


def _warnings(numbers: SummaryNumbers) -> Iterator[str]:
    if numbers.period != numbers.asked:
        yield f"Период ещё не закончился: посчитано по {words.day(numbers.period.last_day)} включительно."
    if not numbers.growth.branches:
        yield "В списке нет таких организаций: считать нечего."
    elif not any(each.seen_days for each in numbers.looks):
        yield "В этот период сообщества не читали: чисел почти нет."


def _gaps(numbers: SummaryNumbers) -> Iterator[str]:
    for each in numbers.followers:
        if each.network is not None and each.left_out:
            yield f"{words.network_name(each.network)}: прирост неизвестен у {', '.join(each.left_out)}"
    for day in numbers.days:
        for network, count in day.counts.items():
            if count is None:
                yield f"{words.network_name(network)}, {in_digits(day.day)}: не у всех есть замер"
    for look in numbers.looks:
        if look.seen_days < look.days:
            where = f"{look.branch_code}, {words.network_name(look.network)}"
            yield f"{where}: прочитано {look.seen_days} из {words.of_days(look.days)}"

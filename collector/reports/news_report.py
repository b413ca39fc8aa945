"""The contest of news in words: the best posts, those that could not be compared, and who gave no news."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from collector.domain.calendar import moscow_day
from collector.domain.model import Access
from collector.domain.period import ReportPeriod
from collector.notifications import words
from collector.notifications.standing import access_in_words
from collector.reports.contest_words import place
from collector.reports.engagement import engagement, followers_then
from collector.reports.news import NEAR, Entry, Lack, NewsNumbers, Placed, Via, Why, WithoutNews
from collector.reports.phrases import how_far, in_digits, listed, origin
from collector.reports.report import Cell, Column, Kind, Report, Table, nothing, text
from storage.growth import RunFacts
from storage.news import NewsFacts

UNKNOWN, UNREAD, NO_TEXT = "нет данных", "текст не прочитан", "без текста"
_WORDS_SHOWN = 80
_WHY = {
    Why.RETIRED: "организация исключена из списка",
    Why.COUNTS_UNKNOWN: "сеть не сообщила число лайков, комментариев или репостов",
    Why.WITHHELD: "сеть скрыла число подписчиков",
    Why.NO_READING: f"рядом с публикацией нет замера подписчиков (ближе {words.of_days(NEAR.days)})",
    Why.FROM_NOBODY: "подписчиков тогда не было: делить не на что",
}
_POST_COLUMNS = [
    Column("Первичная организация"),
    Column("Чья публикация"),
    Column("Дата", Kind.DATE),
    Column("Начало текста"),
    Column("Ссылка", Kind.LINK),
    Column("Лайки", Kind.COUNT),
    Column("Комментарии", Kind.COUNT),
    Column("Репосты", Kind.COUNT),
    Column("Подписчиков тогда", Kind.COUNT),
]


def news_report(
    asked: ReportPeriod,
    numbers: NewsNumbers | None,
    facts: NewsFacts | None,
    runs: Mapping[int, RunFacts],
    top: int,
    now: datetime,
) -> Report:
    """The report. `numbers` and `facts` None: no day of the month is over; `top`: places that are shown."""
    shown = [each for each in numbers.placed if each.first_place <= top] if numbers else []
    best = [Column("Место", Kind.COUNT), *_POST_COLUMNS, Column("Вовлечённость, %", Kind.SHARE)]
    tables = [Table("Лучшие новости", best, [_best_row(each) for each in shown], name="best")]
    if numbers is not None:
        columns = [Column("Организация"), Column("ТПО"), Column("Новости"), Column("Пояснение")]
        rows = [_supply_row(each) for each in sorted(numbers.without_news, key=_no_news_first)]
        tables.append(Table("Без новостей за месяц", columns, rows, name="no-news"))
        if numbers.not_compared:
            rows = [[*_post_cells(each), text(_WHY[each.why])] for each in numbers.not_compared if each.why]
            columns = [*_POST_COLUMNS, Column("Почему не сравнить")]
            tables.append(Table("Не сравнить", columns, rows, name="not-compared"))
    return Report(
        name="best-news",
        title="Конкурс «Лучшая новость месяца от первички»",
        period=words.period(asked),
        tables=tables,
        sources=None if numbers is None else lambda: _sources(numbers, runs),
        method=tuple(_method(numbers, facts, asked, top, now)),
        warnings=tuple(_warnings(asked, numbers, facts, top, now)),
        gaps=lambda: _gaps(shown),
    )


def runs_of(numbers: NewsNumbers) -> set[int]:
    """The runs that brought the numbers."""
    found: set[int] = set()
    for each in numbers.entries:
        then = followers_then(each.of.post, NEAR)
        found.update(run for run in (each.of.post.run_id, then.run_id if then else None) if run is not None)
    return found


def first_words(of: str) -> str:
    """A text's beginning on one line, cut at a blank."""
    line = " ".join(of.split())
    if len(line) <= _WORDS_SHOWN:
        return line
    return line[:_WORDS_SHOWN].rsplit(" ", 1)[0] + "…"


def _best_row(placed: Placed) -> list[Cell]:
    is_alone = placed.first_place == placed.last_place
    return [
        Cell(placed.first_place if is_alone else place(placed.first_place, placed.last_place)),
        *_post_cells(placed.entry),
        Cell(placed.entry.rate),
    ]


def _post_cells(entry: Entry) -> list[Cell]:
    post = entry.of.post
    then = followers_then(post, NEAR)
    return [
        text(listed(entry.primaries)),
        text(_whose(entry)),
        Cell(moscow_day(post.published_at)),
        _beginning(entry),
        text(post.url),
        *(
            nothing(UNKNOWN) if count is None else Cell(count)
            for count in (post.like_count, post.comment_count)
        ),
        nothing(UNKNOWN) if post.share_count is None else Cell(post.share_count),
        nothing(UNKNOWN)
        if then is None
        else Cell(then.follower_count, note=_apart(post.published_at, then.observed_at)),
    ]


def _whose(entry: Entry) -> str:
    """Whose post it is, and by what it is the primary's."""
    network = words.network_name(entry.of.network)
    if entry.via is Via.OWN:
        return f"своя, {network}"
    by = f"ТПО {entry.of.branch_code}, {network}"
    if entry.via is Via.REPOST:
        return f"{by}: репост"
    return f"{by}: названа «{'», «'.join(' '.join(each.split()) for each in entry.evidence)}»"


def _beginning(entry: Entry) -> Cell:
    if entry.of.content is None:
        return nothing(UNREAD)
    return text(first_words(entry.of.content.text)) if entry.of.content.text.strip() else nothing(NO_TEXT)


def _apart(published_at: datetime, observed_at: datetime) -> str:
    return how_far((moscow_day(observed_at) - moscow_day(published_at)).days)


def _no_news_first(each: WithoutNews) -> bool:
    return each.lack is not Lack.NO_POSTS


def _supply_row(each: WithoutNews) -> list[Cell]:
    return [
        text(each.code),
        nothing("не указана") if each.parent_code is None else text(each.parent_code),
        text("не было" if each.lack is Lack.NO_POSTS else "сказать нельзя"),
        text(_lack(each)),
    ]


def _lack(each: WithoutNews) -> str:
    day = "" if each.on is None else in_digits(each.on)
    where = "" if each.network is None else f"{words.network_name(each.network)}: "
    reposts = f", только чужие (репостов: {words.number(each.repost_count)})" if each.repost_count else ""
    told = {
        Lack.NO_POSTS: f"собственных публикаций нет{reposts}",
        Lack.RETIRED: f"организация исключена из списка {day}",
        Lack.NO_COMMUNITY: "её сообществ нет в списке",
        Lack.NOT_OPEN: f"сообщество {access_in_words(Access(each.access or Access.UNKNOWN))}"
        + (f", впервые увидели {day}" if day else ""),
        Lack.BORN: f"сообщество новое, {day} его ещё не было; публикаций видели не за весь месяц",
        Lack.WALL_UNSEEN_BEFORE: f"все публикации известны только с {day}"
        if day
        else "стену ни разу не прочитали",
        Lack.WALL_UNSEEN_AFTER: f"стену в последний раз прочитали {day}: конца месяца не видели",
    }
    return where + told[each.lack]


def _warnings(
    asked: ReportPeriod, numbers: NewsNumbers | None, facts: NewsFacts | None, top: int, now: datetime
) -> Iterator[str]:
    if numbers is None or facts is None:
        yield (
            "Месяц ещё не начался: сравнивать нечего."
            if asked.first_day > moscow_day(now)
            else "В месяце ещё не прошло ни одного полного дня: сравнивать нечего."
        )
        return
    if facts.period != asked:
        yield (
            f"Месяц ещё не закончился: посчитаны дни по {words.day(facts.period.last_day)} включительно, места "
            "предварительные."
        )
    elif now <= facts.counted_until:
        yield "Места предварительные: лайки, комментарии и репосты ещё собираются."
    if not facts.primaries:
        yield "В списке нет первичных организаций: новостей от первичек быть не может."
    elif not numbers.placed:
        yield "Ни одной публикации нельзя поставить на место: в этом месяце их нет, или сравнить их не по чему."
    if numbers.unread_count:
        yield (
            f"У {words.number(numbers.unread_count)} публикаций ТПО текст не прочитан: названа ли в них первичная "
            "организация, неизвестно."
        )
    hidden = sum(each.first_place > top for each in numbers.placed)
    if hidden:
        yield f"Показаны места с 1 по {top}; ниже ещё публикаций: {words.number(hidden)}."


def _method(
    numbers: NewsNumbers | None, facts: NewsFacts | None, asked: ReportPeriod, top: int, now: datetime
) -> Iterator[tuple[str, str]]:
    first, last = asked.first_day, asked.last_day
    yield "Период", f"с {words.day(first)} по {words.day(last)}, дни по московскому времени"
    yield "Составлено", words.day(now)
    yield (
        "Что сравнивается",
        "собственные публикации первичных организаций и те публикации ТПО, которые репостят сообщество первичной "
        "организации или называют её: коротким именем, названием, названием или адресом её сообщества",
    )
    yield (
        "Когда первичная организация названа",
        "в тексте стоят именно эти слова целиком; склонения не распознаются. Имя из одного слова сравнивается с учётом "
        "больших букв; слово короче трёх букв, число и имя, которое носят две организации, не ищутся. Найденные слова "
        "приведены в столбце «Чья публикация»",
    )
    yield (
        "Вовлечённость",
        "лайки, комментарии и репосты публикации вместе, в процентах от числа подписчиков сообщества в то время. Это "
        "не охват и не просмотры. У равных чисел место общее",
    )
    if facts is not None:
        yield "Лайки, комментарии, репосты", f"последние известные на {words.moment(facts.counted_until)}"
    yield (
        "Подписчиков тогда",
        f"замер, ближайший к выходу публикации, но не дальше {words.of_days(NEAR.days)}; насколько он в стороне, "
        "сказано в примечании",
    )
    yield "Показано мест", words.number(top)
    yield (
        "Без новостей за месяц",
        "первичные организации, у которых за месяц нет собственной публикации и которых не репостила и не называла ни "
        "одна ТПО (пункт 4.3 постановления № 40-7: не реже одного раза в месяц). Репосты чужого новостью не считаются. "
        "Новость, отправленную в ТПО иначе, программа не видит",
    )
    if numbers is not None:
        none = sum(each.lack is Lack.NO_POSTS for each in numbers.without_news)
        unknown = len(numbers.without_news) - none
        given = numbers.primary_count - none - unknown
        yield (
            "Первичных организаций",
            f"{words.number(numbers.primary_count)}: новости дали {words.number(given)}, не дали {words.number(none)}, "
            f"сказать нельзя о {words.number(unknown)}",
        )


def _gaps(shown: list[Placed]) -> list[str]:
    found = []
    for each in shown:
        post = each.entry.of.post
        then = followers_then(post, NEAR)
        told = _apart(post.published_at, then.observed_at) if then else ""
        if told:
            found.append(
                f"{listed(each.entry.primaries)}, {in_digits(moscow_day(post.published_at))}: {told}"
            )
    return found


def _sources(numbers: NewsNumbers, runs: Mapping[int, RunFacts]) -> Table:
    """Where each number comes from: a row a post."""

    def came(run_id: int | None) -> Cell:
        return nothing(UNKNOWN) if run_id is None else text(origin(runs.get(run_id), run_id))

    rows = []
    for each in numbers.entries:
        post, then = each.of.post, followers_then(each.of.post, NEAR)
        moved = engagement(post)
        rows.append(
            [
                text(listed(each.primaries)),
                text(post.url),
                Cell(moscow_day(post.published_at)),
                nothing(UNKNOWN) if moved is None else Cell(moved),
                nothing(UNKNOWN) if post.counted_at is None else Cell(moscow_day(post.counted_at)),
                came(post.run_id),
                nothing(UNKNOWN) if then is None else Cell(then.follower_count),
                nothing(UNKNOWN) if then is None else Cell(moscow_day(then.observed_at)),
                came(None if then is None else then.run_id),
            ]
        )
    columns = [
        Column("Первичная организация"),
        Column("Ссылка", Kind.LINK),
        Column("Дата", Kind.DATE),
        Column("Лайки, комментарии, репосты", Kind.COUNT),
        Column("Когда посчитаны", Kind.DATE),
        Column("Откуда", Kind.LONG),
        Column("Подписчиков тогда", Kind.COUNT),
        Column("День замера", Kind.DATE),
        Column("Откуда замер", Kind.LONG),
    ]
    return Table("Источники", columns, rows, name="sources")

"""The audit in words: the appendix' 16 recommendations, each community's line, and when posts come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.domain.calendar import moscow_day
from collector.domain.model import Access
from collector.domain.period import ReportPeriod
from collector.notifications import words
from collector.notifications.standing import access_in_words
from collector.reports.audit import AuditNumbers, CommunityAudit, Share
from collector.reports.audit_words import NOT_READ, RECOMMENDATIONS, UNKNOWN, days_in_words
from collector.reports.phrases import community_labels, listed
from collector.reports.points import rounded
from collector.reports.report import Bars, Cell, Column, Kind, Report, Table, nothing, text
from storage.audit import AuditFacts

_WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
_RHYTHM, _TOTAL = 3, 25
"""The table of the rhythm, and its column with a weekday's total."""
_NOTHING_MORE = _NO_POSTS = "—"


def audit_report(numbers: AuditNumbers, code: str | None = None) -> Report:
    """The report. `code`: of the one branch that it is about; None: of several."""
    has_posts = any(map(any, numbers.rhythm))
    return Report(
        name="audit",
        title=_title(code),
        period=_days(numbers.period),
        tables=(
            _recommendations([each.shows(numbers) for each in RECOMMENDATIONS]),
            _contents(numbers),
            _communities(numbers),
            _rhythm(numbers),
        ),
        sources=lambda: _posts(numbers),
        method=tuple(_method(numbers)),
        warnings=tuple(_warnings(numbers)),
        gaps=lambda: list(_gaps(numbers)),
        charts=(Bars("Публикации по дням недели", 0, [("Публикаций", _TOTAL)], _RHYTHM),)
        if has_posts
        else (),
    )


def audit_not_begun(asked: ReportPeriod, code: str | None = None) -> Report:
    """The report on a period of which no day is over: what a person can look at is there, numbers are not."""
    return Report(
        name="audit",
        title=_title(code),
        period=_days(asked),
        tables=(_recommendations(["период ещё не начался"] * len(RECOMMENDATIONS)),),
        warnings=("В этом периоде ещё не закончился ни один день: чисел нет.",),
    )


def _title(code: str | None) -> str:
    return "Как выполняются рекомендации постановления № 40-7" + (f": {code}" if code is not None else "")


def _days(period: ReportPeriod) -> str:
    return f"с {words.day(period.first_day)} по {words.day(period.last_day)}"


def _recommendations(shown: Sequence[str]) -> Table:
    columns = (
        Column("№", Kind.COUNT),
        Column("Рекомендация"),
        Column("Кто проверяет"),
        Column("Что видно по данным"),
        Column("Что посмотреть человеку"),
    )
    rows = [
        [
            Cell(number),
            text(each.words),
            text(each.checker),
            text(told),
            text(each.look) if each.look else nothing(_NOTHING_MORE),
        ]
        for number, (each, told) in enumerate(zip(RECOMMENDATIONS, shown, strict=True), start=1)
    ]
    return Table("Рекомендации", columns, rows)


def _labelled(numbers: AuditNumbers) -> Iterator[tuple[str, CommunityAudit]]:
    of = numbers.communities
    labels = community_labels([(each.facts.branch_code, each.facts.network) for each in of])
    yield from zip(labels, of, strict=True)


def _communities(numbers: AuditNumbers) -> Table:
    columns = (
        Column("Сообщество"),
        Column("Открытость"),
        Column("Замечено", Kind.DATE),
        Column("Комментарии"),
        Column("Сообщения"),
        Column("Сайт", Kind.LONG),
        Column("Название"),
        Column("Имя в ссылке", Kind.LONG),
    )
    rows = [_offers(label, each.facts) for label, each in _labelled(numbers)]
    return Table("Сообщества", columns, rows, name="communities")


def _offers(label: str, facts: AuditFacts) -> list[Cell]:
    access = facts.access
    return [
        text(
            label,
            f"исключено из списка {words.day(facts.retired_at)}" if facts.retired_at is not None else "",
        ),
        nothing(NOT_READ) if access is None else text(access_in_words(Access(access.access))),
        nothing(NOT_READ) if access is None else Cell(moscow_day(access.since)),
        _whether(facts.are_comments_open, "открыты", "закрыты"),
        _whether(facts.are_messages_open, "включены", "выключены"),
        nothing(UNKNOWN) if facts.site is None else text(facts.site) if facts.site else nothing("не указан"),
        text(facts.title) if facts.title else nothing(UNKNOWN),
        text(facts.screen_name) if facts.screen_name else nothing(UNKNOWN),
    ]


def _contents(numbers: AuditNumbers) -> Table:
    part = "Доля публикаций, %"
    titles = ("своих", "с видео", "с чужим видео", "с опросом", "со статьёй", "с хэштегом", "с комментариями")
    columns = (
        Column("Сообщество"),
        Column("Публикаций", Kind.COUNT),
        Column("Дней с публикациями"),
        *(Column(title, Kind.RATIO, part, "%") for title in titles),
    )
    rows = [_contains(label, each, numbers.day_count) for label, each in _labelled(numbers)]
    return Table("Что в публикациях", columns, rows, name="contents")


def _contains(label: str, each: CommunityAudit, day_count: int) -> list[Cell]:
    shares, count = each.shares, len(each.facts.posts)
    content = (shares.own, shares.video, shares.video_link, shares.poll, shares.article, shares.hashtag)
    return [
        text(label),
        Cell(count) if each.is_whole else nothing(f"не меньше {count}" if count else NOT_READ),
        text(days_in_words(each.days_with_posts, day_count, is_whole=each.is_whole)),
        *(_share(share, NOT_READ, is_whole=each.is_whole) for share in content),
        _share(shares.commented, UNKNOWN, is_whole=each.is_whole),
    ]


def _share(share: Share, unknown: str, *, is_whole: bool) -> Cell:
    if not share.total:
        return nothing(_NO_POSTS if is_whole else NOT_READ)
    if not share.known:
        return nothing(unknown)
    note = f"о {share.unknown} из {share.total} неизвестно" if share.unknown else ""
    return Cell(rounded(100 * share.part, share.known), note=note)


def _whether(is_so: bool | None, yes: str, no: str) -> Cell:
    return nothing(UNKNOWN) if is_so is None else text(yes if is_so else no)


def _rhythm(numbers: AuditNumbers) -> Table:
    columns = (
        Column("День недели"),
        *(Column(f"{hour:02}", Kind.COUNT, "Часы по московскому времени", "час") for hour in range(24)),
        Column("Всего", Kind.COUNT),
    )
    is_whole = bool(numbers.communities) and all(each.is_whole for each in numbers.communities)
    is_known = is_whole or any(map(any, numbers.rhythm))

    def row(name: str, hours: Sequence[int], note: str = "") -> list[Cell]:
        counts = [*hours, sum(hours)]
        return [text(name, note), *(Cell(count) if is_known else nothing(NOT_READ) for count in counts)]

    rows = [row(weekday, hours) for weekday, hours in zip(_WEEKDAYS, numbers.rhythm, strict=True)]
    by_hour = [sum(hours) for hours in zip(*numbers.rhythm, strict=True)]
    totals = row("Всего", by_hour, "" if is_whole else "не меньше: публикации видели не за весь период")
    return Table("Когда выходят публикации", columns, rows, totals, name="rhythm")


def _posts(numbers: AuditNumbers) -> Table:
    """Each post that was counted."""
    columns = (
        Column("Сообщество"),
        Column("День", Kind.DATE),
        Column("Время"),
        Column("Публикация", Kind.LONG),
        Column("Репост"),
        Column("Вложения"),
        Column("Хэштеги"),
        Column("Комментариев", Kind.COUNT),
        Column("Откуда содержание", Kind.LONG),
    )
    rows = [
        [
            text(label),
            Cell(moscow_day(post.published_at)),
            text(words.clock(post.published_at)),
            text(post.url),
            text("да" if post.is_repost else "нет"),
            nothing(NOT_READ) if post.content is None else text(", ".join(post.content.attachments)),
            nothing(NOT_READ) if post.content is None else text(" ".join(post.content.hashtags)),
            nothing(UNKNOWN) if post.comment_count is None else Cell(post.comment_count),
            nothing(NOT_READ) if post.content is None else text(f"обход № {post.content.run_id}"),
        ]
        for label, each in _labelled(numbers)
        for post in each.facts.posts
    ]
    return Table("Публикации", columns, rows)


def _method(numbers: AuditNumbers) -> Iterator[tuple[str, str]]:
    yield "Период", f"{_days(numbers.period)}, дни по московскому времени"
    yield "Составлено", words.day(numbers.today)
    yield (
        "Кто проверяет",
        "«проверяет программа» — видно по данным; «отчасти» — видна только часть; «проверяет человек» — по данным не "
        "видно, сказано, что посмотреть",
    )
    yield (
        "Публикации",
        "вышедшие в эти дни и не удалённые, без записей посетителей и рекламы. «Не меньше» — если публикации видели не "
        "за весь период",
    )
    yield (
        "Доли",
        "от публикаций, о которых это известно; непрочитанное не считается ни тем, ни другим, и сколько его — сказано",
    )
    yield (
        "Видео",
        "«с видео» — загружено в саму сеть, «с чужим видео» — проигрыватель другой площадки; что это, сообщает сеть",
    )
    yield (
        "Дней с публикациями",
        "дни, в которые вышла хотя бы одна, из всех дней периода",
    )
    yield (
        "Комментарии, сообщения, сайт, названия",
        "как сообщила сеть при последнем чтении, а не на конец периода; «неизвестно» — сеть этого не сообщает",
    )
    yield "Открытость", "на конец периода; «замечено» — день, когда её впервые увидели такой"
    yield (
        "Единый стиль названий",
        "названия и имена в ссылках сравниваются по буквам, без знаков; о красоте программа не судит",
    )


def _warnings(numbers: AuditNumbers) -> Iterator[str]:
    if numbers.period != numbers.asked:
        yield f"Период ещё не закончился: посчитано по {words.day(numbers.period.last_day)} включительно."
    if not numbers.branches:
        yield "В списке нет таких организаций: считать нечего."
    if without := [each.code for each in numbers.branches if not each.has_community]:
        yield f"Сообществ в списке нет: {listed(without)}."
    if left := [each.code for each in numbers.branches if each.is_retired]:
        yield f"Исключены из списка организаций: {listed(left)}."
    for label, each in _labelled(numbers):
        if each.is_closed and each.facts.access is not None:
            access = access_in_words(Access(each.facts.access.access))
            yield f"{label}: сообщество {access}, замечено {words.day(each.facts.access.since)}."
    own = numbers.shares.hashtag
    if own.total and not own.known:
        yield "Содержание публикаций не читали: о видео, хэштегах, опросах и статьях ничего не известно."


def _gaps(numbers: AuditNumbers) -> Iterator[str]:
    for label, each in _labelled(numbers):
        if each.facts.posts_known_since is None:
            yield f"{label}: публикации ещё ни разу не прочитаны"
        elif not each.is_whole:
            yield f"{label}: публикации видели не за весь период"
        if each.shares.hashtag.unknown:
            of = f"{each.shares.hashtag.unknown} из {len(each.facts.posts)}"
            yield f"{label}: не прочитано содержание публикаций, {of}"

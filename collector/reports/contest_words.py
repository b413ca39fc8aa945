"""A contest's words: its metrics, its leagues, why a branch is not ranked, and what to know of a frozen record."""

from __future__ import annotations

from collections.abc import Sequence

from collector.domain.contest import League, LeagueRules, Metric
from collector.domain.model import Access
from collector.notifications import words
from collector.notifications.standing import access_in_words
from collector.reports.contest_values import Reason, Why
from collector.reports.frozen import is_intact
from collector.reports.phrases import in_digits
from collector.reports.report import Kind
from storage.contest_freezes import ContestFreeze

LEAGUES = {League.TERRITORIAL: "территориальные организации", League.PRIMARY: "первичные организации"}
NOT_RANKED = "вне зачёта"
NOT_LISTED = "нет в списке"

TITLES = {
    Metric.NET_FOLLOWER_CHANGE: "Прирост подписчиков",
    Metric.GROWTH_PERCENT: "Прирост, %",
    Metric.OWN_POSTS: "Собственных публикаций",
    Metric.WEEKS_WITH_POST: "Недель с публикацией, %",
    Metric.DAYS_WITH_POST: "Дней с публикацией, %",
    Metric.ENGAGEMENT_RATE: "Вовлечённость, %",
    Metric.FOLLOWERS_PER_PRIMARY: "Подписчиков на одну ППО",
}
ON_SCREEN = {
    Metric.NET_FOLLOWER_CHANGE: "Прирост",
    Metric.GROWTH_PERCENT: "Прирост, %",
    Metric.OWN_POSTS: "Публ.",
    Metric.WEEKS_WITH_POST: "Недели, %",
    Metric.DAYS_WITH_POST: "Дни, %",
    Metric.ENGAGEMENT_RATE: "Вовл., %",
    Metric.FOLLOWERS_PER_PRIMARY: "На ППО",
}
"""The same in few letters."""
KINDS = {
    Metric.NET_FOLLOWER_CHANGE: Kind.CHANGE,
    Metric.GROWTH_PERCENT: Kind.PERCENT,
    Metric.OWN_POSTS: Kind.COUNT,
    Metric.WEEKS_WITH_POST: Kind.RATIO,
    Metric.DAYS_WITH_POST: Kind.RATIO,
    Metric.ENGAGEMENT_RATE: Kind.SHARE,
    Metric.FOLLOWERS_PER_PRIMARY: Kind.RATIO,
}
MEANINGS = {
    Metric.NET_FOLLOWER_CHANGE: "подписчиков в последний день периода без подписчиков накануне его первого дня",
    Metric.GROWTH_PERCENT: "прирост подписчиков в процентах от их числа накануне первого дня",
    Metric.OWN_POSTS: "публикации периода, которые не репосты и не удалены; записи посетителей и реклама не в счёт",
    Metric.WEEKS_WITH_POST: "доля недель (с понедельника по воскресенье, и неполных тоже), в которые была собственная "
    "публикация",
    Metric.DAYS_WITH_POST: "доля дней периода, в которые была собственная публикация",
    Metric.ENGAGEMENT_RATE: "лайки, комментарии и репосты собственной публикации вместе, в процентах от числа "
    "подписчиков сообщества в то время, в среднем на публикацию. Это не охват и не просмотры",
    Metric.FOLLOWERS_PER_PRIMARY: "подписчики в последний день периода, делённые на число первичных организаций",
}


def place(first: int, last: int) -> str:
    """«2», or shared with others «2–3»."""
    return f"{first}" if first == last else f"{first}–{last}"


def reasons(of: Sequence[Reason], rules: LeagueRules) -> str:
    """Why a branch is not ranked, as a line. Two communities of a network are told apart by their links."""
    links = {(each.network, each.url) for each in of}
    networks = [network for network, _ in links]
    told: dict[str, list[str]] = {}
    for each in of:
        where = ""
        if each.network is not None:
            link = f" ({each.url})" if networks.count(each.network) > 1 else ""
            where = f"{words.network_name(each.network)}{link}: "
        told.setdefault(where, []).append(_reason(each, rules))
    # Reasons have commas in them.
    return "; ".join(where + "; ".join(whys) for where, whys in told.items())


def _reason(each: Reason, rules: LeagueRules) -> str:
    day = "" if each.on is None else in_digits(each.on)
    posts = "" if each.count is None else _of_posts(each.count)
    return {
        Why.RETIRED: f"организация исключена из списка {day}",
        Why.NO_COMMUNITY: "её сообществ нет в списке"
        + (" в сетях, которые считаются" if rules.networks else ""),
        Why.NOT_OPEN: f"сообщество {access_in_words(Access(each.access or Access.UNKNOWN))}"
        + (f", впервые увидели {day}" if day else ""),
        Why.BORN: "сообщество новое, до начала периода его не было: прирост считать не от чего",
        Why.LISTED_LATE: f"сообщество в списке с {day}: сколько подписчиков было до начала периода, неизвестно",
        Why.WITHHELD: f"сеть скрыла число подписчиков на {day}",
        Why.NO_READING: f"нет замера подписчиков на {day}",
        Why.ONE_READING: "замер подписчиков на начало и на конец один и тот же, прирост неизвестен",
        Why.FROM_NOBODY: "до начала периода подписчиков не было: процент считать не от чего",
        Why.NO_SIZE: "число её первичных организаций не указано",
        Why.WALL_UNSEEN_BEFORE: "публикации видели не за весь период: "
        + (f"все они известны только с {day}" if day else "стену ни разу не прочитали"),
        Why.WALL_UNSEEN_AFTER: f"публикации видели не за весь период: стену в последний раз прочитали {day}",
        Why.NO_POSTS: "собственных публикаций нет: вовлечённость считать не по чему",
        Why.FEW_POSTS: f"собственных публикаций {words.number(each.count or 0)}, по правилам нужно не меньше "
        f"{words.number(rules.minimum_own_posts)}",
        Why.COUNTS_UNKNOWN: f"у {posts} неизвестно число лайков, комментариев или репостов",
        Why.FOLLOWERS_THEN_UNKNOWN: f"у {posts} неизвестно, сколько тогда было подписчиков, или их не было",
    }[each.why]


def _of_posts(count: int) -> str:
    many = "собственных публикаций"
    return f"{words.number(count)} {words.plural(count, 'собственной публикации', many, many)}"


def record_remarks(kept: Sequence[ContestFreeze], *, is_same: bool) -> list[str]:
    """What to know of a frozen result. `kept`: its records, the newest last; `is_same`: so a recount tells."""
    newest = kept[-1]
    return [
        f"Показан результат, замороженный {words.day(newest.frozen_at)}: {newest.frozen_by}. Отпечаток SHA-256: "
        f"{newest.sha256}.",
        "Пересчёт по нынешним данным даёт то же самое."
        if is_same
        else "Пересчёт по нынешним данным дал бы другое: что именно, сказано в таблице «Что изменилось».",
        *(
            f"Раньше этот период замораживали {words.day(each.frozen_at)}: {each.frozen_by}. Отпечаток SHA-256: "
            f"{each.sha256}." + ("" if is_intact(each) else " Запись с ним больше не сходится: её меняли.")
            for each in kept[:-1]
        ),
    ]


def tampered_remark(kept: ContestFreeze) -> str:
    """What to know of a record that was changed."""
    return (
        f"Результат замораживали {words.day(kept.frozen_at)}, но запись о нём с тех пор меняли: с отпечатком "
        f"{kept.sha256} она не сходится. Поэтому ниже подсчёт по нынешним данным, а не замороженный результат."
    )


OTHER_RULES = (
    "Названный файл правил отличается от замороженных правил: показано и пересчитано по замороженным."
)

"""Russian words for letters: plural forms, days, numbers, names. Knows nothing of any letter.

Days and times are Moscow's. A number and its noun are joined by a no-break space, so that no line ends between.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from collector.domain.calendar import MOSCOW, moscow_day
from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod

_RUSSIAN = Locale("ru")
_NBSP = "\u00a0"
_THIN_SPACE = "\u202f"

_FORMS = {
    "день": ("день", "дня", "дней"),
    "неделя": ("неделя", "недели", "недель"),
    "запись": ("запись", "записи", "записей"),
    "публикация": ("публикация", "публикации", "публикаций"),
    "подписчик": ("подписчик", "подписчика", "подписчиков"),
    "сообщество": ("сообщество", "сообщества", "сообществ"),
    "организация": ("организация", "организации", "организаций"),
}

_WEEKDAYS = (
    "в понедельник",
    "во вторник",
    "в среду",
    "в четверг",
    "в пятницу",
    "в субботу",
    "в воскресенье",
)

_QUARTERS = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}
_NETWORKS = {"vk": "ВКонтакте", "facebook": "Facebook"}
_IN_NETWORKS = {"vk": f"во{_NBSP}ВКонтакте"}

_BRANCH_PREFIXES = {BranchKind.TERRITORIAL: "ТПО", BranchKind.PRIMARY: "ППО"}

_PATRONYMIC = re.compile(r"[А-ЯЁ][а-яё]+(?:вич|ич|вна|чна|шна)")
_PROPER_NAME = re.compile(r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?")


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form of a word that goes with a number: 1 день, 2 дня, 5 дней."""
    return {"one": one, "many": many}.get(_RUSSIAN.plural_form(abs(count)), few)


def counted(count: int, word: str) -> str:
    """A number and its noun: «5 дней». `word` is one of those that letters count. Raises KeyError for another."""
    return f"{number(count)}{_NBSP}{plural(count, *_FORMS[word])}"


def of_days(count: int) -> str:
    """A number of days in the genitive: «дольше 21 дня», «дольше 7 дней»."""
    return f"{number(count)}{_NBSP}{plural(count, 'дня', 'дней', 'дней')}"


def number(value: float) -> str:
    """A number with thin spaces between its thousands."""
    return format_decimal(value, locale=_RUSSIAN).replace(_NBSP, _THIN_SPACE)


def decimals(value: float, count: int = 1) -> str:
    """A number with so many decimals, however round it is: numbers below each other are compared."""
    return format_decimal(value, format=f"#,##0.{'0' * count}", locale=_RUSSIAN).replace(_NBSP, _THIN_SPACE)


def day(at: date) -> str:
    """A day, or an instant's day in Moscow: «3 ноября 2026 года»."""
    return format_date(_day_of(at), f"d{_NBSP}MMMM y{_NBSP}'года'", locale=_RUSSIAN)


def short_day(at: date) -> str:
    """The same without the year: «3 ноября»."""
    return format_date(_day_of(at), f"d{_NBSP}MMMM", locale=_RUSSIAN)


def near_day(at: date, beside: date) -> str:
    """A day beside another: «3 ноября», and with its year where that is another one."""
    return short_day(at) if _day_of(at).year == _day_of(beside).year else day(at)


def on_weekday(at: date) -> str:
    """«во вторник, 3 ноября 2026 года»."""
    return f"{_WEEKDAYS[_day_of(at).weekday()]}, {day(at)}"


def clock(at: datetime) -> str:
    """«14:05», Moscow time."""
    return format_time(at, "HH:mm", tzinfo=MOSCOW, locale=_RUSSIAN)


def moment(at: datetime) -> str:
    """«3 ноября, 14:05», Moscow time."""
    return f"{short_day(at)}, {clock(at)}"


def near_moment(at: datetime, beside: datetime) -> str:
    """An instant beside another: «3 ноября, 14:05», and with its year where that is another one."""
    return f"{near_day(at, beside)}, {clock(at)}"


def month(at: date) -> str:
    """«ноябрь 2026 года»."""
    return format_date(_day_of(at), f"LLLL y{_NBSP}'года'", locale=_RUSSIAN)


def period(of: ReportPeriod) -> str:
    """«2026 год», «III квартал 2026 года», «сентябрь 2026 года»; of any other period its two days."""
    if "_" in of.code:
        return f"с {day(of.first_day)} по {day(of.last_day)}"
    year, _, part = of.code.partition("-")
    if part in _QUARTERS:
        return f"{_QUARTERS[part]}{_NBSP}квартал {year}{_NBSP}года"
    return month(of.first_day) if part else f"{year}{_NBSP}год"


def days_between(since: datetime, until: datetime) -> int:
    """Calendar days in Moscow from one instant's day to another's; 0 where it is negative."""
    return max((moscow_day(until) - moscow_day(since)).days, 0)


def days_ago(at: datetime, now: datetime) -> str:
    """How long ago an instant's day in Moscow was: «сегодня», «вчера», «12 дней назад»."""
    days = days_between(at, now)
    return ("сегодня", "вчера")[days] if days < 2 else f"{counted(days, 'день')} назад"


def network_name(network: str) -> str:
    """A network as people call it; one that is not known here by its own name."""
    return _NETWORKS.get(network, network)


def in_network(network: str) -> str:
    """Where a post is: «во ВКонтакте», «в Facebook»."""
    return _IN_NETWORKS.get(network, f"в{_NBSP}{network_name(network)}")


def branch_label(kind: BranchKind, code: str) -> str:
    """A branch in few words that need no declension: «ТПО ВАО»."""
    prefix = _BRANCH_PREFIXES.get(kind)
    return code if prefix is None or code.startswith(prefix) else f"{prefix}{_NBSP}{code}"


def greeting(name: str) -> str:
    """«Здравствуйте, Ирина Петровна!»; without a name where what stands there is an office, no person's name.

    Where the name has a patronymic, the surname is left out, whether it comes first or last.
    """
    address = _address(name.split())
    return f"Здравствуйте, {address}!" if address else "Здравствуйте!"


def _address(words: list[str]) -> str | None:
    if not 2 <= len(words) <= 3 or not all(_PROPER_NAME.fullmatch(word) for word in words):
        return None
    patronymics = [at for at, word in enumerate(words) if at > 0 and _PATRONYMIC.fullmatch(word)]
    if len(words) == 3 and len(patronymics) == 1:
        return _NBSP.join(words[patronymics[0] - 1 : patronymics[0] + 1])
    return _NBSP.join(words)


def _day_of(at: date) -> date:
    return moscow_day(at) if isinstance(at, datetime) else at

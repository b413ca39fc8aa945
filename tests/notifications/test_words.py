"""Russian words: plural forms, days, numbers, how people are addressed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.model import BranchKind
from collector.domain.period import week_until, written_period
from collector.notifications import words

LATE_TUESDAY = datetime(2026, 11, 3, 22, 30, tzinfo=UTC)
"""In Moscow it is Wednesday already."""


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 дней"),
        (1, "1 день"),
        (2, "2 дня"),
        (4, "4 дня"),
        (5, "5 дней"),
        (11, "11 дней"),
        (12, "12 дней"),
        (14, "14 дней"),
        (21, "21 день"),
        (22, "22 дня"),
        (25, "25 дней"),
        (101, "101 день"),
        (111, "111 дней"),
        (1000, "1\u202f000 дней"),
        (10001, "10\u202f001 день"),
    ],
)
def test_days_are_counted_as_russian_counts(count: int, told: str) -> None:
    assert words.counted(count, "день").replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("запись", ["1 запись", "3 записи", "7 записей"]),
        ("публикация", ["1 публикация", "3 публикации", "7 публикаций"]),
        ("подписчик", ["1 подписчик", "3 подписчика", "7 подписчиков"]),
        ("сообщество", ["1 сообщество", "3 сообщества", "7 сообществ"]),
        ("организация", ["1 организация", "3 организации", "7 организаций"]),
    ],
)
def test_other_words_have_their_forms(word: str, told: list[str]) -> None:
    assert [words.counted(count, word).replace("\u00a0", " ") for count in (1, 3, 7)] == told


@pytest.mark.parametrize(
    ("count", "told"), [(1, "1 дня"), (2, "2 дней"), (7, "7 дней"), (11, "11 дней"), (21, "21 дня")]
)
def test_longer_than_so_many_days_takes_the_genitive(count: int, told: str) -> None:
    assert words.of_days(count).replace("\u00a0", " ") == told


def test_a_number_never_ends_a_line_before_its_noun() -> None:
    assert " " not in words.counted(12345, "день")
    assert " " not in words.day(date(2026, 11, 3)).replace("ноября ", "")


def test_days_are_moscows() -> None:
    assert words.on_weekday(LATE_TUESDAY) == "в среду, 4\u00a0ноября 2026\u00a0года"
    assert words.moment(LATE_TUESDAY) == "4\u00a0ноября, 01:30"
    assert words.clock(LATE_TUESDAY) == "01:30"
    assert words.short_day(LATE_TUESDAY) == "4\u00a0ноября"
    assert words.near_day(LATE_TUESDAY, date(2026, 1, 1)) == "4\u00a0ноября"
    assert words.near_day(LATE_TUESDAY, date(2027, 1, 1)) == "4\u00a0ноября 2026\u00a0года"
    assert words.month(date(2026, 10, 1)) == "октябрь 2026\u00a0года"


def test_each_weekday_has_its_accusative() -> None:
    told = [words.on_weekday(date(2026, 11, day)).split(",")[0] for day in range(2, 9)]
    assert told == [
        "в понедельник",
        "во вторник",
        "в среду",
        "в четверг",
        "в пятницу",
        "в субботу",
        "в воскресенье",
    ]


def test_days_between_are_calendar_days_in_moscow() -> None:
    before_midnight = datetime(2026, 11, 3, 20, 59, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 3, 21, 0, tzinfo=UTC)
    assert words.days_between(before_midnight, after_midnight) == 1
    assert words.days_between(after_midnight, datetime(2026, 11, 4, 20, 59, tzinfo=UTC)) == 0
    assert words.days_between(after_midnight, before_midnight) == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Иванова Ирина Петровна", "Здравствуйте, Ирина Петровна!"),
        ("Ирина Петровна Иванова", "Здравствуйте, Ирина Петровна!"),
        ("Кузьмич Иван Ильич", "Здравствуйте, Иван Ильич!"),
        ("Анна-Мария Фоминична Римская-Корсакова", "Здравствуйте, Анна-Мария Фоминична!"),
        ("Иван Абрамович Рабинович", "Здравствуйте, Иван Абрамович Рабинович!"),
        ("Ирина Иванова", "Здравствуйте, Ирина Иванова!"),
        ("Председатель ТПО ВАО", "Здравствуйте!"),
        ("Информационный отдел", "Здравствуйте!"),
        ("", "Здравствуйте!"),
        ("<script>alert(1)</script>", "Здравствуйте!"),
    ],
)
def test_people_are_addressed_by_name_and_offices_are_not(name: str, told: str) -> None:
    assert words.greeting(name).replace("\u00a0", " ") == told


def test_a_branch_is_named_in_words_that_need_no_declension() -> None:
    assert words.branch_label(BranchKind.TERRITORIAL, "ВАО") == "ТПО\u00a0ВАО"
    assert words.branch_label(BranchKind.PRIMARY, "ППО-7") == "ППО-7"
    assert words.branch_label(BranchKind.CITY, "МГО") == "МГО"


def test_networks_bear_the_names_that_people_use() -> None:
    assert [words.network_name(each) for each in ("vk", "facebook", "telegram")] == [
        "ВКонтакте",
        "Facebook",
        "telegram",
    ]
    assert [words.in_network(each) for each in ("vk", "facebook", "telegram")] == [
        "во\u00a0ВКонтакте",
        "в\u00a0Facebook",
        "в\u00a0telegram",
    ]


def test_a_period_is_named_as_people_name_it() -> None:
    told = [
        words.period(period) for text in ("2026", "2026-Q3", "2026-09") if (period := written_period(text))
    ]
    assert told == ["2026\u00a0год", "III\u00a0квартал 2026\u00a0года", "сентябрь 2026\u00a0года"]
    week = week_until(date(2026, 11, 16))
    assert words.period(week) == "с 9\u00a0ноября 2026\u00a0года по 15\u00a0ноября 2026\u00a0года"


@pytest.mark.parametrize(
    ("hours", "told"), [(0, "сегодня"), (1, "вчера"), (25, "2 дня назад"), (24 * 11, "11 дней назад")]
)
def test_how_long_ago_counts_days_of_moscow(hours: int, told: str) -> None:
    now = datetime(2026, 11, 2, 21, 30, tzinfo=UTC)
    assert words.days_ago(now - timedelta(hours=hours), now).replace("\u00a0", " ") == told


def test_a_moment_of_another_year_bears_its_year() -> None:
    at = datetime(2026, 11, 2, 11, 5, tzinfo=UTC)
    said = [words.near_moment(at, at.replace(year=year)).replace("\u00a0", " ") for year in (2026, 2027)]
    assert said == ["2 ноября, 14:05", "2 ноября 2026 года, 14:05"]

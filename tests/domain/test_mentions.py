"""Who is named in a text: whole words alone, and nobody by a name that two bear."""

from __future__ import annotations

import pytest

from collector.domain.mentions import Mention, Names

NAMES = Names(
    [
        ("МИСиС", "МИСиС"),
        ("МИСиС", "Первичная организация НИТУ «МИСиС»"),
        ("Мир", "Мир"),
        ("1505", "1505"),
        ("1505", "Гимназия № 1505"),
        ("ОК", "ОК"),
        ("А", "Профсоюз студентов"),
        ("Б", "Профсоюз студентов"),
    ],
    [("МИСиС", "club42"), ("Мир", "profsouz.mir")],
)


@pytest.mark.parametrize(
    ("text", "who", "words"),
    [
        ("Поздравляем МИСиС!", "МИСиС", "МИСиС"),
        ("первичная Организация\nНИТУ “МИСиС”", "МИСиС", "первичная Организация\nНИТУ “МИСиС"),
        ("[club42|Наши друзья] пишут", "МИСиС", "club42"),
        ("https://vk.com/profsouz.mir — заходите", "Мир", "profsouz.mir"),
        ("@Profsouz.Mir", "Мир", "Profsouz.Mir"),
        ("В гимназии: Гимназия №1505 победила", "1505", "Гимназия №1505"),
    ],
)
def test_a_whole_name_is_found_as_it_stands(text: str, who: str, words: str) -> None:
    assert NAMES.mentioned_in(text) == [Mention(who, words)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "МИСиСовцы и НеМИСиС",
        "мисис",
        "миру мир",
        "в 1505 году",
        "club421",
        "ОК",
        "Профсоюз студентов",
        "гимназия № 15057",
    ],
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    assert NAMES.mentioned_in(text) == []


def test_each_is_told_once_in_the_order_of_the_text() -> None:
    found = NAMES.mentioned_in("Мир и МИСиС, МИСиС и Мир")
    assert [each.who for each in found] == ["Мир", "МИСиС"]


def test_without_names_nobody_is_found() -> None:
    assert Names([]).mentioned_in("МИСиС") == []

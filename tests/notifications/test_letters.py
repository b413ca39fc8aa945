"""The letters about a silence: what each tells, in words and in HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from collector.domain.model import BranchKind
from collector.notifications import letters
from collector.notifications.letters import Addressed, BranchInLetter
from collector.notifications.rendering import Renderer
from tests.notifications.letter_world import (
    CHAIR,
    DEPARTMENT,
    EVERY,
    FACTS,
    LINK,
    POST,
    RESUMED,
    WARNING,
    letter,
    plain,
)

OF_A_LASTING_SILENCE = [name for name in EVERY if name not in ("resumed", "warning")]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def shown(html: str) -> str:
    """The words of an HTML letter, on one line."""
    parser = _Words()
    parser.feed(html)
    return plain(" ".join(parser.words))


@pytest.mark.parametrize("name", EVERY)
def test_every_letter_says_the_same_in_words_and_in_html(name: str) -> None:
    made = letter(name)
    for told in (made.text, made.html):
        assert "ТПО\u00a0ВАО" in told
        assert "{" not in told
    assert made.subject.startswith(("ТПО ВАО", "Напоминание: в сообществах ТПО ВАО"))
    assert made.reply_to == DEPARTMENT
    if name != "resumed":
        for sentence in (
            "нет новых публикаций уже",
            "во вторник, 3 ноября 2026 года",
            "во ВКонтакте",
            "https://vk.com/wall-1_7",
        ):
            assert sentence in plain(made.text)
            assert sentence in shown(made.html)


@pytest.mark.parametrize("name", EVERY)
def test_every_text_is_plain_and_calm(name: str) -> None:
    text = letter(name).text
    assert all(len(line) <= 78 for line in text.splitlines() if "https://" not in line)
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert "\n\n\n" not in text
    assert text.count("!") == 1, "in the greeting alone"
    assert not re.search(r"<[a-z/]", text)


@pytest.mark.parametrize("name", EVERY)
def test_every_html_needs_nothing_from_elsewhere(name: str) -> None:
    html = letter(name).html
    assert not re.search(
        r"<(img|script|link|style|iframe|form|svg|object)\b|url\(|\ssrc=", html, re.IGNORECASE
    )
    assert html.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in html


@pytest.mark.parametrize("name", OF_A_LASTING_SILENCE)
def test_every_letter_of_a_silence_shows_what_was_looked_at(name: str) -> None:
    made = letter(name)
    for told in (plain(made.text), shown(made.html)):
        assert "Профсоюз ВАО" in told
        assert "закрыто" in told
        assert "12 ноября, 12:00" in told
        assert "facebook.com/vao" in told


def test_the_chair_is_told_what_to_do_and_whom_to_ask() -> None:
    made = letter("silence to the chair")
    for told in (plain(made.text), shown(made.html)):
        assert "Здравствуйте, Ирина Петровна!" in told
        assert "Опубликуйте новость из первички." in told
        assert "Позовите в помощники студентов." in told
        assert "рекомендации, приложение № 1 к постановлению № 40-7" in told
        assert "info@mgo.example.org" in told
        assert "Вы указаны председателем ТПО ВАО" in told
        assert "дольше 7 дней" in told
    assert made.subject == "ТПО ВАО: в сообществах нет публикаций уже 9 дней"


def test_the_administrator_gets_a_copy_that_says_so() -> None:
    for name in ("silence to the administrator", "reminder to the administrator"):
        for told in (plain(letter(name).text), shown(letter(name).html)):
            assert "Это копия письма председателю: Иванова Ирина Петровна." in told
            assert "Здравствуйте, Пётр Сидоров!" in told
            assert "Вы указаны администратором сообществ ТПО ВАО" in told
    assert "копия" not in letter("silence to the chair").text


def test_where_there_is_no_chair_nothing_is_called_a_copy() -> None:
    made = letter("silence to the administrator", replace(FACTS, chairs=()))
    for told in (plain(made.text), shown(made.html)):
        assert "копия" not in told
        assert "Председатель в списке адресов не указан" in told


@pytest.mark.parametrize("days", [1, 2, 5, 11, 21, 365])
def test_days_have_their_right_form_everywhere(days: int) -> None:
    right = {1: "1 день", 2: "2 дня", 5: "5 дней", 11: "11 дней", 21: "21 день", 365: "365 дней"}[days]
    for name in OF_A_LASTING_SILENCE:
        made = letter(name, replace(FACTS, days=days))
        assert f"уже {right}" in plain(made.subject)
        assert f"уже {right}" in plain(made.text)
        assert f"уже {right}" in shown(made.html)


@pytest.mark.parametrize("name", OF_A_LASTING_SILENCE)
def test_a_branch_that_never_posted_is_told_since_when_it_is_watched(name: str) -> None:
    made = letter(name, replace(FACTS, last_post=None))
    assert "пока нет публикаций" in plain(made.subject)
    for told in (plain(made.text), shown(made.html)):
        assert "Наблюдаем с 3 ноября 2026 года: за 9 дней записей не появилось." in told
        assert "Последняя запись" not in told


def test_days_of_a_pause_are_told_apart() -> None:
    made = letter("silence to the chair", replace(FACTS, days=40, paused_days=31))
    for told in (plain(made.text), shown(made.html)):
        assert "Из этих дней 31 день" in told
        assert "на перерыв" in told
    assert "Из этих дней" not in letter("silence to the chair").text


def test_that_reposts_do_not_count_is_said() -> None:
    assert "и репосты" in plain(letter("silence to the chair").text)
    assert "без репостов" in plain(letter("silence to the chair", replace(FACTS, counts_reposts=False)).text)


def test_a_single_community_is_named_in_the_singular() -> None:
    branch = BranchInLetter.of("ВАО", "Организация", BranchKind.TERRITORIAL, 1)
    made = letter("silence to the chair", replace(FACTS, branch=branch, looks=FACTS.looks[:1]))
    assert "В сообществе ТПО ВАО нет новых публикаций" in plain(made.text)
    assert "закрыто" not in made.text


@pytest.mark.parametrize(
    ("count", "withheld_count", "place"),
    [
        (1, 0, "сообществе"),
        (2, 0, "сообществах"),
        (1, 1, "открытом сообществе"),
        (3, 2, "открытых сообществах"),
        (0, 2, "сообществах"),
    ],
)
def test_of_what_is_closed_nothing_is_claimed(count: int, withheld_count: int, place: str) -> None:
    branch = BranchInLetter.of("ВАО", "Организация", BranchKind.TERRITORIAL, count, withheld_count)
    made = letter("silence to the chair", replace(FACTS, branch=branch))
    assert plain(made.subject) == f"ТПО ВАО: в {place} нет публикаций уже 9 дней"
    assert f"В {place} ТПО ВАО нет новых публикаций уже 9 дней" in plain(made.text)
    assert f"В {place} ТПО ВАО нет новых публикаций уже 9 дней" in shown(made.html)


def test_a_primary_is_advised_as_a_primary() -> None:
    branch = BranchInLetter.of("1234", "Первичка", BranchKind.PRIMARY, 1)
    told = plain(letter("silence to the chair", replace(FACTS, branch=branch)).text)
    assert "Расскажите, чем живёт первичка." in told
    assert "новость из первички" not in told
    assert "студентов" not in told


def test_each_reminder_has_other_advice() -> None:
    texts = [
        letters.reminder(Renderer(), Addressed(CHAIR, DEPARTMENT), FACTS, number=number).text
        for number in range(1, 6)
    ]
    assert len({plain(text) for text in texts}) == 5
    assert all("Мы уже писали об этом" in plain(text) for text in texts)
    assert all(len(text) < len(letter("silence to the chair", link=None).text) for text in texts)


def test_the_department_and_the_parent_hear_whom_to_talk_to() -> None:
    for name in ("escalation to the department", "escalation to the parent's chair"):
        for told in (plain(letter(name).text), shown(letter(name).html)):
            assert "Иванова Ирина Петровна, председатель" in told
            assert "chair@vao.example.org" in told
            assert "smm@vao.example.org" in told
    office = replace(FACTS, chairs=(replace(CHAIR, name="Председатель ТПО ВАО"),))
    assert "Председатель ТПО ВАО: chair@" in plain(letter("escalation to the department", office).text)
    assert "не с упрёком" in plain(letter("escalation to the parent's chair").text)
    nobody = replace(FACTS, chairs=(), administrators=())
    assert "в списке адресов нет" in plain(letter("escalation to the department", nobody).text)


def test_that_somebody_is_on_it_is_told_upwards() -> None:
    known = replace(FACTS, acknowledged_at=FACTS.counted_from)
    for name in ("escalation to the department", "escalation to the parent's chair"):
        told = "3 ноября отмечено: об этом знают и этим занимаются."
        assert told in plain(letter(name, known).text)
        assert told in shown(letter(name, known).html)
        assert "отмечено" not in letter(name).text


def test_a_silence_that_is_over_is_told_with_its_length() -> None:
    made = letter("resumed")
    for told in (plain(made.text), shown(made.html)):
        assert "Новая запись вышла во вторник, 17 ноября 2026 года" in told
        assert "Перерыв между публикациями длился 14 дней." in told
        assert "https://vk.com/wall-1_8" in told
    first = plain(letter("resumed", resumed=replace(RESUMED, had_post=False)).text)
    assert "Перерыв между" not in first
    assert "следили за страницами 14 дней" in first


@pytest.mark.parametrize(
    ("days_left", "told", "subject"),
    [
        (0, "Это сегодня.", "ждём сегодня, 10 ноября"),
        (1, "Остался 1 день.", "до 10 ноября, остался 1 день"),
        (2, "Осталось 2 дня.", "до 10 ноября, осталось 2 дня"),
        (5, "Осталось 5 дней.", "до 10 ноября, осталось 5 дней"),
        (21, "Остался 21 день.", "до 10 ноября, остался 21 день"),
    ],
)
def test_a_warning_counts_down_to_its_day(days_left: int, told: str, subject: str) -> None:
    made = letter("warning", warning=replace(WARNING, days_left=days_left))
    for words in (plain(made.text), shown(made.html)):
        assert "исполнится во вторник, 10 ноября 2026 года, в 14:05 по московскому времени" in words
        assert told in words
    assert subject in plain(made.subject)


@pytest.mark.parametrize("name", EVERY)
def test_without_a_link_there_is_no_button(name: str) -> None:
    with_it, without = letter(name), letter(name, link=None)
    if name != "resumed":
        assert LINK in with_it.text
        assert f'href="{LINK}' in with_it.html
    assert "/letters/" not in without.text + without.html
    assert "занимаемся" not in without.text + without.html


@pytest.mark.parametrize("name", EVERY)
def test_without_a_department_nobody_is_told_to_answer(name: str) -> None:
    made = letter(name, office=None)
    assert made.reply_to is None
    for told in (plain(made.text), shown(made.html)):
        assert "тветить на это письмо" not in told
        assert "тветьте на письмо" not in told


def test_a_post_without_a_usable_link_is_told_without_one() -> None:
    made = letter("silence to the chair", replace(FACTS, last_post=replace(POST, url="javascript:alert(1)")))
    assert "javascript" not in made.text + made.html
    assert "во ВКонтакте." in plain(made.text)


def test_a_broken_template_of_ops_loses_no_letter(tmp_path: Path) -> None:
    (tmp_path / "silence.subject.j2").write_text("Свой заголовок")
    addressed = Addressed(CHAIR, DEPARTMENT)
    renderer = Renderer(tmp_path)
    assert letters.silence(renderer, addressed, FACTS).subject == "Свой заголовок"
    (tmp_path / "silence.txt.j2").write_text("{{ it.weather }}")
    with capture_logs() as logs:
        made = letters.silence(renderer, addressed, FACTS)
    assert made == letters.silence(Renderer(), addressed, FACTS)
    (told,) = logs
    assert told["log_level"] == "error"
    assert "silence.txt.j2, line 1" in told["error"]

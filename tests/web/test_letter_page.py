"""The page that letters lead to: it says how things stand, and does only what somebody pressed a button for."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from storage.letter_tables import branch_mute, silence
from storage.store import Store
from tests.web.site import CHAIR, DAY, LAST_POST, NOW, Site, get, post

WHO = "Иванова Анна Петровна (chair@example.org), по ссылке из письма"


def test_the_page_says_since_when_a_branch_is_silent(site: Site) -> None:
    answer = get(site.link(site.falls_silent()))
    assert answer.status_code == 200
    page = answer.text.replace("\xa0", " ")
    assert "ТПО Восточного округа" in page
    assert "14 дней" in page
    assert "1 октября 2026 года" in page
    assert "https://vk.com/wall-1_1" in page
    assert "15 октября, 13:45" in page
    assert "Мы знаем, занимаемся" in page
    assert "Не писать до" in page


def test_somebody_says_that_they_are_on_it(any_site: Site) -> None:
    link = any_site.link(any_site.falls_silent())
    answer = post(f"{link}/acknowledge")
    assert answer.status_code == 200
    assert "Записано. Спасибо" in answer.text
    assert WHO in answer.text
    assert "Мы знаем, занимаемся" not in answer.text
    (episode,) = any_site.rows(silence)
    assert (episode.acknowledged_at, episode.acknowledged_by) == (NOW, WHO)


def test_a_second_click_changes_nothing(any_site: Site) -> None:
    link = any_site.link(any_site.falls_silent())
    post(f"{link}/acknowledge")
    post(f"{link}/mute", data={"until": "2026-11-01", "reason": "Каникулы"})
    before = any_site.everything()
    any_site.now += timedelta(minutes=1)
    assert post(f"{link}/acknowledge").status_code == 200
    assert post(f"{link}/mute", data={"until": "2026-11-01", "reason": "Каникулы"}).status_code == 200
    assert any_site.everything() == before


def test_many_clicks_at_once_are_one(any_site: Site) -> None:
    link = any_site.link(any_site.falls_silent())
    form = {"until": "2026-11-01", "reason": "Каникулы"}
    with ThreadPoolExecutor(8) as pool:
        said = [pool.submit(post, f"{link}/acknowledge") for _ in range(8)]
        muted = [pool.submit(post, f"{link}/mute", data=form) for _ in range(8)]
        assert {each.result().status_code for each in (*said, *muted)} == {200}
    assert len(any_site.rows(branch_mute)) == 1
    assert any_site.rows(silence)[0].acknowledged_at == NOW


def test_a_form_leads_back_to_the_page_so_that_a_reload_sends_nothing(site: Site) -> None:
    link = site.link(site.falls_silent())
    answer = post(f"{link}/acknowledge", follow=False)
    assert answer.status_code == 303
    assert (
        str(httpx.URL(f"{link}/acknowledge").join(answer.headers["location"])) == f"{link}?done=acknowledge"
    )


def test_a_branch_is_muted_and_the_mute_lifted(any_site: Site) -> None:
    link = any_site.link(any_site.falls_silent())
    muted = post(f"{link}/mute", data={"until": "2026-11-01", "reason": "  Каникулы,\r\nвсе в отпуске "})
    assert "не пишем до 1\xa0ноября 2026\xa0года" in muted.text
    assert "Каникулы, все в отпуске" in muted.text
    (row,) = any_site.rows(branch_mute)
    assert (row.muted_until, row.reason) == (date(2026, 11, 1), "Каникулы, все в отпуске")
    assert (row.created_at, row.created_by) == (NOW, WHO)
    lifted = post(f"{link}/unmute")
    assert "снова пишем" in lifted.text
    (row,) = any_site.rows(branch_mute)
    assert (row.lifted_at, row.lifted_by) == (NOW, WHO)


def test_lifting_what_is_not_muted_does_nothing(site: Site) -> None:
    link = site.link(site.falls_silent())
    before = site.everything()
    assert post(f"{link}/unmute").status_code == 200
    assert site.everything() == before


def test_a_letter_about_no_silence_can_only_mute(site: Site) -> None:
    link = site.link(None)
    page = get(link)
    assert "Сейчас эта организация не молчит" in page.text
    assert "Мы знаем" not in page.text
    assert post(f"{link}/acknowledge").status_code == 404
    assert post(f"{link}/mute", data={"until": "2026-11-01", "reason": "Ремонт"}).status_code == 200
    assert len(site.rows(branch_mute)) == 1


def test_after_a_restore_an_episodes_number_may_be_another_branchs(any_site: Site) -> None:
    declared = any_site.declared
    any_site.store.sync_branches([declared, replace(declared, code="ЮВАО")], NOW)
    any_site.falls_silent()
    link = any_site.link(any_site.falls_silent(branch_id=2))
    before = any_site.everything()
    page = get(link)
    assert "14 дней" in page.text.replace("\xa0", " "), "the letter's own branch"
    assert "Мы знаем" not in page.text
    assert post(f"{link}/acknowledge").status_code == 404
    assert any_site.everything() == before


def test_after_a_restore_an_episodes_number_may_be_a_later_ones(any_site: Site) -> None:
    number = any_site.falls_silent()
    link = any_site.link(number, at=LAST_POST + 4 * DAY)
    before = any_site.everything()
    assert "Мы знаем" not in get(link).text
    assert post(f"{link}/acknowledge").status_code == 404
    assert any_site.everything() == before


@pytest.mark.parametrize("done", ["", "acknowledge", "mute", "unmute", "<script>"])
def test_the_address_alone_does_not_say_that_something_was_done(site: Site, done: str) -> None:
    page = get(f"{site.link(site.falls_silent())}?done={done}").text
    assert ("Записано" in page) == (done == "unmute")
    assert "<script>" not in page


def test_a_silence_that_is_over_needs_nobody(site: Site) -> None:
    link = site.link(site.falls_silent())
    site.posts_again()
    before = site.everything()
    page = post(f"{link}/acknowledge")
    assert page.status_code == 200
    assert "уже закончилось" in page.text
    assert "Мы знаем" not in page.text
    assert "Записано" not in page.text
    assert site.everything() == before


def test_a_new_silence_is_told_apart_from_the_one_of_the_letter(site: Site) -> None:
    link = site.link(site.falls_silent())
    site.posts_again(NOW - 9 * DAY)
    site.falls_silent(counted_from=NOW - 9 * DAY, last_post_at=NOW - 9 * DAY)
    page = get(link).text.replace("\xa0", " ")
    assert "9 дней" in page
    assert "Началось новое" in page
    assert "Мы знаем" not in page


def test_a_branch_that_left_the_list_can_be_left_alone(any_site: Site) -> None:
    link = any_site.link(any_site.falls_silent())
    any_site.store.sync_branches([], NOW)
    any_site.posts_again()
    assert "больше нет в списке" in get(link).text
    before = any_site.everything()
    assert post(f"{link}/mute", data={"until": "2026-11-01", "reason": "Ремонт"}).status_code == 409
    assert post(f"{link}/unmute").status_code == 409
    assert any_site.everything() == before


def test_a_silence_without_any_post_says_so(site: Site) -> None:
    page = get(site.link(site.falls_silent(last_post_at=None, last_post_network=None, last_post_url=None)))
    assert "Публикаций ещё не было" in page.text


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2026-10-14", "Этот день уже прошёл"),
        ("2027-10-17", "слишком далеко"),
        ("9999-12-31", "слишком далеко"),
        ("", "Укажите день"),
        ("завтра", "Укажите день"),
        ("2026-02-30", "Укажите день"),
    ],
)
def test_a_day_that_makes_no_sense_is_asked_for_again(site: Site, until: str, told: str) -> None:
    link = site.link(site.falls_silent())
    before = site.everything()
    answer = post(f"{link}/mute", data={"until": until, "reason": "Каникулы"})
    assert answer.status_code == 422
    assert told in answer.text
    assert "Каникулы" in answer.text, "what was typed stays"
    assert site.everything() == before


@pytest.mark.parametrize("until", ["2026-10-15", "2027-10-16", "16.10.2027"])
def test_today_and_a_year_ahead_are_days_like_others(site: Site, until: str) -> None:
    link = site.link(site.falls_silent())
    assert post(f"{link}/mute", data={"until": until, "reason": "Каникулы"}).status_code == 200
    assert len(site.rows(branch_mute)) == 1


def test_the_day_is_moscows(site: Site) -> None:
    link = site.link(site.falls_silent())
    site.now = NOW.replace(hour=21, minute=30)
    answer = post(f"{link}/mute", data={"until": "2026-10-15", "reason": "Каникулы"})
    assert "Этот день уже прошёл" in answer.text


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("", "Напишите причину"),
        (" \r\n\t\u202e", "Напишите причину"),
        ("я" * 501, "слишком длинная"),
    ],
)
def test_a_mute_needs_a_reason_of_some_words(site: Site, reason: str, told: str) -> None:
    link = site.link(site.falls_silent())
    answer = post(f"{link}/mute", data={"until": "2026-11-01", "reason": reason})
    assert answer.status_code == 422
    assert told in answer.text
    assert not site.rows(branch_mute)


@pytest.mark.parametrize(
    "reason",
    ["</textarea><script>alert(1)</script>", "\"' onfocus=alert(1) {{ 7 * 7 }}", "\x00\u202eконец\x1b[31m"],
)
def test_a_hostile_reason_is_text(any_site: Site, reason: str) -> None:
    link = any_site.link(any_site.falls_silent())
    for form in ({"until": "", "reason": reason}, {"until": "2026-11-01", "reason": reason}):
        page = post(f"{link}/mute", data=form).text
        assert "<script" not in page
        assert "</textarea><" not in page
        assert "onfocus=alert(1) 49" not in page
        assert "\x1b" not in page
    (row,) = any_site.rows(branch_mute)
    assert row.reason.isprintable()


def test_a_hostile_branch_name_and_link_are_text(small_store: Store) -> None:
    with Site(small_store, name='<script>alert(1)</script>"><b>\u202e').served() as site:
        link = site.link(site.falls_silent(last_post_url="javascript:alert(1)"))
        page = get(link).text
        assert "<script" not in page
        assert "<b>" not in page
        assert "javascript:" not in page
        assert "\u202e" not in page


def test_a_text_of_megabytes_is_not_read(site: Site) -> None:
    link = site.link(site.falls_silent())
    form = {"until": "2026-11-01", "reason": "я" * 5_000_000}
    assert post(f"{link}/mute", data=form).status_code == 413
    chunked = post(f"{link}/mute", content=iter([b"reason=" + b"a" * 10_000] * 100), headers=_FORM)
    assert chunked.status_code == 413
    assert not site.rows(branch_mute)


_FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "content", [b"\xff\xfe=%FF%FE&until=%00&reason=%ED%A0%80", b"&&&&====", b"until=2026-11-01"]
)
def test_a_broken_form_is_asked_for_again(site: Site, content: bytes) -> None:
    answer = post(f"{site.link(site.falls_silent())}/mute", content=content, headers=_FORM)
    assert answer.status_code == 422
    assert not site.rows(branch_mute)


def test_files_where_text_belongs_are_refused_in_words(site: Site) -> None:
    answer = post(
        f"{site.link(site.falls_silent())}/mute",
        files={"until": ("a.txt", b"2026-11-01"), "reason": ("b.txt", b"x")},
    )
    assert answer.status_code == 400
    assert "Так эту страницу открыть нельзя" in answer.text


def test_an_old_link_says_what_to_do_instead(site: Site) -> None:
    link = site.link(site.falls_silent(), at=NOW - 61 * DAY)
    for answer in (get(link), post(f"{link}/acknowledge")):
        assert answer.status_code == 410
        assert "Ссылка устарела" in answer.text
        assert "Ответьте на письмо" in answer.text
    assert site.rows(silence)[0].acknowledged_at is None


@pytest.mark.parametrize("token", ["x", "a.b", "W10.x", "%00", "%2e%2e%2fetc", "я", "A" * 9000])
def test_a_wrong_link_tells_nothing(site: Site, token: str) -> None:
    for answer in (get(f"{site.base}/letters/{token}"), post(f"{site.base}/letters/{token}/acknowledge")):
        assert answer.status_code == 404
        assert "Такой страницы нет" in answer.text


def test_a_database_that_is_away_is_told_without_detail(site: Site, tmp_path: Path) -> None:
    link = site.link(site.falls_silent())
    with closing(sqlite3.connect(tmp_path / "collector.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = post(f"{link}/acknowledge")
    assert answer.status_code == 503
    assert "Сейчас не получилось" in answer.text
    assert "sqlite" not in answer.text.lower()
    assert str(tmp_path) not in answer.text
    assert post(f"{link}/acknowledge").status_code == 200


def test_who_is_no_longer_in_the_branches_file_is_known_by_their_address(site: Site) -> None:
    link = site.link(site.falls_silent())
    site.store.sync_branches([replace(site.declared, contacts=())], NOW)
    post(f"{link}/acknowledge")
    assert site.rows(silence)[0].acknowledged_by == f"{CHAIR.email}, по ссылке из письма"

"""The contest of news: what competes, by which rate, what cannot be compared, and who gave no news."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from collector.domain.calendar import moscow_day
from collector.domain.contest import COUNTS_AFTER
from collector.domain.model import Access
from collector.domain.period import ReportPeriod
from collector.reports.contest import whole_days
from collector.reports.news import news
from collector.reports.news_report import first_words, news_report, runs_of
from collector.reports.rendering.page import as_page
from collector.reports.rendering.workbook import as_workbook
from collector.reports.report import Cell, Report
from storage.history import PastCounts
from storage.store import Store
from tests.reports.contesting import (
    AFTER,
    BEFORE,
    NEWS_BRANCHES,
    NOVEMBER,
    NOW,
    at,
    liked,
    month,
    primary,
    saying,
    small_month,
)
from tests.storage.worlds import DAY, NOON, World, branch, read, vk, wall


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Both databases give the same facts: tests/storage/test_contest_facts.py."""
    return sqlite_store


@pytest.fixture
def world(store: Store) -> World:
    return small_month(store)


def report_of(store: Store, period: ReportPeriod = NOVEMBER, now: datetime = NOW, top: int = 20) -> Report:
    days = whole_days(period, moscow_day(now))
    if days is None:
        return news_report(period, None, None, {}, top, now)
    facts = store.reports.news_facts(days, min(period.end + COUNTS_AFTER, now))
    numbers = news(facts)
    return news_report(period, numbers, facts, store.reports.runs_by_id(runs_of(numbers)), top, now)


def column(report: Report, table: str, *numbers: int) -> list[list[Any]]:
    (found,) = (each for each in report.tables if each.title == table)
    return [[_told(row[number]) for number in numbers] for row in found.rows]


def _told(cell: Cell) -> Any:
    return cell.word if cell.value is None else cell.value


def best(store: Store) -> list[list[Any]]:
    """Of each place: it, the primary, and the rate."""
    return column(report_of(store), "Лучшие новости", 0, 1, 10)


def out(store: Store) -> list[list[Any]]:
    return column(report_of(store), "Не сравнить", 0, 9)


def without(store: Store) -> dict[str, tuple[str, str]]:
    rows = column(report_of(store), "Без новостей за месяц", 0, 2, 3)
    return {code: (verdict, why) for code, verdict, why in rows}


def test_a_month_worked_out_by_hand(world: World) -> None:
    report = report_of(world.store)
    assert column(report, "Лучшие новости", 0, 1, 2, 3, 4, 6, 7, 8, 9, 10) == [
        ["1–2", "МИСиС", "своя, ВКонтакте", date(2026, 11, 5), "Слёт актива", 7, 2, 1, 100, 10.0],
        ["1–2", "РГСУ", "ТПО ВАО, ВКонтакте: репост", date(2026, 11, 6), "Наши новости", 20, 0, 0, 200, 10.0],
        [3, "МИСиС", "своя, ВКонтакте", date(2026, 11, 12), "Выборы", 5, 0, 0, 100, 5.0],
        [
            4,
            "РХТУ",
            "ТПО ВАО, ВКонтакте: названа «РХТУ»",
            date(2026, 11, 9),
            "РХТУ победил",
            6,
            0,
            0,
            200,
            3.0,
        ],
    ]
    assert report.warnings == ()
    assert dict(report.method)["Первичных организаций"] == "3: новости дали 3, не дали 0, сказать нельзя о 0"


def test_equal_ranks_share_a_place_also_at_the_bound(world: World) -> None:
    report = report_of(world.store, top=1)
    assert column(report, "Лучшие новости", 0, 1) == [["1–2", "МИСиС"], ["1–2", "РГСУ"]]
    assert report.warnings == ("Показаны места с 1 по 1; ниже ещё публикаций: 2.",)


def test_who_gave_no_news_and_of_whom_that_cannot_be_told(world: World) -> None:
    """ВАО deletes its posts: a repost of a stranger's is no news, and without a community nothing can be told."""
    world.round(read(AFTER + DAY, 210, wall(), community_id=1, native_id="1"))
    world.round(read(AFTER + 2 * DAY, 210, wall(liked("9", 1, 0)), community_id=1, native_id="1"))
    assert without(world.store) == {
        "РГСУ": ("не было", "собственных публикаций нет, только чужие (репостов: 1)"),
        "РХТУ": ("сказать нельзя", "её сообществ нет в списке"),
    }


def test_a_gap_cannot_be_compared(store: Store) -> None:
    world = World(store, *NEWS_BRANCHES)
    world.round(read(BEFORE, 100, wall(), community_id=2, native_id="2"))
    world.round(read(at(25), 100, wall(liked("1", 10, 5)), community_id=2, native_id="2"))
    world.round(read(AFTER, 100, wall(liked("1", 10, 5)), community_id=2, native_id="2"))
    assert out(store) == [["МИСиС", "рядом с публикацией нет замера подписчиков (ближе 7\u00a0дней)"]]
    assert best(store) == []


def test_a_reading_beside_a_post_is_told(store: Store) -> None:
    world = World(store, *NEWS_BRANCHES)
    world.round(read(at(6), 100, wall(), community_id=2, native_id="2"))
    world.round(read(at(25), 300, wall(liked("1", 10, 5)), community_id=2, native_id="2"))
    report = report_of(store)
    (row,) = report.tables[0].rows
    assert (row[9].value, row[9].note) == (100, "замер на 4\u00a0дня раньше")
    assert report.gaps() == ["МИСиС, 10.11.2026: замер на 4\u00a0дня раньше"]


def test_a_withheld_count_cannot_be_compared(store: Store) -> None:
    month(World(store, *NEWS_BRANCHES), 2, None, None, (liked("1", 5, 7), None))
    assert out(store) == [["МИСиС", "сеть скрыла число подписчиков"]]
    assert "Ни одной публикации нельзя поставить на место" in report_of(store).warnings[0]


def test_unknown_counts_cannot_be_compared(store: Store) -> None:
    unknown = replace(liked("1", 5, 7), share_count=None)
    month(World(store, *NEWS_BRANCHES), 2, 100, 100, (unknown, 100), (liked("2", 6, 1), 0))
    assert out(store) == [
        ["МИСиС", "сеть не сообщила число лайков, комментариев или репостов"],
        ["МИСиС", "подписчиков тогда не было: делить не на что"],
    ]
    assert column(report_of(store), "Не сравнить", 5, 6, 7)[0] == [7, 0, "нет данных"]


def test_an_account_born_in_the_month_is_told(store: Store) -> None:
    world = World(store, *NEWS_BRANCHES)
    store.import_past([PastCounts("t:2", "МИСиС", 10, {}, [("vk", date(2026, 11, 2))])], "table.csv", NOON)
    world.round(read(at(10), 5, wall(since=at(10)), community_id=2, native_id="2"))
    world.round(read(AFTER, 130, wall(since=at(10)), community_id=2, native_id="2"))
    told = "ВКонтакте: сообщество новое, 02.11.2026 его ещё не было; публикаций видели не за весь месяц"
    assert without(store)["МИСиС"] == ("сказать нельзя", told)


def test_a_rename_changes_nothing_but_the_name_by_which_it_is_found(world: World) -> None:
    told = saying("", liked("1", 7, 9), "77")
    world.round(read(AFTER + DAY, 50, wall(told), community_id=3, native_id="3", title="О погоде"))
    assert best(world.store) == [
        [1, "РГСУ", 100.0],
        ["2–3", "МИСиС", 10.0],
        ["2–3", "РГСУ", 10.0],
        [4, "МИСиС", 5.0],
        [5, "РХТУ", 3.0],
    ]


def test_a_closed_group_cannot_be_told_of(world: World) -> None:
    world.store.sync_branches((*NEWS_BRANCHES, primary("МГУ", vk("4"))), NOON)
    world.round(read(at(2), 10, wall(), community_id=4, native_id="4", access=Access.OPEN))
    world.round(read(at(12), 10, community_id=4, native_id="4", access=Access.CLOSED))
    told = "ВКонтакте: сообщество закрыто, впервые увидели 12.11.2026"
    assert without(world.store)["МГУ"] == ("сказать нельзя", told)


def test_a_retired_primary_does_not_compete(world: World) -> None:
    world.store.sync_branches((NEWS_BRANCHES[0], NEWS_BRANCHES[2], NEWS_BRANCHES[3]), at(20))
    assert ["МИСиС", "организация исключена из списка"] in out(world.store)
    assert [row[1] for row in best(world.store)] == ["РГСУ", "РХТУ"]


def test_a_primary_that_left_before_the_month_is_not_there(world: World) -> None:
    world.store.sync_branches((NEWS_BRANCHES[0], NEWS_BRANCHES[2], NEWS_BRANCHES[3]), BEFORE)
    assert [row[1] for row in best(world.store)] == ["РГСУ", "РХТУ"]
    assert without(world.store) == {}


def test_a_wall_that_was_not_wholly_seen_proves_no_lack_of_news(store: Store) -> None:
    world = World(store, *NEWS_BRANCHES)
    world.round(read(BEFORE, 10, wall(), community_id=2, native_id="2"))
    world.round(read(at(29), 10, wall(), community_id=2, native_id="2"))
    world.round(read(at(3), 10, wall(since=at(3)), community_id=3, native_id="3"))
    world.round(read(AFTER, 10, wall(since=at(3)), community_id=3, native_id="3"))
    assert without(store) == {
        "МИСиС": (
            "сказать нельзя",
            "ВКонтакте: стену в последний раз прочитали 29.11.2026: конца месяца не видели",
        ),
        "РГСУ": ("сказать нельзя", "ВКонтакте: все публикации известны только с 03.11.2026"),
        "РХТУ": ("сказать нельзя", "её сообществ нет в списке"),
    }
    world.round(read(AFTER, 10, wall(), community_id=2, native_id="2"))
    assert without(store)["МИСиС"] == ("не было", "собственных публикаций нет")


def test_a_text_that_was_not_read_is_told(store: Store) -> None:
    world = World(store, *NEWS_BRANCHES)
    month(world, 1, 200, 200, (liked("1", 5, 7), 200))
    month(world, 2, 100, 100, (liked("1", 5, 7), 100))
    report = report_of(store)
    assert column(report, "Лучшие новости", 1, 4) == [["МИСиС", "текст не прочитан"]]
    assert report.warnings == (
        "У 1 публикаций ТПО текст не прочитан: названа ли в них первичная организация, неизвестно.",
    )


def test_an_empty_month_says_so(store: Store) -> None:
    World(store, *NEWS_BRANCHES)
    report = report_of(store)
    assert report.tables[0].rows == []
    assert "Ни одной публикации нельзя поставить на место" in report.warnings[0]
    assert set(without(store)) == {"МИСиС", "РГСУ", "РХТУ"}


def test_without_primaries_there_can_be_no_news_of_theirs(store: Store) -> None:
    World(store, branch("ВАО", vk("1")))
    assert "В списке нет первичных организаций" in report_of(store).warnings[0]


def test_a_month_in_the_future_has_no_numbers(world: World) -> None:
    report = report_of(world.store, now=BEFORE)
    assert report.warnings == ("Месяц ещё не начался: сравнивать нечего.",)
    assert [table.rows for table in report.tables] == [[]]
    assert "ещё не прошло ни одного полного дня" in report_of(world.store, now=at(1)).warnings[0]


def test_a_month_that_lasts_is_preliminary(world: World) -> None:
    report = report_of(world.store, now=at(8))
    assert "посчитаны дни по 7\u00a0ноября 2026\u00a0года включительно" in report.warnings[0]
    assert [row[0] for row in column(report, "Лучшие новости", 1)] == ["МИСиС", "РГСУ"]
    assert "ещё собираются" in report_of(world.store, now=AFTER).warnings[0]


def test_each_number_has_its_source(world: World) -> None:
    make = report_of(world.store).sources
    assert make is not None
    first = [cell.value for cell in make().rows[0]]
    assert first[2:] == [
        date(2026, 11, 5), 10, date(2026, 12, 2), "обход № 11", 100, date(2026, 11, 5), "обход № 8",
    ]  # fmt: skip


def test_a_text_is_cut_at_a_blank() -> None:
    assert first_words(" два\nслова ") == "два слова"
    assert first_words("слово " * 30) == "слово " * 12 + "слово…"


def test_every_form_shows_what_is_listed_apart(world: World) -> None:
    report = report_of(world.store)
    page = as_page(report)
    assert "Слёт актива" in page
    assert '<a href="https://vk.com/wall-1_1"' in page
    assert "Без новостей за месяц" in page
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))["Лучшие новости"]
    assert [sheet.cell(4, at).value for at in (1, 2, 11)] == ["1–2", "МИСиС", 10]

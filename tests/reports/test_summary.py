"""The summary: what a month brought, of those alone of whom it is known; and on paper exactly one page."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from collector.domain.model import Access, BranchKind
from collector.domain.period import ReportPeriod, as_far_as_over, month_of, months_before
from collector.reports.rendering.page import as_page
from collector.reports.report import Report
from collector.reports.summary import summary
from collector.reports.summary_followers import days_between
from collector.reports.summary_report import not_begun, summary_report
from storage.history import PastCounts
from storage.store import Store
from tests.browser import chromium
from tests.jobs.silences import Silences
from tests.storage.worlds import DAY, NOON, World, branch, post, read, vk, wall

OCTOBER = month_of(NOON.date())
LATER = date(2026, 11, 23)
FIRST, LAST = NOON - 5 * DAY, NOON + 26 * DAY
"""30 September and 31 October."""


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", vk("1")))


@pytest.fixture
def quick(sqlite_store: Store) -> World:
    """For what does not depend on the database."""
    return World(sqlite_store, branch("ВАО", vk("1")))


def told(store: Store, asked: ReportPeriod = OCTOBER, today: date = LATER) -> Report:
    kinds = (BranchKind.TERRITORIAL,)
    period = as_far_as_over(asked, today)
    if period is None:
        return not_begun(asked)
    facts = store.reports.summary_facts(period, months_before(asked), days_between(period), kinds)
    return summary_report(summary(asked, facts, today), store.reports.runs_by_id(range(1, 1000)))


def key(report: Report) -> dict[str, list[Any]]:
    """Of each key number what was, what is, and what came between."""
    return {
        str(row[0].value): [cell.word if cell.value is None else cell.value for cell in row[1:]]
        for row in report.tables[0].rows
    }


def said(report: Report) -> dict[str, str]:
    return {str(row[0].value): str(row[1].value) for row in report.tables[1].rows}


def drawn(report: Report, at: int) -> list[list[Any]]:
    return [
        [cell.word if cell.value is None else cell.value for cell in row] for row in report.tables[at].rows
    ]


VK = "Подписчики, ВКонтакте"


def test_what_was_what_is_and_what_came_between_add_up(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    for at, counts in ((FIRST, (100, 50)), (LAST, (130, 45))):
        world.round(
            *(read(at, followers=n, community_id=i, native_id=str(i)) for i, n in enumerate(counts, 1))
        )
    report = told(store)
    assert key(report)[VK] == [150, 175, 25]
    assert said(report)["Выросли больше всех"] == "ВАО (+30)"
    assert said(report)["Потеряли подписчиков"] == "САО (\u22125)"


def test_a_line_is_of_the_same_communities_each_week(store: Store) -> None:
    """7 October was seen by both, 14 October by one alone, 21 and 28 October by none near enough."""
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    for at, counts in (
        (FIRST, (100, 50)),
        (FIRST + 7 * DAY, (110, 51)),
        (FIRST + 14 * DAY, (120,)),
        (LAST, (130, 45)),
    ):
        world.round(
            *(read(at, followers=n, community_id=i, native_id=str(i)) for i, n in enumerate(counts, 1))
        )
    report = told(store)
    nothing = ["нет замера", "нет замера"]
    assert drawn(report, 2) == [
        [date(2026, 9, 30), 150, 0],
        [date(2026, 10, 7), 161, 11],
        [date(2026, 10, 14), *nothing],
        [date(2026, 10, 21), *nothing],
        [date(2026, 10, 28), 175, 25],
        [date(2026, 10, 31), 175, 25],
    ]
    assert "ВКонтакте, 14.10.2026: не у всех есть замер" in report.gaps()
    assert report.sources is not None
    assert len(report.sources().rows) == 2 + 2 + 2 + 2


def test_a_gap_leaves_a_branch_out_and_names_it(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    world.round(read(FIRST, followers=100))
    world.round(read(LAST, followers=130), read(LAST, followers=50, community_id=2, native_id="2"))
    report = told(store)
    assert key(report)[VK] == [100, 130, 30]
    assert report.tables[0].rows[0][0].note == "без тех, чей прирост неизвестен: САО"
    assert "ВКонтакте: прирост неизвестен у САО" in report.gaps()
    assert said(report)["Полнота сбора"] == (
        "прочитано 3\u00a0% дней; меньше всего: ВАО, ВКонтакте (1 из 28); САО, ВКонтакте (1 из 28)"
    )


def test_a_withheld_count_is_no_number(world: World) -> None:
    world.round(read(FIRST, followers=None))
    world.round(read(LAST, followers=None))
    report = told(world.store)
    assert key(report)[VK] == ["неизвестно", "неизвестно", "неизвестно"]
    assert said(report)["Выросли больше всех"] == "неизвестно"
    assert {cell for row in drawn(report, 2) for cell in row[1:]} == {"нет замера"}


def test_an_account_born_in_the_period_is_named_new(world: World) -> None:
    world.store.import_past([PastCounts("t:2", "ВАО", 10, {}, [("vk", FIRST.date())])], "table.csv", NOON)
    world.round(read(LAST, followers=30))
    report = told(world.store)
    assert key(report)[VK] == ["—", 30, 30]
    assert report.tables[0].rows[0][0].note == "новые, без начального числа: ВАО"
    assert (drawn(report, 2)[0][1:], drawn(report, 2)[-1][1:]) == (["—", 0], [30, 30])
    assert said(report)["Новые сообщества"] == "ВАО (ВКонтакте)"


def test_a_rename_changes_nothing(quick: World) -> None:
    quick.round(read(FIRST, followers=100))
    quick.round(read(LAST, followers=130, screen_name="other", title="Другое имя"))
    assert key(told(quick.store))[VK] == [100, 130, 30]


def test_a_closed_group_is_told_with_the_day_it_was_seen_so(world: World) -> None:
    world.round(read(FIRST, followers=100))
    world.round(read(NOON + 9 * DAY, followers=110, access=Access.CLOSED))
    report = told(world.store)
    assert key(report)["Закрытые и недоступные сообщества"] == [0, 1, 1]
    assert said(report)["Закрыты или недоступны"] == "ВАО, ВКонтакте: закрыто, замечено 14\u00a0октября"
    before = told(world.store, ReportPeriod(OCTOBER.first_day, date(2026, 10, 10)), date(2026, 10, 10))
    assert said(before)["Закрыты или недоступны"] == "нет"


def test_a_closed_group_that_left_the_list_before_is_in_neither_number(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    closed = read(NOON - 10 * DAY, community_id=2, native_id="2", access=Access.CLOSED)
    world.round(read(NOON - 10 * DAY), closed)
    store.sync_branches((branch("ВАО", vk("1")),), NOON - 8 * DAY)
    world.round(read(FIRST))
    world.round(read(LAST))
    assert key(told(store))["Закрытые и недоступные сообщества"] == [0, 0, 0]
    september = key(told(store, months_before(OCTOBER)))
    assert september["Закрытые и недоступные сообщества"] == ["не читали", 0, "неизвестно"]


def test_followers_of_a_community_that_left_the_list_are_not_told_as_lost_without_a_word(
    store: Store,
) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(read(FIRST, followers=100), read(FIRST, followers=500, community_id=2, native_id="2"))
    store.sync_branches((branch("ВАО", vk("1")),), NOON + 8 * DAY)
    world.round(read(LAST, followers=130))
    report = told(store)
    assert key(report)[VK] == [600, 130, -470]
    assert report.tables[0].rows[0][0].note == "стало — без сообществ, исключённых из списка: ВАО"
    assert said(report)["Потеряли подписчиков"] == "ВАО (\u2212470, часть сообществ исключили из списка)"


def test_a_retired_branch_and_one_without_communities_are_named(world: World) -> None:
    world.round(read(FIRST, followers=100))
    world.store.sync_branches((branch("САО"),), NOON + 9 * DAY)
    report = told(world.store)
    assert said(report)["Без сообществ, исключены"] == "нет сообществ: САО; исключены из списка: ВАО"
    assert key(report)[VK] == ["неизвестно", "неизвестно", "неизвестно"]


def test_posts_are_compared_where_the_walls_were_seen_all_the_time(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")), branch("ЮАО", vk("3")))
    september, october = (
        [post(str(number), at + number * DAY) for number in numbers]
        for at, numbers in ((NOON - 40 * DAY, range(10, 13)), (NOON, range(13, 15)))
    )
    both = [*september, *october]
    world.round(read(NOON - 50 * DAY, wall=wall()))
    lately = NOON - 20 * DAY
    world.round(read(lately, wall=wall(since=lately - DAY), community_id=3, native_id="3"))
    world.round(
        read(LAST - DAY, wall=wall(*both)), read(LAST - DAY, wall=wall(*both), community_id=2, native_id="2")
    )
    world.round(
        read(LAST + DAY, wall=wall(*both)),
        read(LAST + DAY, wall=wall(*october, since=lately - DAY), community_id=3, native_id="3"),
    )
    report = told(store)
    assert key(report)["Публикации"] == [3, 2, -1]
    row = report.tables[0].rows[1]
    assert row[0].note == "было — за период до этого; без тех, чьи публикации видели не всё время: САО, ЮАО"
    assert key(report)["Организации, которые публиковали"] == ["не меньше 2", 3, "неизвестно"]
    posts = report.tables[3].rows
    assert [[row[0].value, row[1].value, row[1].note] for row in posts] == [
        ["ВАО", 2, ""],
        ["САО", 2, "не меньше: публикации видели не за весь период"],
        ["ЮАО", 2, ""],
    ]


def test_who_fell_silent_and_posted_again_is_told_with_days(store: Store) -> None:
    """The last post on 5 October, the deadline a week later, the next post on 20 October: 15 days."""
    world = Silences(store)
    last, next_one = post("1", NOON), post("2", NOON + 15 * DAY)
    world.look(NOON + DAY, last)
    world.look(NOON + 8 * DAY, last)
    world.detect(NOON + 8 * DAY)
    lasting = told(store, today=date(2026, 10, 16))
    assert said(lasting)["Замолчали"] == "ВАО (12\u00a0октября)"
    assert drawn(lasting, 4) == [["ВАО", 8, NOON.date(), date(2026, 10, 12), "нет"]]
    assert lasting.tables[4].rows[0][1].note == "не меньше: дальше не проверено"
    assert key(lasting)["Молчащие организации"] == ["не читали", 1, "неизвестно"]
    world.look(NOON + 16 * DAY, last, next_one)
    world.detect(NOON + 16 * DAY)
    report = told(store)
    assert said(report)["Возобновили публикации"] == "ВАО (20\u00a0октября)"
    assert drawn(report, 4) == [["ВАО", 15, NOON.date(), date(2026, 10, 12), date(2026, 10, 20)]]
    assert key(report)["Молчащие организации"] == ["не читали", 0, "неизвестно"]


def test_who_left_the_list_did_not_post_again(store: Store) -> None:
    world = Silences(store)
    for at in (NOON + DAY, NOON + 8 * DAY):
        world.look(at, post("1", NOON))
    world.detect(NOON + 8 * DAY)
    store.sync_branches((branch("САО"),), NOON + 9 * DAY)
    world.detect(NOON + 9 * DAY)
    report = told(store)
    assert said(report)["Возобновили публикации"] == "никто"
    assert [row[0] for row in drawn(report, 4)] == ["ВАО"]


def test_a_silence_that_was_none_is_not_told(store: Store) -> None:
    """The threshold was raised: nobody had been silent."""
    world = Silences(store)
    for at in (NOON + DAY, NOON + 8 * DAY):
        world.look(at, post("1", NOON))
    world.detect(NOON + 8 * DAY)
    world.declare(branch("ВАО", vk("1"), silence_threshold=20 * DAY))
    world.detect(NOON + 9 * DAY)
    report = told(store)
    assert said(report)["Замолчали"] == "никто"
    assert drawn(report, 4) == []


def test_an_empty_period_has_no_numbers(world: World) -> None:
    world.round(read(NOON + 60 * DAY, followers=100, wall=wall(since=NOON + 60 * DAY)))
    report = told(world.store, today=date(2027, 1, 31))
    assert {str(cell) for cells in key(report).values() for cell in cells} == {"неизвестно", "не читали"}
    assert report.warnings == ("В этот период сообщества не читали: чисел почти нет.",)
    assert said(report)["Полнота сбора"] == "в этот период сообщества не читали"
    assert said(report)["Замолчали"] == "не читали"


def test_a_period_in_the_future_has_no_numbers(quick: World) -> None:
    quick.round(read(NOON, followers=100))
    report = told(quick.store, today=OCTOBER.first_day)
    assert report.warnings == ("В этом периоде ещё не закончился ни один день: чисел нет.",)
    assert [list(table.rows) for table in report.tables] == [[]]


def test_a_period_that_is_not_over_is_told_as_far_as_it_is(quick: World) -> None:
    for at in (FIRST, NOON, NOON + 10 * DAY):
        quick.round(read(at, followers=100, wall=wall()))
    report = told(quick.store, today=(NOON + 10 * DAY).date())
    assert report.period == "с 1\u00a0октября 2026\u00a0года по 14\u00a0октября 2026\u00a0года"
    assert report.warnings == (
        "Период ещё не закончился: посчитано по 14\u00a0октября 2026\u00a0года включительно.",
    )
    assert key(report)["Публикации"] == ["не сравнивается", 0, "неизвестно"]


def test_without_branches_there_is_nothing_to_tell(sqlite_store: Store) -> None:
    report = told(sqlite_store)
    assert report.warnings == ("В списке нет таких организаций: считать нечего.",)
    assert report.charts == ()


LONG = "Территориальная организация"


def test_it_is_one_page_of_a4_however_much_there_is_to_tell(sqlite_store: Store, tmp_path: Path) -> None:
    world = World(
        sqlite_store, *(branch(f"{LONG} {number}", vk(str(number))) for number in range(1, 21)), branch(LONG)
    )
    new = post("1", NOON)
    for at, step, walls in ((FIRST, 0, wall()), (NOON + 2 * DAY, -3, wall(new)), (LAST, -5, None)):
        access = Access.OPEN if walls else Access.CLOSED
        world.round(
            *(
                read(at, 500 + step * i, walls, community_id=i, native_id=str(i), access=access)
                for i in range(1, 20)
            )
        )
    report = told(sqlite_store)
    assert len(said(report)["Закрыты или недоступны"]) > 400
    file = tmp_path / "summary.html"
    file.write_text(as_page(report))
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 718, "height": 1047})
        page.goto(file.as_uri())
        shown = page.locator("section.on-screen")
        assert shown.count() > 1
        assert all(each.is_visible() for each in shown.all())
        page.emulate_media(media="print")
        # 190 and 277 mm between the margins, at 96 dots an inch.
        assert page.evaluate("document.documentElement.scrollWidth") <= 718
        assert page.evaluate("document.documentElement.scrollHeight") <= 1047
        assert not any(each.is_visible() for each in shown.all())
        charts = page.locator("figure svg").all()
        assert len(charts) == len(report.charts)
        assert all((each.bounding_box() or {})["height"] > 100 for each in charts)
        pages = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True))
        assert len(pages) == 1

"""The audit: what posts and communities show of the 16 recommendations; what is not known is neither yes nor no."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from collector.domain.model import Access, Attachment, BranchDeclaration, BranchKind, Post, PostContent
from collector.domain.period import ReportPeriod, as_far_as_over
from collector.reports.audit import audit
from collector.reports.audit_report import audit_not_begun, audit_report
from collector.reports.audit_words import RECOMMENDATIONS
from collector.reports.rendering.cells import heading
from collector.reports.report import Report
from storage.history import PastCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, post, read, vk, wall

PERIOD = ReportPeriod.of_days(NOON.date(), (NOON + 9 * DAY).date())
"""Ten days, of which the first is Monday 5 October 2026."""
BEFORE, AFTER = NOON - DAY, NOON + 10 * DAY
TODAY = AFTER.date()
LABEL = "ВАО, ВКонтакте"
VK_ONE = vk("1")


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", VK_ONE))


@pytest.fixture
def quick(sqlite_store: Store) -> World:
    """For what does not depend on the database."""
    return World(sqlite_store, branch("ВАО", VK_ONE))


def told(store: Store, period: ReportPeriod = PERIOD, today: date = TODAY, code: str | None = None) -> Report:
    over = as_far_as_over(period, today)
    if over is None:
        return audit_not_begun(period, code)
    kinds = (BranchKind.TERRITORIAL,)
    lines = store.reports.audit_branches(over, kinds, code)
    facts = store.reports.audit_facts(over, kinds, code)
    return audit_report(audit(period, over, lines, facts, today), code)


def shows(report: Report) -> dict[int, str]:
    """What the data show, by the recommendation's number."""
    return {int(str(row[0].value)): str(row[3].value) for row in report.tables[0].rows}


def line(report: Report, table: int, label: str = LABEL) -> dict[str, Any]:
    of = report.tables[table]
    return {
        heading(column).removeprefix("Доля публикаций, %: "): cell.word if cell.value is None else cell.value
        for row in of.rows
        if row[0].value == label
        for column, cell in zip(of.columns, row, strict=True)
    }


def with_content(number: int, text: str = "", *kinds: Attachment, **more: Any) -> Post:
    origin = more.pop("origin", None)
    return post(str(number), NOON + number * DAY, content=PostContent(text, kinds, origin), **more)


def seen_whole(world: World, *posts: Post, number: int = 1, **more: Any) -> None:
    """Its wall was read before the period and after it."""
    who = {"community_id": number, "native_id": str(number), **more}
    world.round(read(BEFORE, wall=wall(), **who))
    world.round(read(AFTER, wall=wall(*posts), **who))


def test_each_of_the_16_recommendations_has_its_checker(quick: World) -> None:
    seen_whole(quick)
    rows = told(quick.store).tables[0].rows
    assert [row[0].value for row in rows] == list(range(1, 17))
    checkers = {
        checker: [row[0].value for row in rows if row[2].value == checker]
        for checker in ("проверяет программа", "отчасти", "проверяет человек")
    }
    assert checkers == {
        "проверяет программа": [1, 14, 15],
        "отчасти": [2, 3, 4, 5, 7, 8],
        "проверяет человек": [6, 9, 10, 11, 12, 13, 16],
    }
    for each, row in zip(RECOMMENDATIONS, rows, strict=True):
        # What the data cannot show says what to look at.
        assert each.checker == "проверяет программа" or row[4].value
        assert each.checker != "проверяет человек" or row[3].value == "по данным не видно"


def test_shares_are_of_posts_whose_content_was_read(world: World) -> None:
    seen_whole(
        world,
        with_content(1, "Новости #МГО и #ВАО", Attachment.VIDEO),
        with_content(2, "#мго", Attachment.PHOTO, Attachment.VIDEO_LINK, comment_count=3),
        with_content(3, "Опрос", Attachment.POLL, comment_count=0, is_repost=True),
        with_content(4, "", Attachment.ARTICLE),
        post("5", NOON + 5 * DAY),
    )
    report = told(world.store)
    found = shows(report)
    assert found[1] == "дней с публикациями: ВАО — 5 из 10"
    assert found[2] == "собственных, не репостов: 80,0\u00a0% (4 из 5)"
    assert found[4].startswith(
        "с опросом: 25,0\u00a0% (1 из 4; о 1 неизвестно); с комментариями: 50,0\u00a0% (1 из 2; о 3 неизвестно)"
    )
    assert found[14] == "с хэштегом: 50,0\u00a0% (2 из 4; о 1 неизвестно); чаще всего #мго (2), #вао (1)"
    assert found[15] == (
        "с видео, загруженным в сеть: 25,0\u00a0% (1 из 4; о 1 неизвестно); с видео других площадок: 25,0\u00a0% "
        "(1 из 4; о 1 неизвестно); со статьёй: 25,0\u00a0% (1 из 4; о 1 неизвестно)"
    )
    contents = line(report, 1)
    assert (contents["Публикаций"], contents["с видео"], contents["своих"]) == (5, 25.0, 80.0)
    assert f"{LABEL}: не прочитано содержание публикаций, 1 из 5" in report.gaps()
    assert report.sources is not None
    assert [row[5].value for row in report.sources().rows] == [
        "video",
        "photo, video_link",
        "poll",
        "article",
        None,
    ]


def test_content_that_was_not_read_is_no_no(quick: World) -> None:
    seen_whole(quick, post("1", NOON + DAY), post("2", NOON + 2 * DAY))
    report = told(quick.store)
    assert shows(report)[14] == "с хэштегом: не читали"
    assert line(report, 1)["с видео"] == "не читали"
    assert line(report, 1)["с комментариями"] == "неизвестно"
    assert report.warnings == (
        "Содержание публикаций не читали: о видео, хэштегах, опросах и статьях ничего не известно.",
    )


def test_news_of_primary_organisations_are_counted_by_whose_post_is_passed_on(store: Store) -> None:
    primary = BranchDeclaration("Школа 5", "Школа № 5", BranchKind.PRIMARY, "ВАО", communities=(vk("55"),))
    world = World(store, branch("ВАО", VK_ONE), branch("САО", vk("2")), primary)
    seen_whole(
        world,
        with_content(1, "", origin="55", is_repost=True),
        with_content(2, "", origin="2", is_repost=True),
        with_content(3, ""),
    )
    assert shows(told(store))[8].endswith("33,3\u00a0% (1 из 3)")


def test_what_communities_offer_is_told_and_unknown_stays_unknown(store: Store) -> None:
    world = World(store, branch("ВАО", VK_ONE), branch("САО", vk("2")), branch("ЮАО", vk("3")))
    offers: list[dict[str, Any]] = [
        {"site": "https://vao.example.org", "are_messages_open": True, "are_comments_open": True},
        {"site": "", "are_messages_open": False},
        {},
    ]
    for number, offered in enumerate(offers, start=1):
        seen_whole(world, number=number, **offered)
    report = told(store)
    found = shows(report)
    assert found[5] == "сообщения включены у 1 из 2; выключены: САО, ВКонтакте; неизвестно у 1"
    assert found[7] == "сайт в описании сообщества указан у 1 из 2; не указан: САО, ВКонтакте; неизвестно у 1"
    assert found[4].endswith("комментарии открыты у 1 из 1; неизвестно у 2")
    assert line(report, 2)["Сайт"] == "https://vao.example.org"
    assert line(report, 2, "САО, ВКонтакте")["Сайт"] == "не указан"
    assert line(report, 2, "ЮАО, ВКонтакте")["Сообщения"] == "неизвестно"


def test_names_are_compared_across_networks_and_branches(store: Store) -> None:
    world = World(store, branch("ВАО", VK_ONE, vk("2")), branch("САО", vk("3"), vk("4")))
    for number, (title, name) in enumerate(
        (
            ("Профсоюз ВАО", "profsouz_vao"),
            ("«Профсоюз» ВАО", "profsouz.vao"),
            ("Профсоюз САО", "profsouz_sao"),
            ("Учителя САО", "club4"),
        ),
        start=1,
    ):
        seen_whole(world, number=number, title=title, screen_name=name)
    assert shows(told(store))[3] == (
        "слово в названиях — «профсоюз», у 3 из 4; начало имён в ссылках — «profsouz», у 3 из 3; названия в разных "
        "сетях одинаковы у 1 из 2, разные: САО; имена в ссылках в разных сетях одинаковы у 1 из 1; без своего имени в "
        "ссылке: 1 из 4"
    )


def test_the_rhythm_is_moscows(world: World) -> None:
    """21:30 UTC on Monday is half past midnight on Tuesday in Moscow."""
    seen_whole(world, post("1", NOON + 9 * HOUR + HOUR / 2), post("2", NOON + DAY))
    table = told(world.store).tables[3]
    found = {
        (row[0].value, column.title): cell.value
        for row in [*table.rows, table.totals]
        for column, cell in zip(table.columns, row, strict=True)
        if cell.value and column.title != "День недели"
    }
    assert found == {
        ("вторник", "00"): 1,
        ("вторник", "15"): 1,
        ("вторник", "Всего"): 2,
        ("Всего", "00"): 1,
        ("Всего", "15"): 1,
        ("Всего", "Всего"): 2,
    }


def test_a_wall_that_was_not_seen_all_the_time_gives_at_least(world: World) -> None:
    world.round(read(NOON + 3 * DAY, wall=wall(with_content(1), with_content(2))))
    report = told(world.store)
    assert shows(report)[1] == "дней с публикациями: ВАО — не меньше 2 из 10"
    assert line(report, 1)["Публикаций"] == "не меньше 2"
    assert report.tables[3].totals[0].note == "не меньше: публикации видели не за весь период"
    assert f"{LABEL}: публикации видели не за весь период" in report.gaps()


def test_a_withheld_count_changes_nothing_and_a_wall_never_read_has_no_number(world: World) -> None:
    world.round(read(BEFORE, followers=None))
    world.round(read(AFTER, followers=None))
    report = told(world.store)
    assert shows(report)[1] == "дней с публикациями: ВАО — не читали"
    assert line(report, 1)["Публикаций"] == "не читали"
    assert {cell.word for row in report.tables[3].rows for cell in row[1:]} == {"не читали"}
    assert report.charts == ()
    assert report.gaps() == [f"{LABEL}: публикации ещё ни разу не прочитаны"]


def test_an_account_born_in_the_period_is_not_seen_all_of_it(world: World) -> None:
    absent = PastCounts("t:2", "ВАО", 10, {}, [("vk", PERIOD.first_day)])
    world.store.import_past([absent], "table.csv", NOON)
    world.round(read(NOON + 4 * DAY, wall=wall(since=NOON + 4 * DAY)))
    world.round(read(AFTER, wall=wall(with_content(5), since=NOON + 4 * DAY)))
    report = told(world.store)
    assert shows(report)[1] == "дней с публикациями: ВАО — не меньше 1 из 10"
    assert line(report, 2)["Замечено"] == (NOON + 4 * DAY).date()


def test_a_rename_leaves_the_posts_and_tells_the_new_name(quick: World) -> None:
    quick.round(read(BEFORE, wall=wall()))
    quick.round(read(AFTER, wall=wall(with_content(1)), screen_name="new", title="Другое имя"))
    report = told(quick.store)
    assert line(report, 1)["Публикаций"] == 1
    assert (line(report, 2)["Название"], line(report, 2)["Имя в ссылке"]) == ("Другое имя", "new")


def test_a_closed_group_is_told_with_since_when(world: World) -> None:
    world.round(read(BEFORE, wall=wall()))
    world.round(read(NOON + 4 * DAY, access=Access.CLOSED))
    report = told(world.store)
    assert (line(report, 2)["Открытость"], line(report, 2)["Замечено"]) == (
        "закрыто",
        (NOON + 4 * DAY).date(),
    )
    assert report.warnings == (f"{LABEL}: сообщество закрыто, замечено 9\u00a0октября 2026\u00a0года.",)
    assert line(report, 1)["Публикаций"] == "не читали"
    # Before it closed, it was open.
    early = ReportPeriod.of_days(PERIOD.first_day, (NOON + 2 * DAY).date())
    assert line(told(world.store, early), 2)["Открытость"] == "открыто"


def test_a_retired_branch_is_told_and_gone_in_the_next_period(world: World) -> None:
    world.round(read(BEFORE, wall=wall()))
    world.store.sync_branches((branch("САО"),), NOON + 4 * DAY)
    report = told(world.store)
    assert report.warnings == (
        "Сообществ в списке нет: САО.",
        "Исключены из списка организаций: ВАО.",
    )
    assert report.tables[1].rows[0][0].value == LABEL
    assert report.tables[2].rows[0][0].note == "исключено из списка 9\u00a0октября 2026\u00a0года"
    later = ReportPeriod.of_days((NOON + 5 * DAY).date(), PERIOD.last_day)
    assert told(world.store, later).tables[1].rows == []


def test_what_a_community_that_left_the_list_offers_is_not_told(store: Store) -> None:
    world = World(store, branch("ВАО", VK_ONE, vk("2")))
    seen_whole(world, are_messages_open=True)
    world.round(read(BEFORE, wall=wall(), community_id=2, native_id="2", are_messages_open=False))
    store.sync_branches((branch("ВАО", VK_ONE),), NOON + 4 * DAY)
    report = told(store)
    assert shows(report)[5] == "сообщения включены у 1 из 1"
    assert len(report.tables[2].rows) == 2


def test_a_post_that_was_deleted_does_not_count(world: World) -> None:
    world.round(read(BEFORE, wall=wall()))
    world.round(read(NOON + 4 * DAY, wall=wall(with_content(1, "#тег"), with_content(2))))
    world.round(read(AFTER, wall=wall(with_content(2))))
    report = told(world.store)
    assert line(report, 1)["Публикаций"] == 1
    assert shows(report)[14] == "с хэштегом: 0,0\u00a0% (0 из 1)"


def test_an_empty_period_that_was_seen_has_zero_posts_and_no_shares(world: World) -> None:
    seen_whole(world)
    report = told(world.store)
    assert shows(report)[1] == "дней с публикациями: ВАО — 0 из 10"
    assert shows(report)[14] == "с хэштегом: публикаций не видели"
    contents = line(report, 1)
    assert (contents["Публикаций"], contents["с хэштегом"], contents["своих"]) == (0, "—", "—")
    assert report.tables[3].totals[-1].value == 0


def test_a_period_in_the_future_has_no_numbers(quick: World) -> None:
    report = told(quick.store, today=PERIOD.first_day)
    assert report.warnings == ("В этом периоде ещё не закончился ни один день: чисел нет.",)
    assert set(shows(report).values()) == {"период ещё не начался"}
    assert len(report.tables) == 1
    started = told(quick.store, today=PERIOD.first_day + timedelta(days=3))
    assert started.warnings[0] == (
        "Период ещё не закончился: посчитано по 7\u00a0октября 2026\u00a0года включительно."
    )


def test_one_branch_alone(store: Store) -> None:
    world = World(store, branch("ВАО", VK_ONE), branch("САО", vk("2")))
    seen_whole(world, with_content(1))
    seen_whole(world, with_content(2, "#тег"), number=2)
    report = told(store, code="САО")
    assert report.title.endswith("№ 40-7: САО")
    assert [row[0].value for row in report.tables[1].rows] == ["САО, ВКонтакте"]
    assert shows(report)[14] == "с хэштегом: 100,0\u00a0% (1 из 1); чаще всего #тег (1)"
    assert told(store, code="ЮАО").warnings == ("В списке нет таких организаций: считать нечего.",)

"""The growth report's numbers: what was read, how far from its day, and no number where nothing was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.model import Access
from collector.reports.points import rounded
from storage.history import PastCounts
from storage.store import Store
from tests.reports.growing import cells, report_of, words
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, read, vk, wall
from tests.storage.worlds import post as a_post

FIRST, LAST = NOON.date(), (NOON + 20 * DAY).date()
START, END = f"{FIRST:%d.%m.%Y}: ВКонтакте", f"{LAST:%d.%m.%Y}: ВКонтакте"


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", vk("1"), primary_count=10))


def line(world: World, first: date = FIRST, last: date = LAST, **more: date) -> dict[str, object]:
    return words(report_of(world.store, first, last, **more), "ВАО")


def test_a_reading_of_the_day_itself_needs_no_note(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(read(NOON + 20 * DAY, followers=130))
    found = line(world)
    assert (found[START], found[END], found["change"], found["percent"]) == (100, 130, 30, 30.0)
    assert found["Подписчиков на одну ППО"] == 13.0
    assert found["Доля от 1000, %"] == 13.0
    assert not report_of(world.store, FIRST, LAST).gaps()


def test_of_several_readings_of_a_day_the_last_counts(world: World) -> None:
    for hour, followers in enumerate((100, 101, 102)):
        world.round(read(NOON + hour * HOUR, followers=followers))
    world.round(read(NOON + 20 * DAY, followers=130))
    assert line(world)[START] == 102


def test_in_a_gap_the_nearest_reading_counts_and_says_how_far_it_is(world: World) -> None:
    world.round(read(NOON - 3 * DAY, followers=90))
    world.round(read(NOON + 2 * DAY, followers=100))
    world.round(read(NOON + 19 * DAY, followers=130))
    report = report_of(world.store, FIRST, LAST)
    found = cells(report)["ВАО"]
    start, end = found[f"Кол. подписчиков на {START}"], found[f"Кол. подписчиков на {END}"]
    assert (start.value, start.note) == (100, "замер на 2\u00a0дня позже")
    assert (end.value, end.note) == (130, "замер на 1\u00a0день раньше")
    assert len(report.gaps()) == 2


def test_of_two_as_near_the_earlier_counts(world: World) -> None:
    world.round(read(NOON - 2 * DAY, followers=90))
    world.round(read(NOON + 2 * DAY, followers=100))
    world.round(read(NOON + 20 * DAY, followers=130))
    assert line(world)[START] == 90


def test_a_reading_too_far_away_is_none(world: World) -> None:
    world.round(read(NOON - 32 * DAY, followers=90))
    world.round(read(NOON + 20 * DAY, followers=130))
    found = line(world, first=FIRST)
    assert (found[START], found["change"], found["percent"]) == (
        130,
        "нет второго замера",
        "нет второго замера",
    )
    world.round(read(NOON + 60 * DAY, followers=150))
    early = line(world, first=(NOON - 70 * DAY).date(), last=(NOON + 60 * DAY).date())
    assert early["27.07.2026: ВКонтакте"] == "нет замера"
    assert (early["change"], early["percent"]) == ("нет замера", "нет замера")


def test_one_reading_for_both_days_is_no_growth(world: World) -> None:
    world.round(read(NOON + 10 * DAY, followers=100))
    found = line(world)
    assert (found[START], found[END], found["change"]) == (100, 100, "нет второго замера")
    assert found["Прирост: Всего"] == "нет второго замера"


def test_a_withheld_count_is_no_number(world: World) -> None:
    world.round(read(NOON, followers=None))
    world.round(read(NOON + 20 * DAY, followers=None))
    found = line(world)
    assert (found[START], found[END], found["change"]) == ("нет замера", "нет замера", "нет замера")
    assert found["Подписчиков на одну ППО"] == "нет замера"


def test_an_account_born_in_the_period_is_new_and_has_no_percentage(world: World) -> None:
    absent = PastCounts("t:2", "ВАО", 10, {}, [("vk", FIRST)])
    world.store.import_past([absent], "table.csv", NOON)
    world.round(read(NOON + 8 * DAY, followers=5))
    world.round(read(NOON + 20 * DAY, followers=130))
    found = line(world)
    assert (found[START], found[END], found["change"], found["percent"]) == ("—", 130, 130, "новое")


def test_that_there_was_no_account_is_known_from_a_table_alone(world: World) -> None:
    """Who began to read late knows nothing of before: that is no growth from nothing."""
    world.round(read(NOON + 40 * DAY, followers=130))
    world.round(read(NOON + 60 * DAY, followers=150))
    found = line(world, last=(NOON + 60 * DAY).date())
    assert (found[START], found["percent"]) == ("нет замера", "нет замера")


def test_growth_from_nobody_has_a_change_and_no_percentage(world: World) -> None:
    world.round(read(NOON, followers=0))
    world.round(read(NOON + 20 * DAY, followers=8))
    found = line(world)
    assert (found[START], found["change"], found["percent"]) == (0, 8, "с нуля")


def test_of_two_communities_one_unknown_makes_no_sum(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(read(NOON, followers=100), read(NOON, followers=7, community_id=2, native_id="2"))
    late = NOON + 60 * DAY
    world.round(read(late, followers=130))
    found = line(world, last=late.date())
    assert (found[START], found[f"{late:%d.%m.%Y}: ВКонтакте"]) == (107, "нет замера")


def test_a_rename_changes_nothing(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(read(NOON + 20 * DAY, followers=130, screen_name="other", title="Другое имя"))
    assert line(world)["change"] == 30


def test_a_closed_group_and_a_retired_branch_are_told(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(read(NOON + 20 * DAY, followers=130, access=Access.CLOSED))
    warnings = report_of(world.store, FIRST, LAST).warnings
    assert warnings == ("ВАО: сообщество сейчас закрыто, заблокировано или не найдено (ВКонтакте).",)
    world.store.sync_branches((branch("САО"),), NOON + 21 * DAY)
    assert "ВАО: организация исключена из списка." in report_of(world.store, FIRST, LAST).warnings
    assert line(world)["change"] == 30


def test_a_day_that_has_not_come_has_no_number(world: World) -> None:
    world.round(read(NOON, followers=100))
    report = report_of(world.store, FIRST, LAST, today=FIRST + timedelta(days=5))
    found = words(report, "ВАО")
    assert (found[END], found["change"], found["percent"]) == (
        "ещё не наступило",
        "ещё не наступило",
        "ещё не наступило",
    )
    assert report.warnings == ("День 25\u00a0октября 2026\u00a0года ещё не наступил: чисел на него нет.",)
    assert "ещё не закончился" in report_of(world.store, FIRST, LAST, today=LAST).warnings[0]
    assert len(report_of(world.store, FIRST, LAST, today=FIRST - timedelta(days=1)).warnings) == 2


def test_without_communities_there_is_nothing_to_count(store: Store) -> None:
    World(store, branch("ВАО"))
    report = report_of(store, FIRST, LAST)
    assert {cell.word for cell in report.tables[0].rows[0][1:]} == {"не указано", "нет в списке"}
    assert report.warnings == ("Сообществ в списке нет: ВАО.",)


def test_without_branches_there_are_no_totals_of_nothing(store: Store) -> None:
    report = report_of(store, FIRST, LAST)
    assert (report.tables[0].rows, report.tables[0].totals) == ([], ())
    assert report.warnings == ("В списке нет таких организаций: считать нечего.",)


def test_a_branch_without_communities_has_its_line(world: World) -> None:
    world.store.sync_branches((branch("ВАО", vk("1")), branch("САО", primary_count=72)), NOON)
    world.round(read(NOON, followers=100))
    world.round(read(NOON + 20 * DAY, followers=130))
    report = report_of(world.store, FIRST, LAST)
    found = words(report, "САО")
    assert (found["Кол. ППО"], found[START], found["change"]) == (72, "нет в списке", "нет в списке")
    assert report.warnings == ("Сообществ в списке нет: САО.",)


def test_a_community_that_left_the_list_is_counted_no_more(store: Store) -> None:
    """Its followers went to another one: nobody came."""
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(read(NOON, followers=500), read(NOON, followers=10, community_id=2, native_id="2"))
    store.sync_branches((branch("ВАО", vk("2")),), NOON + 2 * DAY)
    world.round(read(NOON + 20 * DAY, followers=510, community_id=2, native_id="2"))
    report = report_of(store, FIRST, LAST)
    found = words(report, "ВАО")
    assert (found[START], found[END], found["change"]) == (510, 510, 0)
    line = cells(report)["ВАО"]
    assert line[f"Кол. подписчиков на {END}"].note == "без исключённых из списка"
    changes = [
        line[title].note for title in ("Прирост: ВКонтакте", "Прирост: Всего", "Прирост, %: ВКонтакте")
    ]
    assert changes == ["часть сообществ исключили из списка: во втором числе их нет"] * 3
    later = words(report_of(store, (NOON + 20 * DAY).date(), (NOON + 21 * DAY).date()), "ВАО")
    assert later[f"{NOON + 20 * DAY:%d.%m.%Y}: ВКонтакте"] == 510


def test_a_branch_that_left_before_the_period_has_no_line(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.store.sync_branches((branch("САО", vk("2")),), NOON + DAY)
    assert "ВАО" in cells(report_of(world.store, FIRST, LAST))
    after = report_of(world.store, (NOON + 3 * DAY).date(), LAST)
    assert "ВАО" not in cells(after)


def test_that_there_was_no_account_says_nothing_of_later_days(world: World) -> None:
    absent = PastCounts("t:2", "ВАО", 10, {}, [("vk", FIRST)])
    world.store.import_past([absent], "table.csv", NOON)
    world.round(read(NOON + 60 * DAY, followers=130))
    end = (NOON + 60 * DAY).date()
    assert line(world, first=(NOON + 5 * DAY).date(), last=end)["percent"] == "нет замера"
    # Of an earlier day it does.
    assert line(world, first=(NOON - 5 * DAY).date(), last=end)["percent"] == "новое"


def test_where_one_of_two_communities_is_new_there_is_no_percentage(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")))
    absent = PastCounts("t:2", "ВАО", 10, {}, [("vk", FIRST)])
    store.import_past([absent], "table.csv", NOON)
    world.round(read(NOON + 20 * DAY, followers=500))
    store.sync_branches((branch("ВАО", vk("1"), vk("2")),), NOON)
    world.round(read(NOON, followers=100, community_id=2, native_id="2"))
    world.round(read(NOON + 20 * DAY, followers=110, community_id=2, native_id="2"))
    found = words(report_of(store, FIRST, LAST), "ВАО")
    assert (found[START], found[END], found["change"], found["percent"]) == (100, 610, 510, "новое")


def test_halves_are_rounded_upwards(world: World) -> None:
    world.round(read(NOON, followers=400))
    world.round(read(NOON + 20 * DAY, followers=449))
    assert line(world)["percent"] == 12.3


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**7), st.sampled_from([1, 2]))
def test_whole_numbers_are_rounded_as_others_are(part: int, whole: int, decimals: int) -> None:
    exact = (Decimal(part) / Decimal(whole)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert rounded(part, whole, decimals) == float(exact) == rounded(float(part), whole, decimals)


def test_totals_leave_out_what_is_unknown_and_say_so(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    world.round(read(NOON, followers=100))
    end = NOON + 60 * DAY
    world.round(read(end, followers=130), read(end, followers=7, community_id=2, native_id="2"))
    total = cells(report_of(store, FIRST, end.date()))["Всего"]
    change = total["Прирост: ВКонтакте"]
    assert (change.value, change.note) == (30, "без тех, чей прирост неизвестен: САО")
    assert total["Прирост, %: ВКонтакте"].value == 30.0
    assert total[f"Кол. подписчиков на {START}"].note == "без тех, чьё число неизвестно: САО"


def test_posts_are_counted_where_the_whole_period_was_seen(world: World) -> None:
    posts = [a_post(str(day), NOON + day * DAY) for day in (-3, 2, 5, 19)]
    world.round(read(NOON - 2 * DAY, wall=wall(posts[0])))
    world.round(read(NOON + 6 * DAY, wall=wall(*posts[:3])))
    assert line(world)["Публикаций за период: ВКонтакте"] == "не меньше 2"
    world.round(read(NOON + 22 * DAY, wall=wall(*posts, since=NOON - 4 * DAY)))
    assert line(world)["Публикаций за период: ВКонтакте"] == 3


def test_an_old_post_proves_nothing_of_those_between(world: World) -> None:
    """It may be pinned."""
    pinned, new = a_post("0", NOON - 300 * DAY), a_post("1", NOON + 5 * DAY)
    world.round(read(NOON + 6 * DAY, wall=wall(pinned, new, since=new.published_at)))
    world.round(read(NOON + 22 * DAY, wall=wall(pinned, new, since=new.published_at)))
    assert line(world)["Публикаций за период: ВКонтакте"] == "не меньше 1"


def test_the_totals_percentage_is_of_those_that_had_an_account(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    store.import_past([PastCounts("t:2", "САО", 10, {}, [("vk", FIRST)])], "table.csv", NOON)
    world.round(read(NOON, followers=100))
    world.round(
        read(NOON + 20 * DAY, followers=130),
        read(NOON + 20 * DAY, followers=500, community_id=2, native_id="2"),
    )
    total = words(report_of(store, FIRST, LAST), "Всего")
    assert (total["change"], total["percent"]) == (530, 30.0)


def test_a_post_that_was_deleted_does_not_count(world: World) -> None:
    posts = [a_post(str(day), NOON + day * DAY) for day in (-3, 2, 5)]
    world.round(read(NOON - 2 * DAY, wall=wall(posts[0])))
    world.round(read(NOON + 6 * DAY, wall=wall(*posts)))
    world.round(read(NOON + 22 * DAY, wall=wall(posts[0], posts[1], since=NOON - 4 * DAY)))
    assert line(world)["Публикаций за период: ВКонтакте"] == 1


def test_posts_before_the_first_look_are_not_known(world: World) -> None:
    world.round(read(NOON + 6 * DAY, wall=wall(since=NOON + 5 * DAY)))
    world.round(read(NOON + 22 * DAY, wall=wall(since=NOON + 5 * DAY)))
    assert line(world)["Публикаций за период: ВКонтакте"] == "нет данных"


def test_a_first_look_that_goes_back_beyond_the_period_knows_its_posts(world: World) -> None:
    post = a_post("1", NOON + 5 * DAY)
    world.round(read(NOON + 6 * DAY, wall=wall(post, since=NOON - 2 * DAY)))
    world.round(read(NOON + 22 * DAY, wall=wall(post, since=NOON + 4 * DAY)))
    assert line(world)["Публикаций за период: ВКонтакте"] == 1


def test_where_a_look_did_not_reach_the_one_before_posts_are_not_known(world: World) -> None:
    world.round(read(NOON - 2 * DAY, wall=wall()))
    post = a_post("1", NOON + 15 * DAY)
    after_gap = replace(wall(post, since=NOON + 12 * DAY), is_gap_possible=True)
    world.round(read(NOON + 22 * DAY, wall=after_gap))
    assert line(world)["Публикаций за период: ВКонтакте"] == "не меньше 1"
    world.round(read(NOON + 23 * DAY, wall=wall(post)))
    assert line(world)["Публикаций за период: ВКонтакте"] == 1


def test_each_number_has_its_source(world: World) -> None:
    world.store.import_past([PastCounts("t:2", "ВАО", 10, {("vk", FIRST): 100})], "table.csv", NOON)
    world.round(read(NOON + 19 * DAY, followers=130))
    make = report_of(world.store, FIRST, LAST).sources
    assert make is not None
    sources = make()
    assert [[cell.value for cell in row][3:] for row in sources.rows] == [
        [FIRST, FIRST, 0, 100, "загрузка № 1: table.csv"],
        [LAST, LAST - timedelta(days=1), -1, 130, "обход № 2"],
    ]

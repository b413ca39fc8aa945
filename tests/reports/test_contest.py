"""The contest of communities: a small one worked out by hand, and who is not ranked rather than given a number."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest

from collector.domain.contest import Metric
from collector.domain.model import Access, Post
from collector.reports.contest_values import Reason, Why
from collector.reports.contest_words import reasons
from collector.reports.rendering.page import as_page
from collector.reports.rendering.workbook import as_workbook
from storage.history import PastCounts
from storage.store import Store
from tests.reports.contesting import (
    AFTER,
    BEFORE,
    NOW,
    RULES,
    at,
    facts_of,
    liked,
    month,
    of_metrics,
    places,
    report_of,
    result_of,
    small_contest,
    why_not,
)
from tests.storage.worlds import DAY, NOON, World, branch, read, vk, wall

FOLLOWERS = of_metrics(Metric.NET_FOLLOWER_CHANGE)
POSTS = of_metrics(Metric.OWN_POSTS)


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Both databases give the same facts: tests/storage/test_contest_facts.py."""
    return sqlite_store


@pytest.fixture
def world(store: Store) -> World:
    return small_contest(store)


def test_a_contest_worked_out_by_hand(world: World) -> None:
    result = result_of(world.store)
    assert places(result) == {"ВАО": (7, 1, 1), "ЗАО": (8, 2, 3), "САО": (8, 2, 3)}
    assert [
        [(score.value, score.place, score.points) for score in each.scores] for each in result.ranked
    ] == [
        [(30, 1, 1), (7.5, 2, 4), (2, 2, 2)],
        [(30, 1, 1), (1.0, 3, 6), (3, 1, 1)],
        [(5, 3, 3), (10.0, 1, 2), (1, 3, 3)],
    ]
    assert result.not_ranked == ()


def test_equal_ranks_are_shared_and_ties_broken_as_the_rules_say(world: World) -> None:
    table = report_of(world.store).tables[0]
    assert [[cell.value for cell in row][:3] for row in table.rows] == [
        ["ВАО", 1, 7],
        ["ЗАО", "2–3", 8],
        ["САО", "2–3", 8],
    ]
    by_posts = result_of(world.store, replace(RULES, ties=(Metric.OWN_POSTS,)))
    assert places(by_posts) == {"ВАО": (7, 1, 1), "ЗАО": (8, 2, 2), "САО": (8, 3, 3)}
    by_rate = result_of(world.store, replace(RULES, ties=(Metric.ENGAGEMENT_RATE,)))
    assert places(by_rate) == {"ВАО": (7, 1, 1), "САО": (8, 2, 2), "ЗАО": (8, 3, 3)}
    told = report_of(world.store, rules=replace(RULES, ties=(Metric.OWN_POSTS,))).tables[0].rows
    assert [bool(row[2].note) for row in told] == [False, True, True]
    assert not any(row[2].note for row in table.rows)
    # Equal by the first, they are told apart by the second.
    by_two = replace(FOLLOWERS, metrics=RULES.metrics, ties=(Metric.NET_FOLLOWER_CHANGE, Metric.OWN_POSTS))
    assert places(result_of(world.store, by_two))["ЗАО"] == (8, 2, 2)


def test_where_rules_name_those_that_compete_nobody_else_does(world: World) -> None:
    named = replace(FOLLOWERS, branches=("САО", "ВАО", "МИСиС"))
    assert places(result_of(world.store, named)) == {"ВАО": (1, 1, 1), "САО": (2, 2, 2)}
    told = report_of(world.store, rules=named)
    assert "В правилах названы организации, которых нет в списке: МИСиС." in told.warnings
    assert told.sources is not None
    assert {row[0].value for row in told.sources().rows} == {"ВАО", "САО"}


def test_after_a_shared_place_the_next_is_left_out(world: World) -> None:
    assert places(result_of(world.store, FOLLOWERS)) == {"ВАО": (1, 1, 2), "ЗАО": (1, 1, 2), "САО": (3, 3, 3)}


def test_other_metrics_worked_out_by_hand(world: World) -> None:
    """30 of 100; November has 30 days and six weeks, of which the first has a Sunday alone; 130 of 10 ППО."""
    world.store.sync_branches((branch("ВАО", vk("1"), primary_count=10),), AFTER + 19 * DAY)
    metrics = (
        Metric.GROWTH_PERCENT,
        Metric.DAYS_WITH_POST,
        Metric.WEEKS_WITH_POST,
        Metric.FOLLOWERS_PER_PRIMARY,
    )
    first = result_of(world.store, of_metrics(*metrics)).ranked[0]
    assert (first.code, [score.value for score in first.scores]) == ("ВАО", [30.0, 6.7, 33.3, 13.0])


def test_reposts_and_deleted_posts_do_not_count(world: World) -> None:
    repost = replace(liked("9", 10, 1000), is_repost=True)
    shown: list[Post] = [liked("1", 20, 5), repost]
    world.round(read(AFTER + DAY, 55, wall(*shown), community_id=3, native_id="3"))
    world.round(read(AFTER + DAY, 230, wall(liked("3", 3, 1, 1)), community_id=2, native_id="2"))
    values = {each.code: each.scores[2].value for each in result_of(world.store).ranked}
    assert values == {"ВАО": 2, "САО": 1, "ЗАО": 1}


def test_counts_are_those_of_the_stated_moment(world: World) -> None:
    """Seven days after the end; what is liked, or deleted, later changes nothing."""
    before = result_of(world.store)
    late = [liked("1", 5, 900), liked("2", 12, 900)]
    world.round(read(AFTER + 9 * DAY, 130, wall(*late), community_id=1, native_id="1"))
    world.round(read(AFTER + 10 * DAY, 130, wall(late[0]), community_id=1, native_id="1"))
    assert result_of(world.store) == before
    longer = replace(RULES, counts_after=timedelta(days=12))
    assert result_of(world.store, longer) != before


def test_a_gap_is_no_number(world: World) -> None:
    """The nearest reading to a day may be three days away; one that is farther says nothing of it."""
    world.store.sync_branches((branch("ВАО", vk("4")),), NOON)
    world.round(read(BEFORE - 4 * DAY, 10, wall(), community_id=4, native_id="4"))
    world.round(read(at(30), 20, wall(), community_id=4, native_id="4"))
    world.round(read(AFTER, 20, wall(), community_id=4, native_id="4"))
    assert why_not(world.store, FOLLOWERS)["ВАО"] == "ВКонтакте: нет замера подписчиков на 31.10.2026"
    assert "ВАО" in places(result_of(world.store, replace(FOLLOWERS, reading_within=timedelta(days=4))))


def test_a_reading_beside_its_day_is_told(store: Store) -> None:
    world = World(store)
    world.round(read(BEFORE - 2 * DAY, 9, wall()))
    world.round(read(at(30), 9, wall()))
    assert report_of(store, rules=FOLLOWERS).gaps() == [
        "ВАО, ВКонтакте, 31.10.2026: замер на 2\u00a0дня раньше"
    ]


def test_a_withheld_count_is_no_number(store: Store) -> None:
    month(World(store), 1, None, None, (liked("1", 5, 7), None))
    assert why_not(store) == {
        "ВАО": "ВКонтакте: сеть скрыла число подписчиков на 31.10.2026; сеть скрыла число подписчиков на "
        "30.11.2026; у 1 собственной публикации неизвестно, сколько тогда было подписчиков, "
        "или их не было"
    }
    assert places(result_of(store, POSTS)) == {"ВАО": (1, 1, 1)}


def test_an_account_born_in_the_period_is_not_ranked(store: Store) -> None:
    world = World(store)
    store.import_past([PastCounts("t:2", "ВАО", 10, {}, [("vk", date(2026, 11, 2))])], "table.csv", NOON)
    world.round(read(at(10), 5, wall()))
    world.round(read(at(30), 130, wall()))
    world.round(read(AFTER, 130, wall()))
    assert why_not(store, FOLLOWERS) == {
        "ВАО": "ВКонтакте: сообщество новое, до начала периода его не было: прирост считать не от чего"
    }


def test_a_community_listed_in_the_period_is_not_ranked(store: Store) -> None:
    world = World(store, branch("САО"))
    store.sync_branches((branch("ВАО", vk("1")),), at(10))
    world.round(read(at(10), 5, wall(since=at(10))))
    world.round(read(AFTER, 130, wall(since=at(10))))
    told = why_not(store, FOLLOWERS)["ВАО"]
    assert (
        told
        == "ВКонтакте: сообщество в списке с 10.11.2026: сколько подписчиков было до начала периода, неизвестно"
    )
    assert why_not(store, POSTS)["ВАО"].endswith("все они известны только с 10.11.2026")


def test_a_rename_changes_nothing(world: World) -> None:
    before = result_of(world.store)
    world.round(
        read(
            AFTER + DAY,
            130,
            wall(liked("1", 5, 7, 2, 1), liked("2", 12, 6)),
            screen_name="new",
            title="Новое имя",
        )
    )
    assert result_of(world.store) == before


def test_a_closed_group_is_not_ranked(world: World) -> None:
    world.round(read(AFTER + DAY, 130, access=Access.CLOSED))
    assert why_not(world.store) == {"ВАО": "ВКонтакте: сообщество закрыто, впервые увидели 03.12.2026"}
    # One that closed after the counts were taken is as it was then.
    assert why_not(world.store, replace(RULES, counts_after=timedelta(0))) == {}


def test_a_retired_branch_is_not_ranked(world: World) -> None:
    world.store.sync_branches((branch("ВАО", vk("1")), branch("САО", vk("3"))), at(20))
    assert why_not(world.store) == {"ЗАО": "организация исключена из списка 20.11.2026"}
    world.store.sync_branches((branch("ВАО", vk("1")),), NOW)
    assert set(places(result_of(world.store))) == {"ВАО", "САО"}


def test_a_branch_that_left_before_the_period_is_not_there(world: World) -> None:
    world.store.sync_branches((branch("ВАО", vk("1")), branch("САО", vk("3"))), BEFORE)
    assert set(places(result_of(world.store))) == {"ВАО", "САО"}
    assert why_not(world.store) == {}


def test_a_branch_without_communities_is_not_ranked(store: Store) -> None:
    World(store, branch("ВАО"))
    assert why_not(store) == {"ВАО": "её сообществ нет в списке"}
    assert why_not(store, replace(RULES, networks=("facebook",))) == {
        "ВАО": "её сообществ нет в списке в сетях, которые считаются"
    }


def test_of_two_communities_one_unknown_makes_the_branch_unknown(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    month(world, 1, 10, 20, (liked("1", 5, 1), 10))
    world.round(read(at(30), 5, wall(), community_id=2, native_id="2"))
    told = why_not(store, FOLLOWERS)["ВАО"]
    assert told == "ВКонтакте: нет замера подписчиков на 31.10.2026"
    month(world, 2, 5, 6)
    assert result_of(store, FOLLOWERS).ranked[0].scores[0].value == 11


def test_a_wall_that_was_not_wholly_seen_gives_no_count_of_posts(store: Store) -> None:
    world = World(store)
    world.round(read(BEFORE, 10, wall()))
    world.round(read(at(29), 20, wall(liked("1", 5, 1))))
    world.round(read(AFTER, 20))
    told = "ВКонтакте: публикации видели не за весь период: стену в последний раз прочитали 29.11.2026"
    assert why_not(store, POSTS) == {"ВАО": told}


def test_unknown_counts_of_a_post_give_no_rate(store: Store) -> None:
    world = World(store)
    unknown = replace(liked("1", 5, 1), share_count=None)
    month(world, 1, 10, 20, (unknown, 10), (liked("2", 8, 1), 10))
    rules = of_metrics(Metric.ENGAGEMENT_RATE)
    told = "ВКонтакте: у 1 собственной публикации неизвестно число лайков, комментариев или репостов"
    assert why_not(store, rules) == {"ВАО": told}
    assert places(result_of(store, POSTS)) == {"ВАО": (1, 1, 1)}


def test_who_has_too_few_posts_is_not_ranked(world: World) -> None:
    told = "собственных публикаций 1, по правилам нужно не меньше 2"
    assert why_not(world.store, replace(RULES, minimum_own_posts=2)) == {"САО": told}


def test_growth_from_nobody_has_no_percentage(store: Store) -> None:
    month(World(store), 1, 0, 5)
    told = "до начала периода подписчиков не было: процент считать не от чего"
    assert why_not(store, of_metrics(Metric.GROWTH_PERCENT)) == {"ВАО": told}
    assert places(result_of(store, FOLLOWERS)) == {"ВАО": (1, 1, 1)}


def test_without_a_post_there_is_no_rate(store: Store) -> None:
    month(World(store), 1, 10, 12)
    assert why_not(store) == {"ВАО": "собственных публикаций нет: вовлечённость считать не по чему"}


def test_an_empty_period_ranks_nobody_and_says_so(store: Store) -> None:
    World(store)
    report = report_of(store)
    assert report.tables[0].rows == []
    assert report.warnings == ("В зачёте никого нет: почему, сказано у каждой организации.",)
    assert [row[0].value for row in report.tables[1].rows] == ["ВАО"]
    assert why_not(store)["ВАО"].endswith("стену ни разу не прочитали")
    store.sync_branches((branch("САО"),), BEFORE - DAY)
    store.sync_branches((), BEFORE - DAY)
    assert report_of(store).warnings == ("В списке нет таких организаций: считать нечего.",)


def test_a_period_in_the_future_has_no_numbers(world: World) -> None:
    report = report_of(world.store, now=BEFORE)
    assert ([*report.tables[0].rows], len(report.tables)) == ([], 1)
    assert report.warnings == ("Период ещё не начался: считать нечего.",)
    today = report_of(world.store, now=at(1))
    assert today.warnings == ("В периоде ещё не прошло ни одного полного дня: считать нечего.",)


def test_a_period_that_lasts_is_counted_by_its_whole_days(world: World) -> None:
    report = report_of(world.store, now=at(6))
    assert "посчитаны дни по 5\u00a0ноября 2026\u00a0года включительно" in report.warnings[0]
    facts = facts_of(world.store, now=at(6))
    assert facts is not None
    assert facts.period.last_day == date(2026, 11, 5)
    ended = report_of(world.store, now=AFTER)
    assert "то есть 8\u00a0декабря, 00:00, а это ещё впереди" in ended.warnings[0]
    assert report_of(world.store).warnings == ()


def test_each_point_is_traced_to_readings_and_posts(world: World) -> None:
    make = report_of(world.store).sources
    assert make is not None
    rows = [[cell.value for cell in row] for row in make().rows if row[0].value == "ВАО"]
    assert [row[2:3] + row[4:9] for row in rows] == [
        ["замер подписчиков", date(2026, 10, 31), date(2026, 10, 31), 100, None, None],
        ["замер подписчиков", date(2026, 11, 30), date(2026, 11, 30), 130, None, None],
        ["публикация", date(2026, 11, 5), date(2026, 11, 5), 100, 10, 10.0],
        ["публикация", date(2026, 11, 12), date(2026, 11, 12), 120, 6, 5.0],
    ]
    assert [row[9] for row in rows] == [
        "обход № 1",
        "обход № 4",
        "публикация: обход № 5; подписчики: обход № 2",
        "публикация: обход № 5; подписчики: обход № 3",
    ]


def test_every_reason_has_its_words() -> None:
    told = [reasons([Reason(why, "vk", "https://vk.com/1", date(2026, 11, 1), 3)], RULES) for why in Why]
    assert len(set(told)) == len(Why)


def test_every_form_shows_who_is_not_ranked(world: World) -> None:
    world.round(read(AFTER + DAY, 130, access=Access.CLOSED))
    report = report_of(world.store)
    told = "ВКонтакте: сообщество закрыто, впервые увидели 03.12.2026"
    page = as_page(report)
    assert told in page
    assert "<svg" in page
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))
    assert book.sheetnames == ["Места", "Вне зачёта", "Как считалось", "Источники"]
    assert book["Вне зачёта"].cell(4, 2).value == told
    assert [[cell.value for cell in row][:3] for row in book["Места"].iter_rows(min_row=4, max_row=5)] == [
        ["ЗАО", "1–2", 6],
        ["САО", "1–2", 6],
    ]

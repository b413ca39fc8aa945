"""What the views tell of followers and posts: nothing but what was read, and where nothing was, that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access
from storage.history import PastCounts
from storage.store import Store
from tests.storage.viewing import asked
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, read, vk, wall
from tests.storage.worlds import post as a_post


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def daily(world: World) -> list[tuple[str, int | None, str]]:
    rows = asked(world.store, "SELECT * FROM v_followers_daily ORDER BY day")
    return [(row["day"], row["follower_count"], row["what"]) for row in rows]


def test_a_day_without_a_look_is_marked_and_has_no_number(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(failed(NOON + DAY, FailureKind.TEMPORARY))
    world.round(read(NOON + 3 * DAY, followers=103))
    assert daily(world) == [
        ("2026-10-05", 100, "known"),
        ("2026-10-06", None, "not_seen"),
        ("2026-10-07", None, "not_seen"),
        ("2026-10-08", 103, "known"),
    ]


def test_a_community_that_is_read_no_more_is_marked_up_to_the_newest_round(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(failed(NOON + 2 * DAY, FailureKind.TEMPORARY))
    assert daily(world)[1:] == [("2026-10-06", None, "not_seen"), ("2026-10-07", None, "not_seen")]


def test_a_retired_community_ends_with_its_last_reading(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(read(NOON, followers=100))
    world.round(read(NOON, followers=7, community_id=2, native_id="2"))
    store.sync_branches((branch("ВАО", vk("2")),), NOON + HOUR)
    world.round(read(NOON + DAY, followers=8, community_id=2, native_id="2"))
    rows = asked(store, "SELECT community_id, day FROM v_followers_daily ORDER BY community_id, day")
    assert [(row["community_id"], row["day"]) for row in rows] == [
        (1, "2026-10-05"),
        (2, "2026-10-05"),
        (2, "2026-10-06"),
    ]


def test_a_withheld_number_is_no_gap_and_no_zero(world: World) -> None:
    world.round(read(NOON, followers=None))
    world.round(read(NOON + DAY, followers=0))
    assert daily(world) == [("2026-10-05", None, "withheld"), ("2026-10-06", 0, "known")]


def test_of_several_values_of_a_day_it_is_the_last_with_its_round(world: World) -> None:
    for hour, followers in enumerate((100, 102, 101)):
        world.round(read(NOON + hour * HOUR, followers=followers))
    (row,) = asked(world.store, "SELECT * FROM v_followers_daily")
    assert (row["follower_count"], row["observed_at"], row["run_id"]) == (101, "2026-10-05 17:00:00", 3)


def test_a_months_growth_is_from_the_last_number_before_it(world: World) -> None:
    world.round(read(NOON - 6 * DAY, followers=100))
    world.round(read(NOON, followers=103))
    world.round(read(NOON + 20 * DAY, followers=110))
    world.round(read(NOON + 22 * DAY, followers=None))
    september, october = asked(world.store, "SELECT * FROM v_growth_monthly ORDER BY month")
    assert (september["month"], september["start_count"], september["end_count"]) == ("2026-09-01", None, 100)
    assert (september["net_follower_change"], september["growth_percent"]) == (None, None)
    assert (october["month"], october["start_count"], october["start_on"]) == (
        "2026-10-01",
        100,
        "2026-09-29",
    )
    assert (october["end_count"], october["end_on"]) == (110, "2026-10-25")
    assert (october["net_follower_change"], october["growth_percent"]) == (10, 10.0)


def test_growth_from_nothing_has_no_percentage(world: World) -> None:
    world.round(read(NOON - 6 * DAY, followers=0))
    world.round(read(NOON, followers=50))
    october = asked(world.store, "SELECT * FROM v_growth_monthly ORDER BY month")[-1]
    assert (october["net_follower_change"], october["growth_percent"]) == (50, None)


def test_a_month_without_a_look_has_no_growth(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(read(NOON + 60 * DAY, followers=130))
    _, november, december = asked(world.store, "SELECT * FROM v_growth_monthly ORDER BY month")
    assert (november["end_count"], november["net_follower_change"]) == (None, None)
    assert (december["start_on"], december["start_count"], december["end_count"]) == ("2026-10-05", 100, 130)
    # What two months brought is not December's.
    assert (december["net_follower_change"], december["growth_percent"]) == (None, None)


def test_the_imported_table_is_there_to_the_digit(world: World) -> None:
    counts = {("vk", date(2017, 12, 31)): 100, ("vk", date(2018, 4, 20)): 191}
    world.store.import_past([PastCounts("t:2", "ВАО", 88, counts)], "table.csv", NOON)
    known = [row for row in daily(world) if row[2] == "known"]
    assert known == [("2017-12-31", 100, "known"), ("2018-04-20", 191, "known")]
    assert len(daily(world)) == 111


def test_the_latest_numbers(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2"), vk("3")))
    world.round(read(NOON, followers=100, wall=wall(count=7)))
    world.round(read(NOON, followers=None, community_id=2, native_id="2"))
    rows = asked(store, "SELECT * FROM v_followers_latest ORDER BY community_id")
    assert [(row["follower_count"], row["what"]) for row in rows] == [
        (100, "known"),
        (None, "withheld"),
        (None, "not_seen"),
    ]
    assert (rows[0]["post_count"], rows[0]["seen_at"]) == (7, "2026-10-05 15:00:00")


def test_posts_and_their_days(world: World) -> None:
    posts = [
        a_post("1", NOON - 2 * HOUR, like_count=3, view_count=50),
        a_post("2", NOON - HOUR, is_repost=True, like_count=1, share_count=2),
        a_post("3", NOON - DAY),
    ]
    world.round(read(NOON, wall=wall(*posts)))
    world.round(read(NOON + HOUR, wall=wall(*posts[1:], since=NOON - 2 * DAY)))
    first, second, third = asked(world.store, "SELECT * FROM v_posts ORDER BY post_id")
    assert (first["kind"], first["engagement_count"], first["deleted_at"]) == (
        "own",
        3,
        "2026-10-05 16:00:00",
    )
    assert (second["kind"], second["engagement_count"], second["comment_count"]) == ("repost", 3, None)
    assert (third["engagement_count"], third["view_count"]) == (None, None)
    before, day = asked(world.store, "SELECT * FROM v_posts_daily ORDER BY day")
    assert (before["day"], before["post_count"], before["like_count"]) == ("2026-10-04", 1, None)
    assert (day["post_count"], day["repost_count"], day["deleted_count"]) == (2, 1, 1)
    assert (day["like_count"], day["share_count"], day["view_count"]) == (4, 2, 50)


def test_findings(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2"), vk("3")), branch("САО"), branch("ЦАО", vk("4")))
    world.round(read(NOON, access=Access.CLOSED))
    world.round(read(NOON, followers=None, community_id=2, native_id="2"))
    world.round(failed(NOON, FailureKind.UNEXPECTED_RESPONSE, community_id=3))
    world.round(read(NOON, community_id=4, native_id="4"))
    rows = asked(store, "SELECT * FROM v_findings ORDER BY branch_code, url")
    assert [(row["finding"], row["branch_code"], row["words"]) for row in rows] == [
        ("closed", "ВАО", "ВКонтакте: сообщество закрыто"),
        ("withheld", "ВАО", "ВКонтакте: число подписчиков скрыто"),
        ("not_read", "ВАО", "ВКонтакте: сообщество не удаётся прочитать"),
        ("no_community", "САО", "территориальная (ТПО) организация без сообществ в списке"),
    ]
    assert rows[0]["since"] == "2026-10-05 15:00:00"


def test_how_collection_goes(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(read(NOON))
    world.round(failed(NOON + HOUR, FailureKind.TEMPORARY, community_id=2))
    (row,) = asked(store, "SELECT * FROM v_collection_health")
    assert (row["network"], row["community_count"], row["seen_count"]) == ("vk", 2, 1)
    assert (row["failing_count"], row["newest_seen_at"]) == (1, "2026-10-05 15:00:00")
    assert row["newest_round_at"] == "2026-10-05 16:00:00"


def test_a_community_as_it_is_now(world: World) -> None:
    world.round(read(NOON, access=Access.CLOSED, wall=wall(a_post("1", NOON - timedelta(days=3)))))
    (row,) = asked(world.store, "SELECT * FROM v_communities")
    assert (row["branch_code"], row["network_name"], row["access"], row["access_name"]) == (
        "ВАО",
        "ВКонтакте",
        "closed",
        "закрыто",
    )
    assert row["last_post_at"] == "2026-10-02 15:00:00"

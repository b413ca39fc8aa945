"""What a branch's page asks: days by Moscow's clock, posts and letters by pages."""

from __future__ import annotations

from datetime import date, timedelta

from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod
from storage.branch_page import BranchCard, CommunityDays
from storage.history import PastCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, post, read, vk, wall

OCTOBER = ReportPeriod(date(2026, 10, 1), date(2026, 11, 1))


def test_a_branch_is_found_by_its_code_with_what_is_above_it(store: Store) -> None:
    World(store, branch("МГО"), branch("ВАО", parent_code="МГО", primary_count=88))
    assert store.department.branch("ВАО") == BranchCard(
        2, "ВАО", "Организация ВАО", BranchKind.TERRITORIAL, "МГО", "Организация МГО", 88, None
    )
    assert store.department.branch("вао") is None


def test_a_branch_that_left_the_list_is_still_there_with_what_it_had(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")))
    world.round(read(NOON, wall=wall(post("1", NOON - HOUR))))
    store.sync_branches([branch("САО")], NOON + DAY)
    card = store.department.branch("ВАО")
    assert card is not None
    assert card.retired_at == NOON + DAY
    assert store.department.communities([1]) == {}
    (community,) = store.department.communities([1], with_retired=True)[1]
    assert community.follower_count == 100
    assert store.department.posts(1, offset=0, limit=10)[1] == 1


def test_days_are_moscows_and_have_their_newest_reading(store: Store) -> None:
    world = World(store)
    late = NOON.replace(hour=21, minute=30)
    for at, followers in ((NOON, 100), (NOON + HOUR, 101), (late, 102), (NOON + 3 * DAY, None)):
        world.round(read(at, followers))
    assert store.department.days([1], OCTOBER)[1].followers == {
        date(2026, 10, 5): 101,
        date(2026, 10, 6): 102,
        date(2026, 10, 8): None,
    }


def test_posts_that_stand_are_counted_by_days(store: Store) -> None:
    world = World(store)
    gone = post("9", NOON - 2 * HOUR)
    kept = [post("1", NOON - HOUR), post("2", NOON.replace(day=4, hour=21, minute=5))]
    world.round(read(NOON, wall=wall(*kept, gone)))
    world.round(read(NOON + HOUR, wall=wall(*kept)))
    assert store.department.days([1], OCTOBER)[1].posts == {date(2026, 10, 5): 2}


def test_nothing_is_known_of_a_community_that_was_never_read(store: Store) -> None:
    World(store)
    assert store.department.days([1], OCTOBER) == {1: CommunityDays({}, {}, None)}
    assert store.department.first_reading([1]) is None
    assert store.department.first_reading([]) is None


def test_days_without_an_account_end_where_it_was_first_read(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")), branch("ЮАО", vk("3")))
    absent = [("vk", date(2026, 9, 1)), ("vk", date(2026, 10, 7))]
    store.import_past([PastCounts(f"t:{code}", code, 10, {}, absent) for code in ("ВАО", "САО")], "t", NOON)
    world.round(read(NOON), read(NOON, community_id=3, native_id="3"))
    found = store.department.days([1, 2, 3], OCTOBER)
    assert [found[number].absent_until for number in (1, 2, 3)] == [
        date(2026, 10, 4),
        date(2026, 10, 7),
        None,
    ]


def test_a_period_has_its_own_days_alone(store: Store) -> None:
    world = World(store)
    for at in (NOON, NOON + DAY, NOON + 2 * DAY):
        world.round(read(at, wall=wall(post(f"{at.day}", at - HOUR), since=at - 2 * HOUR)))
    of_one = store.department.days([1], ReportPeriod.of_days(date(2026, 10, 6), date(2026, 10, 6)))[1]
    assert of_one == CommunityDays({date(2026, 10, 6): 100}, {date(2026, 10, 6): 1}, None)
    assert store.department.first_reading([1]) == NOON


def test_posts_come_by_pages_the_newest_first_deleted_ones_too(store: Store) -> None:
    world = World(store)
    posts = [post(f"{number}", NOON - number * HOUR) for number in range(1, 6)]
    world.round(read(NOON, wall=wall(*posts)))
    world.round(read(NOON + HOUR, wall=wall(*posts[1:])))
    first, total = store.department.posts(1, offset=0, limit=2)
    second, _ = store.department.posts(1, offset=4, limit=2)
    assert (total, len(second)) == (5, 1)
    assert [(each.published_at, each.deleted_at) for each in first] == [
        (NOON - HOUR, NOON + HOUR),
        (NOON - 2 * HOUR, None),
    ]
    assert first[0].like_count is None
    assert second[0].published_at == NOON - timedelta(hours=5)

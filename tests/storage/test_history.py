"""Numbers of the past: the resolution's table as snapshots."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from collector.domain.errors import CollectorError
from storage import history
from storage.history import PastCounts
from storage.report_tables import account_absence
from storage.store import Store, open_store
from storage.tables import branch_size, collection_run, community_state, follower_snapshot
from tests.storage.worlds import DAY, NOON, World, branch, read, vk

WINTER, SPRING = date(2017, 12, 31), date(2018, 4, 20)


def row(code: str, followers: dict[tuple[str, date], int], primary_count: int | None = 88) -> PastCounts:
    return PastCounts(
        place="followers.csv:2", branch_code=code, primary_count=primary_count, followers=followers
    )


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", vk("1"), primary_count=90))


def test_counts_become_snapshots_of_their_day_traced_to_the_file(world: World) -> None:
    report = world.store.import_past(
        [row("ВАО", {("vk", WINTER): 100, ("vk", SPRING): 191})], "table.csv", NOON
    )
    assert (report.added, report.already_there) == (2, 0)
    rows = world.rows(follower_snapshot)
    assert [(item.observed_at, item.follower_count, item.post_count) for item in rows] == [
        (datetime(2017, 12, 31, tzinfo=UTC), 100, None),
        (datetime(2018, 4, 20, tzinfo=UTC), 191, None),
    ]
    run = world.row(collection_run)
    assert (run.kind, run.source, run.status) == ("import", "table.csv", "finished")
    assert {item.run_id for item in rows} == {run.id}


def test_an_import_leaves_the_present_alone(world: World) -> None:
    world.round(read(NOON, followers=500))
    before = world.row(community_state)
    world.store.import_past([row("ВАО", {("vk", WINTER): 100})], "table.csv", NOON + DAY)
    assert world.row(community_state) == before


def test_the_same_table_twice_adds_nothing(world: World) -> None:
    table = [row("ВАО", {("vk", WINTER): 100})]
    world.store.import_past(table, "table.csv", NOON)
    report = world.store.import_past(table, "table.csv", NOON)
    assert (report.added, report.already_there, report.run_id) == (0, 1, None)
    assert len(world.rows(follower_snapshot)) == 1


def test_the_same_table_by_two_at_once_adds_it_once(world: World, database_url: str) -> None:
    table = [row("ВАО", {("vk", WINTER + number * DAY): number for number in range(50)})]
    barrier = threading.Barrier(4, timeout=30)

    def import_it() -> int:
        with open_store(database_url) as own:
            barrier.wait()
            return own.import_past(table, "table.csv", NOON).added

    with ThreadPoolExecutor(4) as pool:
        added = [each.result() for each in [pool.submit(import_it) for _ in range(4)]]
    assert sorted(added) == [0, 0, 0, 50]


def test_the_number_of_primary_organisations_of_then_is_kept(world: World) -> None:
    world.store.import_past([row("ВАО", {("vk", WINTER): 100, ("vk", SPRING): 191})], "table.csv", NOON)
    sizes = [(item.valid_from, item.primary_count) for item in world.rows(branch_size)]
    assert sizes == [(SPRING, 88), ((NOON - DAY).date(), 90)]


@pytest.mark.parametrize(
    ("code", "network", "words"),
    [
        ("САО", "vk", "no branch 'САО'"),
        ("ВАО", "facebook", "branch ВАО has no facebook communities"),
    ],
)
def test_whose_the_numbers_are_must_be_plain(world: World, code: str, network: str, words: str) -> None:
    with pytest.raises(CollectorError, match=words):
        world.store.import_past(
            [row("ВАО", {("vk", WINTER): 1}), row(code, {(network, WINTER): 1})], "t", NOON
        )
    assert world.rows(follower_snapshot) == []


def test_two_communities_on_one_network_leave_it_open_whose_they_are(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    with pytest.raises(CollectorError, match="has 2 vk communities"):
        store.import_past([row("ВАО", {("vk", WINTER): 1})], "t", NOON)
    assert world.rows(follower_snapshot) == []


def test_a_table_that_contradicts_what_is_stored_changes_nothing(world: World) -> None:
    world.store.import_past([row("ВАО", {("vk", WINTER): 100})], "table.csv", NOON)
    with pytest.raises(CollectorError, match="the table says 101, the database has 100"):
        world.store.import_past([row("ВАО", {("vk", WINTER): 101, ("vk", SPRING): 191})], "other.csv", NOON)
    assert [item.follower_count for item in world.rows(follower_snapshot)] == [100]


def test_a_long_table_is_compared_in_slices(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement takes 65,535 parameters on PostgreSQL; the union has 80,000 communities."""
    monkeypatch.setattr(history, "_IDS_AT_ONCE", 2)
    World(store, *(branch(str(number), vk(str(number))) for number in range(1, 6)))
    table = [row(str(number), {("vk", SPRING): number}) for number in range(1, 6)]
    assert store.import_past(table, "table.csv", NOON).added == 5
    assert store.import_past(table, "table.csv", NOON).already_there == 5


def test_that_there_was_no_account_is_kept_apart_from_numbers(world: World) -> None:
    table = [PastCounts("t:2", "ВАО", 88, {("vk", SPRING): 191}, [("vk", WINTER), ("facebook", WINTER)])]
    report = world.store.import_past(table, "table.csv", NOON)
    assert (report.added, report.absences_added) == (1, 1)
    kept = world.row(account_absence)
    assert (kept.community_id, kept.absent_on, kept.run_id) == (1, WINTER, report.run_id)
    assert [row.follower_count for row in world.rows(follower_snapshot)] == [191]
    again = world.store.import_past(table, "table.csv", NOON)
    assert (again.absences_added, again.run_id) == (0, None)


def test_a_table_imported_before_absences_were_kept_brings_them_the_second_time(world: World) -> None:
    counts = {("vk", SPRING): 191}
    world.store.import_past([PastCounts("t:2", "ВАО", 88, counts)], "table.csv", NOON)
    table = [PastCounts("t:2", "ВАО", 88, counts, [("vk", WINTER)])]
    report = world.store.import_past(table, "table.csv", NOON)
    assert (report.added, report.already_there, report.absences_added) == (0, 1, 1)

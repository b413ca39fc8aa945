"""The branches file brought into the database: what is added, changed, retired, and what stays."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from collector.domain.errors import CollectorError
from collector.domain.model import BranchKind, Contact, ContactRole, Pause
from storage.store import Store, open_store
from storage.tables import branch, branch_pause, branch_size, community, community_state, contact
from tests.storage.worlds import DAY, NOON, World, read, vk, vk_name
from tests.storage.worlds import branch as declared


def test_a_first_sync_adds_all_and_makes_the_communities_due(store: Store) -> None:
    city = declared("МГО")
    east = declared("ВАО", vk("1"), vk_name("vao"), parent_code="МГО", primary_count=88)
    report = store.sync_branches([east, city], NOON)
    assert (report.added, report.changed, report.retired) == (["ВАО", "МГО"], {}, [])
    world = _Looking(store)
    rows = {row.code: row for row in world.rows(branch)}
    assert rows["ВАО"].parent_id == rows["МГО"].id
    assert [(row.address, row.native_id, row.screen_name) for row in world.rows(community)] == [
        ("id:1", "1", None),
        ("name:vao", None, "vao"),
    ]
    assert [(row.access, row.next_due_at) for row in world.rows(community_state)] == [("unknown", NOON)] * 2
    assert store.networks_in_use() == {"vk": 2}


def test_two_daemons_that_start_together_add_each_branch_once(store: Store, database_url: str) -> None:
    declarations = [declared(f"Б{number}", vk(str(number))) for number in range(1, 51)]
    barrier = threading.Barrier(4, timeout=30)

    def daemon() -> int:
        with open_store(database_url) as own:
            barrier.wait()
            return len(own.sync_branches(declarations, NOON).added)

    with ThreadPoolExecutor(4) as pool:
        added = [each.result() for each in [pool.submit(daemon) for _ in range(4)]]
    assert sorted(added) == [0, 0, 0, 50]
    assert store.networks_in_use() == {"vk": 50}


def test_the_same_file_again_changes_nothing(store: Store) -> None:
    east = declared(
        "ВАО",
        vk("1"),
        primary_count=88,
        silence_threshold=timedelta(days=5),
        pauses=(Pause(date(2026, 7, 1), date(2026, 8, 25), "каникулы"),),
        contacts=(Contact(ContactRole.CHAIR, "Имя", "vao@example.org"),),
    )
    store.sync_branches([east], NOON)
    report = store.sync_branches([east], NOON + DAY)
    assert (report.added, report.changed, report.retired, report.unchanged_count) == ([], {}, [], 1)


def test_each_change_is_told(store: Store) -> None:
    store.sync_branches([declared("МГО"), declared("ВАО", vk("1"), primary_count=88)], NOON)
    changed = declared(
        "ВАО",
        vk("2"),
        parent_code="МГО",
        primary_count=90,
        silence_threshold=timedelta(days=3),
        pauses=(Pause(date(2026, 7, 1), date(2026, 8, 25), "каникулы"),),
        contacts=(Contact(ContactRole.CHAIR, "Имя", "vao@example.org"),),
    )
    report = store.sync_branches([declared("МГО"), changed], NOON + DAY)
    assert report.changed == {
        "ВАО": [
            "parent",
            "silence threshold",
            "primary organisations: 88 -> 90",
            "pauses",
            "contacts",
            "added https://vk.com/club2",
            "retired https://vk.com/club1",
        ]
    }
    world = _Looking(store)
    assert [(row.role, row.name, row.email) for row in world.rows(contact)] == [
        ("chair", "Имя", "vao@example.org")
    ]
    assert [(row.starts_on, row.reason) for row in world.rows(branch_pause)] == [
        (date(2026, 7, 1), "каникулы")
    ]


def test_the_number_of_primary_organisations_keeps_its_history(store: Store) -> None:
    store.sync_branches([declared("ВАО", primary_count=88)], NOON)
    store.sync_branches([declared("ВАО", primary_count=90)], NOON + DAY)
    store.sync_branches([declared("ВАО", primary_count=91)], NOON + DAY)
    rows = _Looking(store).rows(branch_size)
    assert [(row.valid_from, row.primary_count) for row in rows] == [
        (NOON.date(), 88),
        ((NOON + DAY).date(), 91),
    ]


def test_a_branch_that_left_the_file_is_retired_with_its_history_and_can_come_back(store: Store) -> None:
    world = World(store)
    world.round(read(NOON))
    report = store.sync_branches([declared("САО")], NOON + DAY)
    assert (report.added, report.retired) == (["САО"], ["ВАО"])
    assert {row.code: row.retired_at for row in world.rows(branch)} == {"ВАО": NOON + DAY, "САО": None}
    assert world.row(community).retired_at == NOON + DAY
    assert world.row(community_state).follower_count == 100
    assert store.networks_in_use() == {}
    report = store.sync_branches([declared("САО"), declared("ВАО", vk("1"))], NOON + 2 * DAY)
    assert report.changed == {"ВАО": ["is back", "https://vk.com/club1 is back"]}
    row = world.row(community)
    assert (row.id, row.retired_at) == (1, None)
    assert world.row(community_state).next_due_at == NOON + 2 * DAY


@pytest.mark.parametrize("again", [vk("7"), vk_name("renamed")])
def test_a_community_declared_otherwise_is_still_the_same(store: Store, again: object) -> None:
    world = World(store, declared("ВАО", vk_name("first_name")))
    world.round(read(NOON, native_id="7", screen_name="Renamed"))
    report = store.sync_branches([declared("ВАО", again)], NOON + DAY)
    assert list(report.changed) == ["ВАО"]
    assert world.row(community).id == 1
    assert world.row(community).native_id == "7"


def test_a_community_that_moves_to_another_branch_takes_its_history_along(store: Store) -> None:
    world = World(store, declared("ВАО", vk("1")), declared("САО"))
    world.round(read(NOON))
    report = store.sync_branches([declared("ВАО"), declared("САО", vk("1"))], NOON + DAY)
    assert report.changed == {"САО": ["https://vk.com/club1 moved here from ВАО"]}
    assert world.row(community).branch_id == 2


def test_two_addresses_of_one_known_community_are_refused_and_nothing_changes(store: Store) -> None:
    world = World(store, declared("ВАО", vk_name("profsouz")))
    world.round(read(NOON, native_id="7", screen_name="profsouz"))
    with pytest.raises(CollectorError, match=r"САО: https://vk\.com/club7 is the community"):
        store.sync_branches([declared("ВАО", vk_name("profsouz")), declared("САО", vk("7"))], NOON + DAY)
    assert [row.code for row in world.rows(branch)] == ["ВАО"]


def test_a_preview_tells_and_changes_nothing(store: Store) -> None:
    report = store.preview_sync([declared("ВАО", vk("1"))], NOON)
    assert report.added == ["ВАО"]
    assert _Looking(store).rows(branch) == []


def test_the_list_shows_the_newest_size_and_retired_ones_last(store: Store) -> None:
    store.sync_branches([declared("ВАО", primary_count=88), declared("САО", vk("1"), primary_count=72)], NOON)
    store.sync_branches([declared("САО", vk("1"), primary_count=73)], NOON + DAY)
    rows = store.branches()
    assert [(row.code, row.primary_count, row.community_count) for row in rows] == [
        ("САО", 73, 1),
        ("ВАО", 88, 0),
    ]
    assert rows[0].kind == BranchKind.TERRITORIAL.value


class _Looking(World):
    """Looks at a store that is as the test made it."""

    def __init__(self, store: Store) -> None:
        self.store = store


def test_the_contacts_of_a_branch_that_left_the_file_are_kept_no_longer(store: Store) -> None:
    chair = Contact(ContactRole.CHAIR, "Имя", "vao@example.org")
    east, south = declared("ВАО", contacts=(chair,)), declared("САО", contacts=(chair,))
    store.sync_branches([east, south], NOON)
    store.sync_branches([south], NOON + DAY)
    (left,) = _Looking(store).rows(contact)
    assert left.branch_id == 2
    store.sync_branches([east, south], NOON + 2 * DAY)
    assert {row.branch_id for row in _Looking(store).rows(contact)} == {1, 2}


def test_two_reasons_for_the_same_days_are_one_pause(store: Store) -> None:
    days = (date(2026, 7, 1), date(2026, 8, 25))
    east = declared("ВАО", pauses=(Pause(*days, "каникулы"), Pause(*days, "отпуск")))
    store.sync_branches([east], NOON)
    assert [row.reason for row in _Looking(store).rows(branch_pause)] == ["отпуск"]

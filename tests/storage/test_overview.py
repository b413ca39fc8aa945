"""What the overview asks: leagues, branches by need and by name, followers by spans of days."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from collector.domain.errors import FailureKind
from collector.domain.model import Access, BranchDeclaration, BranchKind
from storage.engine import writing
from storage.letter_tables import silence
from storage.overview import League
from storage.store import Store
from storage.tables import branch as branch_table
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, read, vk

PRIMARY = BranchKind.PRIMARY


def falls_silent(store: Store, code: str, since: datetime, resumed_at: datetime | None = None) -> None:
    """An episode of a branch."""
    with writing(store._engine) as conn:
        conn.execute(
            insert(silence).values(
                branch_id=select(branch_table.c.id).where(branch_table.c.code == code).scalar_subquery(),
                silent_since=since,
                detected_at=since,
                confirmed_at=since,
                threshold_days=7,
                counted_from=since - 7 * DAY,
                proof="[]",
                resumed_at=resumed_at,
                end_reason=None if resumed_at is None else "posted",
            )
        )


def codes(store: Store, sought: str = "", **more: int | bool) -> list[str]:
    asked = {"only_silent": False, "offset": 0, "limit": 100, **more}
    found = store.department.branches(BranchKind.TERRITORIAL, sought, **asked)  # type: ignore[arg-type]
    return list(found.codes)


def three(store: Store) -> World:
    return World(
        store,
        branch("ВАО", vk("1")),
        branch("ЗелАО", vk("2")),
        branch("САО", vk("3")),
        BranchDeclaration("школа 5", "Школа № 5", PRIMARY, "ВАО"),
    )


def test_leagues_count_live_branches_and_their_silences(store: Store) -> None:
    world = three(store)
    falls_silent(store, "САО", NOON - 20 * DAY)
    assert store.department.leagues() == [League(BranchKind.TERRITORIAL, 3, 1), League(PRIMARY, 1, 0)]
    world.store.sync_branches([branch("ВАО", vk("1"))], NOON)
    assert store.department.leagues() == [League(BranchKind.TERRITORIAL, 1, 0)]


def test_the_longest_silence_is_first_and_the_rest_as_in_the_file(store: Store) -> None:
    three(store)
    assert codes(store) == ["ВАО", "ЗелАО", "САО"]
    falls_silent(store, "ЗелАО", NOON - 10 * DAY)
    falls_silent(store, "САО", NOON - 20 * DAY)
    falls_silent(store, "ВАО", NOON - 30 * DAY, resumed_at=NOON - 29 * DAY)
    assert codes(store) == ["САО", "ЗелАО", "ВАО"]
    assert codes(store, only_silent=True) == ["САО", "ЗелАО"]


def test_a_slice_tells_how_many_there_are(store: Store) -> None:
    three(store)
    for sought in ("", "организация"):
        found = store.department.branches(
            BranchKind.TERRITORIAL, sought, only_silent=False, offset=1, limit=1
        )
        assert (found.codes, found.total) == (("ЗелАО",), 3)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("зелао", ["ЗелАО"]),
        ("ЗЁЛ", ["ЗелАО"]),
        ("ОРГАНИЗАЦИЯ  вао", ["ВАО"]),
        ("организация", ["ВАО", "ЗелАО", "САО"]),
        ("%", []),
        ("_", []),
        ("\x00", []),
        ("ВАО САО", []),
        ("   ", ["ВАО", "ЗелАО", "САО"]),
    ],
)
def test_names_are_found_by_all_words_in_any_case(store: Store, sought: str, found: list[str]) -> None:
    three(store)
    assert codes(store, sought) == found


def test_communities_are_told_as_they_are_now(store: Store) -> None:
    world = three(store)
    world.round(read(NOON, 100), read(NOON, None, community_id=2, native_id="2"))
    found = store.department.communities([1, 2, 3])
    assert {number: [each.follower_count for each in of] for number, of in found.items()} == {
        1: [100],
        2: [None],
        3: [None],
    }
    (seen,), (never,) = found[2], found[3]
    assert (seen.access, seen.last_seen_at, seen.access_since) == (Access.OPEN, NOON, NOON)
    assert (never.access, never.last_seen_at, never.failure_kind) == (Access.UNKNOWN, None, None)


def test_a_span_has_its_last_reading_and_none_where_there_was_none(store: Store) -> None:
    world = three(store)
    for hour, followers in ((0, 100), (1, 101), (24, 102), (72, None), (73, None), (96, 90)):
        world.round(read(NOON + hour * HOUR, followers))
    days = [(NOON + day * DAY, NOON + (day + 1) * DAY) for day in range(5)]
    lines = store.department.follower_lines([1, 2], days)
    assert lines == {1: [101, 102, None, None, 90], 2: [None] * 5}


def test_a_reading_on_the_edge_belongs_to_the_span_that_begins(store: Store) -> None:
    world = three(store)
    world.round(read(NOON, 100))
    second = timedelta(seconds=1)
    for begins, ends, known in (
        (NOON - HOUR, NOON, None),
        (NOON, NOON + HOUR, 100),
        (NOON - second, NOON + second, 100),
    ):
        assert store.department.follower_lines([1], [(begins, ends)]) == {1: [known]}


def test_a_community_that_left_the_list_is_not_shown(store: Store) -> None:
    world = three(store)
    world.round(failed(NOON, FailureKind.MISSING, access=Access.MISSING))
    world.store.sync_branches([branch("ВАО")], NOON)
    assert store.department.communities([1]) == {}
    assert store.department.follower_lines([1], [(NOON - DAY, NOON + DAY)]) == {}

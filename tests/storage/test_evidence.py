"""What the rule of silence is given: the newest counted posts, the policies, and the looks it may ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access, Pause
from collector.domain.silence import BranchFacts, Evidence
from storage.store import Store
from storage.tables import community_state
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall

WEEK = 7 * DAY
SCHOOL_HOLIDAYS = Pause(date(2026, 10, 26), date(2026, 11, 3), "каникулы")


def facts(store: Store, **more: Any) -> list[BranchFacts]:
    asked: dict[str, Any] = {"default_threshold": WEEK, "count_reposts": True, "warn_before": None, **more}
    return [each for batch in store.evidence.facts(**asked) for each in batch]


def evidence(store: Store, **more: Any) -> Evidence:
    """That of the one community there is."""
    ((community,),) = (each.communities for each in facts(store, **more))
    return community


def newest(store: Store, **more: Any) -> str | None:
    seen = evidence(store, **more).newest_post
    return None if seen is None else seen.native_id


class TestTheNewestCountedPost:
    def test_is_the_latest_published_not_the_one_on_top(self, store: Store) -> None:
        world = World(store)
        world.round(
            read(
                NOON, wall=wall(post("1", NOON - 90 * DAY), post("3", NOON - DAY), post("2", NOON - 2 * DAY))
            )
        )
        seen = evidence(store).newest_post
        assert seen is not None
        assert (seen.native_id, seen.published_at, seen.url) == ("3", NOON - DAY, "https://vk.com/wall-1_3")

    def test_is_the_one_before_it_once_it_is_deleted(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall(post("1", NOON - 9 * DAY), post("2", NOON - DAY))))
        world.round(read(NOON + HOUR, wall=wall(post("1", NOON - 9 * DAY))))
        assert newest(store) == "1"

    def test_is_none_where_all_are_deleted(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall(post("1", NOON - DAY))))
        world.round(read(NOON + HOUR, wall=wall()))
        assert newest(store) is None

    def test_may_be_a_repost_if_reposts_count(self, store: Store) -> None:
        repost = replace(post("2", NOON - DAY), is_repost=True)
        World(store).round(read(NOON, wall=wall(post("1", NOON - 9 * DAY), repost)))
        assert newest(store, count_reposts=True) == "2"
        assert newest(store, count_reposts=False) == "1"

    def test_of_one_second_is_always_the_same(self, store: Store) -> None:
        World(store).round(read(NOON, wall=wall(*(post(str(number), NOON) for number in (3, 5, 4)))))
        assert newest(store) == "5"


class TestBranches:
    def test_come_in_batches_with_their_communities(self, store: Store) -> None:
        declared = [branch(f"Б{number}", vk(str(number)), vk(str(number + 100))) for number in range(1, 6)]
        World(store, *declared, branch("без сообществ"))
        batches = list(
            store.evidence.facts(default_threshold=WEEK, count_reposts=True, warn_before=None, batch_size=2)
        )
        assert [[each.code for each in batch] for batch in batches] == [
            ["Б1", "Б2"],
            ["Б3", "Б4"],
            ["Б5", "без сообществ"],
        ]
        assert [len(each.communities) for batch in batches for each in batch] == [2, 2, 2, 2, 2, 0]

    def test_may_be_chosen_by_code(self, store: Store) -> None:
        World(store, branch("ВАО", vk("1")), branch("ЗАО", vk("2")), branch("САО", vk("3")))
        assert [each.code for each in facts(store, codes=["САО", "ВАО"])] == ["ВАО", "САО"]

    def test_are_left_out_when_retired_as_are_communities(self, store: Store) -> None:
        world = World(store, branch("ВАО", vk("1"), vk("2")), branch("ЗАО", vk("3")))
        world.store.sync_branches([branch("ВАО", vk("2"))], NOON)
        (kept,) = facts(store)
        assert [each.url for each in kept.communities] == ["https://vk.com/club2"]
        assert store.evidence.communities_of([kept.branch_id, 2]) == {1: [2]}

    def test_may_be_written_to_between_batches(self, store: Store) -> None:
        world = World(store, *(branch(f"Б{number}", vk(str(number))) for number in range(1, 4)))
        seen = []
        for batch in store.evidence.facts(
            default_threshold=WEEK, count_reposts=True, warn_before=None, batch_size=1
        ):
            seen += [each.code for each in batch]
            world.round(read(NOON + len(seen) * HOUR, native_id="1"))
        assert seen == ["Б1", "Б2", "Б3"]


class TestPolicies:
    def test_threshold_is_the_branchs_else_the_nearest_above_its_else_the_setting(self, store: Store) -> None:
        World(
            store,
            branch("МГО", silence_threshold=30 * DAY),
            branch("ВАО", parent_code="МГО"),
            branch("школа 1", parent_code="ВАО"),
            branch("ЗАО", parent_code="МГО", silence_threshold=3 * DAY),
            branch("школа 2", parent_code="ЗАО"),
            branch("без родителя"),
        )
        days = {each.code: each.policy.threshold.days for each in facts(store)}
        assert days == {"МГО": 30, "ВАО": 30, "школа 1": 30, "ЗАО": 3, "школа 2": 3, "без родителя": 7}

    def test_pauses_are_the_branchs_and_of_all_above_it(self, store: Store) -> None:
        repairs = Pause(date(2026, 12, 1), date(2026, 12, 5), "ремонт")
        World(
            store,
            branch("МГО", pauses=(SCHOOL_HOLIDAYS,)),
            branch("ВАО", parent_code="МГО"),
            branch("школа 1", parent_code="ВАО", pauses=(repairs,)),
            branch("без родителя"),
        )
        pauses = {each.code: set(each.policy.pauses) for each in facts(store)}
        assert pauses == {
            "МГО": {SCHOOL_HOLIDAYS},
            "ВАО": {SCHOOL_HOLIDAYS},
            "школа 1": {SCHOOL_HOLIDAYS, repairs},
            "без родителя": set(),
        }

    def test_of_some_branches_is_the_same_as_of_all(self, store: Store) -> None:
        World(
            store,
            branch("МГО", silence_threshold=30 * DAY, pauses=(SCHOOL_HOLIDAYS,)),
            branch("ВАО", parent_code="МГО"),
            branch("школа 1", parent_code="ВАО"),
            branch("ЗАО", silence_threshold=3 * DAY),
        )
        of_all = {each.code: each.policy for each in facts(store)}
        assert {each.code: each.policy for each in facts(store, codes=["школа 1", "ЗАО"])} == {
            "школа 1": of_all["школа 1"],
            "ЗАО": of_all["ЗАО"],
        }

    def test_warning_is_the_setting(self, store: Store) -> None:
        World(store)
        (each,) = facts(store, warn_before=2 * DAY)
        assert each.policy.warn_before == 2 * DAY


class TestWhatIsKnownOfACommunity:
    def test_before_its_first_reading_is_nothing(self, store: Store) -> None:
        World(store)
        seen = evidence(store)
        assert (seen.looked_at, seen.newest_post, seen.wall_first_seen_at) == (None, None, None)
        assert seen.access is Access.UNKNOWN

    def test_is_when_its_wall_was_read(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall()))
        world.round(read(NOON + HOUR, wall=wall()))
        world.round(read(NOON + 2 * HOUR))
        seen = evidence(store)
        assert (seen.wall_first_seen_at, seen.looked_at) == (NOON, NOON + HOUR)

    def test_is_that_it_was_closed_since(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall(post("1", NOON - DAY))))
        closed = failed(NOON + DAY, FailureKind.CLOSED, access=Access.CLOSED)
        world.round(read(NOON + DAY, access=Access.CLOSED, wall_failure=closed))
        seen = evidence(store)
        assert (seen.withheld_at, seen.access, seen.failure_kind) == (
            NOON + DAY,
            Access.CLOSED,
            FailureKind.CLOSED,
        )
        assert newest(store) == "1"


class TestAskingForALook:
    def states(self, world: World) -> tuple[datetime | None, datetime]:
        row = world.row(community_state)
        return row.look_asked_at, row.next_due_at

    def test_makes_its_turn_come_at_once(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall()))
        store.evidence.ask_looks([1], NOON + timedelta(minutes=5), NOON + timedelta(minutes=6))
        assert self.states(world) == (NOON + timedelta(minutes=5), NOON + timedelta(minutes=6))
        (item,) = store.due_communities("vk", NOON + timedelta(minutes=6), WEEK)
        assert item.look_asked_at == NOON + timedelta(minutes=5)

    def test_changes_nothing_where_it_was_looked_at_since(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall()))
        before = self.states(world)
        store.evidence.ask_looks([1], NOON - timedelta(minutes=5), NOON + timedelta(minutes=6))
        assert self.states(world) == before

    def test_is_not_answered_by_a_reading_without_the_wall(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall()))
        world.round(read(NOON + 2 * HOUR))
        store.evidence.ask_looks([1], NOON + HOUR, NOON + 3 * HOUR - timedelta(minutes=30))
        assert self.states(world) == (NOON + HOUR, NOON + 3 * HOUR - timedelta(minutes=30))

    @pytest.mark.parametrize("scope", ["community", "wall", "the network's fault"])
    def test_does_not_hammer_one_that_fails(self, store: Store, scope: str) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall()))
        store.evidence.ask_looks([1], NOON + HOUR, NOON + 2 * HOUR)
        at = NOON + 2 * HOUR
        world.round(
            {
                "community": failed(at, FailureKind.MISSING, access=Access.MISSING),
                "wall": read(at, wall_failure=failed(at, FailureKind.WALL_DISABLED)),
                "the network's fault": failed(at, FailureKind.TEMPORARY),
            }[scope]
        )
        before = self.states(world)
        for minutes in range(1, 40):
            store.evidence.ask_looks([1], NOON + HOUR, at + timedelta(minutes=minutes))
        assert self.states(world) == before

    def test_may_be_repeated_for_a_later_instant(self, store: Store) -> None:
        world = World(store)
        world.round(read(NOON, wall=wall()))
        for hours in (1, 3, 5):
            now = NOON + hours * HOUR
            store.evidence.ask_looks([1], now - timedelta(minutes=30), now)
            assert self.states(world) == (now - timedelta(minutes=30), now)
            world.round(failed(now, FailureKind.MISSING, access=Access.MISSING))

    def test_never_puts_a_turn_off(self, store: Store) -> None:
        world = World(store)
        store.evidence.ask_looks([1], NOON, NOON + DAY)
        assert self.states(world) == (NOON, NOON - DAY)

    def test_heals_what_was_asked_while_a_clock_was_ahead(self, store: Store) -> None:
        world = World(store)
        store.evidence.ask_looks([1], NOON + 365 * DAY, NOON + 365 * DAY)
        world.round(read(NOON, wall=wall()))
        (item,) = store.due_communities("vk", NOON + HOUR, WEEK)
        assert item.look_asked_at is None
        store.evidence.ask_looks([1], NOON + HOUR, NOON + HOUR)
        assert self.states(world) == (NOON + HOUR, NOON + HOUR)

    def test_asks_many_each_for_its_own_instant(self, store: Store) -> None:
        world = World(store, *(branch(f"Б{number}", vk(str(number))) for number in range(1, 4)))
        store.evidence.ask_each({1: NOON, 3: NOON + HOUR}, NOON + DAY)
        assert [row.look_asked_at for row in world.rows(community_state)] == [NOON, None, NOON + HOUR]

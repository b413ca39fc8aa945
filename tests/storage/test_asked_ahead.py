"""A look that a clock asked for which was ahead: when its instant has come, it is asked for anew."""

from __future__ import annotations

from collector.domain.errors import FailureKind
from collector.domain.model import Access
from storage.store import Store
from storage.tables import community_state
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall

YEAR = 365 * DAY
DEADLINE = NOON + 7 * DAY


def test_a_look_asked_for_ahead_of_its_time_is_not_forgotten(store: Store) -> None:
    world = World(store, branch("Б", vk("1")))
    world.round(read(NOON, wall=wall(post("1", NOON))))
    store.evidence.ask_looks([1], DEADLINE, NOON + DAY + YEAR)
    # The clock is right again, and the community is tried, in vain, in its own pace.
    for days in (2, 1, 0):
        before = DEADLINE - HOUR - days * DAY
        world.round(failed(before, FailureKind.BANNED, access=Access.BANNED))
    assert world.row(community_state).next_due_at > DEADLINE + HOUR
    store.evidence.ask_looks([1], DEADLINE, DEADLINE + HOUR / 2)
    assert world.row(community_state).next_due_at <= DEADLINE + HOUR / 2


def test_a_look_that_was_tried_in_vain_since_is_not_asked_for_each_minute(store: Store) -> None:
    world = World(store, branch("Б", vk("1")))
    world.round(read(NOON, wall=wall(post("1", NOON))))
    store.evidence.ask_looks([1], DEADLINE, DEADLINE + HOUR)
    world.round(failed(DEADLINE + HOUR, FailureKind.TEMPORARY))
    due_at = world.row(community_state).next_due_at
    store.evidence.ask_looks([1], DEADLINE, DEADLINE + HOUR * 1.1)
    assert world.row(community_state).next_due_at == due_at > DEADLINE + HOUR * 1.1

"""The daily quota, counted in the database."""

from __future__ import annotations

from datetime import timedelta

from storage.store import Store, open_store
from tests.storage.worlds import HOUR, NOON


def take(store: Store, wanted: int, at: object = NOON, limit: int = 10, token: str = "a") -> int:
    return store.quota.take("vk", token, "wall.get", wanted, limit, at)


def test_it_grants_what_is_left_and_no_more(store: Store) -> None:
    assert [take(store, 4), take(store, 4), take(store, 4), take(store, 4)] == [4, 4, 2, 0]


def test_a_restart_does_not_forget(store: Store, database_url: str) -> None:
    take(store, 8)
    with open_store(database_url) as restarted:
        assert take(restarted, 8) == 2


def test_each_token_has_its_own(store: Store) -> None:
    take(store, 10, token="a")
    assert take(store, 10, token="b") == 10


def test_in_any_24_hours_no_more_than_the_limit_is_granted(store: Store) -> None:
    granted = []
    for minutes in range(0, 60 * 60, 7):
        at = NOON + timedelta(minutes=minutes)
        granted.append((at, take(store, 3, at)))
    for start, _ in granted:
        assert sum(count for at, count in granted if start <= at < start + 24 * HOUR) <= 10
    assert sum(count for _, count in granted) >= 20


def test_what_was_not_used_can_be_given_back(store: Store) -> None:
    take(store, 10)
    store.quota.give_back("vk", "a", "wall.get", 6, NOON)
    assert store.quota.used("vk", "wall.get", NOON) == {"a": 4}
    assert take(store, 10) == 6


def test_giving_back_reaches_into_the_hour_before_and_never_below_nothing(store: Store) -> None:
    take(store, 5)
    take(store, 2, NOON + HOUR)
    store.quota.give_back("vk", "a", "wall.get", 100, NOON + HOUR)
    assert store.quota.used("vk", "wall.get", NOON + HOUR) == {"a": 0}

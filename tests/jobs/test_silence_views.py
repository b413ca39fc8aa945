"""Silences and states as the views show them, after real detection."""

from __future__ import annotations

import pytest

from collector.domain.model import Access
from storage.store import Store
from tests.jobs.silences import LAST, PROVEN_AT, Silences
from tests.storage.viewing import asked
from tests.storage.worlds import DAY, HOUR, NOON, branch, read, vk, wall
from tests.storage.worlds import post as a_post


def state_of(store: Store, code: str) -> dict[str, object]:
    (row,) = asked(store, "SELECT * FROM v_branches WHERE branch_code = :code", code=code)
    return row


def test_a_silence_that_lasts(silent: Silences) -> None:
    (row,) = asked(silent.store, "SELECT * FROM v_silences")
    assert row["branch_code"] == "ВАО"
    assert row["silent_since"] < row["detected_at"]
    assert (row["resumed_at"], row["end_reason"], row["threshold_days"]) == (None, None, 7)
    assert (row["days_without_posts"], row["sent_letter_count"]) == (7, 0)
    assert row["last_post_network"] == "vk"
    silent.send(PROVEN_AT + HOUR)
    (row,) = asked(silent.store, "SELECT * FROM v_silences")
    assert row["sent_letter_count"] > 0


def test_a_silence_that_is_over(silent: Silences) -> None:
    again = PROVEN_AT + 2 * DAY
    silent.look(again + HOUR, LAST, a_post("9", again))
    silent.detect(again + HOUR)
    (row,) = asked(silent.store, "SELECT * FROM v_silences")
    assert (row["end_reason"], row["days_without_posts"]) == ("posted", 9)
    assert state_of(silent.store, "ВАО")["state"] == "not_silent"


def test_a_branch_is_told_as_it_was_last_found(silent: Silences) -> None:
    row = state_of(silent.store, "ВАО")
    assert (row["state"], row["community_count"], row["kind_name"]) == (
        "silent",
        1,
        "территориальная (ТПО)",
    )
    assert row["silent_since"] is not None


@pytest.mark.parametrize(
    ("access", "state"), [(Access.OPEN, "not_silent"), (Access.CLOSED, "unreadable"), (None, "not_seen")]
)
def test_the_states_of_a_branch(store: Store, access: Access | None, state: str) -> None:
    world = Silences(store, branch("ВАО", vk("1"), primary_count=88), branch("САО", parent_code="ВАО"))
    if access is not None:
        posted = wall(a_post("1", NOON - HOUR)) if access is Access.OPEN else None
        world.round(read(NOON, access=access, wall=posted))
    assert state_of(store, "ВАО")["state"] == state
    assert state_of(store, "ВАО")["primary_count"] == 88
    known_until = "2026-10-05 15:00:00" if access is Access.OPEN else None
    assert state_of(store, "ВАО")["known_until_at"] == known_until
    assert state_of(store, "САО")["state"] == "no_community"
    assert state_of(store, "САО")["parent_code"] == "ВАО"
    store.sync_branches((branch("ВАО", vk("1")),), NOON + HOUR)
    assert state_of(store, "САО")["state"] == "retired"

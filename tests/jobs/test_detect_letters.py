"""The letters that a lasting silence owes as time goes by, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.model import Contact, ContactRole, Post
from collector.domain.silence import Verdict
from storage.letter_tables import outbox_message, silence
from storage.store import Store
from storage.tables import community_state
from tests.jobs.silences import ADMINISTRATOR, CHAIR, DEPARTMENT, LAST, PARENT, PROVEN_AT, WEEK, Silences, vao
from tests.storage.worlds import DAY, HOUR, NOON, branch, post

# Contacts


def test_contacts_come_and_go_during_a_silence(silent: Silences) -> None:
    new = Contact(ContactRole.CHAIR, "Галина", "new@vao.example.org")
    silent.declare(vao(contacts=(new,)))
    silent.detect(PROVEN_AT + HOUR)
    assert silent.letters() == [
        ("silence", CHAIR.email, "cancelled"),
        ("silence", ADMINISTRATOR.email, "cancelled"),
        ("silence", new.email, "pending"),
    ]
    silent.declare(vao())
    silent.detect(PROVEN_AT + 2 * HOUR)
    assert silent.letters() == [
        ("silence", CHAIR.email, "pending"),
        ("silence", ADMINISTRATOR.email, "pending"),
        ("silence", new.email, "cancelled"),
    ]


def test_a_silence_without_a_chair_is_told_to_the_administrators_and_of_to_ops(store: Store) -> None:
    world = Silences(store, vao(contacts=(ADMINISTRATOR,)))
    world.look(NOON + HOUR, LAST)
    world.look(PROVEN_AT, LAST)
    found = world.detect(PROVEN_AT)
    assert [each.code for each in found.without_chair] == ["ВАО"]
    assert world.letters() == [("silence", ADMINISTRATOR.email, "pending")]


# What time alone makes due


def looked_at_every_day(world: Silences, to: int, *posts: Post) -> None:
    for day in range(1, to + 1):
        world.look(PROVEN_AT + day * DAY, *posts)
        world.detect(PROVEN_AT + day * DAY)
        world.send(PROVEN_AT + day * DAY)


def test_the_letters_of_a_silence_of_two_months(store: Store) -> None:
    city = branch("МГО", contacts=(PARENT, DEPARTMENT))
    world = Silences(store, city, vao(parent_code="МГО"))
    world.look(NOON + HOUR, LAST)
    world.look(PROVEN_AT, LAST)
    world.detect(PROVEN_AT)
    world.send(PROVEN_AT)
    looked_at_every_day(world, 61, LAST)
    told = [
        (row.kind, row.email, (row.finished_at - PROVEN_AT).days)
        for row in world.rows(outbox_message)
        if row.email != ADMINISTRATOR.email
    ]
    assert told == [
        ("silence", CHAIR.email, 0),
        ("reminder", CHAIR.email, 7),
        ("reminder", CHAIR.email, 14),
        ("escalation", DEPARTMENT.email, 14),
        ("reminder", CHAIR.email, 30),
        ("escalation", PARENT.email, 30),
        ("reminder", CHAIR.email, 60),
    ]


def test_a_daemon_that_was_down_for_weeks_owes_one_reminder(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.look(PROVEN_AT + 20 * DAY, LAST)
    silent.detect(PROVEN_AT + 20 * DAY)
    assert [kind for kind, _, _ in silent.letters()[2:]] == ["reminder", "reminder"]
    assert [row.key.split(":")[2] for row in silent.rows(outbox_message)[2:]] == ["2", "2"]


def test_a_clock_that_jumps_ahead_owes_nothing_and_asks_for_a_look(silent: Silences) -> None:
    """The verdict of an open silence stays, though nothing was read for a year by that clock."""
    silent.send(PROVEN_AT)
    ahead = PROVEN_AT + 365 * DAY
    before = silent.rows(outbox_message)
    assert silent.verdict(ahead) is Verdict.SILENT
    assert silent.rows(outbox_message) == before
    assert silent.row(community_state).look_asked_at == ahead - 2 * HOUR
    silent.look(PROVEN_AT + HOUR, LAST)
    silent.detect(PROVEN_AT + HOUR)
    assert silent.rows(outbox_message) == before
    assert silent.row(silence).confirmed_at == PROVEN_AT + HOUR


def test_looks_are_asked_for_only_where_a_letter_waits_for_one(silent: Silences) -> None:
    """Walls cost quota, and a silence lasts for months."""
    silent.send(PROVEN_AT)
    silent.detect(PROVEN_AT + 7 * DAY - HOUR)
    assert silent.row(community_state).look_asked_at is None
    silent.detect(PROVEN_AT + 7 * DAY)
    assert silent.row(community_state).look_asked_at == PROVEN_AT + 7 * DAY - 2 * HOUR
    assert len(silent.letters()) == 2
    silent.look(PROVEN_AT + 7 * DAY + HOUR, LAST)
    silent.detect(PROVEN_AT + 7 * DAY + HOUR)
    assert [kind for kind, _, _ in silent.letters()[2:]] == ["reminder", "reminder"]


@pytest.mark.parametrize("age", [2 * HOUR, 2 * HOUR + timedelta(seconds=1)])
def test_a_reminder_is_owed_on_a_fresh_proof_alone(silent: Silences, age: timedelta) -> None:
    silent.send(PROVEN_AT)
    looked_at = PROVEN_AT + 8 * DAY
    silent.look(looked_at, LAST)
    silent.detect(looked_at + age)
    assert ("reminder" in {kind for kind, _, _ in silent.letters()}) is (age == 2 * HOUR)


def test_a_slow_clock_ends_no_silence(silent: Silences) -> None:
    """By it the deadline is still to come; the letters would go out twice."""
    for at in (NOON - 365 * DAY, NOON + WEEK - HOUR):
        assert silent.verdict(at) is Verdict.ACTIVE
        assert silent.open_count() == 1
        assert {status for _, _, status in silent.letters()} == {"pending"}


def test_an_acknowledged_silence_is_reminded_of_no_more(silent: Silences) -> None:
    silent.send(PROVEN_AT)
    silent.look(PROVEN_AT + 7 * DAY, LAST)
    silent.detect(PROVEN_AT + 7 * DAY)
    assert silent.letters()[2:] == [
        ("reminder", CHAIR.email, "pending"),
        ("reminder", ADMINISTRATOR.email, "pending"),
    ]
    silent.store.silences.acknowledge(silent.row(silence).id, "Анна", PROVEN_AT + 7 * DAY)
    assert {status for _, _, status in silent.letters()[2:]} == {"cancelled"}
    silent.look(PROVEN_AT + 20 * DAY, LAST)
    silent.detect(PROVEN_AT + 20 * DAY)
    assert len(silent.letters()) == 4


# Warnings


def test_a_warning_is_owed_before_the_deadline_and_withdrawn_by_a_post(world: Silences) -> None:
    two_days = {"warn_before": 2 * DAY}
    at = NOON + 5 * DAY + HOUR
    world.look(at, LAST)
    world.detect(NOON + 5 * DAY, **two_days)
    assert world.letters() == []
    world.detect(at, **two_days)
    world.detect(at, **two_days)
    assert world.letters() == [("warning", ADMINISTRATOR.email, "pending")]
    world.look(at + HOUR, LAST, post("11", at + HOUR))
    world.detect(at + HOUR, **two_days)
    assert world.letters() == [("warning", ADMINISTRATOR.email, "cancelled")]


def test_a_warning_that_waited_is_overtaken_by_the_silence(world: Silences) -> None:
    at = NOON + 6 * DAY
    world.look(at, LAST)
    world.detect(at, warn_before=2 * DAY)
    world.look(PROVEN_AT, LAST)
    world.detect(PROVEN_AT, warn_before=2 * DAY)
    assert [(kind, status) for kind, _, status in world.letters()] == [
        ("warning", "cancelled"),
        ("silence", "pending"),
        ("silence", "pending"),
    ]

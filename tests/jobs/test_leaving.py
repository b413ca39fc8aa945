"""Since when letters wait that may leave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient
from collector.jobs.gates import GatePolicy
from collector.jobs.leaving import TooManyHeldError, waits_since
from storage.store import Store
from tests import smtp
from tests.jobs.post_office import SILENT, PostOffice
from tests.storage.worlds import HOUR

MINUTE = timedelta(minutes=1)
EVENING = SILENT + 2 * HOUR
MORNING = SILENT + 17 * HOUR
"""9:00 in Moscow, the next day."""


@pytest.fixture
def office(store: Store, server: smtp.MailServer) -> PostOffice:
    """Three branches fell silent, and their chairs are owed a letter each."""
    made = PostOffice(store, server)
    made.fall_silent()
    return made


def test_letters_that_may_leave_wait_since_they_were_owed(office: PostOffice) -> None:
    assert waits_since(office.store, GatePolicy(), SILENT + 20 * MINUTE) == SILENT
    office.deliver(SILENT + 20 * MINUTE)
    assert waits_since(office.store, GatePolicy(), SILENT + 20 * MINUTE) is None, "they left"


def test_what_waits_for_the_morning_waits_since_then(office: PostOffice) -> None:
    assert waits_since(office.store, GatePolicy(), EVENING) is None
    office.look(MORNING + MINUTE)
    office.detect(MORNING + MINUTE)
    assert waits_since(office.store, GatePolicy(), MORNING + 5 * MINUTE) == MORNING


def test_a_letter_to_ops_is_found_behind_those_that_are_held(office: PostOffice) -> None:
    ops = Recipient(Audience.OPS, "ops", "ops@example.org")
    office.store.outbox.owe([OwedLetter("ops:1", NotificationKind.OPS, ops, about={"keys": []})], EVENING)
    assert waits_since(office.store, GatePolicy(), EVENING + HOUR) == EVENING


def test_behind_too_many_that_are_held_nothing_is_known(store: Store) -> None:
    chair = Recipient(Audience.CHAIR, "Анна", "chair@example.org")
    letters = [
        OwedLetter(f"m:{number}", NotificationKind.MONTHLY, chair, about={}) for number in range(5_000)
    ]
    store.outbox.owe(letters, EVENING)
    with pytest.raises(TooManyHeldError):
        waits_since(store, GatePolicy(), EVENING)

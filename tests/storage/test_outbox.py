"""The outbox: who may take a letter in hand, for how long, and what a result leaves."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from collector.domain.notification import (
    LONGEST_PAUSE,
    Audience,
    MessageStatus,
    NotificationKind,
    OwedLetter,
    Recipient,
)
from storage.engine import writing
from storage.letter_tables import outbox_message
from storage.outbox_records import LetterStateError
from storage.store import Store, open_store
from tests.storage.worlds import DAY, HOUR, NOON

LEASE = timedelta(minutes=6)
MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)


def letter(number: int) -> OwedLetter:
    chair = Recipient(Audience.CHAIR, f"Председатель {number}", f"chair{number}@example.org")
    return OwedLetter(f"silence:{number}:{chair.email}", NotificationKind.SILENCE, chair)


def owe(store: Store, count: int, at: datetime = NOON) -> None:
    store.outbox.owe([letter(number) for number in range(1, count + 1)], at)


def waiting(store: Store, at: datetime) -> list[int]:
    return [each.message_id for each in store.outbox.waiting(at)]


def test_letters_wait_in_the_order_in_which_they_were_owed(store: Store) -> None:
    owe(store, 3)
    assert waiting(store, NOON) == [1, 2, 3]
    assert [each.message_id for each in store.outbox.waiting(NOON, after_id=1, limit=1)] == [2]


def test_a_letter_waits_for_the_time_it_was_put_off_to(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    store.outbox.put_off(1, "a", NOON, error="451 later", next_attempt_at=NOON + LONGEST_PAUSE)
    assert waiting(store, NOON + LONGEST_PAUSE - MINUTE) == []
    assert store.outbox.claim(1, "a", NOON, LEASE) is None
    assert waiting(store, NOON + LONGEST_PAUSE) == [1]


def test_a_claimed_letter_is_nobody_elses_until_the_claim_lapses(store: Store) -> None:
    owe(store, 2)
    claimed = store.outbox.claim(1, "a", NOON, LEASE)
    assert claimed is not None
    assert (claimed.recipient, claimed.attempt_count) == (letter(1).recipient, 0)
    assert waiting(store, NOON) == [2]
    assert store.outbox.claim(1, "b", NOON + LEASE, LEASE) is None
    assert store.outbox.claim(1, "b", NOON + LEASE + MINUTE, LEASE) is not None


def test_of_two_workers_at_once_one_gets_each_letter(store: Store, database_url: str) -> None:
    owe(store, 20)
    taken: dict[str, list[int]] = {"a": [], "b": []}
    both = threading.Barrier(2)

    def work(worker: str) -> None:
        with open_store(database_url) as own:
            both.wait()
            for message_id in range(1, 21):
                if own.outbox.claim(message_id, worker, NOON, LEASE) is not None:
                    taken[worker].append(message_id)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken["a"] + taken["b"]) == list(range(1, 21))


def test_a_worker_whose_claim_lapsed_writes_no_result_over_anothers(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    later = NOON + LEASE + MINUTE
    store.outbox.claim(1, "b", later, LEASE)
    assert not store.outbox.failed(1, "a", later, error="550 no such user")
    assert not store.outbox.released(1, "a")
    assert store.outbox.sent(1, "b", later, subject="Тема", body_text="Текст")
    assert store.outbox.show(1).status == MessageStatus.SENT


def test_what_was_sent_is_kept(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    assert store.outbox.sent(1, "a", NOON + MINUTE, subject="Тема", body_text="Текст")
    found = store.outbox.show(1)
    assert (found.subject, found.body_text, found.finished_at, found.attempt_count) == (
        "Тема",
        "Текст",
        NOON + MINUTE,
        1,
    )
    assert found.claimed_until is None
    assert waiting(store, NOON + YEAR) == []


def test_a_letter_put_off_is_due_again_at_its_time(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    store.outbox.put_off(1, "a", NOON, error="451 later", next_attempt_at=NOON + HOUR)
    assert waiting(store, NOON + HOUR - MINUTE) == []
    assert waiting(store, NOON + HOUR) == [1]
    claimed = store.outbox.claim(1, "a", NOON + HOUR, LEASE)
    assert claimed is not None
    assert claimed.attempt_count == 1
    assert store.outbox.show(1).last_error == "451 later"


def test_a_released_letter_stands_as_if_it_had_never_been_claimed(store: Store) -> None:
    owe(store, 2)
    before = store.outbox.show(1)
    store.outbox.claim(1, "a", NOON, LEASE)
    assert store.outbox.released(1, "a")
    assert store.outbox.show(1) == before
    assert waiting(store, NOON) == [1, 2]


def test_a_letter_that_left_while_it_was_cancelled_counts_as_sent(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    # As the detection cancels: whatever worker has it in hand.
    with writing(store._engine) as conn:
        conn.execute(
            update(outbox_message).values(status="cancelled", cancel_reason="posted", finished_at=NOON)
        )
    assert store.outbox.sent(1, "a", NOON, subject="Тема", body_text="Текст")
    found = store.outbox.show(1)
    assert (found.status, found.cancel_reason) == (MessageStatus.SENT, None)


def test_what_is_overtaken_is_cancelled_unless_it_is_in_a_hand(store: Store) -> None:
    owe(store, 2)
    store.outbox.claim(1, "a", NOON, LEASE)
    assert not store.outbox.overtaken(1, NOON, "the branch posted")
    assert store.outbox.overtaken(2, NOON, "the branch posted")
    assert store.outbox.show(2).cancel_reason == "the branch posted"
    assert store.outbox.counts() == {
        MessageStatus.PENDING: 1,
        MessageStatus.SENT: 0,
        MessageStatus.FAILED: 0,
        MessageStatus.CANCELLED: 1,
    }


def test_a_clock_a_year_ahead_holds_no_letter_back_when_it_is_right_again(store: Store) -> None:
    ahead = NOON + YEAR
    owe(store, 3, NOON)
    store.outbox.owe([letter(4)], ahead)
    store.outbox.claim(2, "a", ahead, LEASE)
    store.outbox.claim(3, "a", ahead, LEASE)
    store.outbox.put_off(3, "a", ahead, error="451 later", next_attempt_at=ahead + HOUR)
    assert waiting(store, NOON) == [1, 2, 3, 4]
    assert all(store.outbox.claim(number, "b", NOON, LEASE) is not None for number in (1, 2, 3, 4))


def test_a_letter_owed_by_a_clock_that_was_ahead_rests_between_its_attempts_too(store: Store) -> None:
    owe(store, 1, NOON + YEAR)
    store.outbox.claim(1, "a", NOON, LEASE)
    store.outbox.put_off(1, "a", NOON, error="451 later", next_attempt_at=NOON + HOUR)
    assert waiting(store, NOON + HOUR - timedelta(seconds=1)) == []
    assert waiting(store, NOON + HOUR) == [1]


def test_a_failed_or_cancelled_letter_is_tried_again_on_request(store: Store) -> None:
    owe(store, 2)
    store.outbox.claim(1, "a", NOON, LEASE)
    store.outbox.failed(1, "a", NOON, error="550 no such user")
    store.outbox.cancel(2, "wrong chair", "ops, command line", NOON)
    assert store.outbox.show(2).cancel_reason == "wrong chair (ops, command line)"
    assert waiting(store, NOON) == []
    store.outbox.retry(1, NOON + DAY)
    store.outbox.retry(2, NOON + DAY)
    assert waiting(store, NOON + DAY) == [1, 2]
    found = store.outbox.show(1)
    assert (found.attempt_count, found.finished_at, found.last_error) == (0, None, "550 no such user")


def test_a_letter_put_off_can_be_tried_at_once(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    store.outbox.put_off(1, "a", NOON, error="451 later", next_attempt_at=NOON + DAY)
    store.outbox.retry(1, NOON + MINUTE)
    assert waiting(store, NOON + MINUTE) == [1]


def test_a_sent_letter_is_neither_sent_again_nor_cancelled(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    store.outbox.sent(1, "a", NOON, subject="Тема", body_text="Текст")
    with pytest.raises(LetterStateError, match="letter 1 was sent"):
        store.outbox.retry(1, NOON)
    with pytest.raises(LetterStateError, match="letter 1 is sent"):
        store.outbox.cancel(1, "no", "ops", NOON)


def test_a_letter_on_its_way_is_left_alone(store: Store) -> None:
    owe(store, 1)
    store.outbox.claim(1, "a", NOON, LEASE)
    with pytest.raises(LetterStateError, match="just being sent"):
        store.outbox.cancel(1, "no", "ops", NOON)
    with pytest.raises(LetterStateError, match="just being sent"):
        store.outbox.retry(1, NOON)
    store.outbox.cancel(1, "no", "ops", NOON + LEASE + MINUTE)
    assert not store.outbox.put_off(1, "a", NOON, error="451", next_attempt_at=NOON)
    assert store.outbox.show(1).status == MessageStatus.CANCELLED


def test_a_number_that_is_not_there_is_told(store: Store) -> None:
    for act in (store.outbox.show, lambda number: store.outbox.retry(number, NOON)):
        with pytest.raises(LetterStateError, match="no letter has the number 7"):
            act(7)


def test_the_newest_letters_are_listed_in_order(store: Store) -> None:
    owe(store, 4)
    store.outbox.cancel(2, "no", "ops", NOON)
    assert [each.message_id for each in store.outbox.listed(limit=2)] == [3, 4]
    assert [each.message_id for each in store.outbox.listed(MessageStatus.PENDING)] == [1, 3, 4]

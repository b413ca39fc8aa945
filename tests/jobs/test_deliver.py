"""Delivery over real SMTP: every letter leaves once, in order, and none for another's fault."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collector.domain.notification import (
    Audience,
    MessageStatus,
    NotificationKind,
    OutboxLetter,
    OwedLetter,
    Recipient,
)
from collector.jobs.deliver import PATIENCE, pause_after
from collector.notifications.rendering import Rendered
from storage.letter_tables import outbox_message
from storage.store import Store, open_store
from tests import postgres, smtp
from tests.jobs.post_office import LEASE, SILENT, PostOffice, branches, chair
from tests.storage.worlds import DAY, HOUR, branch, vk

MINUTE = timedelta(minutes=1)
CHAIRS = [chair(number).email for number in (1, 2, 3)]


@pytest.fixture
def office(store: Store, server: smtp.MailServer) -> PostOffice:
    """Three branches fell silent, and their chairs are owed a letter each."""
    made = PostOffice(store, server)
    made.fall_silent()
    return made


def test_every_letter_leaves_once_and_in_order(office: PostOffice) -> None:
    delivered = office.deliver(SILENT)
    assert [each.letter.branch_code for each in delivered.sent] == ["Б1", "Б2", "Б3"]
    assert office.deliver(SILENT + MINUTE).sent == []
    assert office.server.recipients == CHAIRS
    assert office.server.connections == 1
    assert office.statuses == ["sent"] * 3


def test_what_was_sent_is_kept_word_by_word(office: PostOffice) -> None:
    office.deliver(SILENT)
    for mail, row in zip(office.server.mails, office.rows(outbox_message), strict=True):
        assert (row.subject, row.body_text) == (mail.subject, mail.text)
        assert row.finished_at == SILENT


@pytest.mark.parametrize("fault", ["nobody at the port", "MAIL", "RCPT", "DATA"])
def test_after_three_days_of_refusals_all_letters_leave_once_in_order_but_those_overtaken(
    store: Store, server: smtp.MailServer, fault: str
) -> None:
    office = PostOffice(store, server, *branches(5))
    office.fall_silent()
    if fault == "nobody at the port":
        server.stop()
    else:
        server.answers[fault] = "451 4.3.0 Come back later"
    for hours in range(0, 72, 4):
        at = SILENT + hours * HOUR
        # Б2 posts on the second day, and so its letter is overtaken.
        office.look(at, {2: SILENT + 30 * HOUR} if hours == 32 else None)
        office.detect(at)
        delivered = office.deliver(at)
        assert delivered.sent == delivered.failed == []
    assert server.mails == []
    server.start()
    server.answers.clear()
    # After hours chairs are left alone, so it may take until the next day.
    for hours in range(72, 96, 4):
        office.look(SILENT + hours * HOUR)
        office.detect(SILENT + hours * HOUR)
        office.deliver(SILENT + hours * HOUR)
    assert server.recipients == [chair(number).email for number in (1, 3, 4, 5)]
    assert office.statuses == ["sent", "cancelled", "sent", "sent", "sent"]
    assert store.outbox.show(2).cancel_reason == "overtaken by events: the silence is over (posted)"


def test_one_of_three_recipients_is_refused_for_good_and_the_others_get_theirs_once(
    office: PostOffice,
) -> None:
    office.server.refuses[CHAIRS[1]] = "550 5.1.1 No such user"
    delivered = office.deliver(SILENT)
    assert [each.why for each in delivered.failed] == ["550 5.1.1 No such user"]
    office.deliver(SILENT + DAY)
    assert office.server.recipients == [CHAIRS[0], CHAIRS[2]]
    assert office.statuses == ["sent", "failed", "sent"]
    assert office.store.outbox.show(2).last_error == "550 5.1.1 No such user"


def test_an_address_that_mail_cannot_have_fails_alone(store: Store, server: smtp.MailServer) -> None:
    declared = branches(2)
    odd = branch("Б3", vk("3"), contacts=(replace(chair(3), email="отдел@example.org"),))
    office = PostOffice(store, server, declared[0], declared[1], odd)
    office.fall_silent()
    office.deliver(SILENT)
    assert office.statuses == ["sent", "sent", "failed"]
    assert "no address that mail can be sent to" in (store.outbox.show(3).last_error or "")


def test_a_recipient_refused_for_now_waits_longer_each_time_and_holds_up_nobody(office: PostOffice) -> None:
    office.server.refuses[CHAIRS[0]] = "451 4.7.1 Greylisted"
    office.deliver(SILENT)
    assert office.server.recipients == CHAIRS[1:]
    office.deliver(SILENT + 4 * MINUTE)
    office.deliver(SILENT + 5 * MINUTE)
    found = office.store.outbox.show(1)
    assert (found.attempt_count, found.next_attempt_at) == (2, SILENT + 15 * MINUTE)
    office.server.refuses.clear()
    office.deliver(SILENT + 15 * MINUTE)
    assert office.server.recipients == [*CHAIRS[1:], CHAIRS[0]]


def test_refusals_are_borne_for_five_days_of_pauses() -> None:
    pauses = []
    while (pause := pause_after(len(pauses) + 1)) is not None:
        pauses.append(pause)
    minutes = [pause // MINUTE for pause in pauses]
    assert minutes[:8] == [5, 10, 20, 40, 80, 160, 240, 240]
    assert PATIENCE <= sum(pauses, timedelta(0)) < PATIENCE + 4 * HOUR


def test_a_letter_refused_for_days_is_given_up(store: Store, server: smtp.MailServer) -> None:
    office = PostOffice(store, server)
    ops = Recipient(Audience.OPS, "ops", "ops@example.org")
    store.outbox.owe([OwedLetter("ops:1", NotificationKind.OPS, ops)], SILENT)
    server.refuses[ops.email] = "451 4.7.1 Greylisted"
    found = store.outbox.show(1)
    while found.status == MessageStatus.PENDING:
        assert found.next_attempt_at < SILENT + PATIENCE + 4 * HOUR
        office.deliver(found.next_attempt_at, lambda *_: Rendered("Findings", "One", "<p>One</p>"))
        found = store.outbox.show(1)
    assert found.status == MessageStatus.FAILED
    assert found.finished_at is not None
    assert found.finished_at >= SILENT + PATIENCE
    assert found.last_error == f"given up after {found.attempt_count} attempts: 451 4.7.1 Greylisted"


def test_the_mail_servers_own_trouble_leaves_all_letters_as_they_were(office: PostOffice) -> None:
    before = office.rows(outbox_message)
    office.server.answers["MAIL"] = "451 4.3.0 Overloaded"
    delivered = office.deliver(SILENT)
    assert "451 4.3.0 Overloaded" in (delivered.trouble or "")
    assert office.rows(outbox_message) == before


def test_a_line_lost_before_the_last_word_gives_the_same_message_id_again(office: PostOffice) -> None:
    office.server.cuts.add("250")
    delivered = office.deliver(SILENT)
    assert delivered.trouble is not None
    office.server.cuts.clear()
    office.deliver(SILENT + 5 * MINUTE)
    assert sorted(office.server.recipients) == [CHAIRS[0], *CHAIRS]
    first = [mail.message_id for mail in office.server.mails if mail.recipient == CHAIRS[0]]
    assert len(first) == 2
    assert len(set(first)) == 1
    assert office.statuses == ["sent"] * 3


def test_a_letter_that_cannot_be_written_holds_up_nobody(office: PostOffice) -> None:
    def compose(letter: OutboxLetter, now: datetime) -> Rendered:
        if letter.message_id == 1:
            raise ZeroDivisionError("a bug")
        return office.composer.compose(letter, now)

    delivered = office.deliver(SILENT, compose)
    assert [each.why for each in delivered.put_off] == ["it could not be written: ZeroDivisionError: a bug"]
    assert office.server.recipients == CHAIRS[1:]
    office.deliver(SILENT + 5 * MINUTE)
    assert office.server.recipients == [*CHAIRS[1:], CHAIRS[0]]


def test_a_letter_that_a_dead_worker_had_in_hand_leaves_when_its_claim_has_lapsed(office: PostOffice) -> None:
    office.store.outbox.claim(1, "dead", SILENT, LEASE)
    office.deliver(SILENT + MINUTE)
    assert office.server.recipients == CHAIRS[1:]
    office.deliver(SILENT + LEASE + MINUTE)
    assert office.server.recipients == [*CHAIRS[1:], CHAIRS[0]]


def test_a_database_that_is_away_after_the_250_makes_no_second_letter(
    tmp_path: Path, server: smtp.MailServer
) -> None:
    path = tmp_path / "collector.db"
    held, freed = threading.Event(), threading.Event()

    def hold() -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held.set()
        freed.wait(30)
        other.close()

    holder = threading.Thread(target=hold)

    def heard(step: str) -> None:
        # Another program takes the database just when the first letter is accepted, for longer than a writer waits.
        if step == "250" and not held.is_set():
            holder.start()
            held.wait(30)
            threading.Timer(0.5, freed.set).start()

    with open_store(f"sqlite:///{path}?timeout=0.1") as store:
        store.upgrade()
        office = PostOffice(store, server)
        office.fall_silent()
        server.heard = heard
        office.deliver(SILENT)
        holder.join()
        assert server.recipients == CHAIRS
        assert office.statuses == ["sent"] * 3


def test_a_database_that_lets_nothing_be_written_after_the_250_makes_no_second_letter(
    office: PostOffice, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        return
    refused: list[threading.Timer] = []

    def heard(step: str) -> None:
        if step == "250" and not refused:
            postgres.let_write(database_url, is_allowed=False)
            refused.append(threading.Timer(0.5, lambda: postgres.let_write(database_url, is_allowed=True)))
            refused[0].start()

    office.server.heard = heard
    office.deliver(SILENT)
    refused[0].join()
    assert office.server.recipients == CHAIRS
    assert office.statuses == ["sent"] * 3


def test_a_letter_of_the_calendar_leaves_whatever_is_held(office: PostOffice) -> None:
    night = SILENT + 8 * HOUR
    ops = Recipient(Audience.OPS, "ops", "ops@example.org")
    office.store.outbox.owe([OwedLetter("ops:1", NotificationKind.OPS, ops)], night)
    delivered = office.deliver(night, lambda *_: Rendered("Findings", "One", "<p>One</p>"))
    assert office.server.recipients == ["ops@example.org"]
    assert len(delivered.held) == 3

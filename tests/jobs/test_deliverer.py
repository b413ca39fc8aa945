"""The deliverer of the daemon: how long it leaves a mail server in trouble alone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from collector.bootstrap import Program
from collector.bootstrap.delivery import Deliverer, deliverer
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient
from collector.domain.redaction import Redactor
from collector.notifications.mail import MailSettingsError
from collector.notifications.message import UnsendableError
from collector.settings import Settings
from storage.errors import StoreError, StoreUnavailableError
from storage.store import Store, open_store
from tests import smtp
from tests.jobs.post_office import SILENT

MINUTE = timedelta(minutes=1)


def owe(store: Store, number: int) -> None:
    ops = Recipient(Audience.OPS, "ops", "ops@example.org")
    store.outbox.owe([OwedLetter(f"ops:{number}", NotificationKind.OPS, ops, about={"keys": []})], SILENT)


class Daemon:
    """A program by a clock that is set by hand, and its deliverer."""

    def __init__(self, store: Store, **mail: object) -> None:
        self.at = SILENT
        settings = Settings(_env_file=None, smtp={"host": smtp.HOST, "from": "c@example.org", **mail})
        self.stop = threading.Event()
        self.parts = Program(settings, Redactor(()), store, lambda: self.at, self.stop)
        self.deliverer: Deliverer = deliverer(self.parts)

    def run(self, at: datetime) -> str | None:
        self.at = at
        return self.deliverer.run().trouble


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One letter is owed to ops."""
    with open_store(f"sqlite:///{tmp_path / 'collector.db'}") as made:
        made.upgrade()
        owe(made, 1)
        yield made


def test_a_server_in_trouble_rests_longer_each_time_up_to_a_quarter_of_an_hour(
    store: Store, server: smtp.MailServer
) -> None:
    daemon = Daemon(store, port=server.port, security="none")
    server.stop()
    told = [daemon.run(SILENT + minute * MINUTE) or "" for minute in range(46)]
    tried = [minute for minute, why in enumerate(told) if "Connection refused" in why]
    assert tried == [0, 1, 3, 7, 15, 30, 45]
    assert "rests until 13:03 UTC" in told[2]


def test_settings_taken_up_while_letters_leave_hold_from_the_next_letter_on(
    store: Store, server: smtp.MailServer
) -> None:
    """A dry run that is set because wrong letters leave must not wait for the thousandth of them."""
    owe(store, 2)
    daemon = Daemon(store, port=server.port, security="none")
    mail = daemon.parts.settings.smtp.model_copy(update={"redirect_to": "test@example.org"})
    rehearsed = daemon.parts.settings.model_copy(update={"smtp": mail})

    def take_up() -> None:
        daemon.parts.settings = rehearsed

    daemon.deliverer = deliverer(daemon.parts, on_letter=take_up)
    daemon.run(SILENT)
    assert server.recipients == ["ops@example.org"]
    daemon.run(SILENT + MINUTE)
    assert server.recipients == ["ops@example.org", "test@example.org"]


def test_after_its_trouble_a_server_gets_what_is_due_at_once(store: Store, server: smtp.MailServer) -> None:
    daemon = Daemon(store, port=server.port, security="none")
    with server.away():
        daemon.run(SILENT)
        daemon.run(SILENT + MINUTE)
    assert daemon.run(SILENT + 3 * MINUTE) is None
    assert server.recipients == ["ops@example.org"]
    server.stop()
    # It begins anew with a minute.
    owe(store, 2)
    daemon.run(SILENT + 10 * MINUTE)
    assert "Connection refused" in (daemon.run(SILENT + 11 * MINUTE) or "")


def test_a_rest_that_a_wrong_clock_began_holds_nothing(store: Store, server: smtp.MailServer) -> None:
    daemon = Daemon(store, port=server.port, security="none")
    with server.away():
        daemon.run(SILENT + timedelta(days=365))
    assert daemon.run(SILENT + MINUTE) is None
    assert server.recipients == ["ops@example.org"]


def test_what_the_database_could_not_be_told_is_told_at_the_next_run_and_never_sent_again(
    tmp_path: Path, server: smtp.MailServer
) -> None:
    path = tmp_path / "collector.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with open_store(f"sqlite:///{path}?timeout=0.1") as store:
        store.upgrade()
        owe(store, 1)
        daemon = Daemon(store, port=server.port, security="none")

        def heard(step: str) -> None:
            # Another program takes the database, and this one is not let wait: as if it had for a minute.
            if step == "250":
                other.execute("BEGIN IMMEDIATE")
                daemon.stop.set()

        server.heard = heard
        with pytest.raises(StoreUnavailableError):
            daemon.run(SILENT)
        server.heard = lambda _step: None
        other.rollback()
        daemon.stop.clear()
        # Its claim has lapsed by now.
        daemon.run(SILENT + timedelta(hours=1))
        assert server.recipients == ["ops@example.org"]
        assert store.outbox.show(1).status == "sent"
    other.close()


def test_what_a_database_refused_to_be_told_is_never_sent_again_either(
    tmp_path: Path, server: smtp.MailServer
) -> None:
    path = tmp_path / "collector.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with open_store(f"sqlite:///{path}") as store:
        store.upgrade()
        owe(store, 1)
        daemon = Daemon(store, port=server.port, security="none")

        def heard(step: str) -> None:
            if step == "250":
                other.execute(
                    "CREATE TRIGGER refuse BEFORE UPDATE ON outbox_message BEGIN SELECT RAISE(ABORT, 'no'); END"
                )

        server.heard = heard
        with pytest.raises(StoreError, match="no"):
            daemon.run(SILENT)
        server.heard = lambda _step: None
        other.execute("DROP TRIGGER refuse")
        daemon.run(SILENT + timedelta(hours=1))
        assert server.recipients == ["ops@example.org"]
        assert store.outbox.show(1).status == "sent"
    other.close()


def test_without_a_mail_server_letters_wait(store: Store) -> None:
    daemon = Daemon(store, host=None)
    assert not daemon.deliverer.run().has_server
    assert store.outbox.show(1).status == "pending"


def test_mail_settings_that_cannot_be_used_are_told_at_the_start(store: Store, tmp_path: Path) -> None:
    with pytest.raises(MailSettingsError, match="COLLECTOR_SMTP__CA_FILE"):
        Daemon(store, ca_file=tmp_path / "absent.pem")
    with pytest.raises(UnsendableError, match="no address"):
        Daemon(store, redirect_to="отдел@example.org")

"""`collector outbox ...` and `collector deliver` as their user runs them, with a real mail server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.domain.model import Contact, ContactRole
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient
from storage.runs import RunCounts
from storage.store import open_store
from tests import smtp
from tests.cli.running import Collector
from tests.storage.worlds import DAY, branch, read, vk

NAMES = ("ops", "night", "day")


def owe(url: str, *names: str) -> None:
    """Letters to ops, which leave at any hour."""
    with open_store(url) as store:
        store.upgrade()
        store.outbox.owe(
            [
                OwedLetter(
                    f"ops:{name}",
                    NotificationKind.OPS,
                    Recipient(Audience.OPS, name, f"{name}@example.org"),
                    about={"keys": []},
                )
                for name in names
            ],
            datetime.now(UTC) - timedelta(minutes=1),
        )


@pytest.fixture
def server(tmp_path: Path) -> Iterator[smtp.MailServer]:
    with smtp.mail_server(tmp_path, "starttls") as running:
        yield running


@pytest.fixture
def collector(tmp_path: Path, database_url: str, server: smtp.MailServer) -> Collector:
    """Three letters are owed."""
    owe(database_url, *NAMES)
    return Collector(tmp_path, database_url, settings=server.settings)


@pytest.fixture
def small(tmp_path: Path, server: smtp.MailServer) -> Collector:
    """The same, on SQLite alone."""
    url = f"sqlite:///{tmp_path / 'collector.db'}"
    owe(url, *NAMES)
    return Collector(tmp_path, url, settings=server.settings)


def test_check_tries_the_mail_server_and_sends_nothing(small: Collector, server: smtp.MailServer) -> None:
    def told(**settings: str) -> str:
        lines = small.run("check", **settings).stdout.splitlines()
        return next(line for line in lines if "mail server: " in line)

    assert told() == f"ok    mail server: {smtp.HOST}:{server.port} takes letters from collector@example.org"
    assert "a dry run, all go to me@example.org" in told(COLLECTOR_SMTP__REDIRECT_TO="me@example.org")
    assert told(COLLECTOR_SMTP__PASSWORD="wrong").startswith("FAIL  mail server: ")
    assert told(COLLECTOR_SMTP__SECURITY="tls").startswith("FAIL  mail server: ")
    assert server.mails == []


def test_check_tells_of_a_folder_of_templates_that_is_not_there(small: Collector) -> None:
    done = small.run("check", COLLECTOR_LETTERS__TEMPLATES_DIR="/nowhere")
    assert done.returncode == 1
    assert "FAIL  templates /nowhere: no folder /nowhere: make it" in done.stdout


def test_deliver_sends_once_what_is_due(small: Collector, server: smtp.MailServer) -> None:
    done = small.run("deliver")
    assert done.returncode == 0, done.stderr
    assert "sent (3):\n- letter 1: ops to ops\n" in done.stdout
    assert small.run("deliver").stdout == "Nothing is due.\n"
    assert server.recipients == [f"{name}@example.org" for name in NAMES]


def test_deliver_sends_the_letter_of_the_week_too(small: Collector, server: smtp.MailServer) -> None:
    tuesday = datetime(2026, 10, 13, 9, tzinfo=UTC)
    department = Contact(ContactRole.DEPARTMENT, "Отдел", "department@example.org")
    with open_store(small.database) as store:
        store.sync_branches([branch("ВАО", vk("1"), contacts=(department,))], tuesday - 20 * DAY)
        for days in (20, 1):
            at = tuesday - days * DAY
            started = store.start_round(at)
            store.write_outcomes(started, [read(at)], lambda *_: tuesday)
            store.finish_round(started, RunCounts(due=1, read=1), at, stopped=False, note=None)
    done = small.run_at(tuesday, "deliver")
    assert done.returncode == 0, done.stderr
    assert server.recipients == [*(f"{name}@example.org" for name in NAMES), "department@example.org"]


def test_two_at_once_send_each_letter_once(collector: Collector, server: smtp.MailServer) -> None:
    # The mail server takes nothing before both are there.
    server.meets = 2
    owe(collector.database, *(f"more{number}" for number in range(20)))
    with collector.started("deliver") as one, collector.started("deliver") as other:
        assert (one.wait(60), other.wait(60)) == (0, 0), collector.log
    assert len(server.mails) == 23
    assert len(set(server.recipients)) == 23
    assert collector.rows("SELECT DISTINCT status FROM outbox_message") == [("sent",)]


def test_a_refusal_is_told_and_ends_with_1(small: Collector, server: smtp.MailServer) -> None:
    server.refuses = {"ops@example.org": "550 5.1.1 No such user", "night@example.org": "451 4.7.1 Later"}
    told = small.json("deliver", code=1)
    assert [each["message_id"] for each in told["sent"]] == [3]
    assert told["refused_for_good"][0]["why"] == "550 5.1.1 No such user"
    assert told["refused_for_now"][0]["why"] == "451 4.7.1 Later"
    assert told["trouble"] is None


def test_a_server_in_trouble_is_told_and_ends_with_1(small: Collector, server: smtp.MailServer) -> None:
    server.stop()
    done = small.run("deliver")
    assert done.returncode == 1
    assert f"the mail server is in trouble, all else waits: {smtp.HOST}:{server.port}" in done.stdout
    assert "correct COLLECTOR_SMTP__HOST or PORT, or start the server" in done.stdout
    server.start()


def test_without_a_mail_server_it_cannot_run(small: Collector) -> None:
    done = small.run("deliver", COLLECTOR_SMTP__HOST="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "set COLLECTOR_SMTP__HOST" in done.stderr


def test_neither_the_password_nor_what_it_is_sent_as_is_ever_shown(
    small: Collector, server: smtp.MailServer
) -> None:
    wrong = "a-password-that-is-wrong"
    plain = base64.b64encode(f"\0{smtp.USER}\0{wrong}".encode()).decode()
    done = small.run(
        "deliver", COLLECTOR_SMTP__PASSWORD=wrong, COLLECTOR_LOG__LEVEL="debug", COLLECTOR_LOG__FORMAT="json"
    )
    assert done.returncode == 1
    assert "refuses the user or the password (535)" in done.stdout
    shown = done.stdout + done.stderr + repr(small.rows("SELECT * FROM outbox_message"))
    for secret in (wrong, plain, base64.b64encode(wrong.encode()).decode(), smtp.PASSWORD):
        assert secret not in shown


def test_in_a_dry_run_all_goes_to_one_address(small: Collector, server: smtp.MailServer) -> None:
    told = small.run("deliver", COLLECTOR_SMTP__REDIRECT_TO="me@example.org").stdout
    assert "A dry run: all went to me@example.org alone" in told
    assert small.run("outbox", "list").stdout.count("dry run, to") == 3
    assert server.recipients == ["me@example.org"] * 3
    assert [mail.subject.split("]")[0] for mail in server.mails] == [
        f"[для {name}@example.org" for name in NAMES
    ]


def test_the_outbox_is_listed_with_what_became_of_each_letter(
    small: Collector, server: smtp.MailServer
) -> None:
    server.refuses = {"ops@example.org": "550 5.1.1 No such user"}
    small.run("deliver")
    table = small.run("outbox", "list").stdout
    assert "ops <ops@example.org>" in table
    assert "550 5.1.1 No such user" in table
    assert table.rstrip().endswith("0 pending, 2 sent, 1 failed, 0 cancelled.")
    told = small.json("outbox", "list", "--status", "failed")
    assert [each["message_id"] for each in told["letters"]] == [1]
    assert told["counts"] == {"pending": 0, "sent": 2, "failed": 1, "cancelled": 0}


def test_a_letter_is_shown_as_it_was_sent(small: Collector, server: smtp.MailServer) -> None:
    small.run("deliver")
    shown = small.run("outbox", "show", "2").stdout
    assert server.mails[1].text.strip() in shown
    assert "night <night@example.org>" in shown
    assert small.json("outbox", "show", "2")["subject"] == server.mails[1].subject


def test_a_failed_letter_is_tried_again_on_request_and_a_sent_one_never(
    small: Collector, server: smtp.MailServer
) -> None:
    server.refuses = {"ops@example.org": "550 5.1.1 No such user"}
    small.run("deliver")
    server.refuses = {}
    assert "was failed, is pending" in small.run("outbox", "retry", "1").stdout
    assert small.run("deliver").returncode == 0
    assert server.recipients.count("ops@example.org") == 1
    refused = small.run("outbox", "retry", "1")
    assert refused.returncode == 2
    assert "a second copy is never sent" in refused.stderr


def test_a_cancelled_letter_says_who_did_it_and_why(small: Collector, server: smtp.MailServer) -> None:
    done = small.run("outbox", "cancel", "1", "--reason", "другой  адрес", "--who", "Иванова")
    assert done.returncode == 0, done.stderr
    small.run("deliver")
    assert "ops@example.org" not in server.recipients
    shown = small.json("outbox", "show", "1")
    assert (shown["status"], shown["cancel_reason"]) == ("cancelled", "другой адрес (Иванова (command line))")


def test_a_number_that_is_not_there_is_told_in_one_line(small: Collector) -> None:
    done = small.run("outbox", "show", "99")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no letter has the number 99; `collector outbox list` shows them\n"

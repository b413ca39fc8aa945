"""A dry run: letters go to somebody else, and those whom they are for lose nothing by it."""

from __future__ import annotations

import threading

from collector.bootstrap import Program
from collector.bootstrap.delivery import deliverer
from collector.domain.redaction import Redactor
from collector.settings import Settings
from storage.letter_tables import outbox_message
from storage.store import Store
from tests import smtp
from tests.jobs.post_office import SILENT, PostOffice
from tests.storage.worlds import DAY, HOUR

ME = "me@example.org"
PAGE = "https://collector.example.org"
CHAIRS = ["chair1@example.org", "chair2@example.org", "chair3@example.org"]


def run(office: PostOffice, store: Store, at: object, **mail: object) -> None:
    """A daemon that starts, and delivers once."""
    server = {"host": smtp.HOST, "port": office.server.port, "security": "none", "from": "c@example.org"}
    web = {"public_url": PAGE, "secret": "s" * 32}
    settings = Settings(_env_file=None, smtp={**server, **mail}, web=web)
    deliverer(Program(settings, Redactor(()), store, lambda: at, threading.Event())).run()  # type: ignore[arg-type,return-value]


def test_letters_of_a_dry_run_are_owed_again_when_it_is_over(store: Store, server: smtp.MailServer) -> None:
    office = PostOffice(store, server)
    office.fall_silent()
    for _ in range(2):
        run(office, store, SILENT, redirect_to=ME)
    assert server.recipients == [ME] * 3
    assert {row.redirected_to for row in office.rows(outbox_message)} == {ME}
    for _ in range(2):
        run(office, store, SILENT + HOUR)
    assert server.recipients == [ME] * 3 + CHAIRS
    assert {row.redirected_to for row in office.rows(outbox_message)} == {None}


def test_a_dry_runs_letters_hold_no_link_that_answers_in_a_chairs_name(
    store: Store, server: smtp.MailServer
) -> None:
    office = PostOffice(store, server)
    office.fall_silent()
    run(office, store, SILENT, redirect_to=ME)
    run(office, store, SILENT + HOUR)
    assert [PAGE in mail.text for mail in server.mails] == [False] * 3 + [True] * 3


def test_a_dry_runs_letters_on_what_is_over_are_not(store: Store, server: smtp.MailServer) -> None:
    """Nor is a chair who was never told of a silence told of its end."""
    office = PostOffice(store, server)
    office.fall_silent()
    run(office, store, SILENT, redirect_to=ME)
    office.look(SILENT + DAY, dict.fromkeys((1, 2, 3), SILENT + HOUR))
    office.detect(SILENT + DAY)
    run(office, store, SILENT + DAY)
    assert server.recipients == [ME] * 3
    assert office.statuses == ["sent"] * 3

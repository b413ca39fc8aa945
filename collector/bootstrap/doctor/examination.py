"""Everything that is looked at, in the order in which one thing needs another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from collector.bootstrap.doctor.backup import last_backup
from collector.bootstrap.doctor.clock import clock
from collector.bootstrap.doctor.database import database
from collector.bootstrap.doctor.diagnosis import Diagnosis, well
from collector.bootstrap.doctor.errors import sentry
from collector.bootstrap.doctor.files import branches_file, templates
from collector.bootstrap.doctor.machine import temporary_folder, time_zones
from collector.bootstrap.doctor.mail import mail_server
from collector.bootstrap.doctor.page import page, users_file
from collector.bootstrap.doctor.tokens import tokens
from collector.bootstrap.program import open_database, settings


def examine(branches: Path | None, clock_of_ours: Callable[[], datetime]) -> Iterator[Diagnosis]:
    """Each line. `branches`: the branches file that the command line names.

    Raises CollectorError where the settings cannot even be read.
    """
    given, now = settings(), clock_of_ours()
    yield well("settings", "read")
    yield time_zones()
    yield temporary_folder()
    with open_database() as store:
        file = branches_file(branches or given.branches_file)
        yield file.diagnosis
        lines = list(database(store))
        yield from lines
        yield last_backup(store, now)
        found = tokens(given, store, file.networks, now)
        yield from found.diagnoses
    mail = mail_server(given.smtp, clock_of_ours)
    yield clock({**found.clocks_ahead, **mail.clock_ahead})
    yield mail.diagnosis
    yield from templates(given, now)
    yield from page(given)
    yield from users_file(given)
    yield from sentry(given)

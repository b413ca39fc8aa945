"""Branches that fall silent, the program that finds it and writes to their chairs, and kills in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select

from storage.engine import reading, writing
from storage.letter_tables import outbox_message, silence
from storage.store import Store, open_store
from tests import smtp
from tests.jobs.post_office import SILENT, PostOffice, branches
from tests.kills.forked import KILLED, Forks, forks

BRANCHES = 11
STARTED = SILENT + timedelta(minutes=1)
RESTARTED = STARTED + timedelta(minutes=15)
"""Later than a claim of the killed process lapses, and while the looks are fresh."""
_MINUTES = 5
CHECK, DELIVER = ("silence", "check"), ("deliver",)


@dataclass(frozen=True)
class Trial:
    """What one kill did. `strange`: copies of a letter with another Message-ID."""

    killed_at: str
    lost: int
    doubled: int
    strange: int


class Killing:
    """A database with silent branches, a mail server, and the program."""

    def __init__(self, store: Store, database_url: str, server: smtp.MailServer, forks: Forks) -> None:
        self._store = store
        self._server = server
        self._forks = forks
        self._settings = {**server.settings, "COLLECTOR_DATABASE_URL": database_url}
        office = PostOffice(store, server, *branches(BRANCHES))
        office.look(SILENT)
        self._due = {contact.email for each in office.declared for contact in each.contacts}

    def steps(self) -> tuple[list[str], list[str]]:
        """What an undisturbed `silence check` and `deliver` do, in order."""
        self._begin_anew()
        found = []
        for command in (CHECK, DELIVER):
            code, did = self._forks.run(*command, at=STARTED, settings=self._settings)
            assert code == 0, self._forks.said
            found.append(did)
        assert Counter(self._server.recipients) == dict.fromkeys(self._due, 1)
        return found[0], found[1]

    def kill(self, step: int, of_check: int) -> Trial:
        """Kill at a step, counted from 1 through both commands, `of_check` of them in the first; then restart."""
        self._begin_anew()
        kill_at = step if step <= of_check else None
        code, did = self._forks.run(*CHECK, at=STARTED, settings=self._settings, kill_at=kill_at)
        if step > of_check:
            code, did = self._forks.run(
                *DELIVER, at=STARTED, settings=self._settings, kill_at=step - of_check
            )
        assert code == KILLED, self._forks.said
        self._restart()
        arrived = Counter(self._server.recipients)
        ids = {(mail.recipient, mail.message_id) for mail in self._server.mails}
        return Trial(
            did[-1],
            lost=len(self._due - set(arrived)),
            doubled=sum(count - 1 for count in arrived.values()),
            strange=len(ids) - len(arrived),
        )

    def _begin_anew(self) -> None:
        self._server.mails.clear()
        with writing(self._store._engine) as conn:
            conn.execute(delete(outbox_message))
            conn.execute(delete(silence))

    def _restart(self) -> None:
        """As the daemon does: detect, and deliver each minute until nothing is left.

        PostgreSQL notices in its own time that a process is gone: meanwhile a letter that it was just claiming is
        passed over.
        """
        code, _ = self._forks.run(*CHECK, at=RESTARTED, settings=self._settings)
        assert code == 0, self._forks.said
        for minute in range(_MINUTES):
            code, _ = self._forks.run(
                *DELIVER, at=RESTARTED + timedelta(minutes=minute), settings=self._settings
            )
            assert code == 0, self._forks.said
            if self._is_settled():
                return
        raise AssertionError(f"after {_MINUTES} minutes letters still wait")

    def _is_settled(self) -> bool:
        with reading(self._store._engine) as conn:
            episodes = conn.scalar(select(func.count()).select_from(silence))
            statuses = list(conn.scalars(select(outbox_message.c.status)))
        return (episodes, statuses) == (BRANCHES, ["sent"] * BRANCHES)


@contextmanager
def killing(database_url: str, folder: Path) -> Iterator[Killing]:
    """A world to kill in, on an empty database."""
    with (
        open_store(database_url) as store,
        smtp.mail_server(folder) as server,
        forks(folder) as forking,
    ):
        store.upgrade()
        yield Killing(store, database_url, server, forking)

"""A world in which branches fall silent and letters are delivered, by a clock that the test sets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from collector.domain.model import BranchDeclaration, Contact, ContactRole, Reading
from collector.jobs.compose import Composer
from collector.jobs.compose_digests import DigestPolicy
from collector.jobs.deliver import Compose, Delivered, DeliverPolicy, deliver
from collector.jobs.detect_silence import Detected, DetectPolicy, detect
from collector.jobs.gates import GatePolicy
from collector.notifications.mail import Mailer, MailServer
from collector.notifications.message import Sender
from collector.notifications.rendering import Renderer
from storage.letter_tables import outbox_message
from storage.store import Store
from tests import smtp
from tests.storage.worlds import HOUR, NOON, World, branch, post, read, vk, wall

WEEK = timedelta(days=7)
SILENT = NOON + WEEK + HOUR
"""An hour after the deadline of every branch: a Monday, 16:00 in Moscow."""
LEASE = timedelta(minutes=9)


def chair(number: int) -> Contact:
    return Contact(ContactRole.CHAIR, f"Председатель {number}", f"chair{number}@example.org")


def branches(count: int, **more: Any) -> list[BranchDeclaration]:
    return [
        branch(f"Б{number}", vk(str(number)), **{"contacts": (chair(number),), **more})
        for number in range(1, count + 1)
    ]


class PostOffice(World):
    """Branches that posted at noon once, a mail server, and what is done by hand at given times."""

    def __init__(self, store: Store, server: smtp.MailServer, *declared: BranchDeclaration) -> None:
        self.declared = declared or tuple(branches(3))
        super().__init__(store, *self.declared)
        self.server = server
        self.detecting = DetectPolicy()
        self.gates = GatePolicy()
        self.composer = Composer(store, Renderer(), None, DigestPolicy(WEEK, count_reposts=True))
        self.newest: dict[int, datetime] = {}
        self.look(NOON + HOUR)

    def look(self, at: datetime, posted: dict[int, datetime] | None = None) -> None:
        """Read every wall; `posted` says which communities have a newer post since when."""
        self.newest |= posted or {}
        self.round(*(self.reading(number, at) for number in range(1, len(self.declared) + 1)))

    def reading(self, number: int, at: datetime) -> Reading:
        posts = [post(f"{number}0", NOON)]
        if number in self.newest:
            posts.append(post(f"{number}1", self.newest[number]))
        return read(at, wall=wall(*posts), community_id=number, native_id=str(number))

    def detect(self, at: datetime) -> Detected:
        return detect(self.store, self.detecting, at)

    def fall_silent(self) -> None:
        """Every branch, with a letter owed to each of its people."""
        self.look(SILENT)
        self.detect(SILENT)

    def deliver(
        self,
        at: datetime,
        compose: Compose | None = None,
        worker: str = "worker",
        now: Callable[[], datetime] | None = None,
    ) -> Delivered:
        mailer = Mailer(MailServer(smtp.HOST, self.server.port, "none", timeout=5))
        policy = DeliverPolicy(Sender("collector@example.org", "Монитор"), worker, LEASE, self.gates)
        return deliver(
            self.store,
            mailer,
            compose or self.composer.compose,
            policy,
            now or (lambda: at),
            threading.Event(),
        )

    @property
    def statuses(self) -> list[str]:
        """Of all letters, in order."""
        return [row.status for row in self.rows(outbox_message)]

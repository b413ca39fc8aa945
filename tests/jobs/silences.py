"""A branch whose silence is detected, and the people who hear of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collector.domain.model import BranchDeclaration, Contact, ContactRole, Post
from collector.domain.silence import Verdict
from collector.jobs.detect_silence import Detected, DetectPolicy, detect
from storage.letter_tables import outbox_message, silence
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, post, read, vk, wall

CHAIR = Contact(ContactRole.CHAIR, "Анна", "chair@vao.example.org")
ADMINISTRATOR = Contact(ContactRole.ADMINISTRATOR, "Борис", "smm@vao.example.org")
DEPARTMENT = Contact(ContactRole.DEPARTMENT, "Отдел", "info@mgo.example.org")
PARENT = Contact(ContactRole.CHAIR, "Вера", "chair@mgo.example.org")
WEEK = 7 * DAY
LAST = post("10", NOON)
PROVEN_AT = NOON + WEEK + HOUR


def vao(*communities: Any, **more: Any) -> BranchDeclaration:
    given = {"contacts": (CHAIR, ADMINISTRATOR), **more}
    return branch("ВАО", *(communities or (vk("1"),)), **given)


class Silences(World):
    """A world in which silences are detected."""

    def __init__(self, store: Store, *declared: BranchDeclaration) -> None:
        super().__init__(store, *(declared or (vao(),)))

    def look(self, at: datetime, *posts: Post, number: int = 1, since: datetime | None = None) -> None:
        """Read a community's wall: these posts stand on it."""
        self.round(read(at, wall=wall(*posts, since=since), community_id=number, native_id=str(number)))

    def detect(self, at: datetime, **policy: Any) -> Detected:
        return detect(self.store, DetectPolicy(**policy), at)

    def verdicts(self, at: datetime, **options: Any) -> dict[str, Verdict]:
        """What each branch is found to be."""
        found: dict[str, Verdict] = {}
        detect(
            self.store,
            DetectPolicy(),
            at,
            on_verdict=lambda facts, verdict: found.update({facts.code: verdict.verdict}),
            **options,
        )
        return found

    def verdict(self, at: datetime) -> Verdict:
        """What ВАО is found to be."""
        return self.verdicts(at)["ВАО"]

    def declare(self, *declared: BranchDeclaration) -> None:
        """Another branches file."""
        self.store.sync_branches(declared, NOON)

    def send(self, at: datetime) -> list[str]:
        """Let a worker send all that is due; gives the kinds."""
        sent = []
        for waiting in self.store.outbox.waiting(at):
            letter = self.store.outbox.claim(waiting.message_id, "worker", at, HOUR)
            assert letter is not None
            self.store.outbox.sent(letter.message_id, "worker", at, subject="s", body_text="b")
            sent.append(letter.kind.value)
        return sent

    def letters(self) -> list[tuple[str, str, str]]:
        return [(row.kind, row.email, row.status) for row in self.rows(outbox_message)]

    def open_count(self) -> int:
        return sum(row.resumed_at is None for row in self.rows(silence))

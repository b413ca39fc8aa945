"""Detection on a real database: silences begin, last and end, whatever happened meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collector.domain.episode import EndReason
from collector.domain.model import BranchDeclaration, Contact, ContactRole
from collector.jobs.detect_silence import Detected, DetectPolicy, detect
from storage.letter_tables import outbox_message, silence
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, post, read, vk, wall

CHAIR = Contact(ContactRole.CHAIR, "Анна", "chair@vao.example.org")
ADMINISTRATOR = Contact(ContactRole.ADMINISTRATOR, "Борис", "smm@vao.example.org")
WEEK = 7 * DAY


def vao(**more: Any) -> BranchDeclaration:
    return branch("ВАО", vk("1"), **{"contacts": (CHAIR, ADMINISTRATOR), **more})


class Silences(World):
    """A world in which silences are detected."""

    def __init__(self, store: Store, *declared: BranchDeclaration) -> None:
        super().__init__(store, *(declared or (vao(),)))

    def look(self, at: datetime, *posts: Any, **more: Any) -> None:
        """Read the wall of a community: these posts stand on it."""
        self.round(read(at, wall=wall(*posts), **more))

    def detect(self, at: datetime, **policy: Any) -> Detected:
        return detect(self.store, DetectPolicy(**policy), at)

    def letters(self) -> list[tuple[str, str, str]]:
        return [(row.kind, row.email, row.status) for row in self.rows(outbox_message)]


@pytest.fixture
def world(store: Store) -> Silences:
    """ВАО posted at noon, and was looked at an hour later."""
    made = Silences(store)
    made.look(NOON + HOUR, post("10", NOON))
    return made


def test_a_silence_begins_lasts_and_ends(world: Silences) -> None:
    last = post("10", NOON)
    assert world.detect(NOON + HOUR).opened == []
    world.look(NOON + WEEK + HOUR, last)
    (episode,) = world.detect(NOON + WEEK + HOUR).opened
    assert episode.silent_since == NOON + WEEK
    assert episode.confirmed_at == NOON + WEEK + HOUR
    assert episode.last_post_url == last.url
    assert [each.looked_at for each in episode.proof] == [NOON + WEEK + HOUR]
    assert world.letters() == [
        ("silence", CHAIR.email, "pending"),
        ("silence", ADMINISTRATOR.email, "pending"),
    ]

    world.look(NOON + WEEK + 2 * HOUR, last)
    again = world.detect(NOON + WEEK + 2 * HOUR)
    assert (again.opened, again.ended) == ([], [])
    assert world.row(silence).confirmed_at == NOON + WEEK + 2 * HOUR
    assert len(world.letters()) == 2

    new = post("11", NOON + WEEK + 2 * HOUR)
    world.look(NOON + WEEK + 3 * HOUR, last, new)
    (episode,) = world.detect(NOON + WEEK + 3 * HOUR).ended
    assert (episode.end_reason, episode.resumed_at) == (EndReason.POSTED, new.published_at)
    assert {status for _, _, status in world.letters()} == {"cancelled"}

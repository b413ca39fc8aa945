"""Rounds in a folder of their own, a mail server, and a silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.store import Store
from tests import smtp
from tests.jobs.rounds import Rounds
from tests.jobs.silences import LAST, PROVEN_AT, Silences
from tests.storage.worlds import HOUR, NOON


@pytest.fixture
def rounds(tmp_path: Path) -> Iterator[Callable[..., Rounds]]:
    with ExitStack() as stack:
        yield lambda ids, **options: Rounds(tmp_path, stack, ids, **options)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[smtp.MailServer]:
    with smtp.mail_server(tmp_path) as running:
        yield running


@pytest.fixture
def world(store: Store) -> Silences:
    """ВАО posted at noon, and was looked at an hour later."""
    made = Silences(store)
    made.look(NOON + HOUR, LAST)
    return made


@pytest.fixture
def silent(world: Silences) -> Silences:
    """A week later it was found silent."""
    world.look(PROVEN_AT, LAST)
    assert len(world.detect(PROVEN_AT).opened) == 1
    return world

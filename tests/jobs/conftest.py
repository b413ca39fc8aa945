"""Rounds in a folder of their own, and a mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import smtp
from tests.jobs.rounds import Rounds


@pytest.fixture
def rounds(tmp_path: Path) -> Iterator[Callable[..., Rounds]]:
    with ExitStack() as stack:
        yield lambda ids, **options: Rounds(tmp_path, stack, ids, **options)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[smtp.MailServer]:
    with smtp.mail_server(tmp_path) as running:
        yield running

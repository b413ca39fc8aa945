"""Rounds in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.jobs.rounds import Rounds


@pytest.fixture
def rounds(tmp_path: Path) -> Iterator[Callable[..., Rounds]]:
    with ExitStack() as stack:
        yield lambda ids, **options: Rounds(tmp_path, stack, ids, **options)

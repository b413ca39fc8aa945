"""A bench of VK for each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.networks.harness import VkBench

RECORDED = Path(__file__).parents[2] / "payloads" / "recorded" / "vk"


@pytest.fixture
def bench() -> Iterator[Callable[..., VkBench]]:
    """Starts benches; all are stopped at the end."""
    started: list[VkBench] = []

    def make(*args: Any, **kwargs: Any) -> VkBench:
        started.append(VkBench(*args, **kwargs))
        return started[-1].__enter__()

    yield make
    for each in started:
        each.__exit__(None, None, None)


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    """A real answer of VK's, by its path below tests/payloads/recorded/vk."""
    return lambda name: json.loads((RECORDED / name).read_text(encoding="utf-8-sig"))

"""Looks that are shared, kept for a moment, and waited for with a limit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from collector.ops.looker import Looker, NoAnswerError


class Slow:
    """A look that takes until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.count = 0

    def look(self) -> int:
        self.count += 1
        self.begun.release()
        assert self.go.wait(30)
        return self.count


def test_all_who_ask_meanwhile_share_one_look() -> None:
    slow = Slow()
    looker = Looker(slow.look, kept_s=30, patience_s=30)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(looker.latest) for _ in range(8)]
        assert slow.begun.acquire(timeout=30)
        slow.go.set()
        assert {each.result() for each in asked} == {1}
    assert looker.latest() == 1, "it is kept for a moment"


def test_nobody_waits_for_ever_and_no_second_look_is_begun() -> None:
    slow = Slow()
    looker = Looker(slow.look, kept_s=0, patience_s=0.01)
    try:
        for _ in range(5):
            with pytest.raises(NoAnswerError, match="the database has not answered for 0 s"):
                looker.latest()
        assert slow.count == 1
    finally:
        slow.go.set()


def test_what_is_old_is_looked_at_anew() -> None:
    looks = iter(range(10))
    looker = Looker(lambda: next(looks), kept_s=0, patience_s=30)
    assert [looker.latest(), looker.latest()] == [0, 1]


def test_who_asks_hears_of_the_failure() -> None:
    def look() -> int:
        raise TimeoutError("the disk is slow")

    looker = Looker(look, kept_s=0, patience_s=30)
    with pytest.raises(TimeoutError, match="the disk is slow"):
        looker.latest()


def test_a_failure_is_not_kept() -> None:
    """Else a database that was away for a moment stays so for as long as a look is kept."""
    outcomes: Iterator[int | Exception] = iter([TimeoutError("the disk is slow"), 7])

    def look() -> int:
        found = next(outcomes)
        if isinstance(found, Exception):
            raise found
        return found

    looker = Looker(look, kept_s=600, patience_s=30)
    with pytest.raises(TimeoutError):
        looker.latest()
    assert [looker.latest(), looker.latest()] == [7, 7]

"""Gathers a network's outcomes into batches to be written.

The network is read in a thread of its own, so that an answer which hangs holds up neither the writing of
what was told before it, nor a stop.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from datetime import timedelta

from collector.domain.model import Outcome

BATCH_SIZE = 500
"""Outcomes written in one transaction."""
BATCH_AGE_S = 2.0
"""Outcomes wait no longer than this for their batch to fill, so that a kill loses little."""
_LOOK_EVERY_S = 0.2


def batches(
    outcomes: Iterator[Outcome], stop: threading.Event, patience: timedelta
) -> Generator[list[Outcome], None, None]:
    """The outcomes in batches that are full, or old enough.

    When `stop` is set, what there is comes at once, and what comes within `patience`; the rest is left.
    Raises what reading them raised, after what came before it.
    """
    waiting = _Waiting()
    # A daemon thread: one that waits for an answer does not keep the process from ending.
    threading.Thread(target=waiting.fill, args=(outcomes,), name="read", daemon=True).start()
    try:
        yield from waiting.take(stop, patience)
    finally:
        waiting.abandon()


class _Waiting:
    """Outcomes between the thread that reads and the one that writes; never more than a batch."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._outcomes: list[Outcome] = []
        self._oldest_at = 0.0
        self._is_ended = False
        self._is_abandoned = False
        self._error: BaseException | None = None

    def fill(self, outcomes: Iterator[Outcome]) -> None:
        try:
            for outcome in outcomes:
                if not self._put(outcome):
                    break
        except BaseException as error:  # noqa: BLE001 - raised again where the batches are taken
            self._error = error
        finally:
            with self._changed:
                self._is_ended = True
                self._changed.notify_all()

    def _put(self, outcome: Outcome) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: len(self._outcomes) < BATCH_SIZE or self._is_abandoned)
            if not self._outcomes:
                self._oldest_at = time.monotonic()
            self._outcomes.append(outcome)
            if len(self._outcomes) == BATCH_SIZE:
                self._changed.notify_all()
            return not self._is_abandoned

    def take(self, stop: threading.Event, patience: timedelta) -> Iterator[list[Outcome]]:
        leaves_at: float | None = None
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._is_ended or len(self._outcomes) >= BATCH_SIZE, _LOOK_EVERY_S
                )
                now = time.monotonic()
                if stop.is_set() and leaves_at is None:
                    leaves_at = now + patience.total_seconds()
                is_last = self._is_ended or (leaves_at is not None and now >= leaves_at)
                is_ripe = len(self._outcomes) >= BATCH_SIZE or now - self._oldest_at >= BATCH_AGE_S
                batch: list[Outcome] = []
                if is_last or is_ripe or stop.is_set():
                    batch, self._outcomes = self._outcomes, []
                    self._changed.notify_all()
            if batch:
                yield batch
            if is_last:
                break
        if self._error is not None:
            raise self._error

    def abandon(self) -> None:
        with self._changed:
            self._is_abandoned = True
            self._changed.notify_all()

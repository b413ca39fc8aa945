"""Slows down whoever guesses passwords: after some failures each next attempt waits longer, up to a minute.

Nobody is ever locked out: a minute is the most. A stranger who keeps failing in somebody's name would make that
person wait all the same, so a browser that has logged in before counts for itself and does not wait for strangers
(OWASP calls that device cookies). A minute a guess makes 1,440 a day of passwords that are 12 characters long.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

_LONGEST_WAIT = timedelta(minutes=1)
_FORGOTTEN_AFTER = timedelta(days=1)


class Counted(Enum):
    """By what attempts are counted together."""

    BY_USER = auto()
    BY_BROWSER = auto()
    BY_ADDRESS = auto()


_FREE_TRIES = {Counted.BY_USER: 5, Counted.BY_BROWSER: 5, Counted.BY_ADDRESS: 20}
"""How often one may fail before one has to wait. Behind one address there may be a whole office."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Whose attempts are counted together: a user's name, a known browser's number, a network address."""

    counted: Counted
    name: str


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    newest_at: datetime


class Brakes:
    """Failed attempts by suspect, in memory: of the newest `most` suspects."""

    def __init__(self, most: int = 10_000) -> None:
        # Who would push somebody's failures out by inventing names has a password checked for each of them: that
        # takes longer than the wait which is saved.
        self._most = most
        self._lock = threading.Lock()
        self._failures: OrderedDict[Suspect, _Failures] = OrderedDict()

    def attempt(self, suspects: Sequence[Suspect], now: datetime) -> timedelta:
        """How long to wait; 0: go on, and the attempt counts as failed until `succeeded` says that it was not.

        Counted before the password is checked, as many attempts at once would all be the first one.
        """
        with self._lock:
            wait = max(self._wait(suspect, now) for suspect in suspects)
            if wait == timedelta(0):
                for suspect in suspects:
                    self._count(suspect, now)
            return wait

    def unjudged(self, suspects: Sequence[Suspect]) -> None:
        """Take an attempt back that was neither right nor wrong; what was before it stays."""
        with self._lock:
            for suspect in suspects:
                self._take_one_back(suspect)

    def succeeded(self, suspects: Sequence[Suspect]) -> None:
        """Forget the failures, which were somebody's own mistakes; of an address this attempt's alone."""
        with self._lock:
            for suspect in suspects:
                if suspect.counted is Counted.BY_ADDRESS:
                    self._take_one_back(suspect)
                else:
                    self._failures.pop(suspect, None)

    def __len__(self) -> int:
        return len(self._failures)

    def _take_one_back(self, suspect: Suspect) -> None:
        known = self._failures.get(suspect)
        if known is not None and known.count > 1:
            self._failures[suspect] = replace(known, count=known.count - 1)
        else:
            self._failures.pop(suspect, None)

    def _wait(self, suspect: Suspect, now: datetime) -> timedelta:
        known = self._known(suspect, now)
        tries = _FREE_TRIES[suspect.counted]
        if known is None or known.count < tries:
            return timedelta(0)
        seconds = 2 ** min(known.count - tries, 10)
        wait = min(timedelta(seconds=seconds), _LONGEST_WAIT) - (now - known.newest_at)
        return max(wait, timedelta(0))

    def _count(self, suspect: Suspect, now: datetime) -> None:
        known = self._known(suspect, now)
        self._failures[suspect] = _Failures(1 if known is None else known.count + 1, now)
        self._failures.move_to_end(suspect)
        if len(self._failures) > self._most:
            self._failures.popitem(last=False)

    def _known(self, suspect: Suspect, now: datetime) -> _Failures | None:
        """None also where the clock was set back since: nobody waits for hours by that."""
        known = self._failures.get(suspect)
        if known is None or not timedelta(0) <= now - known.newest_at < _FORGOTTEN_AFTER:
            return None
        return known

"""The case: what was so, what the program holds, what arrived, and what is found to be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from scripts.soak import troubles as kinds
from scripts.soak.daemon import SENDER
from scripts.soak.postbox import Letter
from scripts.soak.records import Owed, read
from scripts.soak.stage import Played
from scripts.soak.story import Branch
from scripts.soak.troubles import HOUR
from scripts.soak.truth import State, Stretch, Truth, told
from scripts.soak.weather import Weather

_MACHINE_S = 0.5
"""What a round or a letter may take of the machine's own time: it does not shrink as the calendar goes faster."""
_BUSY_MACHINE_S = 1.5
"""The same where the machine has other things to do, at the most."""


@dataclass(frozen=True)
class Wrong:
    """Something that must not be: of which branch (None: of none), in which time."""

    what: str
    branch: str | None
    begins: float
    ends: float

    def __str__(self) -> str:
        return f"{self.branch or '-'}: {self.what} ({told(self.begins)} to {told(self.ends)} UTC)"


@dataclass
class Verdict:
    """What came of it."""

    wrongs: list[Wrong] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    """Of each silence that was found, in seconds from when it could be."""
    counts: Counter[str] = field(default_factory=Counter)


class Case:
    """All that is known; what the rules find goes into `verdict`."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.records = read(played.database, SENDER)
        self.truth = Truth(played.world, played.story.branches, played.deeds, played.begins, played.ends)
        self.weather = Weather(played.troubles)
        self.interval = played.options.interval_hours * HOUR
        self.slack = self._machine_s() * played.options.speed
        self.patience = self.interval + self.slack
        self.hours = (0, 24) if played.options.round_the_clock else (9, 18)
        self.branches = {branch.code: branch for branch in played.story.branches}
        self.owed = {each.message_id: each for each in self.records.outbox}
        self.arrived: list[tuple[Letter, Owed]] = []
        """Letters that the outbox knows; the rules for letters fill it."""
        self.verdict = Verdict()

    def _machine_s(self) -> float:
        """What the longest round took with nothing out of order, and as much as half of that for what follows it."""
        took = [
            seconds
            for at, seconds in self.played.daemon.rounds()
            if not self.weather.around(at - 2 * seconds * self.played.speed, at)
        ]
        return min(max(_MACHINE_S, 1.5 * max(took, default=0)), _BUSY_MACHINE_S)

    def stretches(self, state: State) -> Iterator[tuple[Branch, Stretch]]:
        """Of all branches, when they were in this state."""
        for code, stretches in self.truth.of.items():
            for each in stretches:
                if each.state is state:
                    yield self.branches[code], each

    def judged_since(self, letter: Letter, owed: Owed) -> float:
        """The earliest instant at which the program may have judged that this letter may leave."""
        # Charts are drawn in between: a second, or more where the machine is busy.
        since = letter.at - self.slack * (5 if owed.kind == "monthly" else 1)
        for trouble in self.weather.around(since, letter.at):
            if trouble.name == kinds.ASLEEP:
                # It fell asleep with the letter in hand.
                since = min(since, trouble.begins - self.slack)
        return since

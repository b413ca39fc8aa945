"""What a round has still to do, in order of urgency, and what of it is under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from collector.domain.model import CommunityToRead, Outcome
from collector.networks.vk import lookups
from collector.networks.vk.tasks import Steps, Task, WallJob
from collector.networks.vk.tokens import Work

# The next lookup is made when fewer walls than this wait: the pipe never runs dry, and memory stays bounded.
_WALLS_AHEAD = 250
_LOOKUPS_AHEAD = 8


class Backlog:
    """Lookups and walls to come. What is taken up again goes before the rest."""

    def __init__(self, targets: Iterable[CommunityToRead]) -> None:
        """`targets` are taken as they are needed."""
        self._source = iter(targets)
        self._is_exhausted = False
        self._lookups: deque[Task] = deque()
        self._reread: list[tuple[str, CommunityToRead]] = []
        self._batches: deque[Task] = deque()
        self._walls: deque[WallJob] = deque()
        self.under_way: dict[Task, None] = {}

    @property
    def is_done(self) -> bool:
        """Whether nothing is left, here or under way."""
        queued = self._lookups or self._reread or self._batches or self._walls
        return self._is_exhausted and not queued and not self.under_way

    def has(self, work: Work) -> bool:
        """Whether anything of this kind waits."""
        return bool(self._lookups) if work is Work.LOOKUPS else bool(self._batches or self._walls)

    def refill(self) -> None:
        """Take targets while few walls wait, counting those that the lookups under way will find."""
        pending = [task for task in (*self._lookups, *self.under_way) if task.work is Work.LOOKUPS]
        ahead = len(self._walls) + sum(target.wants_wall for task in pending for target in task.targets)
        number = len(pending)
        while not self._is_exhausted and ahead < _WALLS_AHEAD and number < _LOOKUPS_AHEAD:
            targets = list(islice(self._source, lookups.LOOKUP_SIZE))
            self._is_exhausted = len(targets) < lookups.LOOKUP_SIZE
            if targets:
                self._lookups.append(lookups.task_for(targets))
                ahead += sum(target.wants_wall for target in targets)
                number += 1
        if self._reread and not any(task.method == lookups.RESOLVE for task in pending):
            # Names that were resolved one by one share one lookup.
            chunk = self._reread[: lookups.LOOKUP_SIZE]
            del self._reread[: lookups.LOOKUP_SIZE]
            self._lookups.appendleft(Task(lookups.GET_BY_ID, chunk))

    def take_lookup(self) -> Task:
        """The next lookup."""
        return self._lookups.popleft()

    def take_walls(self, most: int) -> list[WallJob]:
        """The most urgent walls for one request that may ask for so many.

        None for now where the request would not be full and a lookup may still find more.
        """
        if self._batches:
            batch = self._batches.popleft().walls
            if len(batch) > most:
                self.put_back(batch[most:])
            return batch[:most]
        size = 1 if self._walls[0].is_direct else most
        if len(self._walls) < size and self._may_find_more():
            return []
        batch = [self._walls.popleft()]
        while self._walls and len(batch) < size and not self._walls[0].is_direct:
            batch.append(self._walls.popleft())
        return batch

    def _may_find_more(self) -> bool:
        if not self._is_exhausted or self._lookups or self._reread:
            return True
        return any(task.work is Work.LOOKUPS for task in self.under_way)

    def put_back(self, walls: list[WallJob]) -> None:
        """Walls that could not be asked for: they are the next again."""
        self._walls.extendleft(reversed(walls))

    def put_back_task(self, task: Task) -> None:
        """The same for a whole request."""
        if task.work is Work.WALLS:
            self.put_back(task.walls)
        else:
            self._lookups.appendleft(Task(task.method, task.lookups))

    def follow(self, steps: Steps) -> None:
        """Add what an answer leads to."""
        self._walls.extend(steps.walls)
        self.put_back(steps.again)
        for task in reversed(steps.tasks):
            (self._batches if task.work is Work.WALLS else self._lookups).appendleft(task)
        self._reread.extend(steps.reread)

    def conclude(
        self,
        work: Work,
        of_target: Callable[[CommunityToRead], Outcome],
        of_wall: Callable[[WallJob], Outcome],
    ) -> list[Outcome]:
        """Give up all that waits of this kind, each with an outcome."""
        given_up: list[Outcome] = []
        if work is Work.LOOKUPS:
            targets = [target for task in self._lookups for target in task.targets]
            given_up += map(of_target, targets + [target for _, target in self._reread])
            self._lookups.clear()
            self._reread.clear()
        else:
            jobs = [job for task in self._batches for job in task.walls]
            given_up += map(of_wall, jobs + list(self._walls))
            self._batches.clear()
            self._walls.clear()
        return given_up

    def rest(
        self, of_target: Callable[[CommunityToRead], Outcome], of_wall: Callable[[WallJob], Outcome]
    ) -> Iterator[Outcome]:
        """Give up what is still under way, and what was never taken up, each with an outcome."""
        for task in self.under_way:
            if task.work is Work.WALLS:
                yield from map(of_wall, task.walls)
            else:
                yield from map(of_target, task.targets)
        yield from map(of_target, self._source)

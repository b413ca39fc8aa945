"""The stage: sandbox, mail server, database and daemon, and the year that is played on it."""

from __future__ import annotations

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.sandbox import VK_TOKEN, SandboxClock, SandboxServer, VkToken, World
from scripts.soak import troubles as kinds
from scripts.soak.daemon import Daemon, branches_file, settings_of
from scripts.soak.databases import PostgreSql, Sqlite
from scripts.soak.fastclock import FastClock
from scripts.soak.heartbeat import Heartbeat
from scripts.soak.people import People
from scripts.soak.postbox import Letter, Postbox
from scripts.soak.story import DAY, Deed, Story, Teller, sandbox_communities
from scripts.soak.troubles import Area, Plan, Trouble, faults_of
from tests.smtp import mail_server

START = datetime(2026, 1, 9, 21, tzinfo=UTC)
"""Midnight in Moscow, as the holidays of 2026 end."""
_A_YEAR = timedelta(days=365)
_FIRST_ROUND_S = 0.5
_UPGRADE_S = 1.8
"""A command on a machine that does nothing else takes less."""


@dataclass(frozen=True)
class Options:
    """What a person may choose."""

    seed: int
    days: int
    speed: int
    interval_hours: int
    round_the_clock: bool
    postgresql: bool


@dataclass
class Played:
    """What was done, what happened, what arrived. Instants in seconds since 1970, by the sandbox's clock.

    `begins` is when the daemon first looked, `ends` when it had stopped.
    """

    options: Options
    story: Story
    world: World
    daemon: Daemon
    database: str
    speed: float
    """As it was, which may be less than was asked for."""
    begins: float
    ends: float
    deeds: list[Deed] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    """What people did."""


class Stage:
    """Everything that is there, and the hands that move it."""

    def __init__(self, folder: Path, stack: ExitStack, options: Options) -> None:
        self._story = Story(options.seed, START, options.days)
        self._plan = Plan.drawn(options.seed, START, options.days)
        self._options = options
        self._clock = SandboxClock(start=START, speed=0)
        self._world = World(sandbox_communities(self._story.branches), seed=options.seed, clock=self._clock)
        self._sandbox = stack.enter_context(
            SandboxServer(self._world, vk_tokens=[VkToken(VK_TOKEN, requests_per_second=None)])
        )
        self._fast = FastClock(folder, self._clock)
        self._postbox = Postbox(stack.enter_context(mail_server(folder)), self._clock)
        self._database = PostgreSql(stack) if options.postgresql else Sqlite(folder)
        (folder / "branches.yaml").write_text(branches_file(self._story.branches))
        settings = settings_of(
            self._sandbox, self._database.url, options.interval_hours, round_the_clock=options.round_the_clock
        )
        self._daemon = Daemon(folder, self._postbox.settings | settings, self._fast)
        stack.callback(self._daemon.kill)
        self._people = People(options.seed, self._daemon, self._clock)
        self._heartbeat = Heartbeat(folder, self._clock)
        stack.callback(self._heartbeat.stop)
        self._teller = Teller(self._world)
        self._is_database_away = False
        self._is_wanted = True
        self._deeds: list[Deed] = []
        self._happened: list[Trouble] = []

    def play(self) -> Played:
        """The whole time, from an empty database to the daemon's end."""
        self._fast.set()
        speed = self._speed()
        begins = START.timestamp()
        ends = begins + self._options.days * DAY
        for deed in self._story.deeds:
            if deed.at < begins:
                self._teller.tell(deed, deed.at)
        self._clock.set_speed(speed)
        self._fast.set()
        self._daemon.start()
        started = self._clock.timestamp()
        # Its first round begins now, and takes a while.
        looked = started + _FIRST_ROUND_S * speed
        self._happened.append(Trouble(Area.DAEMON, "first start", begins, looked))
        for at, act in self._agenda(begins, ends):
            self._wait_until(at)
            act()
        self._wait_until(ends)
        self._people.rest()
        self._daemon.require_alive()
        self._daemon.stop()
        ended = self._clock.timestamp()
        self._happened.append(Trouble(Area.DAEMON, "the end", ends, ended))
        return Played(
            self._options,
            self._story,
            self._world,
            self._daemon,
            self._database.url,
            speed,
            started,
            ended,
            self._deeds,
            self._happened + self._heartbeat.stalls,
            self._postbox.letters,
            self._people.did,
        )

    def _speed(self) -> float:
        """As fast as was asked for, unless the machine has too much to do for that."""
        began = time.monotonic()
        done = self._daemon.command("db", "upgrade")
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
        took = time.monotonic() - began
        if took <= _UPGRADE_S:
            return self._options.speed
        slower = round(self._options.speed * _UPGRADE_S / took)
        print(f"The machine is busy or slow (a first command took {took:.1f} s): {slower}-fold", flush=True)
        return slower

    def _wait_until(self, at: float) -> None:
        while (left := at - self._clock.timestamp()) > 0:
            time.sleep(min(left / self._clock.speed, 0.05))

    def _agenda(self, begins: float, ends: float) -> Iterator[tuple[float, Callable[[], None]]]:
        """Deeds and troubles, each at its instant."""
        order = itertools.count()
        heap: list[tuple[float, int, Callable[[], None]]] = []
        for deed in self._story.deeds:
            if begins <= deed.at < ends:
                heapq.heappush(heap, (deed.at, next(order), lambda deed=deed: self._do(deed)))
        for trouble in self._plan.troubles:
            began: list[float] = []

            def begin(trouble: Trouble = trouble, began: list[float] = began) -> None:
                self._daemon.require_alive()
                began.append(self._clock.timestamp())
                self._begin(trouble)

            def end(trouble: Trouble = trouble, began: list[float] = began) -> None:
                self._end(trouble)
                self._happened.append(replace(trouble, begins=began[0], ends=self._clock.timestamp()))

            heapq.heappush(heap, (trouble.begins, next(order), begin))
            heapq.heappush(heap, (trouble.ends, next(order), end))
        for moment in self._people.moments(begins, ends - DAY):
            heapq.heappush(heap, (moment, next(order), self._people.act))
        while heap:
            at, _, act = heapq.heappop(heap)
            yield at, act

    def _do(self, deed: Deed) -> None:
        self._teller.tell(deed)
        self._deeds.append(replace(deed, at=self._clock.timestamp()))

    def _begin(self, trouble: Trouble) -> None:
        match trouble.area, trouble.name:
            case Area.NETWORKS, _:
                for fault in faults_of(trouble):
                    self._sandbox.faults.add(fault)
            case Area.DATABASE, _:
                self._database.go()
                self._is_database_away = True
            case Area.MAIL, _:
                self._postbox.be_in(trouble)
            case Area.DAEMON, kinds.ASLEEP:
                self._daemon.sleep()
            case Area.DAEMON, kinds.STOPPED:
                self._is_wanted = False
                self._daemon.stop()
            case Area.DAEMON, _:
                self._is_wanted = False
                self._daemon.kill()
            case Area.CLOCK, kinds.AHEAD:
                self._fast.be_wrong_by(_A_YEAR)
            case Area.CLOCK, _:
                self._daemon.stop()
                self._fast.be_wrong_by(_A_YEAR)
                self._start()

    def _end(self, trouble: Trouble) -> None:
        match trouble.area, trouble.name:
            case Area.DATABASE, _:
                self._database.come_back()
                self._is_database_away = False
                if self._is_wanted:
                    self._start()
            case Area.MAIL, _:
                self._postbox.be_well()
            case Area.DAEMON, kinds.ASLEEP:
                self._daemon.wake()
            case Area.DAEMON, _:
                self._start()
            case Area.CLOCK, kinds.AHEAD:
                self._fast.be_wrong_by(timedelta(0))
            case Area.CLOCK, _:
                self._daemon.stop()
                self._fast.be_wrong_by(timedelta(0))
                self._start()

    def _start(self) -> None:
        """Start the daemon. It refuses to without its database: then it is started when that is back."""
        self._is_wanted = True
        if not self._is_database_away and not self._daemon.is_running:
            self._daemon.start()


@contextmanager
def stage(folder: Path, options: Options) -> Iterator[Stage]:
    """Set the stage in an empty folder; nothing is left running."""
    with ExitStack() as stack:
        yield Stage(folder, stack, options)

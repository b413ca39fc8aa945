"""One round of collection: whose turn it is, read, written.

    round lock ─ ours? ──no──► nothing: another process is at it
        │
        ▼                 each network in a thread of its own
    due communities ──► ranked, walls chosen ──► adapter.read ──► batches ──► store.write_outcomes
        (database)        domain/schedule.py       (network)                    (one transaction each)
                                                       │
                                     answers that may mean a bad token wait for the end:
                                     did most fail alike? then the token is blamed, not they

Nothing is kept in memory that a kill would lose for good: what was not written stays due.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from collector.domain.blame import blame_the_token, is_doubtful, is_known
from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Access, CommunityToRead, Failure, Outcome, Reading
from collector.domain.schedule import (
    CLOCK_TOLERANCE,
    CommunityFacts,
    next_due_at,
    wall_rank,
    wall_spacing,
    wall_wanted_at,
)
from collector.jobs.batches import BATCH_SIZE, batches
from collector.jobs.redacted import redacted
from collector.networks.base import NetworkAdapter
from storage.errors import StoreUnavailableError
from storage.runs import RunCounts
from storage.series import NextDue
from storage.store import Store

log = structlog.get_logger(__name__)

_WRITE_TRIES = 3
_WELL = (Access.OPEN, Access.UNKNOWN)


@dataclass(frozen=True, slots=True)
class CollectPolicy:
    """How often communities are read, and when a wall is urgent."""

    interval: timedelta = timedelta(hours=1)
    max_backoff: timedelta = timedelta(days=1)
    silence_threshold: timedelta = timedelta(days=7)
    """Where neither the branch nor its parent has one. Ranks walls; the letters are another matter."""
    daily_wall_reads: Mapping[str, int | None] = field(default_factory=dict)
    """What each network's tokens may read of walls in a day, all together; None: no such quota."""
    stop_patience: timedelta = timedelta(seconds=3)
    """How long a round that is stopped waits for the answers under way."""


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """What a round came to."""

    counts: RunCounts
    failures: tuple[Failure, ...]
    """Every community, or wall, that was not read."""
    is_stopped: bool = False
    is_elsewhere: bool = False
    """Another process was at work; nothing was done here."""
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """What was written, by network and class: `read` (the followers at least), or whom the failure blames."""
    outdated: int = 0
    """Outcomes that were left out, as the database has later ones: this machine's clock is or was wrong."""
    seconds: float = 0.0


Progress = Callable[[int, int], None]
"""Told how many communities are done, and of how many."""


def collect(
    store: Store,
    adapters: Mapping[str, NetworkAdapter],
    policy: CollectPolicy,
    now: Callable[[], datetime],
    stop: threading.Event,
    *,
    only_due: bool,
    progress: Progress | None = None,
    redact: Callable[[str], str] | None = None,
) -> RoundSummary:
    """Run one round over all networks of `adapters`.

    `only_due`: whether a community's turn is waited for (the daemon), or every one is read now (a person
    who asks for a round). `redact` takes all secrets out of what failures tell: an adapter knows its own
    alone. Raises StoreError where the database fails for longer than a moment.
    """
    with store.round_lock() as is_ours:
        if not is_ours:
            return RoundSummary(RunCounts(), (), is_elsewhere=True)
        started_at = now()
        plans = {
            name: plan
            for name in adapters
            if (plan := _plan(store, name, policy, started_at, only_due=only_due)).targets
        }
        if not plans:
            return RoundSummary(RunCounts(), ())
        due_count = sum(len(plan.targets) for plan in plans.values())
        round_ = _Round(store, policy, now, started_at, stop, due_count, progress, redact or str)
        return round_.run({name: (adapters[name], plan) for name, plan in plans.items()})


@dataclass(frozen=True, slots=True)
class _Plan:
    """A network's part of a round: whom to read, and what is known of those that failed or were not open."""

    targets: list[CommunityToRead]
    known: dict[int, CommunityFacts]


def _plan(store: Store, network: str, policy: CollectPolicy, now: datetime, *, only_due: bool) -> _Plan:
    """Whose turn it is, the most urgent walls first."""
    if only_due and not store.due_communities(network, now, policy.silence_threshold):
        return _Plan([], {})
    # Those that fall due within a tenth of the interval come along: they share the requests of the others. Alone they
    # make no round: each would come early by that tenth, and find the walls not wanted yet.
    due_by = now + policy.interval / 10 if only_due else None
    facts = store.due_communities(network, due_by, policy.silence_threshold)
    in_use = store.networks_in_use().get(network, len(facts))
    spacing = wall_spacing(in_use, policy.daily_wall_reads.get(network), policy.interval)
    # Where the quota suffices for each round's, a look that was late in a long round puts the next one off by none.
    by = now + policy.interval / (2 if spacing <= policy.interval else 10)
    return _Plan(
        [_to_read(item, network, spacing, by if only_due else None) for item in sorted(facts, key=wall_rank)],
        {item.community_id: item for item in facts if item.failure_kind or item.access not in _WELL},
    )


def _is_of_the_future(facts: CommunityFacts, now: datetime) -> bool:
    """Its wall was read while a clock was ahead."""
    return facts.wall_last_seen_at is not None and facts.wall_last_seen_at > now + CLOCK_TOLERANCE


def _to_read(facts: CommunityFacts, network: str, spacing: timedelta, by: datetime | None) -> CommunityToRead:
    wanted_at = wall_wanted_at(facts, spacing)
    return CommunityToRead(
        community_id=facts.community_id,
        network=network,
        native_id=facts.native_id,
        screen_name=facts.screen_name,
        wants_wall=by is None or wanted_at is None or wanted_at <= by or _is_of_the_future(facts, by),
        newest_known_post_at=facts.newest_post_at or facts.wall_first_seen_at,
    )


class _Round:
    """One round at work: counts, and writes from the networks' threads."""

    def __init__(
        self,
        store: Store,
        policy: CollectPolicy,
        now: Callable[[], datetime],
        started_at: datetime,
        stop: threading.Event,
        due_count: int,
        progress: Progress | None,
        redact: Callable[[str], str],
    ) -> None:
        self._store = store
        self._policy = policy
        self._now = now
        self._started_at = started_at
        self._stop = stop
        self._progress = progress
        self._redact = redact
        self._lock = threading.Lock()
        self._done = 0
        self._counts = RunCounts(due=due_count)
        self._outdated = 0
        self._with_gaps: list[int] = []
        self._failures: list[Failure] = []
        self._outcomes: Counter[tuple[str, str]] = Counter()

    def run(self, work: Mapping[str, tuple[NetworkAdapter, _Plan]]) -> RoundSummary:
        began = time.monotonic()
        run_id = self._store.start_round(self._started_at)
        before = {name: adapter.tally.total for name, (adapter, _) in work.items()}
        try:
            # A thread a network: one that hangs until its time-outs does not hold up the others.
            with ThreadPoolExecutor(len(work), thread_name_prefix="network") as pool:
                futures = [pool.submit(self._network, run_id, name, *item) for name, item in work.items()]
            for future in futures:
                future.result()
        finally:
            self._counts.requests = sum(
                adapter.tally.total - before[name] for name, (adapter, _) in work.items()
            )
            stopped = self._stop.is_set() and self._done < self._counts.due
            self._store.finish_round(run_id, self._counts, self._now(), stopped=stopped, note=self._note())
        return RoundSummary(
            self._counts,
            tuple(self._failures),
            is_stopped=stopped,
            outcomes=self._outcomes,
            outdated=self._outdated,
            seconds=time.monotonic() - began,
        )

    def _network(self, run_id: int, name: str, adapter: NetworkAdapter, plan: _Plan) -> None:
        doubtful: list[Outcome] = []
        certain = 0
        with closing(batches(adapter.read(plan.targets), self._stop, self._policy.stop_patience)) as told:
            for batch in told:
                # Of an interrupted one nothing is known, so nothing is written: it stays due.
                answered = [
                    redacted(outcome, self._redact)
                    for outcome in batch
                    if not (isinstance(outcome, Failure) and outcome.kind is FailureKind.INTERRUPTED)
                ]
                kept: list[Outcome] = []
                for outcome in answered:
                    before = plan.known.get(outcome.community_id)
                    if not is_doubtful(outcome):
                        kept.append(outcome)
                        certain += 1
                    elif before is not None and is_known(outcome, before):
                        kept.append(outcome)
                    else:
                        doubtful.append(outcome)
                self._write(run_id, name, kept)
        believed = blame_the_token(doubtful, certain)
        for start in range(0, len(believed), BATCH_SIZE):
            self._write(run_id, name, believed[start : start + BATCH_SIZE])

    def _write(self, run_id: int, network: str, batch: Sequence[Outcome]) -> None:
        if not batch:
            return
        believed = self._write_patiently(run_id, batch)
        with self._lock:
            for outcome in believed:
                self._outcomes[network, _class_of(outcome)] += 1
                if isinstance(outcome, Reading):
                    self._counts.read += 1
                    self._counts.walls += outcome.wall is not None
                    if outcome.wall is not None and outcome.wall.is_gap_possible:
                        self._with_gaps.append(outcome.community_id)
                failure = outcome if isinstance(outcome, Failure) else outcome.wall_failure
                if failure is not None and failure.kind is FailureKind.INTERRUPTED:
                    self._done -= 1
                elif failure is not None:
                    self._counts.failed += 1
                    self._failures.append(replace(failure, raw_answer=None))
            self._outdated += len(batch) - len(believed)
            self._done += len(batch)
            if self._progress is not None:
                self._progress(self._done, self._counts.due)

    def _write_patiently(self, run_id: int, batch: Sequence[Outcome]) -> list[Outcome]:
        """A database that is away for a moment does not cost what was fetched."""
        for attempt in range(1, _WRITE_TRIES + 1):
            try:
                return self._store.write_outcomes(run_id, batch, self._next_due())
            except StoreUnavailableError as error:
                if attempt == _WRITE_TRIES or self._stop.is_set():
                    raise
                log.warning("database away, trying again", error=str(error), attempt=attempt)
                self._stop.wait(attempt)
        raise AssertionError("unreachable")

    def _note(self) -> str | None:
        """What ops should know of the round: what a token is blamed for, walls with gaps, a clock that is wrong."""
        told = dict.fromkeys(item.detail for item in self._failures if item.kind.blame is Blame.TOKEN)
        lines = list(told)[:20]
        lines += [item.detail for item in self._failures if item.kind is FailureKind.CLOCK_WRONG][:1]
        if self._with_gaps:
            listed = ", ".join(map(str, self._with_gaps[:20]))
            lines.append(
                f"{len(self._with_gaps)} walls were not read back to the last known post, posts between may be "
                f"missing; MAX_POSTS_BACK of the network bounds it; communities {listed}"
            )
        if self._outdated:
            lines.append(
                f"{self._outdated} answers were left out, as the database has later ones: "
                "is this machine's clock right?"
            )
        return "\n".join(lines) or None

    def _next_due(self) -> NextDue:
        # Where a clock that was ahead is set back meanwhile, nobody shall wait for when the round seemed to start.
        started_at, policy = min(self._started_at, self._now()), self._policy
        return lambda kind, in_a_row, retry_after: next_due_at(
            started_at, policy.interval, policy.max_backoff, kind, in_a_row, retry_after
        )


def _class_of(outcome: Outcome) -> str:
    return "read" if isinstance(outcome, Reading) else outcome.kind.blame.value

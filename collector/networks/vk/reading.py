"""One round: from targets to outcomes, with as few requests as VK allows.

    targets ─► lookups (groups.getById, 500 each) ─► walls (execute, 25 each) ─► outcomes
                  │ a name that VK leaves out             │ failed, or too large
                  └─► utils.resolveScreenName             └─► halves, down to a direct wall.get

One thread, the one that iterates, decides everything and touches the quota ledger; the tokens' threads only make
requests. Work is kept in order of urgency, and what is taken up again goes before the rest.
"""

from __future__ import annotations

import logging
import queue
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from collector.domain.errors import FailureKind
from collector.domain.model import CommunityToRead, Failure, Outcome
from collector.networks.base import Services
from collector.networks.vk import lookups, walls
from collector.networks.vk.backlog import Backlog
from collector.networks.vk.client import Answer
from collector.networks.vk.errors import (
    MAY_NOT_EXECUTE,
    NOT_COMPILED,
    ApiFailure,
    NotSent,
    Reaction,
    VkError,
    kind_of,
)
from collector.networks.vk.pacing import Lanes
from collector.networks.vk.quota import WallQuota
from collector.networks.vk.tasks import Context, Steps, Task, WallJob, failure, failure_of
from collector.networks.vk.tokens import QUOTA_REST, Token, TokenRound, Work, why_none

log = logging.getLogger(__name__)

_PATIENCE_AFTER_STOP = 2.0
# Not one answer of VK's to so many tasks in a row, three attempts each: the network is down, and the rest waits.
_DOWN_AFTER = 12
# A token that may not do one kind of work may still do the other.
_PARTIAL = frozenset({Reaction.TOKEN_WRONG_KIND, Reaction.PERMISSION_MISSING})

_Result = tuple[Task, Answer | BaseException, datetime]


class Round:
    """Reads targets once. Made anew for each `read`."""

    def __init__(
        self,
        targets: Iterable[CommunityToRead],
        tokens: Sequence[Token],
        lanes: Lanes,
        context: Context,
        services: Services,
    ) -> None:
        """`tokens`: at least one."""
        self._backlog = Backlog(targets)
        self._tokens = [TokenRound(token) for token in tokens]
        for round_ in self._tokens:
            round_.rest(services.now())
        self._lanes = lanes
        self._context = context
        self._services = services
        self._quota = WallQuota(context.options.daily_wall_reads, services)
        self._results: queue.SimpleQueue[_Result] = queue.SimpleQueue()
        self._ready: deque[Outcome] = deque()
        self._failed_in_row = 0
        self._down: VkError | None = None
        self._is_over = False

    def outcomes(self) -> Iterator[Outcome]:
        """Exactly one for each target."""
        stop = self._services.stop
        try:
            while not stop.is_set():
                self._absorb(wait=0.0)
                self._dispatch()
                if self._ready:
                    yield from self._take_ready()
                elif self._backlog.under_way:
                    self._absorb(wait=0.1)
                elif self._backlog.is_done:
                    return
            yield from self._wind_down()
        finally:
            self._is_over = True
            for task in self._backlog.under_way:
                if not task.was_sent:
                    self._quota.give_back(task)

    # Requests

    def _dispatch(self) -> None:
        """Give the tokens as much work as they can have under way."""
        self._backlog.refill()
        for work, take in ((Work.LOOKUPS, self._take_lookup), (Work.WALLS, self._take_walls)):
            while self._backlog.has(work):
                if self._down is not None:
                    self._fail_all(work, self._down)
                    break
                if all(work in token.stopped for token in self._tokens):
                    self._refuse_all(work)
                    break
                free = [token for token in self._tokens if token.is_free(work)]
                if not free:
                    break
                token = min(free, key=lambda token: token.under_way)
                task = take(token)
                if task is not None:
                    self._submit(task, token)
                elif work not in token.stopped:
                    break

    def _take_lookup(self, _token: TokenRound) -> Task:
        return self._backlog.take_lookup()

    def _take_walls(self, token: TokenRound) -> Task | None:
        """The most urgent walls, as many as one request and the quota allow; None if there are none for now."""
        most = 1 if token.token.may_execute is False else token.token.batch
        batch = self._backlog.take_walls(most)
        if not batch:
            return None
        granted = self._quota.reserve(token, len(batch))
        self._backlog.put_back(batch[granted:])
        if granted == 0:
            token.stop(FailureKind.QUOTA_SPENT, "its wall reads of these 24 hours are used up", [Work.WALLS])
            return None
        return walls.task_for(batch[:granted])

    def _submit(self, task: Task, token: TokenRound) -> None:
        task.token = token
        token.under_way += 1
        token.executes += task.method == walls.EXECUTE
        self._backlog.under_way[task] = None
        task.asks_contents = task.method == walls.EXECUTE and token.token.may_ask_contents
        values = (walls if task.work is Work.WALLS else lookups).values_of(task)
        client, now, results, work = token.token.client, self._services.now, self._results, task.work

        def is_wanted() -> bool:
            stopped = token.stopped.get(work)
            # What was reserved is still asked for when nothing is left to reserve.
            is_refused = stopped is not None and stopped.kind is not FailureKind.QUOTA_SPENT
            wanted = not self._is_over and not is_refused
            task.was_sent = task.was_sent or wanted
            return wanted

        def run() -> None:
            result: Answer | BaseException
            try:
                result = client.call(task.method, values, is_wanted)
                if task.method == walls.EXECUTE:
                    walls.lighten(result.response)
            except BaseException as error:  # noqa: BLE001 - a bug is raised again where the outcomes are taken
                result = error
            results.put((task, result, now()))

        self._lanes.submit(run)

    def _absorb(self, wait: float) -> None:
        """Take in what the threads have brought, waiting for the first at most so long."""
        try:
            result = self._results.get(timeout=wait) if wait else self._results.get_nowait()
            while True:
                self._take_in(*result)
                result = self._results.get_nowait()
        except queue.Empty:
            return

    def _take_in(self, task: Task, result: Answer | BaseException, at: datetime) -> None:
        token = task.token
        if token is None or task not in self._backlog.under_way:
            return
        del self._backlog.under_way[task]
        token.under_way -= 1
        token.executes -= task.method == walls.EXECUTE
        if isinstance(result, Answer):
            self._failed_in_row = 0
            self._quota.count_repeats(task, result.sent)
            if task.work is Work.WALLS:
                if task.method == walls.EXECUTE:
                    token.token.may_execute = True
                steps = walls.answered(task, result.response, result.execute_errors, at, self._context)
                token.has_read_walls |= any(job.page is not None for job in task.walls)
            else:
                steps = lookups.answered(task, result.response, at, self._context)
            if steps.trouble is not None:
                self._stop_token(token, steps.trouble, Work.WALLS)
            self._take_steps(steps)
        elif isinstance(result, VkError):
            self._quota.count_repeats(task, result.sent)
            self._take_in_failure(task, token, result, at)
        else:
            raise result

    def _take_steps(self, steps: Steps) -> None:
        self._ready.extend(steps.outcomes)
        self._backlog.follow(steps)

    def _take_in_failure(self, task: Task, token: TokenRound, error: VkError, at: datetime) -> None:
        if isinstance(error, NotSent):
            self._quota.give_back(task)
            self._backlog.put_back_task(task)
            return
        if isinstance(error, ApiFailure):
            self._failed_in_row = 0
            if task.asks_contents and error.refuses_script:
                if token.token.may_ask_contents:
                    log.warning("VK refuses a script that asks what posts contain: %s; asking no more", error)
                token.token.may_ask_contents = False
                if error.code == NOT_COMPILED:
                    self._quota.give_back(task)
                self._backlog.put_back_task(task)
                return
            if task.method == walls.EXECUTE and error.code in (MAY_NOT_EXECUTE, NOT_COMPILED):
                if error.code == NOT_COMPILED:
                    log.error("VK does not compile our script, walls are read one by one: %s", error)
                token.token.may_execute = False
                self._quota.give_back(task)
                self._backlog.put_back_task(task)
                return
            if self._is_the_tokens_fault(error, token, task.work):
                self._quota.give_back(task)
                self._stop_token(token, error, task.work)
                self._backlog.put_back_task(task)
                return
            if error.reaction is Reaction.TOO_LARGE and "operations" in error.message:
                token.token.batch = min(token.token.batch, max(1, task.size // 2))
            if error.reaction is Reaction.OUR_BUG and task.size > 1 and task.method == walls.EXECUTE:
                log.error("VK refuses our script: %s", error)
        else:
            self._failed_in_row += 1
            if self._failed_in_row >= _DOWN_AFTER and self._down is None:
                log.warning("VK has not answered %s requests in a row: %s", self._failed_in_row, error)
                self._down = error
        follow = walls.failed if task.work is Work.WALLS else lookups.failed
        self._take_steps(follow(task, error, at, self._context))

    def _is_the_tokens_fault(self, error: ApiFailure, token: TokenRound, work: Work) -> bool:
        if error.reaction is Reaction.PERMISSION_MISSING and work is Work.WALLS and token.has_read_walls:
            # It reads walls: that it may not read this one is the wall's affair.
            return False
        return error.reaction.blames_token or error.reaction is Reaction.QUOTA

    def _stop_token(self, token: TokenRound, error: ApiFailure, work: Work) -> None:
        """Leave a token alone for the rest of the round: wholly, or for what it may not or can no more do."""
        kind = kind_of(error.reaction)
        if work not in token.stopped:
            log.warning(
                "VK token %s makes no more %s in this round: %s", token.token.label, work.value, error
            )
        if error.reaction is Reaction.QUOTA:
            if work is Work.WALLS:
                token.token.walls_rest_until = self._services.now() + QUOTA_REST
            token.stop(kind, str(error), [work])
        else:
            token.stop(kind, str(error), [work] if error.reaction in _PARTIAL else tuple(Work))

    # Ends

    def _take_ready(self) -> Iterator[Outcome]:
        while self._ready:
            yield self._ready.popleft()

    def _fail_all(self, work: Work, error: VkError) -> None:
        at = self._services.now()
        self._ready += self._backlog.conclude(
            work,
            lambda target: failure_of(error, target, at),
            lambda job: walls.without_wall(job, error, at),
        )

    def _refuse_all(self, work: Work) -> None:
        """No token is left for this."""
        at = self._services.now()
        why = why_none(self._tokens, work)
        self._ready += self._backlog.conclude(
            work,
            lambda target: failure(target, at, why.kind, why.detail, is_certain=False),
            lambda job: walls.unread(job, why.kind, why.detail, at),
        )

    def _wind_down(self) -> Iterator[Outcome]:
        """Use the answers that come soon, and tell of everything else that it was not reached."""
        ends_at = time.monotonic() + _PATIENCE_AFTER_STOP
        while self._backlog.under_way and (left := ends_at - time.monotonic()) > 0:
            self._absorb(wait=max(0.001, min(0.1, left)))
            yield from self._take_ready()
        yield from self._take_ready()
        at = self._services.now()

        def interrupted(target: CommunityToRead) -> Failure:
            return failure(target, at, FailureKind.INTERRUPTED, "stopped before its turn")

        def without_wall(job: WallJob) -> Outcome:
            return replace(job.reading, wall_failure=interrupted(job.target))

        for work in Work:
            yield from self._backlog.conclude(work, interrupted, without_wall)
        yield from self._backlog.rest(interrupted, without_wall)

"""Reads Pages: whose turn it is, in what batches, when to slow down, when to stop.

    targets ─► turns ─► batches ─► client ─► answers ─► each turn goes on, or ends in its outcome

One batch at a time: the usage headers of one decide about the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.domain.errors import FailureKind
from collector.domain.model import CommunityToRead, Outcome, RequestTally, TokenReport
from collector.domain.redaction import token_key, token_label
from collector.networks.base import Services
from collector.networks.facebook.checking import check_token
from collector.networks.facebook.client import Answer, GraphClient, NotAsked, Refused, Reply, Told, Unread
from collector.networks.facebook.errors import Reaction, explain
from collector.networks.facebook.options import Options
from collector.networks.facebook.turn import Contents, Problem, Turn
from collector.networks.facebook.usage import DEFAULT_REST

PAGES_AT_LIMIT = 3
"""So many Pages over their own limit in one round mean that the limit is ours."""
UNANSWERED_AT_MOST = 7
"""Unanswered requests in a row after which a round gives up. Halving 50 down to 1 takes six."""
HUMAN_REST = timedelta(hours=24)
"""How long a token rests for which Facebook wants a human."""
_OF_THE_PAGE = frozenset({FailureKind.MISSING, FailureKind.NOT_A_COMMUNITY, FailureKind.DELETED})

_INTERRUPTED = Problem(FailureKind.INTERRUPTED, "not read: the program was asked to stop")
_NO_TOKEN = Problem(FailureKind.NO_TOKEN, "no token for Facebook is set: set COLLECTOR_FACEBOOK__TOKEN")


@dataclass(frozen=True, slots=True)
class _Halt:
    """Why the token is not used; `until` None: for the rest of the round."""

    problem: Problem
    until: datetime | None


class _Round:
    """What one call of `read` has learnt so far."""

    def __init__(self, batch_size: int) -> None:
        self.full_size = self.size = batch_size
        self.pages_at_limit = 0
        self.unanswered = 0

    def note(self, failed_whole: int, is_halved: bool, is_answered: bool) -> None:
        """After a request: how many calls failed with the whole of it, and whether they go again in halves."""
        self.unanswered = 0 if is_answered else self.unanswered + 1
        if is_halved:
            self.size = max(1, failed_whole // 2)
        elif is_answered:
            self.size = min(self.full_size, self.size * 2)


class FacebookAdapter:
    """The adapter contract (collector.networks.base) over one token."""

    def __init__(self, options: Options, services: Services) -> None:
        """Asks nothing yet."""
        self.tally = RequestTally()
        self._options = options
        self._services = services
        self._client = GraphClient(options, services, self.tally)
        self._label = token_label(1, options.token or "")
        self._halt: _Halt | None = None
        self._contents = Contents()

    @property
    def calls_made(self) -> int:
        """The calls inside the batches; Graph's limits count these, the tally counts requests."""
        return self._client.calls_made

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def check(self, *, is_brief: bool = False) -> Sequence[TokenReport]:
        """Try the token, in one request; nothing to tell where none is set. Raises nothing."""
        del is_brief  # It could not be briefer.
        token = self._options.token
        if not token:
            return ()
        report = check_token(self._client, self._options, self._label)
        return (replace(report, token_key=token_key(token), clock_ahead=self._client.clock_ahead),)

    def read(self, targets: Iterable[CommunityToRead]) -> Iterator[Outcome]:
        """One outcome for each target; takes targets as batches have room for them."""
        waiting = iter(targets)
        turns: deque[Turn] = deque()
        round_ = _Round(self._options.batch_size)
        if self._halt is not None and self._halt.until is None:
            # What was refused may have been put right since: one request a round tells.
            self._halt = None
        while True:
            size = self._client.pacer.batch_limit(round_.size, self._services.now())
            while len(turns) < size and (target := next(waiting, None)) is not None:
                turns.append(Turn(target, self._options, self._contents))
            if not turns:
                return
            if self._reason_to_end(round_) is None:
                # The pause ends early when we are asked to stop.
                self._services.stop.wait(self._client.pacer.pause(self._services.now()))
            problem = self._reason_to_end(round_)
            if problem is not None:
                now = self._services.now()
                yield from (turn.end(problem, now) for turn in turns)
                yield from (problem.failure(target.community_id, now) for target in waiting)
                return
            asked = [turns.popleft() for _ in range(min(size, len(turns)))]
            going_on = yield from self._ask(asked, round_)
            # First what is under way, so that few turns are open at a time.
            turns.extendleft(reversed(going_on))

    def _ask(self, asked: Sequence[Turn], round_: _Round) -> Generator[Outcome, None, list[Turn]]:
        """Ask one batch: gives the outcomes of the turns that end by it, returns those that go on."""
        answers = self._client.ask([turn.call() for turn in asked])
        now = self._services.now()
        failed_whole = [answer.reply for answer in answers if _is_of_batch(answer.reply)]
        is_size = bool(failed_whole) and _is_of_size(failed_whole[0])
        is_halved = len(failed_whole) > 1 and (is_size or _may_be_halved(failed_whole[0]))
        # Too much at a time is an answer, and to ask for less leads on.
        is_answered = is_size or not failed_whole or _is_of_clock(failed_whole[0])
        round_.note(len(failed_whole), is_halved, is_answered)
        going_on: list[Turn] = []
        for turn, answer in zip(asked, answers, strict=True):
            if is_halved and _is_of_batch(answer.reply):
                going_on.append(turn)
                continue
            outcome = self._settle(turn, answer, now, round_)
            if outcome is None:
                going_on.append(turn)
            else:
                yield outcome
        return going_on

    def _settle(self, turn: Turn, answer: Answer, now: datetime, round_: _Round) -> Outcome | None:
        """What an answer makes of its turn: an outcome, or None where there is more to ask."""
        reply = answer.reply
        if isinstance(reply, Told):
            return turn.take(reply.payload, now, lambda: self._client.raw(answer))
        if isinstance(reply, Refused):
            return self._settle_refused(turn, reply, self._client.raw(answer), now, round_)
        if isinstance(reply, NotAsked):
            return turn.end(_INTERRUPTED, now)
        problem = Problem(reply.kind, reply.detail, raw_answer=self._client.raw(answer))
        return turn.shrink(problem, now) if reply.is_too_large else turn.end(problem, now)

    def _settle_refused(
        self, turn: Turn, reply: Refused, raw: str | None, now: datetime, round_: _Round
    ) -> Outcome | None:
        verdict = reply.verdict
        problem = Problem(
            kind=verdict.kind,
            detail=self._client.redact(explain(reply.error, verdict)),
            access=verdict.access,
            is_certain=verdict.is_certain,
            raw_answer=raw,
        )
        if reply.of_batch and verdict.kind in _OF_THE_PAGE:
            # Said of the request as a whole, it tells nothing about any Page.
            problem = replace(problem, kind=FailureKind.REQUEST_REJECTED, access=None)
        if verdict.reaction is Reaction.STOP:
            return turn.end(self._stop_token(problem, now), now)
        if verdict.reaction is Reaction.REST_PAGE:
            rest = (reply.usage.regain if reply.usage else None) or DEFAULT_REST
            problem = replace(problem, retry_after=rest)
            round_.pages_at_limit += 1
            if round_.pages_at_limit >= PAGES_AT_LIMIT:
                problem = self._stop_token(problem, now)
        elif verdict.reaction is Reaction.SHRINK:
            return turn.shrink(problem, now)
        elif verdict.reaction is Reaction.FALL_BACK and not reply.of_batch:
            return turn.fall_back(problem, now)
        return turn.end(problem, now)

    def _stop_token(self, problem: Problem, now: datetime) -> Problem:
        """Use the token no more: for a while where waiting helps, else for this round."""
        problem = replace(problem, detail=f"token {self._label}: {problem.detail}")
        if problem.kind is FailureKind.RATE_LIMITED:
            told = self._client.pacer.rest_until(now)
            until = max(now + (problem.retry_after or DEFAULT_REST), told or now)
            problem = replace(problem, retry_after=until - now)
            halt = _Halt(problem, until)
        elif problem.kind is FailureKind.CAPTCHA:
            halt = _Halt(problem, now + HUMAN_REST)
        else:
            halt = _Halt(problem, None)
        if self._halt is None or self._halt.until is not None:
            self._halt = halt
        return problem

    def _reason_to_end(self, round_: _Round) -> Problem | None:
        """Why nothing more may be asked in this round, if so."""
        now = self._services.now()
        if self._services.stop.is_set():
            return _INTERRUPTED
        if not self._options.token:
            return _NO_TOKEN
        if self._halt is not None and self._halt.until is not None and now >= self._halt.until:
            self._halt = None
        if self._halt is not None:
            # The answer that made us stop is another Page's.
            problem = replace(self._halt.problem, raw_answer=None)
            return (
                problem if self._halt.until is None else replace(problem, retry_after=self._halt.until - now)
            )
        rest_until = self._client.pacer.rest_until(now)
        if rest_until is not None:
            detail = f"token {self._label}: Facebook's rate limit is almost used up; asking on would prolong the wait"
            return Problem(FailureKind.RATE_LIMITED, detail, retry_after=rest_until - now)
        if round_.unanswered >= UNANSWERED_AT_MOST:
            detail = f"not asked: {round_.unanswered} requests in a row to Facebook failed"
            return Problem(FailureKind.TEMPORARY, detail)
        return None


def _is_of_batch(reply: Reply) -> bool:
    return isinstance(reply, Refused | Unread) and reply.of_batch


def _is_of_size(reply: Reply) -> bool:
    if isinstance(reply, Refused):
        return reply.verdict.reaction is Reaction.SHRINK
    return isinstance(reply, Unread) and reply.is_too_large


def _is_of_clock(reply: Reply) -> bool:
    return isinstance(reply, Unread) and reply.kind is FailureKind.CLOCK_WRONG


def _may_be_halved(reply: Reply) -> bool:
    """Whether a request that failed as a whole may succeed without one of its calls."""
    if isinstance(reply, Refused):
        return reply.verdict.reaction is Reaction.RETRY
    return isinstance(reply, Unread) and reply.may_split

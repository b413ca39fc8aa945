"""Sends what is due of the outbox, once through, in order.

    50 letters ──► gates ──► claim ──► compose ──► the mail server ──► its result
    (no transaction is open while a letter is written or sent; each of the others is short)

At least once: only a kill between the server's 250 and our commit can double a letter, and then with the same
Message-ID. A database that is away just then is waited for, and what it could not be told is kept for the next run.
A letter that cannot be written or is refused stands in no other's way. The mail server's own trouble is no letter's
fault: then the run ends, and all keep their place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog

from collector.domain.errors import CollectorError
from collector.domain.notification import LONGEST_PAUSE, OutboxLetter
from collector.jobs.gates import GatePolicy, Gates, Held, Overtaken, gates_for
from collector.notifications.mail import Mailer, Result, Sent, ServerTroubleError
from collector.notifications.message import Sender, UnsendableError, written
from collector.notifications.rendering import Rendered
from storage.errors import StoreError, StoreUnavailableError
from storage.outbox import WaitingLetter
from storage.store import Store

log = structlog.get_logger(__name__)

Compose = Callable[[OutboxLetter, datetime], Rendered]

PATIENCE = timedelta(days=5)
"""The pauses after which a letter is given up add up to this."""
_FIRST_PAUSE = timedelta(minutes=5)
_AT_ONCE = 50
"""Letters that are judged together."""
_GATES_HOLD = timedelta(minutes=1)
"""What the gates know grows old while a slow server takes letters: working hours end, somebody mutes a branch."""
_WAITS_FOR_DATABASE_S = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class DeliverPolicy:
    """How letters are delivered. `worker`: another name for each process. `lease`: longer than one letter may take."""

    sender: Sender
    worker: str
    lease: timedelta
    gates: GatePolicy = field(default_factory=GatePolicy)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter in this run, and why."""

    letter: WaitingLetter
    why: str = ""


@dataclass(slots=True)
class Delivered:
    """What a run did. `trouble`: why the mail server could not be used, if so; what is not listed then waits."""

    sent: list[Outcome] = field(default_factory=list)
    put_off: list[Outcome] = field(default_factory=list)
    """Refused for now; tried again."""
    failed: list[Outcome] = field(default_factory=list)
    """Refused for good, or for days."""
    cancelled: list[Outcome] = field(default_factory=list)
    held: list[Outcome] = field(default_factory=list)
    trouble: str | None = None
    has_server: bool = True


def deliver(
    store: Store,
    mailer: Mailer,
    compose: Compose,
    policy: DeliverPolicy,
    now: Callable[[], datetime],
    stop: threading.Event,
    unnoted: dict[int, Rendered] | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Delivered:
    """Send every letter that is due and may leave. Raises StoreError.

    `goes_on`: asked before each letter; where it says no the rest waits for the next run.
    `unnoted`: letters that the server took while the database was away, kept for this worker's next run.
    """
    delivered = Delivered()
    kept = {} if unnoted is None else unnoted
    worker = _Worker(store, mailer, compose, policy, now, stop, delivered, kept, goes_on)
    last_id = 0
    try:
        worker.note_unnoted()
        while not worker.is_over:
            letters = store.outbox.waiting(now(), last_id, _AT_ONCE)
            if not letters:
                break
            last_id = letters[-1].message_id
            worker.go_through(letters)
    finally:
        mailer.close()
    return delivered


def pause_after(attempts: int) -> timedelta | None:
    """How long a letter rests after so many refusals, this one included; None: it is given up.

    Attempts are counted, not days: a letter that waited for working hours, or for a clock to be set right, was
    not tried meanwhile.
    """
    rested = sum((_pause(number) for number in range(1, attempts)), timedelta(0))
    return None if rested >= PATIENCE else _pause(attempts)


def _pause(attempt: int) -> timedelta:
    return min(_FIRST_PAUSE * (1 << min(attempt - 1, 16)), LONGEST_PAUSE)


@dataclass(slots=True)
class _Worker:
    store: Store
    mailer: Mailer
    compose: Compose
    policy: DeliverPolicy
    now: Callable[[], datetime]
    stop: threading.Event
    delivered: Delivered
    unnoted: dict[int, Rendered]
    goes_on: Callable[[], bool]

    @property
    def is_over(self) -> bool:
        """Whether what is left waits for another run."""
        return self.stop.is_set() or self.delivered.trouble is not None or not self.goes_on()

    def note_unnoted(self) -> None:
        """Before anything else: once their claims have lapsed these letters would be sent again."""
        for message_id in list(self.unnoted):
            self._note_sent(message_id, self.unnoted.pop(message_id))

    def go_through(self, letters: list[WaitingLetter]) -> None:
        gates = gates_for(self.store, letters, self.policy.gates, self.now())
        for place, letter in enumerate(letters):
            if self.is_over:
                break
            if abs(self.now() - gates.now) > _GATES_HOLD:
                self._ask(gates)
                gates = gates_for(self.store, letters[place:], self.policy.gates, self.now())
            match gates.judge(letter):
                case Overtaken(reason):
                    if self.store.outbox.overtaken(letter.message_id, self.now(), reason):
                        self._tell("letter cancelled", letter, self.delivered.cancelled, reason)
                case Held() as reason:
                    self.delivered.held.append(Outcome(letter, reason.value))
                case None:
                    self._deliver(letter)
        self._ask(gates)

    def _ask(self, gates: Gates) -> None:
        """Ask for the looks that letters wait for."""
        if gates.asked:
            self.store.evidence.ask_each(gates.asked, self.now())

    def _deliver(self, waiting: WaitingLetter) -> None:
        """Claim a letter, write it, send it, note the result. Another worker may have been quicker: then nothing."""
        claimed_at = self.now()
        letter = self.store.outbox.claim(
            waiting.message_id, self.policy.worker, claimed_at, self.policy.lease
        )
        if letter is None:
            return
        try:
            rendered = self.compose(letter, claimed_at)
            message = written(letter, rendered, self.policy.sender, claimed_at)
        except StoreError:
            raise
        except UnsendableError as error:
            self._failed(waiting, str(error))
            return
        except Exception as error:
            # Whatever is wrong with one letter, the others go on.
            if not isinstance(error, CollectorError):
                log.exception("letter could not be written", letter=waiting.message_id)
            self._put_off(waiting, letter, f"it could not be written: {type(error).__name__}: {error}")
            return
        try:
            sent = self.mailer.send(message)
        except ServerTroubleError as error:
            self.store.outbox.released(waiting.message_id, self.policy.worker)
            self.delivered.trouble = str(error)
            return
        self._note(waiting, letter, message, rendered, sent)

    def _note(
        self,
        waiting: WaitingLetter,
        letter: OutboxLetter,
        message: EmailMessage,
        rendered: Rendered,
        sent: Sent,
    ) -> None:
        if sent.result is Result.ACCEPTED:
            self._note_sent(waiting.message_id, rendered)
            self._tell("letter sent", waiting, self.delivered.sent, "", message_id=str(message["Message-ID"]))
        elif sent.result is Result.REFUSED:
            self._failed(waiting, sent.detail)
        else:
            self._put_off(waiting, letter, sent.detail)
        if sent.is_line_lost:
            self.delivered.trouble = sent.detail

    def _note_sent(self, message_id: int, rendered: Rendered) -> None:
        """A database that is just away is waited for: without this note the letter would be sent again."""
        for wait in (*_WAITS_FOR_DATABASE_S, None):
            try:
                is_ours = self.store.outbox.sent(
                    message_id,
                    self.policy.worker,
                    self.now(),
                    subject=rendered.subject,
                    body_text=rendered.text,
                    redirected_to=self.policy.sender.redirect_to,
                )
            except StoreError as error:
                # Whatever is wrong with the database, the letter is not to be sent again.
                is_lasting = wait is None or not isinstance(error, StoreUnavailableError)
                if is_lasting or self.stop.wait(wait):
                    self.unnoted[message_id] = rendered
                    raise
            else:
                if not is_ours:
                    log.warning(
                        "letter was sent after its claim had lapsed; it may arrive twice", letter=message_id
                    )
                return

    def _failed(self, waiting: WaitingLetter, why: str) -> None:
        self.store.outbox.failed(waiting.message_id, self.policy.worker, self.now(), error=why)
        self._tell("letter refused for good", waiting, self.delivered.failed, why)

    def _put_off(self, waiting: WaitingLetter, letter: OutboxLetter, why: str) -> None:
        pause = pause_after(letter.attempt_count + 1)
        if pause is None:
            self._failed(waiting, f"given up after {letter.attempt_count + 1} attempts: {why}")
            return
        at = self.now()
        self.store.outbox.put_off(
            waiting.message_id, self.policy.worker, at, error=why, next_attempt_at=at + pause
        )
        self._tell("letter refused for now", waiting, self.delivered.put_off, why)

    def _tell(
        self, event: str, letter: WaitingLetter, outcomes: list[Outcome], why: str, **more: str
    ) -> None:
        outcomes.append(Outcome(letter, why))
        told = {"why": why} if why else {}
        log.info(
            event,
            letter=letter.message_id,
            kind=letter.kind.value,
            audience=letter.audience.value,
            branch=letter.branch_code,
            **told,
            **more,
        )

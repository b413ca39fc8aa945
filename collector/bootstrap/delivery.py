"""Delivery as the settings want it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from collector.bootstrap.letters import composer
from collector.bootstrap.program import Program
from collector.bootstrap.silence import detect_policy
from collector.domain.notification import MessageStatus, OutboxLetter
from collector.jobs.deliver import Delivered, DeliverPolicy, deliver
from collector.jobs.gates import GatePolicy, why_held
from collector.notifications.mail import Mailer, MailServer
from collector.notifications.message import Sender
from collector.notifications.rendering import Rendered
from collector.settings_letters import SmtpSettings
from storage.outbox_records import LetterRecord

log = structlog.get_logger(__name__)

_LONGEST_REST = timedelta(minutes=15)
_ANSWERS_A_LETTER = 12
"""More than a letter waits for: connection, greeting, TLS, login, and each command, twice where a line was cut."""
_WRITING_AND_NOTING = timedelta(minutes=3)


def deliverer(parts: Program, on_letter: Callable[[], None] = lambda: None) -> Deliverer:
    """What sends letters; `on_letter` is told before each. Raises CollectorError for settings that cannot be used."""
    return Deliverer(parts, on_letter)


class Deliverer:
    """Sends what is due at each run. While the mail server is in trouble it rests, each time longer."""

    def __init__(self, parts: Program, on_letter: Callable[[], None]) -> None:
        self._parts = parts
        self._on_letter = on_letter
        self._trouble_count = 0
        self._unnoted: dict[int, Rendered] = {}
        self._rests_until: datetime | None = None
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._take_up_settings()

    def _take_up_settings(self) -> None:
        parts, settings = self._parts, self._parts.settings
        given = settings.smtp
        self._mailer: Mailer | None = None
        if given.host is None or given.sender is None:
            self._settings = settings
            log.warning("no mail server is set, so letters wait in the outbox; set COLLECTOR_SMTP__HOST")
            return
        mailer = Mailer(_server(given, given.host))
        self._policy = DeliverPolicy(
            sender=Sender(given.sender, given.sender_name, given.redirect_to),
            worker=self._worker,
            lease=_WRITING_AND_NOTING + timedelta(seconds=_ANSWERS_A_LETTER * given.timeout),
            gates=gate_policy(parts),
        )
        self._composer = composer(parts)
        if given.redirect_to is None and (count := parts.store.outbox.owe_rehearsed(parts.now())):
            log.info("letters of a dry run are owed to those whom they are for", letters=count)
        # At last, so that what stood in its way is tried again.
        self._mailer, self._settings = mailer, settings

    def run(self) -> Delivered:
        """Send what is due and may leave now. Raises StoreError."""
        if self._settings is not self._parts.settings:
            # Others may be right where these were not.
            self._trouble_count, self._rests_until = 0, None
            self._take_up_settings()
        if self._mailer is None:
            return Delivered(has_server=False)
        now = self._parts.now()
        # A rest that ends later than the longest was begun by a clock that was ahead.
        if self._rests_until is not None and now < self._rests_until <= now + _LONGEST_REST:
            return Delivered(trouble=f"the mail server rests until {self._rests_until:%H:%M} UTC")
        delivered = deliver(
            self._parts.store,
            self._mailer,
            self._compose,
            self._policy,
            self._parts.now,
            self._parts.stop,
            self._unnoted,
            # A dry run, or another server, is not set for the letters after the next thousand.
            goes_on=lambda: self._settings is self._parts.settings,
        )
        if delivered.trouble is None:
            self._trouble_count, self._rests_until = 0, None
        else:
            # A server that takes letters between its troubles rests no longer each time.
            self._trouble_count = 1 if delivered.sent else self._trouble_count + 1
            rest = min(timedelta(minutes=1 << min(self._trouble_count - 1, 8)), _LONGEST_REST)
            self._rests_until = self._parts.now() + rest
            log.error(
                "mail server in trouble; letters wait", error=delivered.trouble, minutes=rest.seconds // 60
            )
        return delivered

    def _compose(self, letter: OutboxLetter, now: datetime) -> Rendered:
        self._on_letter()
        return self._composer.compose(letter, now)


def require_usable_mail(given: SmtpSettings) -> None:
    """Raise CollectorError for settings of mail that no letter could be sent with. Connects to nothing."""
    if given.host is not None and given.sender is not None:
        Mailer(_server(given, given.host))
        Sender(given.sender, given.sender_name, given.redirect_to)


def held_letters(parts: Program, letters: Iterable[LetterRecord]) -> dict[int, str]:
    """What keeps those of these letters that are pending from leaving now, by number. Writes nothing."""
    pending = {each.message_id for each in letters if each.status == MessageStatus.PENDING}
    if parts.settings.smtp.host is None:
        return dict.fromkeys(pending, "no mail server is set")
    return why_held(parts.store, pending, gate_policy(parts), parts.now())


@dataclass(frozen=True, slots=True)
class MailTried:
    """A mail server that takes letters. `clock_at`: what its clock said; None: it did not tell."""

    shown: str
    clock_at: datetime | None


def try_mail_server(given: SmtpSettings) -> MailTried | None:
    """Connect, log in, begin a letter and send none; None if no server is set.

    Raises CollectorError if it would take none.
    """
    if given.host is None or given.sender is None:
        return None
    server = _server(given, given.host)
    return MailTried(server.shown, Mailer(server).probe(given.sender))


def _server(given: SmtpSettings, host: str) -> MailServer:
    password = given.password.get_secret_value() if given.password is not None else None
    return MailServer(
        host, given.port, given.security, given.username, password, given.timeout, given.ca_file
    )


def gate_policy(parts: Program) -> GatePolicy:
    """What holds letters back, from the settings."""
    detecting, letters = detect_policy(parts), parts.settings.letters
    return GatePolicy(
        threshold=detecting.threshold,
        count_reposts=detecting.count_reposts,
        warn_before=detecting.warn_before,
        freshness=detecting.freshness,
        working_hours_start=letters.working_hours_start,
        working_hours_end=letters.working_hours_end,
    )

"""The mail server: one connection for many letters, and what became of each.

Owns how answers and failures are classed: those of the server, of which no letter is guilty, and those of one
letter. Speaks SMTP by smtplib; knows nothing of the outbox.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from collector.domain.errors import CollectorError
from collector.notifications.message import POLICY
from collector.notifications.rendering import one_line

# RFC 5322's form of a time, with its offset.
_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}")


class ServerTroubleError(CollectorError):
    """The mail server could not be used; it has learnt nothing of the letter. It may pass by itself."""


class MailSettingsError(CollectorError):
    """Settings of the mail server that cannot be used."""


class Result(StrEnum):
    """What became of one letter."""

    ACCEPTED = "accepted"
    """The server took it over: 250 after its end."""
    REFUSED_FOR_NOW = "refused_for_now"
    """4xx, or the line was lost before its end: the server does not have it."""
    REFUSED = "refused"
    """5xx for this recipient or this letter."""
    UNSURE = "unsure"
    """The line was lost at its end: the server may have it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one letter, and in which words. `is_line_lost`: other letters would fare alike now."""

    result: Result
    detail: str = ""
    is_line_lost: bool = False


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where the mail server is, and how it is spoken to. `security`: starttls, tls or none.

    `timeout`: seconds to wait for each answer. `ca_file`: certificates to trust beside the system's.
    """

    host: str
    port: int
    security: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    ca_file: Path | None = None

    @property
    def shown(self) -> str:
        """Its address, for people."""
        return f"{self.host}:{self.port}"


class _Greeted(smtplib.SMTP):
    """Keeps the server's first line, which smtplib drops."""

    greeting = b""

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, self.greeting = super().connect(*args, **kwargs)
        return code, self.greeting


class _GreetedOverTls(smtplib.SMTP_SSL, _Greeted):
    """The same, where TLS comes first."""


class Mailer:
    """Hands letters to a mail server, over one connection that is opened when the first letter needs it."""

    def __init__(self, server: MailServer) -> None:
        """Raises MailSettingsError for settings that cannot be used. Connects to nothing yet."""
        if server.security == "none" and server.username is not None and not _is_loopback(server.host):
            raise MailSettingsError(
                f"the password of {server.shown} would travel unencrypted: set COLLECTOR_SMTP__SECURITY to starttls "
                "or tls"
            )
        self._server = server
        self._tls = _tls_context(server)
        self._smtp: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> Sent:
        """Hand over one message to its one recipient.

        Raises ServerTroubleError where the server could not be used, before it was told of the recipient.
        """
        sender, recipient = (message[name].addresses[0].addr_spec for name in ("From", "To"))
        content = message.as_bytes(policy=POLICY)
        smtp = self._begun(sender)
        try:
            code, answer = smtp.rcpt(recipient)
        except OSError as error:
            self._drop()
            return Sent(Result.REFUSED_FOR_NOW, f"the line was lost: {_told(error)}", is_line_lost=True)
        if code not in (250, 251):
            return self._refusal(code, answer)
        try:
            code, answer = smtp.data(content)
        except smtplib.SMTPDataError as error:
            return self._refusal(error.smtp_code, error.smtp_error)
        except OSError as error:
            self._drop()
            told = f"the line was lost before the server's last word; it may have the letter: {_told(error)}"
            return Sent(Result.UNSURE, told, is_line_lost=True)
        return Sent(Result.ACCEPTED) if code == 250 else self._refusal(code, answer)

    def probe(self, sender: str) -> datetime | None:
        """Connect, log in, begin a letter from `sender` and send none. Raises ServerTroubleError.

        Gives what the server's clock said, where it greets with the time, as some do; else None.
        """
        smtp = self._begun(sender)
        said_at = _time_in(getattr(smtp, "greeting", b""))
        self.close()
        return said_at

    def close(self) -> None:
        """Say goodbye, if anything is open. What was accepted stays so, whatever is answered."""
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                self._smtp.quit()
        self._drop()

    def _refusal(self, code: int, answer: bytes | str) -> Sent:
        if code == 421:
            # The server's goodbye.
            self._drop()
        return Sent(Result.REFUSED if code >= 500 else Result.REFUSED_FOR_NOW, _answer(code, answer))

    def _begun(self, sender: str) -> smtplib.SMTP:
        """A connection on which a letter was begun. One left from an earlier letter may have been cut meanwhile."""
        if self._smtp is not None:
            with contextlib.suppress(OSError):
                if self._smtp.rset()[0] == 250 and self._smtp.mail(sender)[0] == 250:
                    return self._smtp
            self._drop()
        smtp = self._connected()
        try:
            code, answer = smtp.mail(sender)
        except OSError as error:
            smtp.close()
            raise ServerTroubleError(f"{self._server.shown}: {_told(error)}") from error
        if code != 250:
            smtp.close()
            raise ServerTroubleError(
                f"{self._server.shown} refuses letters from {sender}: {_answer(code, answer)}; see "
                "COLLECTOR_SMTP__FROM and the server's rules"
            )
        self._smtp = smtp
        return smtp

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        try:
            if server.security == "tls":
                smtp: smtplib.SMTP = _GreetedOverTls(
                    server.host, server.port, timeout=server.timeout, context=self._tls
                )
            else:
                smtp = _Greeted(server.host, server.port, timeout=server.timeout)
        except (OSError, UnicodeError) as error:
            raise ServerTroubleError(f"{server.shown}: {_told(error)}") from error
        try:
            if server.security == "starttls":
                smtp.starttls(context=self._tls)
            if server.username is not None:
                smtp.login(server.username, server.password or "")
            smtp.ehlo_or_helo_if_needed()
        except (OSError, UnicodeError) as error:
            smtp.close()
            # Without its cause: a server may repeat in its answer what it was sent.
            raise ServerTroubleError(f"{server.shown}: {_told(error)}") from None
        return smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _time_in(greeting: bytes) -> datetime | None:
    """The time in a greeting such as `220 mx ESMTP Exim 4.98 Mon, 23 Nov 2026 12:00:00 +0300`."""
    found = _DATE.search(greeting.decode("ascii", "replace"))
    try:
        return parsedate_to_datetime(found[0]).astimezone(UTC) if found else None
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tls_context(server: MailServer) -> ssl.SSLContext | None:
    """Certificates are verified, always."""
    if server.security == "none":
        return None
    context = ssl.create_default_context()
    if server.ca_file is not None:
        try:
            context.load_verify_locations(server.ca_file)
        except OSError as error:
            raise MailSettingsError(
                f"no certificates can be read from {server.ca_file} ({error.strerror or error}): correct "
                "COLLECTOR_SMTP__CA_FILE"
            ) from error
    return context


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(f"{code} {text}")


def _told(error: Exception) -> str:
    """What went wrong with the server, and what to do. Without its words where it answers a password."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return (
                f"it refuses the user or the password ({error.smtp_code}); correct COLLECTOR_SMTP__USERNAME and "
                "COLLECTOR_SMTP__PASSWORD"
            )
        case smtplib.SMTPNotSupportedError():
            return f"{error}; correct COLLECTOR_SMTP__SECURITY, PORT or USERNAME"
        case smtplib.SMTPResponseException():
            return f"it answered {_answer(error.smtp_code, error.smtp_error)}"
        case ssl.SSLCertVerificationError():
            return (
                f"its certificate is not trusted ({error.verify_message}); name the right host, or its authority in "
                "COLLECTOR_SMTP__CA_FILE"
            )
        case ssl.SSLError():
            return f"no TLS ({error.reason or error}); is COLLECTOR_SMTP__SECURITY right for this port?"
        case socket.gaierror() | UnicodeError():
            return "no such host; correct COLLECTOR_SMTP__HOST"
        case ConnectionRefusedError():
            return f"{error.strerror}; correct COLLECTOR_SMTP__HOST or PORT, or start the server"
        case OSError():
            return one_line(error.strerror or str(error) or type(error).__name__)
    return type(error).__name__

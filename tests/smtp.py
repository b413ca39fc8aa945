"""A mail server for the tests: aiosmtpd in a thread, speaking real STARTTLS, TLS and AUTH, with faults on demand."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
USER, PASSWORD = "collector", "geheim-und-lang"
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class Mail:
    """A letter that the server took over."""

    sender: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(self.raw)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class MailServer:
    """What it took, in order, and how it is to misbehave. The faults may be changed while it runs.

    `answers`: by step (MAIL, RCPT, DATA) what it says in place of 250. `refuses`: the same for RCPT, by recipient.
    `cuts`: steps at which it drops the line; "250" is after it has kept the letter, and before it says so.
    `hangs`: steps at which it says nothing until the line is dropped.
    """

    port: int
    security: Security
    ca_file: Path | None
    mails: list[Mail] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, str] = field(default_factory=dict)
    cuts: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    meets: int = 0
    """MAIL is answered only when so many connections have come: clients that are to work at once do."""
    connections: int = 0
    heard: Callable[[str], None] = lambda _step: None
    """Called at each step: CONNECT, MAIL, RCPT, DATA (when all of it came), 250 (kept, not yet said)."""
    _start: Callable[[], Controller] | None = None
    _controller: Controller | None = None

    @property
    def recipients(self) -> list[str]:
        """Whom it took letters for, in order."""
        return [mail.recipient for mail in self.mails]

    @property
    def settings(self) -> dict[str, str]:
        """The program's settings for it."""
        given = {
            "COLLECTOR_SMTP__HOST": HOST,
            "COLLECTOR_SMTP__PORT": str(self.port),
            "COLLECTOR_SMTP__SECURITY": self.security,
            "COLLECTOR_SMTP__FROM": "collector@example.org",
            "COLLECTOR_SMTP__TIMEOUT": "5",
        }
        if self.ca_file is not None:
            given |= {
                "COLLECTOR_SMTP__CA_FILE": str(self.ca_file),
                "COLLECTOR_SMTP__USERNAME": USER,
                "COLLECTOR_SMTP__PASSWORD": PASSWORD,
            }
        return given

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def start(self) -> None:
        """Take connections again, on the same port."""
        if self._controller is None:
            assert self._start is not None
            self._controller = self._start()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Refuse connections for the time being."""
        self.stop()
        try:
            yield
        finally:
            self.start()


class _Handler:
    """The hooks of aiosmtpd: what is said at each step."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_EHLO(
        self, smtp: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if not session.ssl or self._server.security == "tls":
            self._server.connections += 1
            self._server.heard("CONNECT")
        return responses

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._at("MAIL", smtp)
        if self._server.security != "none" and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if refusal is None:
            envelope.mail_from = address
        return refusal or "250 OK"

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._at("RCPT", smtp) or self._server.refuses.get(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        refusal = await self._at("DATA", smtp)
        if refusal is not None:
            return refusal
        assert isinstance(envelope.content, bytes)
        for recipient in envelope.rcpt_tos:
            self._server.mails.append(Mail(envelope.mail_from or "", recipient, envelope.content))
        return await self._at("250", smtp) or "250 OK"

    async def _at(self, step: str, smtp: SMTP) -> str | None:
        self._server.heard(step)
        if step in self._server.cuts:
            assert smtp.transport is not None
            smtp.transport.abort()
            return "421 said to nobody"
        while step == "MAIL" and self._server.connections < self._server.meets:
            await asyncio.sleep(0.01)
        if step in self._server.hangs:
            await asyncio.sleep(3600)
        return self._server.answers.get(step)


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    is_right = given == LoginPassword(USER.encode(), PASSWORD.encode())
    # handled=False: aiosmtpd then answers 535; otherwise it would leave the client without an answer.
    return AuthResult(success=is_right, handled=False)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def mail_server(folder: Path, security: Security = "none", certified_for: str = HOST) -> Iterator[MailServer]:
    """A running server. With TLS of either kind it asks for USER and PASSWORD too; `ca_file` is in `folder`."""
    context, ca_file = None, None
    if security != "none":
        ca_file = folder / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(certified_for).configure_cert(context)
    server = MailServer(_free_port(), security, ca_file)
    tls: dict[str, Any] = {}
    if security == "starttls":
        tls = {"tls_context": context, "require_starttls": True}
    elif security == "tls":
        tls = {"ssl_context": context}
    login: dict[str, Any] = {"authenticator": _authenticate} if context is not None else {}
    # aiosmtpd knows TLS from STARTTLS alone; with TLS from the start it would refuse AUTH.
    login["auth_require_tls"] = security == "starttls"

    def start() -> Controller:
        controller = Controller(_Handler(server), HOST, server.port, **tls, **login)
        controller.start()
        return controller

    server._start = start
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def greeting(line: bytes | None) -> Iterator[int]:
    """A port that greets with this line and says no more; None: that takes connections and is dumb."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((HOST, 0)))
        taken: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                taken.append(connection)
                if line is not None:
                    connection.sendall(line)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in taken:
                connection.close()

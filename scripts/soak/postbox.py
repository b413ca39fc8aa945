"""The letters that arrived, with the instant by the sandbox's clock; the mail server's moods."""

from __future__ import annotations

from dataclasses import dataclass

from collector.sandbox import SandboxClock
from scripts.soak.troubles import KEEPS_AND_CUTS, Trouble
from tests.smtp import Mail, MailServer

_ANSWERS = {
    "421 at MAIL": {"MAIL": "421 4.3.2 come back later"},
    "450 at RCPT": {"RCPT": "450 4.2.1 greylisted, come back later"},
    "451 at DATA": {"DATA": "451 4.3.0 no room, come back later"},
}


@dataclass(frozen=True)
class Letter:
    """A letter that the mail server took over. `at`: seconds since 1970, by the sandbox's clock."""

    at: float
    mail: Mail


class Postbox:
    """Keeps what arrives at a mail server, and lets that be in trouble."""

    def __init__(self, server: MailServer, clock: SandboxClock) -> None:
        self._server = server
        self._arrivals: list[float] = []
        self._clock = clock
        server.heard = self._heard

    def _heard(self, step: str) -> None:
        if step == "250":
            self._arrivals.append(self._clock.timestamp())

    @property
    def letters(self) -> list[Letter]:
        """All that arrived, in order."""
        return [Letter(at, mail) for at, mail in zip(self._arrivals, self._server.mails, strict=True)]

    @property
    def settings(self) -> dict[str, str]:
        """The program's settings for this server."""
        return self._server.settings

    def be_in(self, trouble: Trouble) -> None:
        """Misbehave from now on."""
        if trouble.name == "no connection":
            self._server.stop()
        elif trouble.name == "hangs at DATA":
            self._server.hangs.add("DATA")
        elif trouble.name == KEEPS_AND_CUTS:
            self._server.cuts.add("250")
        else:
            self._server.answers.update(_ANSWERS[trouble.name])

    def be_well(self) -> None:
        """Behave."""
        self._server.hangs.clear()
        self._server.cuts.clear()
        self._server.answers.clear()
        self._server.start()

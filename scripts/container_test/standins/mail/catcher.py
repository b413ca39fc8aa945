"""Takes every letter and sends none; GET /api/v1/messages lists them, in the part of Mailpit's words that is asked."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LETTERS: list[dict[str, object]] = []


class Catcher:
    """What aiosmtpd hands each letter to."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep it."""
        letter = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]
        LETTERS.append(
            {"Subject": str(letter["Subject"]), "To": [{"Address": each} for each in envelope.rcpt_tos]}
        )
        return "250 OK"


class Told(BaseHTTPRequestHandler):
    """The list of letters."""

    def do_GET(self) -> None:
        """Answer with it, whatever the path."""
        body = json.dumps({"total": len(LETTERS), "messages": LETTERS}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


if __name__ == "__main__":
    Controller(Catcher(), hostname="0.0.0.0", port=1025).start()  # noqa: S104
    HTTPServer(("0.0.0.0", 8025), Told).serve_forever()  # noqa: S104

"""A letter as mail: headers, text and HTML, pictures. Owns what makes names and subjects harmless in headers."""

from __future__ import annotations

import contextlib
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from html import escape
from typing import Any

from collector.domain.errors import CollectorError
from collector.domain.notification import OutboxLetter
from collector.notifications.rendering import Rendered, one_line


class _Policy(EmailPolicy):
    """Python's own, but for names and subjects that are not ASCII.

    Where Python folds such a header between two words (3.11 to 3.13 at least), it writes the blank between
    them in no encoded word, and every reader then drops it: "в сообществахнет публикаций".
    """

    def fold(self, name: str, value: Any) -> str:
        """A header as its lines."""
        if str(value).isascii():
            return str(super().fold(name, value))
        addresses = getattr(value, "addresses", None)
        if addresses is None:
            folded = _encoded(str(value), name)
        else:
            folded = ",\n ".join(
                f"{_encoded(each.display_name, name)}\n <{each.addr_spec}>"
                if not each.display_name.isascii()
                else str(each)
                for each in addresses
            )
        return f"{name}: {folded}\n".replace("\n", self.linesep)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same in bytes; what is folded above is ASCII."""
        return super().fold_binary(name, value) if str(value).isascii() else self.fold(name, value).encode()


def _encoded(text: str, name: str) -> str:
    """A text as encoded words, blanks inside them."""
    return Header(text, "utf-8", header_name=name, maxlinelen=76).encode()


POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit")
"""How messages become bytes: no server needs to know of eight bits, nor of UTF-8 in headers."""

_LONGEST_NAME = 100
_LONGEST_SUBJECT = 200
_BODY_TAG = re.compile(r"<body[^>]*>", re.IGNORECASE)


class UnsendableError(CollectorError):
    """A letter that no mail server could take as it is addressed."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters come from. `redirect_to`: where all go instead of to their recipients, in a dry run.

    Raises UnsendableError for an address that cannot be used: it is no letter's fault.
    """

    email: str
    name: str
    redirect_to: str | None = None

    def __post_init__(self) -> None:
        for email in filter(None, (self.email, self.redirect_to)):
            _address("", email)


def written(letter: OutboxLetter, rendered: Rendered, sender: Sender, now: datetime) -> EmailMessage:
    """The letter as a message to its one recipient. Raises UnsendableError for an address that cannot be used."""
    recipient = letter.recipient
    subject, text, html = rendered.subject, rendered.text, rendered.html
    if sender.redirect_to is not None:
        meant_for = one_line(f"{recipient.name} <{recipient.email}>")
        subject = f"[для {recipient.email[:_LONGEST_NAME]}] {subject}"
        note = f"Пробная отправка. В работе это письмо получит: {meant_for}"
        text = f"{note}\n\n{text}"
        html = _with_note(html, note)
    message = EmailMessage(policy=POLICY)
    origin = _address(sender.name, sender.email)
    message["From"] = origin
    message["To"] = (
        _address(recipient.name, recipient.email)
        if sender.redirect_to is None
        else _address("", sender.redirect_to)
    )
    message["Subject"] = _harmless(subject, _LONGEST_SUBJECT)
    message["Date"] = now
    message["Message-ID"] = message_id(letter.key, letter.created_at, origin.domain)
    if rendered.reply_to is not None:
        # One that nobody could answer to must not cost a recipient the letter.
        with contextlib.suppress(UnsendableError):
            message["Reply-To"] = _address(rendered.reply_to.name, rendered.reply_to.email)
    # So that no holiday notice is sent back (RFC 3834; the second is what Exchange looks at).
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    if rendered.images:
        in_html = message.get_body(("html",))
        assert isinstance(in_html, EmailMessage)  # noqa: S101 - it was just added
        for image in rendered.images:
            in_html.add_related(
                image.png,
                "image",
                "png",
                cid=f"<{image.cid}>",
                disposition="inline",
                filename=f"{image.cid}.png",
            )
    return message


def message_id(key: str, owed_at: datetime, domain: str) -> str:
    """The Message-ID of the letter with this key: the same at each attempt, so that a second copy is known as one.

    By its key and when it was owed: after a restore a number of an episode that is forgotten, and a key with it, may be
    given to another, whose letter servers would drop as a copy.
    """
    identity = f"{key} {int(owed_at.timestamp())}"
    return f"<{hashlib.sha256(identity.encode()).hexdigest()[:32]}@{domain}>"


def _address(name: str, email: str) -> Address:
    local, _, domain = email.strip().rpartition("@")
    try:
        plain = f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
        return Address(_harmless(name, _LONGEST_NAME), addr_spec=plain)
    except (UnicodeError, ValueError, IndexError, MessageError) as error:
        raise UnsendableError(
            f"{one_line(email)!r} is no address that mail can be sent to; correct it in the branches file or in the "
            "settings"
        ) from error


def _harmless(text: str, limit: int) -> str:
    """A stranger's text as a header takes it.

    Besides line breaks, "=?" is broken up: the email package would decode what follows, and so let
    `=?utf-8?q?=0D=0ABcc=3A...?=` make a header of its own.
    """
    return one_line(text, limit).replace("=?", "= ?")


def _with_note(html: str, note: str) -> str:
    """A page with a line on top of it."""
    line = f'<p style="margin: 16px; text-align: center">{escape(note)}</p>'
    body = _BODY_TAG.search(html)
    at = body.end() if body else 0
    return html[:at] + line + html[at:]

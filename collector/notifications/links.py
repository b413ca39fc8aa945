"""Signed links in letters: what a letter was about and for whom, so that its page knows without a password.

The token is the capability: whoever holds the letter may acknowledge or mute, and nobody else can make one. It
stands in the path, never in a query, and is never logged.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from collector.domain.errors import CollectorError
from collector.domain.schedule import CLOCK_TOLERANCE

_SALT = "collector.letters"


class LinkExpiredError(CollectorError):
    """A link of ours, but too old."""


class LinkInvalidError(CollectorError):
    """Not a link of ours, or one signed with another secret."""


@dataclass(frozen=True, slots=True)
class LetterLink:
    """What a letter was about, and to whom it went. `silence_id` None: about the branch, not about an episode."""

    silence_id: int | None
    branch_id: int
    email: str
    made_at: datetime | None = field(default=None, compare=False)
    """When its letter was written; None: it is to be."""


class LinkSigner:
    """Makes the links and reads them again."""

    def __init__(self, secret: str, public_url: str, valid_for: timedelta) -> None:
        """`public_url`: where people reach the page; it may have a path. `valid_for`: counted from the letter."""
        self._base = f"{public_url.rstrip('/')}/letters/"
        self._valid_for = valid_for
        self._signer = Signer(secret, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)

    def url(self, link: LetterLink, now: datetime) -> str:
        """The address for a letter that is written now."""
        # Plain base64 and not itsdangerous' serializer: that may begin a token with a dot, and servers are
        # commonly told to refuse paths with /. in them.
        made_at = int(now.timestamp())
        content = json.dumps([link.silence_id, link.branch_id, link.email, made_at], ensure_ascii=False)
        return self._base + self._signer.sign(base64_encode(content)).decode()

    def read(self, token: str, now: datetime) -> LetterLink:
        """What a token says. Raises LinkExpiredError, LinkInvalidError.

        One dated later than now was made by a clock that was ahead: it counts as expired.
        """
        try:
            content = json.loads(base64_decode(self._signer.unsign(token)))
            silence_id, branch_id, email, made_at = content
        except (BadData, ValueError):
            raise LinkInvalidError("the link is not one of ours") from None
        age = now.timestamp() - made_at
        if not -CLOCK_TOLERANCE.total_seconds() <= age <= self._valid_for.total_seconds():
            raise LinkExpiredError("the link has expired")
        return LetterLink(silence_id, branch_id, email, datetime.fromtimestamp(made_at, UTC))

"""Keeps secrets out of whatever people read: logs, errors, stored answers.

Two nets: the secrets that we know, to the letter and percent-encoded, and whatever looks like one. The
second catches what a library prints of a request before we know that it holds a token.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "[redacted]"
PIECE = 10
"""So many characters of a secret in a row give it away; fewer are found in innocent words too."""

_KEYED = re.compile(
    r"""(?ix)
    ( (?:access|input)_?token | appsecret_proof | client_secret | app_?secret | password | passwd
      | authorization | proxy-authorization | success_token )
    ( \\?["']? \s* [=:] \s* \\?["']? (?: (?:bearer|basic|oauth) \s+ )? | %3D | %22%3A%22 | %22%3A\+?%22 )
    (?! \[redacted\] ) [^\s"'&,;)}\]\\%]+ (?: %7C [\w-]+ )?
    """
)
# VK's current tokens, Meta's user and Page tokens, Meta's app tokens (id|secret).
_TOKEN_SHAPES = re.compile(r"\bvk[12]\.a\.[\w-]{10,}|\bEAA[A-Za-z0-9]{20,}|\b\d{9,20}(?:\||%7C)[\w-]{16,}")
_URL_PASSWORD = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]+@")


class Redactor:
    """Replaces secrets in a text. Callable, so that it can stand wherever a text passes."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: the ones in use now. Empty ones are passed over."""
        self._forms: list[str] = []
        self._known: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Know these too, beside those of before: what is under way may still tell of them."""
        forms = {form for secret in secrets if secret for form in _forms(secret)} | set(self._forms)
        # The longest first, so that a secret inside another does not leave the other's tail behind.
        self._forms = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, self._forms))) if self._forms else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        text = _KEYED.sub(rf"\1\2{MASK}", text)
        text = _TOKEN_SHAPES.sub(MASK, text)
        return _URL_PASSWORD.sub(rf"\1{MASK}@", text)

    def without_pieces(self, text: str) -> str:
        """The text without secrets, nor pieces of known ones, such as a cut or a line break leaves.

        A piece is PIECE characters in a row. More than secrets may go: a password that holds a word takes the
        word with it. So this is for what leaves the house, not for the log.
        """
        text = self(text)
        pieces = self._pieces()
        starts = [at for at in range(len(text) - PIECE + 1) if text[at : at + PIECE] in pieces]
        kept, end = [], 0
        for at in starts:
            if at >= end:
                kept += [text[end:at], MASK]
            end = at + PIECE
        return "".join([*kept, text[end:]])

    def _pieces(self) -> frozenset[str]:
        return frozenset(
            form[at : at + PIECE]
            for form in self._forms
            if len(form) >= 2 * PIECE
            for at in range(len(form) - PIECE + 1)
        )


def _forms(secret: str) -> Iterator[str]:
    """The secret as it is, and as URLs, JSON and Python's own tracebacks write it."""
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]


def token_label(position: int, token: str) -> str:
    """How a token is named to people: by its place in the setting, from 1, and its last four characters."""
    return f"#{position} (…{token[-4:] if len(token) >= 12 else ''})"


def token_key(token: str) -> str:
    """What a token is known by in the database: the same after a restart, and no way back to the token."""
    return hashlib.sha256(token.encode()).hexdigest()[:12]

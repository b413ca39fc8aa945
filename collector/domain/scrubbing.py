"""What may leave the house of an error: neither secrets, nor what is said of or by people.

Another service than ours reads it, perhaps abroad. What is ours to tell is the program's own: English words,
places in its code, numbers. Whatever is in Cyrillic is data: names of chairs, titles, posts; it goes as a whole,
since no list of names would be complete. So do mail addresses, and links of letters, which let in whoever has them.
"""

from __future__ import annotations

import re
from typing import Any

from collector.domain.redaction import MASK, Redactor

ADDRESS = "[address]"
WORDS = "[words]"
_LONGEST = 2000

_LETTER_LINK = re.compile(r"(?i)(letters(?:/|%2F))[\w.~%-]+")
# What itsdangerous signs for us, in links and cookies: a content and a SHA-256 or SHA-1, in base64.
_SIGNED = re.compile(r"\b[\w-]{16,}(?:\.[\w-]{4,8})?\.(?:[\w-]{43}|[\w-]{27})(?![\w-])")
_MAIL = re.compile(r"[\w.+-]+(?:@|%40)(?:[\w-]+\.)+(?:xn--[\w-]+|[^\W\d_]{2,})")
_CYRILLIC = (
    r"[\u0400-\u052f]"
    r"|(?i:\\+u04[0-9a-f]{2}|\\+u05[0-2][0-9a-f]|%d[0-4]%[89ab][0-9a-f]|\\+xd[0-4]\\+x[89ab][0-9a-f])"
)
# With what stands between two words, or inside one.
_WORDS = re.compile(rf"(?:{_CYRILLIC})+(?:[\s\d.,:;!?+%«»„“\"'()—–-]{{0,4}}(?:{_CYRILLIC})+)*")
_MIME_WORDS = re.compile(r"=\?[\w-]+\?[bBqQ]\?[^?\s]*\?=")


class Scrubber:
    """Takes out of an event what must not leave. Callable on any part of it."""

    def __init__(self, redact: Redactor) -> None:
        """`redact`: the program's own, not another with the same secrets: it may learn more of them."""
        self._redact = redact

    def __call__(self, part: Any) -> Any:
        """The part with all keys and texts scrubbed, as JSON's types alone."""
        if isinstance(part, dict):
            return {self.text(str(key)): self(value) for key, value in part.items()}
        if isinstance(part, list | tuple | set | frozenset):
            return [self(value) for value in part]
        if part is None or isinstance(part, bool | int | float):
            return part
        return self.text(str(part))

    def text(self, text: str) -> str:
        """The text scrubbed, and only then cut: a cut might leave half of what is sought."""
        text = self._redact.without_pieces(text)
        text = _LETTER_LINK.sub(rf"\1{MASK}", text)
        text = _SIGNED.sub(MASK, text)
        text = _MAIL.sub(ADDRESS, text)
        text = _MIME_WORDS.sub(WORDS, text)
        return _WORDS.sub(WORDS, text)[:_LONGEST]

"""What may become a label: few values, all harmless, whatever a network, a package or a database holds.

Each value is a time series that Prometheus keeps for months, and no text of strangers is to be shown to all.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_TOKEN = re.compile(r"#[0-9]{1,4}( \(…[!-~]{0,4}\))?")
MOST = 40
"""Values that one label takes; what comes later is counted together."""
OTHER = "other"


class Labels:
    """The values of one label so far."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def of(self, text: str) -> str:
        """The text itself, or OTHER where it is no plain name, or there are too many already."""
        if text in self._known:
            return text
        if len(self._known) >= MOST or _NAME.fullmatch(text) is None:
            return OTHER
        self._known.add(text)
        return text


def token_label(label: str) -> str:
    """A token's place and last four characters, as `domain.redaction.token_label` has them; OTHER for what is none."""
    return label if _TOKEN.fullmatch(label) else OTHER

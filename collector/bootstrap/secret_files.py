"""The files that hold secrets: whether one of them is another than the one that was taken up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

_AT_MOST = 64 * 1024


class SecretFiles:
    """Looks at the files' contents, so that neither a clock nor links (Kubernetes, Docker) matter."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        """`paths`: the files by the variable whose value they hold."""
        self.paths = dict(paths)
        self._seen: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def have_changed(self) -> bool:
        """Whether one is another than what was taken up, and has been so at two looks in a row.

        One that is just being written differs from look to look.
        """
        found = {name: _digest(path) for name, path in self.paths.items()}
        is_settled = found == self._seen
        self._seen = found
        return is_settled and found != self._taken

    def take(self, paths: Mapping[str, Path]) -> None:
        """What was seen last is taken up, or left as it cannot be; look at these files from now on."""
        self._taken = self._seen
        self.paths = dict(paths)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(file.read(_AT_MOST + 1)).hexdigest()
    except OSError as error:
        return f"unreadable: {error.errno}"

"""The users as the file has them at this moment: who was removed is out with the next request, without a restart."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from collector.web.access.users import NOBODY, Users, UsersFileError, read_users

log = structlog.get_logger(__name__)

_Version = tuple[int, int, int] | None


class UsersFile:
    """A users file that is read again whenever it is another one than before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._version: _Version = None
        self._users = NOBODY

    def users(self) -> Users:
        """Those of the file. Where it cannot be read, nobody: then nobody is let in, and ops are told."""
        version = self._version_of_file()
        with self._lock:
            if version is None or version != self._version:
                self._users = self._read(version)
                self._version = version
            return self._users

    def _version_of_file(self) -> _Version:
        try:
            found = self.path.stat()
        except OSError:
            return None
        # Written whole it is another inode each time, however quickly one change follows another.
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self, version: _Version) -> Users:
        if version is None:
            return NOBODY
        try:
            return read_users(self.path)
        except UsersFileError as error:
            log.error("nobody can log in", error=str(error))
            return NOBODY

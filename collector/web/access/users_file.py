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
        self._told = ""

    def users(self) -> Users:
        """Those of the file. Where it cannot be read, nobody: then nobody is let in, and ops are told."""
        version = self._version_of_file()
        with self._lock:
            if version is None or version != self._version:
                self._read(version)
            return self._users

    def _version_of_file(self) -> _Version:
        try:
            found = self.path.stat()
        except OSError:
            return None
        # Written whole it is another inode each time, however quickly one change follows another.
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self, version: _Version) -> None:
        try:
            self._users, self._version = read_users(self.path), version
            self._told = ""
        except UsersFileError as error:
            # Tried again with the next request: what ails it, such as a right or too many open files, may pass
            # without making it another file. It is said once.
            self._users, self._version = NOBODY, None
            if str(error) != self._told:
                log.error("nobody can log in", error=str(error))
            self._told = str(error)

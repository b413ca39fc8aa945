"""The Store's face for all that it holds at once: backups, restoring, copying, checksums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import URL, Engine

from storage.backup.copy import Copied, Progress, copy
from storage.backup.digest import TableDigest, digests
from storage.backup.make import Backup, make_backup
from storage.backup.restore import restore
from storage.engine import database_url, make_engine, shown, sqlite_file
from storage.errors import StoreError
from storage.lock import round_lock

_POSTGRESQL_PORT = 5432


class BackupStore:
    """All that the database holds. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(self, out: BinaryIO, made_at: datetime) -> Backup:
        """Write a backup while others go on writing; see `storage.backup.file` for its form."""
        return make_backup(self._engine, out, made_at)

    def restore(self, file: Path) -> Backup:
        """Bring a backup into this database, which must be empty; see `storage.backup.restore`."""
        with _alone(self._engine):
            return restore(self._engine, file)

    def digests(self) -> list[TableDigest]:
        """Row counts and checksums of all tables, at one instant."""
        return digests(self._engine)

    def is_own_file(self, file: Path) -> bool:
        """Whether a file is the database itself, which a backup must not take the place of."""
        own = sqlite_file(self._engine.url)
        return own is not None and own.resolve() == file.resolve()

    def copy_to(
        self,
        target: str,
        now: Callable[[], datetime],
        *,
        password: str | None = None,
        again: bool = False,
        at_once: int = 5_000,
        progress: Progress = lambda *_: None,
    ) -> tuple[str, Copied]:
        """Copy everything into the database of this address; gives it as it may be shown. See `storage.backup.copy`.

        `password`: where the address has none.
        """
        url = database_url(target, "--to")
        if password is not None and url.password is None:
            url = url.set(password=password)
        if _is_same(url, self._engine.url):
            raise StoreError(f"{shown(url)} is the database itself; name another with --to")
        into = make_engine(url)
        try:
            with _alone(self._engine, into):
                return shown(url), copy(
                    self._engine, into, now, again=again, at_once=at_once, progress=progress
                )
        finally:
            into.dispose()


def _is_same(one: URL, other: URL) -> bool:
    files = sqlite_file(one), sqlite_file(other)
    if files[0] is not None and files[1] is not None:
        return files[0].resolve() == files[1].resolve()
    return _place(one) == _place(other)


def _place(url: URL) -> tuple[object, ...]:
    """Where a database is, whoever asks for it."""
    return url.get_backend_name(), url.host, url.port or _POSTGRESQL_PORT, url.database


@contextmanager
def _alone(*engines: Engine) -> Iterator[None]:
    """Let no round be at work on these databases. Raises StoreError where one is."""
    with ExitStack() as stack:
        for engine in engines:
            if not stack.enter_context(round_lock(engine)):
                raise StoreError(
                    f"{shown(engine.url)} is being collected into; stop the daemon (collector run) and try again"
                )
        yield


__all__ = ["Backup", "BackupStore", "Copied", "TableDigest"]

"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.domain.errors import CollectorError


@contextmanager
def whole_file(
    file: Path,
    *,
    private: bool = False,
    advice: str = "close it if it is open in Excel, or name another file",
) -> Iterator[Path]:
    """A file beside it to write to, which takes its place at the end, and is gone after an error.

    `private`: for its owner alone, who stays the same when root writes it anew. `advice`: what to do where it cannot
    be written.
    Raises CollectorError where it cannot be written, or is no file: a device or a pipe must not be replaced.
    """
    target = file.resolve()
    if target.exists() and not target.is_file():
        raise CollectorError(f"{file} is no file; name another")
    try:
        handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        try:
            yield Path(beside)
            if private:
                _keep_owner(target, Path(beside))
            else:
                # As any new file: mkstemp's are for their owner alone.
                umask = os.umask(0)
                os.umask(umask)
                Path(beside).chmod(0o666 & ~umask)
            Path(beside).replace(target)
            if private:
                _settle(target.parent)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except FileNotFoundError:
        raise CollectorError(
            f"{file} cannot be written: there is no folder {file.parent}; create it"
        ) from None
    except OSError as error:
        raise CollectorError(f"{file} cannot be written: {error.strerror}; {advice}") from None


def _settle(folder: Path) -> None:
    """Let the file bear its name after a power cut too, once it is said to be there."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keep_owner(target: Path, beside: Path) -> None:
    if os.geteuid() == 0 and target.exists():
        owner = target.stat()
        os.chown(beside, owner.st_uid, owner.st_gid)

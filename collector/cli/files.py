"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.domain.errors import CollectorError


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """A file beside it to write to, which takes its place at the end, and is gone after an error.

    Raises CollectorError where it cannot be written.
    """
    try:
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        os.close(handle)
        try:
            yield Path(beside)
            # As any new file: mkstemp's are for their owner alone.
            umask = os.umask(0)
            os.umask(umask)
            Path(beside).chmod(0o666 & ~umask)
            Path(beside).replace(file)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CollectorError(
            f"{file} cannot be written: {error.strerror}; close it if it is open in Excel, or name another file"
        ) from None

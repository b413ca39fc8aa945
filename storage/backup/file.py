"""The form of a backup: a gzip file of lines of JSON, sealed by its SHA-256.

    {"collector_backup": 1, "made_at": ..., "program": ..., "schema": "0009", "database": "postgresql", "tables": [...]}
    [1,"ВАО",...]                                             rows of the first table, as `digest.line` writes them
    {"table": "branch", "rows": 11, "sha256": "..."}          the digest of those lines; then the next table
    {"sha256": "..."}                                         of all the bytes of the file before this line's

`zcat` shows it. The last line is a gzip member of its own whose every byte is known, so that no byte of the file can
change unseen.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from pydantic_core import from_json

from storage.backup.digest import Digest, TableDigest, line
from storage.backup.rows import Row
from storage.errors import StoreError

FORMAT = 1
_GZIP = bytes.fromhex("1f8b08")
_SEAL_HEAD = bytes.fromhex("1f8b08000000000000ff")
_LEVEL = 6
_AT_ONCE = 1 << 20


class BackupError(StoreError):
    """A file is no backup, or not what was written."""


@dataclass(frozen=True, slots=True)
class BackupHeader:
    """What a backup says of itself. `schema`: the version of the database that it was made of."""

    made_at: datetime
    program: str
    schema: str
    database: str
    tables: Sequence[tuple[str, Sequence[str]]]
    """Tables in the order in which they can be written, with their columns."""

    @property
    def names(self) -> list[str]:
        """Those of all tables and columns."""
        return [name for table, columns in self.tables for name in (table, *columns)]


class BackupWriter:
    """Writes the parts of a backup, in their order, and seals it."""

    def __init__(self, out: BinaryIO, header: BackupHeader) -> None:
        self.header = header
        self._out = out
        self._sha = hashlib.sha256()
        self._gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        self.digests: list[TableDigest] = []
        told = {"collector_backup": FORMAT, **asdict(header), "made_at": header.made_at.isoformat()}
        self._write(_told(told))

    def table(self, name: str, rows: Iterable[Row]) -> None:
        """Write all rows of a table."""
        digest = Digest(name)
        for row in rows:
            written = line(row)
            digest.add(written)
            self._write(written)
        done = digest.done()
        self._write(_told({"table": done.name, "rows": done.row_count, "sha256": done.sha256}))
        self.digests.append(done)

    def seal(self) -> None:
        """End it: from then on it is a backup. What was written is on the disk, not on its way there."""
        self._out_with(self._gzip.flush())
        self._out.write(_seal(self._sha.hexdigest()))
        self._out.flush()
        os.fsync(self._out.fileno())

    def _write(self, written: bytes) -> None:
        self._out_with(self._gzip.compress(written))

    def _out_with(self, packed: bytes) -> None:
        if packed:
            self._sha.update(packed)
            self._out.write(packed)


class BackupReader:
    """Reads the parts of a backup, in their order."""

    def __init__(self, file: Path, lines: BinaryIO) -> None:
        self._file = file
        self._lines = lines
        self.header = self._header()
        self.digests: list[TableDigest] = []

    def tables(self) -> Iterator[tuple[str, Sequence[str], Iterator[Row]]]:
        """Each table's name, columns and rows; the rows must be read before the next table is asked for.

        Raises BackupError at the end of rows that are not those that were written.
        """
        for name, columns in self.header.tables:
            yield name, columns, self._rows(name)

    def _rows(self, name: str) -> Iterator[Row]:
        digest = Digest(name)
        for written in self._lines:
            if not written.startswith(b"["):
                break
            digest.add(written)
            yield self._parsed(written)
        else:
            raise self._is_damaged()
        told, done = self._parsed(written), digest.done()
        if told != {"table": name, "rows": done.row_count, "sha256": done.sha256}:
            raise self._is_damaged()
        self.digests.append(done)

    def _header(self) -> BackupHeader:
        try:
            told = from_json(next(self._lines, b"null"))
            number = told.pop("collector_backup")
            if isinstance(number, int) and number > FORMAT:
                raise BackupError(
                    f"{self._file} is a backup of form {number}, this program knows {FORMAT}; use the newer program"
                )
            told["made_at"] = datetime.fromisoformat(told["made_at"])
            told["tables"] = [(name, list(columns)) for name, columns in told["tables"]]
            header = BackupHeader(**told)
            words = [header.program, header.schema, header.database]
            # They are shown, and a seal can be made by anybody.
            are_plain = all(isinstance(each, str) and each.isprintable() for each in words + header.names)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _no_backup(self._file) from None
        if not are_plain:
            raise _no_backup(self._file)
        return header

    def _parsed(self, written: bytes) -> Any:
        try:
            return from_json(written)
        except ValueError:
            raise self._is_damaged() from None

    def _is_damaged(self) -> BackupError:
        return BackupError(
            f"{self._file}: its rows are not those that its checksums tell; use another backup"
        )


@contextmanager
def open_backup(file: Path) -> Iterator[BackupReader]:
    """A backup to read, once its seal is found whole. Raises BackupError."""
    try:
        _require_seal(file)
        with gzip.open(file) as lines:
            yield BackupReader(file, lines)  # type: ignore[arg-type]
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error):
        raise BackupError(f"{file} cannot be unpacked; use another backup") from None


def read_digests(file: Path) -> tuple[BackupHeader, list[TableDigest]]:
    """Read a whole backup, and give what it is of and its tables' digests. Raises BackupError."""
    with open_backup(file) as backup:
        for _, _, rows in backup.tables():
            for _ in rows:
                pass
        return backup.header, backup.digests


def _require_seal(file: Path) -> None:
    length = len(_seal("0" * 64))
    sha = hashlib.sha256()
    with file.open("rb") as raw:
        if raw.read(len(_GZIP)) != _GZIP:
            raise _no_backup(file)
        left = max(raw.seek(0, os.SEEK_END) - length, 0)
        raw.seek(0)
        while left and (some := raw.read(min(left, _AT_ONCE))):
            sha.update(some)
            left -= len(some)
        if raw.read() != _seal(sha.hexdigest()):
            raise BackupError(f"{file} is damaged or cut off: it is not what was written; use another backup")


def _no_backup(file: Path) -> BackupError:
    return BackupError(f"{file} is no backup of the collector; `collector db backup` makes them")


def _seal(sha256: str) -> bytes:
    """The last member of the file. It is not packed, so that each of its bytes follows from the digest."""
    told = _told({"sha256": sha256})
    # RFC 1951, 3.2.4, and RFC 1952, 2.3: one block, stored; then the checksum and length of what it holds.
    block = struct.pack("<BHH", 1, len(told), len(told) ^ 0xFFFF) + told
    return _SEAL_HEAD + block + struct.pack("<II", zlib.crc32(told), len(told))


def _told(what: dict[str, Any]) -> bytes:
    return json.dumps(what, ensure_ascii=False).encode() + b"\n"

"""The file of a backup: whole or not there, and no byte of it changes unseen."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path

import pytest

from storage.backup.file import BackupError, _seal, read_digests
from storage.store import open_store
from tests.backup.killing import killed

_KILLED_WRITING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from collector.cli.files import whole_file
from storage.store import open_store

class Out:
    def __init__(self, out):
        self.out = out
    def write(self, some):
        self.out.write(some)
        self.out.flush()
        os.kill(os.getpid(), signal.SIGKILL)

with open_store(sys.argv[1]) as store, whole_file(Path(sys.argv[2]), private=True) as beside, beside.open("wb") as out:
    store.backups.make(Out(out), datetime.now(UTC))
"""


def test_the_checksum_can_be_made_again_by_anybody(saved: Path) -> None:
    """As the help of `verify` tells it: SHA-256 of a table's lines, which are JSON."""
    with gzip.open(saved) as lines:
        next(lines)
        rows, told = [], {}
        for each in map(json.loads, lines):
            if isinstance(each, list):
                rows.append(json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            elif "table" in each:
                told[each["table"]] = (len(rows), hashlib.sha256(b"".join(rows)).hexdigest())
                rows = []
    assert told == {each.name: (each.row_count, each.sha256) for each in read_digests(saved)[1]}


def test_no_byte_of_it_changes_unseen(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    damaged = tmp_path / "damaged.backup"
    places = {
        *range(12),
        *range(len(whole) - 110, len(whole)),
        *random.Random(5).sample(range(len(whole)), 20),
    }
    changed = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in places]
    cut = [whole[:length] for length in (0, 1, 20, len(whole) // 2, len(whole) - 1)]
    for wrong in [*changed, *cut, whole + b"\n"]:
        damaged.write_bytes(wrong)
        with pytest.raises(BackupError, match=r"damaged or cut off|no backup of the collector"):
            read_digests(damaged)
    assert read_digests(saved)[1]


_HEADER = {
    "collector_backup": 1,
    "made_at": "2026-11-01T00:00:00+00:00",
    "program": "1.0",
    "schema": "0001",
    "database": "sqlite",
    "tables": [["branch", ["id"]]],
}


def sealed(file: Path, packed: bytes) -> Path:
    """As if it had been written so: anybody can make a seal."""
    file.write_bytes(packed + _seal(hashlib.sha256(packed).hexdigest()))
    return file


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"hello\n",
        b"[1]\n",
        *(
            json.dumps(header).encode() + b"\n"
            for header in (
                {"collector_backup": 1},
                {**_HEADER, "more": 1},
                {**_HEADER, "made_at": "yesterday"},
                {**_HEADER, "made_at": 1},
                {**_HEADER, "tables": None},
                {**_HEADER, "tables": [1]},
                {**_HEADER, "tables": [["branch", [1]]]},
                {**_HEADER, "schema": ["0001"]},
                {**_HEADER, "program": "\x1b]0;a terminal's title\x07"},
            )
        ),
        *(json.dumps(_HEADER).encode() + b"\n" + rest for rest in (b"[1,\n", b'["\xff"]\n', b"{\n", b"1\n")),
    ],
)
def test_what_somebody_else_has_sealed_is_told_plainly(tmp_path: Path, lines: bytes) -> None:
    with pytest.raises(BackupError, match=r"no backup of the collector|rows are not those"):
        read_digests(sealed(tmp_path / "strange.backup", gzip.compress(lines)))


def test_a_sealed_file_that_cannot_be_unpacked_is_told_plainly(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps(_HEADER).encode())
    for wrong in (packed[:10] + b"\xff" * 50, packed[:30]):
        with pytest.raises(BackupError, match=r"cannot be unpacked|no backup"):
            read_digests(sealed(tmp_path / "strange.backup", wrong))


def test_killed_in_the_middle_there_is_no_file(saved: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'collector.db'}"
    with open_store(url) as store:
        store.backups.restore(saved)
    file = tmp_path / "kept.backup"
    killed(_KILLED_WRITING, url, file)
    assert not file.exists()
    file.write_bytes(b"an older one")
    killed(_KILLED_WRITING, url, file)
    assert file.read_bytes() == b"an older one"

"""Runs the program in processes of their own that kill themselves with SIGKILL at the n-th thing they do.

As a program it loads the collector once, and forks for each order that it reads: the command then runs as it does
from a shell, but for the second that loading takes. What it does is counted at its borders: each statement to the
database before and after, each commit, each line to and from the mail server.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import Engine, Pool, event

KILLED = -signal.SIGKILL


class Forks:
    """Commands of the collector, each in a process of its own, with a folder to work in."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self.folder = folder

    def run(
        self, *arguments: str, at: datetime, settings: Mapping[str, str], kill_at: int | None = None
    ) -> tuple[int, list[str]]:
        """Run a command, its clock set to `at`. Gives its return code, and what it did, in order."""
        did = self.folder / "did"
        did.unlink(missing_ok=True)
        order = {
            "arguments": arguments,
            "at": at.isoformat(),
            "settings": dict(settings),
            "kill_at": kill_at,
            "folder": str(self.folder),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        return int(answer), did.read_text().splitlines() if did.exists() else []

    @property
    def said(self) -> str:
        """What the commands printed and logged last."""
        return "\n".join((self.folder / "said").read_text().splitlines()[-15:])


@contextmanager
def forks(folder: Path) -> Iterator[Forks]:
    """Commands in this folder; what forks them ends with the context."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.kills.forked"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=own,
        cwd=Path(__file__).parents[2],
    ) as process:
        yield Forks(process, folder)


class _Counter:
    def __init__(self, file: Path, kill_at: int | None) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._kill_at = kill_at
        self._count = 0

    def __call__(self, what: str) -> None:
        self._count += 1
        os.write(self._file, f"{what}\n".encode())
        if self._count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def _count_database(did: _Counter) -> None:
    def words(statement: str) -> str:
        return " ".join(statement.split()[:2])

    event.listen(Engine, "before_cursor_execute", lambda *given: did(f"before {words(given[2])}"))
    event.listen(Engine, "after_cursor_execute", lambda *given: did(f"after {words(given[2])}"))
    event.listen(Engine, "commit", lambda _conn: did("before COMMIT"))
    # A connection goes back to its pool right after its commit.
    event.listen(Pool, "checkin", lambda *_: did("after the transaction"))


def _count_mail(did: _Counter) -> None:
    def heard(what: str, given: tuple[Any, ...]) -> None:
        if what == "smtplib.connect":
            did("connect")
        elif what == "smtplib.send":
            line = given[1] if isinstance(given[1], str) else given[1].decode()
            did(f"send {line.split()[0].upper()}" if line.count("\n") == 1 else "send the letter")

    sys.addaudithook(heard)
    plain = smtplib.SMTP.getreply

    def getreply(smtp: smtplib.SMTP) -> tuple[int, bytes]:
        code, text = plain(smtp)
        did(f"heard {code}")
        return code, text

    smtplib.SMTP.getreply = getreply  # type: ignore[method-assign]


def _child(order: dict[str, Any]) -> None:
    """Never returns."""
    folder = Path(order["folder"])
    os.chdir(folder)
    os.environ.update(order["settings"])
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    did = _Counter(folder / "did", order["kill_at"])
    _count_database(did)
    _count_mail(did)
    sys.argv = ["collector", *order["arguments"]]
    code: Any = 0
    with time_machine.travel(datetime.fromisoformat(order["at"]), tick=True):
        try:
            from collector.cli import main

            main()
        except SystemExit as ended:
            code = ended.code or 0
    sys.stdout.flush()
    os._exit(code)


def main() -> None:
    """Serve orders until there are no more."""
    # What the commands load within their functions is loaded here, once for all.
    import collector.bootstrap.delivery
    import collector.bootstrap.silence
    import collector.cli  # noqa: F401

    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line))
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()

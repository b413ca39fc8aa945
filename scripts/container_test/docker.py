"""Docker's command line as functions: containers, volumes and compose projects, all taken away at the end."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

LABEL = "union-collector.container-test=run"
"""Of what a run sets up. With a value, and on no image: a container has its image's labels too, and one of a real
installation must never be taken for ours.
"""
_LIMIT_S = 900.0
"""A command that takes longer has hung."""


class Failed(AssertionError):
    """What must hold does not; the text says what was seen instead."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str
    seconds: float


def docker(
    *arguments: str, may_fail: bool = False, text: str | None = None, cwd: Path | None = None
) -> Ended:
    """Run a command of Docker's. Raises Failed where it fails and may not."""
    began = time.monotonic()
    done = subprocess.run(
        ["docker", *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
        cwd=cwd,
    )
    ended = Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
    if done.returncode and not may_fail:
        raise Failed(f"docker {' '.join(arguments)} ended with {ended.code}:\n{ended.out}{ended.err}")
    return ended


def until(what: str, ask: Callable[[], T | None], seconds: float) -> T:
    """What `ask` gives once it gives something. Raises Failed with `what` if it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.5)
    raise Failed(f"not within {seconds:.0f} s: {what}")


@dataclass(frozen=True, slots=True)
class Container:
    """A container, running or not."""

    id: str

    def inspect(self) -> dict[str, Any]:
        """All that the engine knows of it."""
        found: dict[str, Any] = json.loads(docker("inspect", self.id).out)[0]
        return found

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return bool(self.inspect()["State"]["Running"])

    @property
    def exit_code(self) -> int:
        """What its process ended with."""
        return int(self.inspect()["State"]["ExitCode"])

    @property
    def health(self) -> str:
        """What its health check says: starting, healthy, unhealthy."""
        return str(self.inspect()["State"].get("Health", {}).get("Status", "none"))

    @property
    def log(self) -> str:
        """All it has said, on both streams."""
        said = docker("logs", self.id)
        return said.out + said.err

    def stop(self) -> float:
        """Stop it as `docker stop` does; gives the seconds that it took."""
        return docker("stop", self.id).seconds

    def kill(self) -> None:
        """End it as a machine does that loses its power."""
        docker("kill", "--signal", "KILL", self.id)

    def start(self) -> None:
        """Start it anew."""
        docker("start", self.id)

    def python(self, code: str) -> str:
        """What a piece of Python prints inside."""
        return docker("exec", "-i", self.id, "python", "-", text=code).out.strip()

    def asked(self, path: str) -> tuple[int, str]:
        """Status and text of the answer to a request of its own listener; 0 and why where there is none."""
        code = (
            "import json, urllib.error, urllib.request as u\n"
            f"try: a = u.urlopen('http://127.0.0.1:9464{path}', timeout=15)\n"
            "except urllib.error.HTTPError as e: a = e\n"
            "except OSError as e: a = None; print(json.dumps([0, str(e)]))\n"
            "if a is not None: print(json.dumps([a.status, a.read().decode()]))\n"
        )
        status, text = json.loads(self.python(code))
        return int(status), str(text)

    def is_ready(self) -> bool:
        """Whether it says so itself."""
        return self.is_running and self.asked("/readyz")[0] == 200

    def until_ready(self, seconds: float = 60) -> None:
        """Wait for that. Raises Failed with its log where it does not come."""
        try:
            until("/readyz answers 200", self.is_ready, seconds)
        except Failed as failed:
            raise Failed(f"{failed}\n{self.log[-3000:]}") from None


_PREFIX = "ct-"
"""What the names of all begin with that a check sets up."""


class Stage:
    """What one check sets up; a context manager that takes it away again."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = _PREFIX + name
        self.folder = folder
        self._undo = ExitStack()

    def __enter__(self) -> Stage:
        self.network = self.name
        docker("network", "create", "--label", LABEL, self.network)
        self._undo.callback(docker, "network", "rm", self.network, may_fail=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def volume(self, name: str, *options: str) -> str:
        """A volume that is empty at first; gives its name."""
        whole = f"{self.name}-{name}"
        docker("volume", "create", "--label", LABEL, *options, whole)
        self._undo.callback(docker, "volume", "rm", "--force", whole, may_fail=True)
        return whole

    def file(self, name: str, content: str, mode: int = 0o644) -> Path:
        """A file of the host to be mounted."""
        path = self.folder / f"{self.name}-{name}"
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)
        return path

    def run(
        self,
        image: str,
        *command: str,
        alias: str = "",
        options: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Container:
        """Start a container in the background, on the stage's network; `alias` is its name there."""
        given = [part for name, value in (settings or {}).items() for part in ("--env", f"{name}={value}")]
        named = ["--network-alias", alias] if alias else []
        arguments = ["run", "--detach", "--label", LABEL, "--network", self.network, *named, *options, *given]
        started = Container(docker(*arguments, image, *command).out.strip())
        self._undo.callback(docker, "rm", "--force", "--volumes", started.id, may_fail=True)
        return started

    def ended(
        self,
        image: str,
        *command: str,
        options: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run a container to its end; gives exit code and what it said, the streams apart."""
        given = [part for name, value in (settings or {}).items() for part in ("--env", f"{name}={value}")]
        return docker(
            "run",
            "--rm",
            "--label",
            LABEL,
            "--network",
            self.network,
            *options,
            *given,
            image,
            *command,
            may_fail=True,
        )

    def at_the_end(self, undo: Callable[..., object], *arguments: object, **named: object) -> None:
        """Have something done when the stage is taken away, the newest first."""
        self._undo.callback(undo, *arguments, **named)


def sweep() -> None:
    """Take away what an earlier run left that was killed; nothing without our label, or our projects' names."""
    for project in docker("compose", "ls", "--all", "--quiet").out.split():
        if project.startswith(_PREFIX):
            docker("compose", "--project-name", project, "down", "--volumes", may_fail=True)
    mine = ("--quiet", "--filter", f"label={LABEL}")
    for found in docker("ps", "--all", *mine).out.split():
        docker("rm", "--force", "--volumes", found, may_fail=True)
    for kind in ("volume", "network"):
        for found in docker(kind, "ls", *mine).out.split():
            docker(kind, "rm", found, may_fail=True)

"""`make demo`: the whole way once, from an empty database to a table, with the sandbox for the networks.

Runs the same commands that a person would type, each shown before it runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "demo"
COLLECTOR = Path(sys.executable).parent / "collector"
BRANCHES = "../config/branches.mgo.yaml"


def main() -> int:
    """Run the demo; gives the exit code."""
    FOLDER.mkdir(exist_ok=True)
    print("In the folder demo/, which has no .env of yours:")
    run("db", "upgrade")
    run("branches", "sync", BRANCHES)
    run("import", "followers", "../config/followers-2017-2018.csv")
    show("sandbox", "--branches", BRANCHES, "--port", "0")
    with subprocess.Popen(
        [COLLECTOR, "sandbox", "--branches", BRANCHES, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=FOLDER,
        env=environment({}),
    ) as sandbox:
        try:
            exports = ready(sandbox)
            code = run("collect", "--branches", BRANCHES, may_find=True, **exports)
        finally:
            sandbox.terminate()
    run("silence", "check")
    run("letters", "preview", "--output", "letters")
    print(
        "\nThe sandbox is stopped again: nothing is left running. What was read is in demo/collector.db;"
        " look again with\n"
        "  cd demo && ../.venv/bin/collector status\n"
        "The letters are in demo/letters: open the .html in a browser. None was sent, as no mail server is set.\n"
        "Some communities are closed, banned or silent on purpose: that is what the sandbox is for."
    )
    return 0 if code in (0, 1) else code


def ready(sandbox: subprocess.Popen[str]) -> dict[str, str]:
    """Wait until the sandbox answers; gives the settings that it prints."""
    told = ""
    for line in sandbox.stdout or ():
        told += line
        if "collector collect" in line:
            return dict(re.findall(r"(COLLECTOR_\w+)=(\S+)", told))
    raise SystemExit(f"the sandbox did not start:\n{told}")


def run(*arguments: str, may_find: bool = False, **settings: str) -> int:
    """Show and run a command. `may_find`: 1, for communities that could not be read, is no failure."""
    show(*arguments)
    done = subprocess.run([COLLECTOR, *arguments], cwd=FOLDER, env=environment(settings), check=False)
    if done.returncode > (1 if may_find else 0):
        raise SystemExit(done.returncode)
    return done.returncode


def show(*arguments: str) -> None:
    """As a person would type it."""
    print(f"\n$ collector {' '.join(arguments)}", flush=True)


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Ours and nobody's settings else: the demo shall not meet a real token."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("COLLECTOR_")}
    return {**own, **settings}


if __name__ == "__main__":
    sys.exit(main())

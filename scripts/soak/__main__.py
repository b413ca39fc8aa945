"""The command: plays the year, judges it, prints what came of it; 1 where anything was wrong."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from scripts.soak.case import Case
from scripts.soak.judge_letters import judge_letters
from scripts.soak.judge_silences import judge_silences
from scripts.soak.report import stories, table
from scripts.soak.stage import Options, stage

_FOLDER = Path("soak")


def main() -> int:
    """Play, judge, tell; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what is drawn: the lives, and what goes wrong")
    parser.add_argument("--days", type=int, default=365, help="how long, by the calendar")
    parser.add_argument("--speed", type=int, default=12_500, help="how fast the calendar goes")
    parser.add_argument("--interval-hours", type=int, default=6, help="between two looks at a community")
    parser.add_argument(
        "--round-the-clock", action="store_true", help="letters to chairs leave on working days at any hour"
    )
    parser.add_argument("--postgresql", action="store_true", help="a PostgreSQL of its own, not SQLite")
    given = parser.parse_args()
    options = Options(**vars(given))
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir()
    minutes = options.days * 1440 / options.speed
    print(
        f"{options.days} days at {options.speed}-fold take {minutes:.1f} minutes; seed {options.seed}",
        flush=True,
    )
    began = time.monotonic()
    with stage(_FOLDER.resolve(), options) as made:
        played = made.play()
        print(f"Played in {(time.monotonic() - began) / 60:.1f} minutes.")
        # While the database's server is there.
        case = Case(played)
    case.verdict.wrongs += [*judge_silences(case), *judge_letters(case)]
    for line in stories(case):
        print(line)
    print(table(case))
    # Once more in short, where a log is cut and only its end is read.
    for wrong in case.verdict.wrongs:
        print(f"WRONG: {wrong}")
    return 1 if case.verdict.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())

"""Is any letter lost when the program is killed? SIGKILL at every step of finding silences and writing to chairs."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.world import DATABASES, table, verdict
from tests.kills.trials import BRANCHES, Trial, killing

STRIDE = {"SQLite": 1, "PostgreSQL": 4}
"""Every so many-th step. The steps are nearly the same on both databases, and each kill takes most of a second."""
_HEALTHCHECKS = [
    ["healthchecks' sender, one kill -9 *", "1", f"{BRANCHES:,}", "1", "not told"],
    ["healthchecks' sender, an SMTP server that refuses for 15 s *", "0", f"{BRANCHES:,}", "11", "not told"],
]


def section(stride: dict[str, int] | None = None) -> str:
    """Measure, and give the result as Markdown."""
    strides = stride or STRIDE
    lines, steps_of, found = [], {}, list[Trial]()
    for database, every in strides.items():
        steps, trials = _kill(database, every)
        steps_of[database] = steps
        lost, doubled = sum(each.lost for each in trials), sum(each.doubled for each in trials)
        found += trials
        lines.append(
            [
                f"ours, {database}",
                f"{len(trials):,}",
                f"{len(trials) * BRANCHES:,}",
                f"{lost:,}",
                f"{doubled:,}",
            ]
        )
    worst, strange = max(each.doubled for each in found), sum(each.strange for each in found)
    where = ", ".join(f"`{step}`" for step in dict.fromkeys(each.killed_at for each in found if each.doubled))
    steps_told = " and ".join(f"{count} on {database}" for database, count in steps_of.items())
    return "\n\n".join(
        [
            f"## Kills: {BRANCHES} branches fall silent",
            "The commands `collector silence check` and `collector deliver`, each in a process of its own, do so many "
            f"things at their borders: {steps_told} (statements before and after, commits, lines to and from the mail "
            f"server). In each trial one of them is the last: the process kills itself there with SIGKILL. A quarter "
            "of an hour later by its clock, when the dead one's claim has lapsed, the program is started again, until "
            "nothing is left to send.",
            table(["sender", "kills tried", "letters due", "lost", "doubled"], [*lines, *_HEALTHCHECKS]),
            "\\* Given with the task that this program was built for, not measured here.",
            "\n".join(
                [
                    f"- At most one letter doubled by a kill: {worst}, {verdict(worst <= 1)}.",
                    f"- Second copies with another Message-ID: {strange}, {verdict(strange == 0)}.",
                    f"- The last steps of those who doubled a letter: {where}.",
                ]
            ),
        ]
    )


def _kill(database: str, every: int) -> tuple[int, list[Trial]]:
    """How many steps there are, and what the kills at each `every`-th did."""
    with (
        tempfile.TemporaryDirectory() as folder,
        DATABASES[database]() as url,
        killing(url, Path(folder)) as world,
    ):
        checking, delivering = world.steps()
        steps = len(checking) + len(delivering)
        return steps, [world.kill(step, len(checking)) for step in range(1, steps + 1, every)]


if __name__ == "__main__":
    print(section())

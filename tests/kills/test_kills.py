"""SIGKILL at each step of detecting, writing, claiming, sending and noting: no letter is lost."""

from __future__ import annotations

from pathlib import Path

from tests.kills.trials import killing

EACH = 300
"""Every so many-th step is tried here, and those that change anything, of the check and of one letter. All of them
are tried in benchmarks/kills.py."""
_READS = ("before SELECT", "after SELECT", "before BEGIN", "after BEGIN", "before PRAGMA", "after PRAGMA")


def test_whenever_the_program_is_killed_every_letter_arrives_and_at_most_one_twice(
    database_url: str, tmp_path: Path
) -> None:
    with killing(database_url, tmp_path) as world:
        checking, delivering = world.steps()
        # Kills fall on every kind of step: what is written, a claim, the connection, each word of a letter.
        assert {"after INSERT INTO", "before COMMIT", "after the transaction"} <= set(checking)
        words = {
            "connect",
            "send MAIL",
            "send RCPT",
            "send DATA",
            "heard 354",
            "send the letter",
            "heard 250",
        }
        assert words <= set(delivering)
        all_steps = checking + delivering
        steps = {*range(1, len(all_steps), EACH), *_of_the_first_writing(checking), *_of_a_letter(all_steps)}
        trials = [world.kill(step, len(checking)) for step in sorted(steps)]
    assert [each for each in trials if each.lost or each.doubled > 1 or each.strange] == []
    # At least one fell between the server's 250 and our commit, else this proves little.
    assert any(each.doubled for each in trials)


def _of_the_first_writing(checking: list[str]) -> list[int]:
    """From the first row of an episode to the end of its transaction."""
    begins = checking.index("before INSERT INTO")
    ends = checking.index("after the transaction", begins)
    return [place + 1 for place in range(begins, ends + 1)]


def _of_a_letter(steps: list[str]) -> list[int]:
    """From the end of the fifth letter to that of the sixth, what only reads left out."""
    ends = [place for place, what in enumerate(steps) if what == "send the letter"]
    return [
        place + 1
        for place in range(ends[4], ends[5] + 8)
        if not steps[place].startswith(_READS)
        and (steps[place] != "after the transaction" or steps[place - 1] == "before COMMIT")
    ]

"""The rules for what the program found: every silence, soon, and none that was none.

Where it needs time, it has an interval of collection from the moment that something was so and all was well, and
what the machine takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from scripts.soak.case import Case, Wrong
from scripts.soak.story import DAY
from scripts.soak.troubles import HOUR
from scripts.soak.truth import State, told
from scripts.soak.weather import KNOWING, first_long

_ENOUGH = 0.3
"""The share of all silences that must be found at the least: with less, a soak tells nothing."""
_BACKOFF = DAY
"""A community that could not be read for long is tried again within this: its first post is seen later."""


def judge_silences(case: Case) -> Iterator[Wrong]:
    """All of them."""
    yield from _missed(case)
    yield from _false_episodes(case)
    yield from _not_resumed(case)
    counts = case.verdict.counts
    if counts["silences that must be found"] < _ENOUGH * counts["true silences"]:
        yield Wrong(
            "too little could be judged: is the machine busy?", None, case.played.begins, case.played.ends
        )


def _missed(case: Case) -> Iterator[Wrong]:
    """Every silence that could be found is found, within an interval."""
    for branch, silence in case.stretches(State.SILENT):
        case.verdict.counts["true silences"] += 1
        calm = case.weather.calm(KNOWING, silence.begins, silence.ends)
        known = [
            each
            for each in case.records.of(branch.code)
            if each.detected < silence.ends and (each.resume_detected or silence.ends) > silence.begins
        ]
        could_be = first_long(calm, case.patience)
        if could_be is None:
            case.verdict.counts["silences too short to be found" if not known else "found all the same"] += 1
            continue
        case.verdict.counts["silences that must be found"] += 1
        if not known:
            yield Wrong("a silence was missed", branch.code, silence.begins, silence.ends)
            continue
        detected = max(known[0].detected, silence.begins)
        case.verdict.counts["found"] += 1
        # What was found while something was out of order could be found before it was.
        case.verdict.delays += [detected - begins for begins, ends in calm if begins <= detected <= ends]
        if detected > could_be + case.patience:
            late = f"a silence was found late, {(detected - could_be) / HOUR:.1f} h after it could be"
            yield Wrong(late, branch.code, silence.begins, detected)
        if len(known) > 1:
            yield Wrong("one silence, two episodes", branch.code, silence.begins, silence.ends)


def _false_episodes(case: Case) -> Iterator[Wrong]:
    """Whatever was found was so when it was looked at, and since then."""
    for each in case.records.episodes:
        case.verdict.counts["episodes"] += 1
        silence = case.truth.within(each.branch, State.SILENT, each.oldest_look, each.detected)
        if silence is None:
            yield Wrong("an episode that was none", each.branch, each.oldest_look, each.detected)
            continue
        overlapping = [
            stretch
            for stretch in case.truth.of[each.branch]
            if stretch.state is State.SILENT
            and stretch.begins <= (each.resume_detected or case.played.ends)
            and stretch.ends > each.oldest_look
        ]
        deadlines = [deadline for stretch in overlapping for deadline in stretch.deadlines]
        if not any(abs(deadline - each.silent_since) < 2 for deadline in deadlines):
            yield Wrong(
                f"an episode with a wrong beginning, {told(each.silent_since)}",
                each.branch,
                silence.begins,
                each.detected,
            )


def _not_resumed(case: Case) -> Iterator[Wrong]:
    """An episode does not stay open long after the branch posted."""
    for branch, active in case.stretches(State.ACTIVE):
        was_closed = any(
            deed.what == "access" and active.begins - 14 * DAY < deed.at < active.ends
            for deed in case.played.deeds
            if deed.community in branch.communities
        )
        patience = case.patience + (_BACKOFF if was_closed else 0)
        calm = case.weather.calm(KNOWING, active.begins, active.ends)
        could_be = first_long(calm, patience)
        if could_be is None or active is case.truth.of[branch.code][0]:
            continue
        for each in case.records.of(branch.code):
            ended = each.resume_detected
            if each.detected < could_be and (ended is None or ended > could_be + patience):
                yield Wrong("a resumption was missed", branch.code, active.begins, ended or active.ends)

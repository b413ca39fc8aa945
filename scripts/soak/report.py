"""What came of a soak, for people: a table, and of each wrong its story."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from scripts.soak.case import Case, Wrong
from scripts.soak.story import DAY
from scripts.soak.troubles import HOUR
from scripts.soak.truth import told

_STORIES = 5
_LOG_LINES = 30


def table(case: Case) -> str:
    """The figures."""
    counts = case.verdict.counts + case.played.did
    delays = sorted(case.verdict.delays)
    areas: dict[str, list[float]] = {}
    for trouble in case.weather.troubles:
        areas.setdefault(f"troubles: {trouble.area}", []).append(trouble.ends - trouble.begins)
    lines = [(name, str(counts[name])) for name in sorted(counts)]
    lines += [
        (name, f"{len(spans)}, {sum(spans) / DAY:.1f} days in all") for name, spans in sorted(areas.items())
    ]
    if delays:
        shown = [statistics.median(delays), delays[int(len(delays) * 0.9)], delays[-1]]
        told_as = ", ".join(f"{value / HOUR:.1f} h" for value in shown)
        lines.append(
            ("found after: median, 90 %, most", f"{told_as} (an interval is {case.interval / HOUR:.0f} h)")
        )
    lines.append(("WRONG", str(len(case.verdict.wrongs))))
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:{width}}  {value}" for name, value in lines)


def stories(case: Case) -> Iterator[str]:
    """Of each wrong, a line; of the first ones, all that was going on."""
    for number, wrong in enumerate(case.verdict.wrongs):
        yield f"WRONG: {wrong}"
        if number < _STORIES:
            yield from (f"    {line}" for line in _story(case, wrong))


def _story(case: Case, wrong: Wrong) -> Iterator[str]:
    begins, ends = wrong.begins - 3 * DAY, wrong.ends + DAY
    code = wrong.branch
    yield "what was so:"
    yield from (
        f"  {each}"
        for each in case.truth.of.get(code or "", ())
        if each.begins <= ends and each.ends >= begins
    )
    branch = case.branches.get(code or "")
    for deed in case.played.deeds:
        if branch is not None and deed.community in branch.communities and begins <= deed.at <= ends:
            yield f"  {told(deed.at)} {deed.community[0]} {deed.what} {deed.value}"
    yield "what went wrong by itself:"
    yield from (f"  {each}" for each in case.weather.around(begins, ends))
    yield "what the program has:"
    for episode in case.records.of(code or ""):
        if episode.detected <= ends and (episode.resume_detected or ends) >= begins:
            noticed = told(episode.resume_detected) if episode.resume_detected is not None else "-"
            yield (
                f"  episode {episode.number}: silent since {told(episode.silent_since)}, detected "
                f"{told(episode.detected)}, oldest look {told(episode.oldest_look)}, ended {episode.end_reason}, "
                f"noticed {noticed}"
            )
    for owed in case.records.outbox:
        if owed.branch == code and owed.owed_at <= ends and (owed.finished or ends) >= begins:
            finished = told(owed.finished) if owed.finished is not None else "-"
            yield f"  {owed.key}: owed {told(owed.owed_at)}, {owed.status} {finished}"
    yield "what arrived:"
    for letter, owed in case.arrived:
        if owed.branch == code and begins <= letter.at <= ends:
            yield f"  {told(letter.at)} {owed.key}"
    yield "what the daemon said:"
    said = [
        line
        for line in case.played.daemon.said(wrong.begins - DAY / 2, wrong.ends + DAY / 4)
        if "maximum number of running instances" not in line
    ]
    yield from (f"  {line}" for line in said[-_LOG_LINES:])

"""The rules for what arrived: true, in time, at the right people, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scripts.soak import troubles as kinds
from scripts.soak.case import Case, Wrong
from scripts.soak.daemon import CITY_CHAIR, DEPARTMENT
from scripts.soak.troubles import HOUR, Area
from scripts.soak.truth import State, is_paused, told
from scripts.soak.weather import first_long, without, working_spans

_LETTER_WAITS = 4 * HOUR
"""A letter that one address refused for the time being is tried again within this."""
_ABOUT_SILENCE = ("silence", "reminder", "escalation")


def judge_letters(case: Case) -> Iterator[Wrong]:
    """All of them."""
    # First: what is no letter of ours is not judged any further.
    yield from _unknown_letters(case)
    for rule in (_false_letters, _wrong_moments, _lost, _doubled, _not_told, _good_news):
        yield from rule(case)


def _unknown_letters(case: Case) -> Iterator[Wrong]:
    """Every letter is one that the outbox knows, to whom it knows."""
    for letter in case.played.letters:
        owed = case.owed.get(letter.mail.message_id)
        if owed is None or owed.email != letter.mail.recipient:
            yield Wrong(f"a letter from nowhere: {letter.mail.subject}", None, letter.at, letter.at)
            continue
        case.arrived.append((letter, owed))
        case.verdict.counts[f"letters: {owed.kind}"] += 1


def _false_letters(case: Case) -> Iterator[Wrong]:
    """A letter on a silence is true by a look that is not older than two intervals, and goes to whom it concerns."""
    for letter, owed in case.arrived:
        if owed.kind not in (*_ABOUT_SILENCE, "resumed", "warning", "monthly"):
            continue
        branch = case.branches.get(owed.branch or "")
        if branch is None:
            yield Wrong(f"a {owed.kind} letter on no branch", None, letter.at, letter.at)
            continue
        allowed = {
            "escalation": {"department": DEPARTMENT, "chair": CITY_CHAIR},
        }.get(owed.kind, {"chair": branch.chair, "administrator": branch.administrator})
        if allowed.get(owed.audience) != owed.email:
            yield Wrong(f"a {owed.kind} letter to {owed.email}", branch.code, letter.at, letter.at)
        if branch.code not in letter.mail.text:
            yield Wrong(f"a {owed.kind} letter that does not name it", branch.code, letter.at, letter.at)
        since = case.judged_since(letter, owed) - 2 * case.interval
        if owed.kind in _ABOUT_SILENCE and not case.truth.within(branch.code, State.SILENT, since, letter.at):
            yield Wrong(f"a false {owed.kind} letter", branch.code, since, letter.at)


def _wrong_moments(case: Case) -> Iterator[Wrong]:
    """None to chairs but in office hours, none in a pause or a mute, nothing by a wrong clock but to ops."""
    mutes = defaultdict(list)
    for mute in case.records.mutes:
        mutes[mute.branch].append(mute)
    for letter, owed in case.arrived:
        where = (owed.branch, letter.at, letter.at)
        since = case.judged_since(letter, owed)
        by_wrong_clock = case.weather.at(Area.CLOCK, letter.at)
        if by_wrong_clock is not None:
            # One that was in hand as the clock was set was judged by the right one.
            if owed.kind != "ops" and since > by_wrong_clock.begins:
                yield Wrong(f"a {owed.kind} letter by a wrong clock", *where)
            continue
        if owed.audience == "chair" and not working_spans(since, letter.at, case.hours):
            yield Wrong(f"a {owed.kind} letter to a chair at {told(letter.at)} UTC", *where)
        branch = case.branches.get(owed.branch or "")
        if branch is None or owed.email == DEPARTMENT:
            continue
        if any(mute.begins < since and letter.at < mute.ends for mute in mutes[branch.code]):
            yield Wrong(f"a {owed.kind} letter in a mute", *where)
        own = owed.kind in ("silence", "reminder")
        if own and is_paused(branch, letter.at) and is_paused(branch, since):
            yield Wrong(f"a {owed.kind} letter in a pause", *where)
        acknowledged = case.records.acknowledged.get(owed.episode or 0)
        if owed.kind == "reminder" and acknowledged and since > acknowledged:
            yield Wrong("a reminder of what somebody is on", *where)


def _lost(case: Case) -> Iterator[Wrong]:
    """What the outbox says was sent has arrived, and nothing failed that was not refused."""
    there = {owed.message_id for _, owed in case.arrived}
    for owed in case.records.outbox:
        case.verdict.counts[f"outbox: {owed.status}"] += 1
        at = owed.finished or case.played.ends
        if owed.status == "sent" and owed.message_id not in there:
            yield Wrong(
                f"a {owed.kind} letter that was sent and did not arrive", owed.branch, owed.owed_at, at
            )
        if owed.status == "failed":
            yield Wrong(f"a {owed.kind} letter was given up", owed.branch, owed.owed_at, at)


def _doubled(case: Case) -> Iterator[Wrong]:
    """A letter arrives twice only where a kill, or a line that was cut, kept its arrival from being known."""
    first: dict[str, float] = {}
    for letter, owed in case.arrived:
        before = first.setdefault(owed.message_id, letter.at)
        if before == letter.at:
            continue
        case.verdict.counts["second copies"] += 1
        first[owed.message_id] = letter.at
        mail = case.weather.at(Area.MAIL, before)
        was_cut = mail is not None and mail.name == kinds.KEEPS_AND_CUTS
        was_killed = any(
            trouble.area in (Area.DAEMON, Area.CLOCK) and trouble.begins <= letter.at
            for trouble in case.weather.around(before - case.slack, before + case.slack)
        )
        if not was_cut and not was_killed:
            yield Wrong(f"a {owed.kind} letter came twice", owed.branch, before, letter.at)


def _not_told(case: Case) -> Iterator[Wrong]:
    """The chair of a silent branch hears of it as soon as all is well in office hours."""
    there: dict[tuple[int | None, str], float] = {}
    for letter, owed in case.arrived:
        if owed.kind == "silence":
            there.setdefault((owed.episode, owed.email), letter.at)
    patience = _LETTER_WAITS + case.slack
    unwell = [(trouble.begins, trouble.ends) for trouble in case.weather.troubles]
    # A first chart takes seconds of the machine's, in which other letters wait: that is a day of the calendar's.
    unwell += [
        (owed.owed_at, owed.finished or case.played.ends)
        for owed in case.records.outbox
        if owed.kind == "monthly"
    ]
    for each in case.records.episodes:
        branch = case.branches[each.branch]
        ends = each.resume_detected or case.played.ends
        spans = without(working_spans(each.detected, ends, case.hours), unwell)
        held = [(mute.begins, mute.ends) for mute in case.records.mutes if mute.branch == each.branch]
        spans = without(spans, held)
        spans = without(
            spans,
            [
                (stretch.begins, stretch.ends)
                for stretch in case.truth.of[each.branch]
                if stretch.state is not State.SILENT
            ],
        )
        spans = [span for span in spans if not is_paused(branch, span[0])]
        could_be = first_long(spans, patience)
        arrived = there.get((each.number, branch.chair))
        if could_be is None:
            case.verdict.counts["episodes nobody had to be told of"] += arrived is None
            continue
        case.verdict.counts["chairs to be told"] += 1
        if arrived is None or arrived > could_be + patience:
            yield Wrong("a chair was not told in time", each.branch, each.detected, could_be + patience)


def _good_news(case: Case) -> Iterator[Wrong]:
    """Who hears that a branch posts again has heard that it did not, and it did post."""
    told_of = {
        (owed.episode, owed.email): letter.at for letter, owed in case.arrived if owed.kind == "silence"
    }
    for letter, owed in case.arrived:
        if owed.kind != "resumed":
            continue
        before = told_of.get((owed.episode, owed.email))
        if before is None or before > letter.at:
            yield Wrong("good news to whom nobody told the bad", owed.branch, letter.at, letter.at)
        elif not case.truth.within(owed.branch or "", State.ACTIVE, before - case.patience, letter.at):
            yield Wrong("good news that was none", owed.branch, before, letter.at)

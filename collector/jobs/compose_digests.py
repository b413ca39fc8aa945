"""Writes the letters of the calendar and to ops when they are about to leave, from what is known then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from collector.domain.errors import CollectorError
from collector.domain.figures import CommunityFigures
from collector.domain.model import BranchKind
from collector.domain.notification import OutboxLetter
from collector.domain.period import month_before, month_of, week_before, week_until
from collector.domain.silence import Assessment, BranchFacts, UnknownReason, Verdict, assess
from collector.notifications.monthly import BranchMonth, monthly
from collector.notifications.ops import ops
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.standing import attention, is_closed, silence_in_short
from collector.notifications.weekly import (
    PrimariesLine,
    SilentPrimary,
    Tally,
    WeeklyFacts,
    branch_line,
    weekly,
)
from collector.notifications.words import branch_label
from storage.store import Store

_A_PAGE = 40
"""Up to so many branches each has a line; of more, the primary organisations are counted."""
_LINES_AT_MOST = 100
_SILENT_NAMED = 30

_Judged = tuple[BranchFacts, Assessment]


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """What the letters need to know of the settings."""

    default_threshold: timedelta
    count_reposts: bool


def compose_weekly(
    store: Store, renderer: Renderer, policy: DigestPolicy, letter: OutboxLetter, now: datetime
) -> Rendered:
    """The letter of a week to the department."""
    return weekly(
        renderer,
        letter.recipient,
        weekly_facts(store, policy, date.fromisoformat(letter.about["monday"]), now),
    )


def compose_monthly(
    store: Store, renderer: Renderer, policy: DigestPolicy, letter: OutboxLetter, now: datetime
) -> Rendered:
    """The letter of a month to a chair. Raises CollectorError if the branch has left the branches file."""
    if letter.branch_id is None:
        raise CollectorError(f"letter {letter.message_id} of the month names no branch; cancel it")
    month = month_of(date.fromisoformat(letter.about["month"]))
    before = month_before(month.start)
    branch = store.digests.branch(letter.branch_id)
    if branch is None:
        raise CollectorError(
            f"letter {letter.message_id}: its branch is not in the branches file any more; cancel it"
        )
    figures = store.digests.communities(
        month, before, count_reposts=policy.count_reposts, now=now, branch_ids=[letter.branch_id]
    )
    facts = BranchMonth(
        code=branch.code,
        name=branch.name,
        kind=branch.kind,
        month=month,
        before=before,
        figures=tuple(figures),
        days=tuple(store.digests.days(month, letter.branch_id, count_reposts=policy.count_reposts)),
        silences=tuple(store.digests.silences(month, letter.branch_id)),
    )
    office = next(iter(store.silences.people().of(letter.branch_id).department), None)
    return monthly(renderer, letter.recipient, office, facts)


def compose_ops(store: Store, renderer: Renderer, letter: OutboxLetter, now: datetime) -> Rendered:
    """The letter to ops, of the findings that it was owed for."""
    return ops(renderer, store.findings.by_keys(letter.about["keys"]), now)


def weekly_facts(store: Store, policy: DigestPolicy, monday: date, now: datetime) -> WeeklyFacts:
    """All branches: how they stand now, and their week up to a Monday."""
    week = week_until(monday)
    judged = _judged(store, policy, now)
    is_one_page = len(judged) <= _A_PAGE
    shown = [each for each in judged if is_one_page or each[0].kind is not BranchKind.PRIMARY]
    counted = [] if is_one_page else [each for each in judged if each[0].kind is BranchKind.PRIMARY]
    shown.sort(key=lambda each: attention(*each))
    listed = shown[:_LINES_AT_MOST]
    ids = [facts.branch_id for facts, _ in listed]
    figures: dict[int, list[CommunityFigures]] = defaultdict(list)
    for each in store.digests.communities(
        week, week_before(week.start), count_reposts=policy.count_reposts, now=now, branch_ids=ids
    ):
        figures[each.branch_id].append(each)
    episodes = store.silences.open_episodes(ids)
    mutes = store.silences.mutes(now)
    facts = WeeklyFacts(
        week=week,
        seen_at=now,
        tally=_tally(judged),
        closed_count=sum(is_closed(each) for facts, _ in judged for each in facts.communities),
        lines=tuple(
            branch_line(
                branch,
                verdict,
                figures[branch.branch_id],
                episodes.get(branch.branch_id),
                mutes.get(branch.branch_id),
                week,
                now,
            )
            for branch, verdict in listed
        ),
        lines_left_out=len(shown) - len(listed),
    )
    return _with_primaries(facts, counted, {branch.branch_id: branch for branch, _ in judged}, now)


def _judged(store: Store, policy: DigestPolicy, now: datetime) -> list[_Judged]:
    batches = store.evidence.facts(
        default_threshold=policy.default_threshold, count_reposts=policy.count_reposts, warn_before=None
    )
    return [(facts, assess(facts.communities, facts.policy, now)) for batch in batches for facts in batch]


def _tally(judged: Sequence[_Judged]) -> Tally:
    without = sum(verdict.reason is UnknownReason.NO_COMMUNITY for _, verdict in judged)
    count = {of: sum(verdict.verdict is of for _, verdict in judged) for of in Verdict}
    return Tally(
        total=len(judged),
        active=count[Verdict.ACTIVE],
        silent=count[Verdict.SILENT],
        unknown=count[Verdict.UNKNOWN] - without,
        without_community=without,
    )


def _with_primaries(
    facts: WeeklyFacts, primaries: Sequence[_Judged], branches: dict[int, BranchFacts], now: datetime
) -> WeeklyFacts:
    """The primary organisations as counts by the branch above, and the silent ones named up to a bound."""
    by_parent: dict[int | None, list[_Judged]] = defaultdict(list)
    for each in primaries:
        by_parent[each[0].parent_id].append(each)
    lines = [
        PrimariesLine(_label(branches.get(parent_id) if parent_id is not None else None), _tally(judged))
        for parent_id, judged in by_parent.items()
    ]
    lines.sort(key=lambda line: (-line.tally.silent, -line.tally.unknown))
    silent = sorted(
        (each for each in primaries if each[1].verdict is Verdict.SILENT), key=lambda each: attention(*each)
    )
    return replace(
        facts,
        primaries=tuple(lines[:_LINES_AT_MOST]),
        primaries_left_out=max(len(lines) - _LINES_AT_MOST, 0),
        silent_primaries=tuple(
            SilentPrimary(_label(branch), silence_in_short(verdict, now))
            for branch, verdict in silent[:_SILENT_NAMED]
        ),
        silent_left_out=max(len(silent) - _SILENT_NAMED, 0),
    )


def _label(branch: BranchFacts | None) -> str:
    return branch_label(branch.kind, branch.code) if branch is not None else "Без вышестоящей"

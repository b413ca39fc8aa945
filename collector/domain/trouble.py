"""What of the state of reading ops must see to. Pure functions of what is stored, and of now.

One cause is one finding, however much it costs: a network that is down for a month is told of once, and the
branches that nobody can judge meanwhile are part of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.errors import Blame, FailureKind
from collector.domain.finding import FailureGroup, Finding, NetworkHealth, RoundSpan
from collector.domain.silence import Assessment, BranchFacts, Evidence, UnknownReason

MANY = 5
"""From so many alike on they are one finding."""
_INTERVALS = 3
"""So many intervals of collection without a reading are trouble; fewer pass by themselves."""
_AT_LEAST = timedelta(minutes=30)
_NAMED = 10
_LONGEST_EXAMPLE = 160

Unknown = tuple[BranchFacts, Assessment]
"""A branch that cannot be judged, and why."""


@dataclass(frozen=True, slots=True)
class ReadingState:
    """How reading goes."""

    networks: Sequence[NetworkHealth]
    failures: Sequence[FailureGroup]
    rounds: Sequence[RoundSpan]
    """The newest first."""
    without_quota: Collection[str] = ()
    """Networks with walls that have waited too long for quota."""
    unknown: Sequence[Unknown] = ()
    """Branches that nobody could judge for longer than is borne."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What was found. `is_all`: what was not found is over; by a wrong clock nobody knows."""

    findings: tuple[Finding, ...]
    is_all: bool = True


def find_trouble(state: ReadingState, interval: timedelta, now: datetime) -> Trouble:
    """All that is wrong with reading. `interval`: of collection."""
    clocks = {each.network for each in state.failures if each.kind is FailureKind.CLOCK_WRONG}
    if clocks and clocks >= {each.network for each in state.networks}:
        # By such a clock everything is late, or nothing is.
        return Trouble((_wrong_clock(state.failures),), is_all=False)
    tokens = {each.network for each in state.failures if each.kind.blame is Blame.TOKEN}
    down = _down(state, clocks | tokens, _patience(interval), now)
    causes = _causes(state.unknown, clocks | down.keys())
    quota = {*state.without_quota, *(network for network, kind in causes if kind is FailureKind.QUOTA_SPENT)}
    return Trouble(
        (
            *([_wrong_clock(state.failures)] if clocks else ()),
            *(_bad_token(network, state.failures) for network in sorted(tokens)),
            *down.values(),
            *_absences(state.rounds, interval, now),
            *map(_quota_spent, sorted(quota)),
            *(
                finding
                for (network, kind), branches in causes.items()
                if kind is not FailureKind.QUOTA_SPENT
                for finding in _unjudged(network, kind, branches)
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which the program was away."""

    since: datetime
    until: datetime


def last_absence(rounds: Sequence[RoundSpan], interval: timedelta, now: datetime) -> Absence | None:
    """The newest time without a round after one that had read, hence had something to read again soon.

    `rounds`: the newest first.
    """
    ends = [now, *(each.started_at for each in rounds)]
    for until, before in zip(ends, rounds, strict=False):
        if before.read_count and until - before.ended_at >= _patience(interval):
            return Absence(before.ended_at, until)
    return None


def _patience(interval: timedelta) -> timedelta:
    return max(interval * _INTERVALS, _AT_LEAST)


def named(codes: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    more = len(codes) - _NAMED
    return ", ".join(codes[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _wrong_clock(failures: Sequence[FailureGroup]) -> Finding:
    groups = [each for each in failures if each.kind is FailureKind.CLOCK_WRONG]
    networks = " and ".join(each.network for each in groups)
    return Finding(
        "clock",
        f"the clocks of this machine and of {networks} differ by more than an hour{_example(groups)}",
        "Set this machine's clock (timedatectl). Until then nothing is read or proven, and no letter goes to a chair.",
    )


def _bad_token(network: str, failures: Sequence[FailureGroup]) -> Finding:
    groups = [each for each in failures if each.network == network and each.kind.blame is Blame.TOKEN]
    kinds = ", ".join(f"{each.kind.value} ({each.community_count})" for each in groups)
    return Finding(
        f"token:{network}",
        f"{network}: the token does not do for all communities: {kinds}{_example(groups)}",
        f"Run `collector check`, and set another token of {network}. Branches that it leaves unread are not judged.",
        _last_read(groups),
    )


def _down(
    state: ReadingState, explained: Collection[str], patience: timedelta, now: datetime
) -> dict[str, Finding]:
    """Networks that are asked and do not answer."""
    since: dict[str, datetime] = {}
    groups: dict[str, list[FailureGroup]] = {}
    for each in state.networks:
        groups[each.network] = [
            group
            for group in state.failures
            if group.network == each.network
            and group.kind.blame is Blame.CIRCUMSTANCE
            and group.kind is not FailureKind.QUOTA_SPENT
        ]
        failed = sum(group.community_count for group in groups[each.network])
        is_tried = each.last_attempt_at is not None and each.last_attempt_at > now - patience
        if each.network not in explained and is_tried and failed * 2 > each.community_count:
            since[each.network] = each.last_read_at or each.declared_at
    # Networks that went down together are told of together, though one was read a moment later than the other.
    if not any(now - at >= patience for at in since.values()):
        return {}
    return {
        network: Finding(
            f"network:{network}",
            f"{network}: nothing could be read{_example(groups[network])}",
            "Run `collector check`: it shows whether this machine reaches the network. Branches that it leaves "
            "unread are not judged; once reading succeeds, all is caught up with by itself.",
            at,
        )
        for network, at in sorted(since.items())
        if now - at >= patience * 2 / 3
    }


def _absences(rounds: Sequence[RoundSpan], interval: timedelta, now: datetime) -> list[Finding]:
    absence = last_absence(rounds, interval, now)
    if absence is None or absence.until < now - _patience(interval):
        return []
    until = "now" if absence.until == now else f"{absence.until:%Y-%m-%d %H:%M} UTC"
    return [
        Finding(
            "rounds",
            f"no round of collection from {absence.since:%Y-%m-%d %H:%M} UTC to {until}",
            "If the program was not stopped on purpose, look for the reason in its log and its supervisor's. "
            "What was missed is caught up with by itself.",
            absence.since,
        )
    ]


def _quota_spent(network: str) -> Finding:
    return Finding(
        f"quota:{network}",
        f"{network}: the daily quota does not suffice for all walls; some wait for more than a day",
        f"Set one more token of {network}, or a longer COLLECTOR_COLLECT__INTERVAL.",
    )


_Cause = tuple[str, FailureKind | None]


def _causes(
    unknown: Iterable[Unknown], down: Collection[str]
) -> dict[_Cause, list[tuple[BranchFacts, Assessment, Evidence]]]:
    """Branches by what keeps them from being judged, where no other finding explains it."""
    causes: dict[_Cause, list[tuple[BranchFacts, Assessment, Evidence]]] = defaultdict(list)
    for facts, verdict in unknown:
        for each in facts.communities:
            is_missing = (
                each.community_id in verdict.missing
                if verdict.reason is UnknownReason.NOT_READ
                else each.looked_at is None
            )
            kind = each.failure_kind
            is_explained = each.network in down or (kind is not None and kind.blame is Blame.TOKEN)
            if is_missing and not is_explained:
                causes[each.network, kind].append((facts, verdict, each))
                break
    return dict(causes)


def _unjudged(
    network: str,
    kind: FailureKind | None,
    branches: Sequence[tuple[BranchFacts, Assessment, Evidence]],
) -> list[Finding]:
    """Branches with one cause: a line for all, or where they are few, one for each."""
    why = "it was not its turn" if kind is None else kind.value
    advice = "Run `collector status`, then `collector check`. Until it is read nobody can say whether it is silent."
    if len(branches) >= MANY:
        codes = named([facts.code for facts, _, _ in branches])
        what = (
            f"{network}: {len(branches)} branches cannot be judged, their walls are not read ({why}): {codes}"
        )
        since = min((verdict.deadline_at for _, verdict, _ in branches if verdict.deadline_at), default=None)
        return [Finding(f"unread:{network}:{kind.value if kind else 'waiting'}", what, advice, since)]
    return [
        Finding(
            f"unknown:{facts.code}",
            f"{facts.code} cannot be judged: {each.url} is not read ({why})",
            advice,
            verdict.deadline_at,
        )
        for facts, verdict, each in branches
    ]


def _example(groups: Sequence[FailureGroup]) -> str:
    told = next((" ".join(each.example.split()) for each in groups if each.example), "")
    cut = told[: _LONGEST_EXAMPLE - 1] + "…" if len(told) > _LONGEST_EXAMPLE else told
    return f": {cut}" if cut else ""


def _last_read(groups: Sequence[FailureGroup]) -> datetime | None:
    return max((each.last_read_at for each in groups if each.last_read_at), default=None)

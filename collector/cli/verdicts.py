"""How a verdict of silence is told on a terminal: what, by which post, proven by which look, what is missing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from collector.cli import console
from collector.cli.advice import advice
from collector.domain.silence import Assessment, BranchFacts, Evidence, UnknownReason, Verdict

_INDENT = "    "
_TO_DO = {
    UnknownReason.NOT_READ: "nothing now: these walls are read next; if it lasts, run `collector check`",
    UnknownReason.NEVER_READ: "run `collector collect`; if it lasts, `collector check`",
    UnknownReason.NO_COMMUNITY: "add its communities to the branches file, or let the department found one",
    UnknownReason.NONE_READABLE: "ask the owners to open the communities; the letter of the week lists them",
}
_WHY = {
    UnknownReason.NOT_READ: "not every community was read since its deadline",
    UnknownReason.NEVER_READ: "none of its walls was ever read",
    UnknownReason.NO_COMMUNITY: "the branches file lists no community",
    UnknownReason.NONE_READABLE: "all its communities are closed, banned or gone",
}


def verdict_lines(facts: BranchFacts, verdict: Assessment, now: datetime) -> Iterator[str]:
    """A branch's verdict and its why, in a few lines of at most 80 characters but for longer links."""
    for line in _lines(facts, verdict, now):
        indent = " " * (len(line) - len(line.lstrip()) + len(_INDENT))
        yield from textwrap.wrap(
            line, 80, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )


def _lines(facts: BranchFacts, verdict: Assessment, now: datetime) -> Iterator[str]:
    yield f"{facts.code}: {_headline(verdict, now)}"
    if verdict.last_post is not None:
        post = verdict.last_post
        yield f"{_INDENT}last post {console.moscow(post.published_at)}, {post.network}, {post.url}"
    elif verdict.counted_from is not None:
        yield f"{_INDENT}no post; counted from the first look, {console.moscow(verdict.counted_from)}"
    if verdict.deadline_at is not None:
        pauses = ", pauses left out" if facts.policy.pauses else ""
        yield f"{_INDENT}allowed without a post: {_days(facts.policy.threshold)}{pauses}"
    for each in facts.communities:
        is_missing = each.community_id in verdict.missing
        yield f"{_INDENT}{'missing' if is_missing else 'looked at'}: {each.network} {each.url}"
        yield f"{_INDENT}{_INDENT}{_look(each)}"
        if is_missing and each.failure_kind is not None:
            yield f"{_INDENT}{_INDENT}to do: {advice(each.failure_kind)}"
    if verdict.reason is not None:
        yield f"{_INDENT}to do: {_TO_DO[verdict.reason]}"


def _headline(verdict: Assessment, now: datetime) -> str:
    if verdict.reason is not None:
        due = f", {console.moscow(verdict.deadline_at)}" if verdict.reason is UnknownReason.NOT_READ else ""
        return f"UNKNOWN, {_WHY[verdict.reason]}{due}"
    if verdict.deadline_at is None:
        return verdict.verdict.value.upper()
    if verdict.verdict is Verdict.SILENT:
        since, proven = console.moscow(verdict.deadline_at), console.moscow(verdict.proven_at)
        return f"SILENT since {since} ({_days(now - verdict.deadline_at)}), proven {proven}"
    soon = "; a warning is due" if verdict.is_warning_due else ""
    return f"ACTIVE, silent after {console.moscow(verdict.deadline_at)}{soon}"


def _look(each: Evidence) -> str:
    if not each.is_readable:
        return f"cannot be read ({each.access.value}), seen {console.moscow(each.withheld_at)}"
    read_at = each.wall_last_seen_at
    seen = f"wall read {console.moscow(read_at)}" if read_at is not None else "never read"
    return seen if each.failure_kind is None else f"{seen}; then {each.failure_kind.value.replace('_', ' ')}"


def _days(duration: timedelta) -> str:
    days = duration.days
    return f"{days} day" if days == 1 else f"{days} days"


def verdict_json(facts: BranchFacts, verdict: Assessment) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "branch": facts.code,
        "name": facts.name,
        "verdict": verdict.verdict.value,
        "reason": verdict.reason.value if verdict.reason is not None else None,
        "counted_from": verdict.counted_from,
        "deadline_at": verdict.deadline_at,
        "proven_at": verdict.proven_at,
        "threshold_days": facts.policy.threshold.days,
        "is_warning_due": verdict.is_warning_due,
        "last_post": asdict(verdict.last_post) if verdict.last_post is not None else None,
        "communities": [_community_json(each, verdict.missing) for each in facts.communities],
    }


def _community_json(each: Evidence, missing: Sequence[int]) -> dict[str, Any]:
    return {
        "community_id": each.community_id,
        "network": each.network,
        "url": each.url,
        "access": each.access.value,
        "is_readable": each.is_readable,
        "looked_at": each.looked_at,
        "is_missing": each.community_id in missing,
        "failure_kind": each.failure_kind.value if each.failure_kind is not None else None,
    }

"""Whether the communities are at fault, or the token with which they were asked for.

Only failures that would be held against communities are judged. What already blames a token or the circumstances
(a quota that is spent, a network that is down) says itself who is to act, and is told as it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from collector.domain.errors import Blame, FailureKind
from collector.domain.model import Failure, Outcome, Reading
from collector.domain.schedule import CommunityFacts

_AT_LEAST = 3
"""Two closed groups of two are no pattern."""


def is_doubtful(outcome: Outcome) -> bool:
    """Whether an outcome would be held against a community though the token may be at fault."""
    failure = outcome if isinstance(outcome, Failure) else outcome.wall_failure
    return failure is not None and not failure.is_certain and failure.kind.blame is Blame.COMMUNITY


def is_known(outcome: Outcome, facts: CommunityFacts) -> bool:
    """Whether a doubtful outcome says what was believed of its community before: no sign of a token that went bad.

    Communities that are missing for long are tried less often, so that in time they come in rounds of their own;
    there all fail alike, and always did.
    """
    failure = _failure(outcome)
    return failure.kind is facts.failure_kind or (
        failure.access is not None and failure.access is facts.access
    )


def blame_the_token(doubtful: Sequence[Outcome], certain_count: int) -> list[Outcome]:
    """Judge the answers of one network's round that may also mean a bad token.

    `doubtful` are outcomes of which `is_doubtful` holds and `is_known` does not; `certain_count` is how many
    others the round had, those that are known left out.
    Where more than half of all failed in one and the same way, the token is suspected, and no community is
    marked; otherwise the failures stand as they are.
    """
    kinds = Counter(_failure(outcome).kind for outcome in doubtful)
    if not kinds:
        return list(doubtful)
    kind, count = kinds.most_common(1)[0]
    if count < _AT_LEAST or count * 2 <= len(doubtful) + certain_count:
        return list(doubtful)
    return [_suspected(outcome, count) if _failure(outcome).kind is kind else outcome for outcome in doubtful]


def _failure(outcome: Outcome) -> Failure:
    failure = outcome if isinstance(outcome, Failure) else outcome.wall_failure
    if failure is None:
        raise ValueError(f"no failure in {outcome}")
    return failure


def _suspected(outcome: Outcome, count: int) -> Outcome:
    failure = _failure(outcome)
    blamed = replace(
        failure,
        kind=FailureKind.TOKEN_SUSPECTED,
        detail=f"{count} communities failed alike, so the token is suspected, not they: {failure.detail}",
        access=None,
    )
    return replace(outcome, wall_failure=blamed) if isinstance(outcome, Reading) else blamed

"""What failures tell, without secrets: an adapter takes out its own alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from collector.domain.model import Failure, Outcome, Reading
from collector.domain.texts import storable


def redacted(outcome: Outcome, redact: Callable[[str], str]) -> Outcome:
    """The outcome, with what its failure tells free of secrets."""
    if isinstance(outcome, Reading):
        failure = outcome.wall_failure
        return (
            outcome if failure is None else replace(outcome, wall_failure=_without_secrets(failure, redact))
        )
    return _without_secrets(outcome, redact)


def _without_secrets(failure: Failure, redact: Callable[[str], str]) -> Failure:
    raw = failure.raw_answer
    return replace(
        failure,
        detail=storable(redact(failure.detail)),
        raw_answer=None if raw is None else storable(redact(raw)),
    )

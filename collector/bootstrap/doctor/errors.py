"""Where errors are told beside the log."""

from __future__ import annotations

from collections.abc import Iterator

from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, well
from collector.bootstrap.errors import TO_DO, can_report
from collector.settings import Settings

_WHAT = "Sentry"


def sentry(given: Settings) -> Iterator[Diagnosis]:
    """A line where a Sentry is named. It is not asked: what it would be told is an error that never was."""
    if given.sentry.dsn is None:
        return
    if can_report():
        yield well(
            _WHAT,
            f"its package is there; not tried, errors are sent to it as {given.sentry.environment}",
        )
    else:
        yield failure(_WHAT, "the package sentry-sdk is missing", TO_DO)

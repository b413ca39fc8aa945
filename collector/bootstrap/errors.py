"""Whether errors are told to Sentry, as the settings say."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec

from collector.domain.errors import CollectorError
from collector.domain.redaction import Redactor
from collector.domain.scrubbing import Scrubber
from collector.settings_ops import SentrySettings

TO_DO = "pip install 'union-collector[sentry]', or unset COLLECTOR_SENTRY__DSN"


def can_report() -> bool:
    """Whether the extra is installed by which errors reach Sentry."""
    return find_spec("sentry_sdk") is not None


def report_errors(settings: SentrySettings, redact: Redactor) -> None:
    """Tell errors to Sentry from now on, if the settings name one; else its library is not even loaded.

    `redact`: the program's own; what it learns later is kept out too. To be called after the log was set up.
    Raises CollectorError where a Sentry is named and the extra is not installed.
    """
    if settings.dsn is None:
        return
    if not can_report():
        raise CollectorError(f"COLLECTOR_SENTRY__DSN is set, but the package sentry-sdk is missing: {TO_DO}")
    from collector import sentry  # noqa: PLC0415 - an extra

    sentry.report_errors(
        settings.dsn.get_secret_value(), settings.environment, version("union-collector"), Scrubber(redact)
    )

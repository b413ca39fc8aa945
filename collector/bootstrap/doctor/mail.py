"""The mail server: whether it would take a letter. None is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.bootstrap.delivery import try_mail_server
from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, warning, well
from collector.domain.errors import CollectorError
from collector.settings_letters import SmtpSettings

_WHAT = "mail server"


@dataclass(frozen=True, slots=True)
class MailFound:
    """The line, and how far the server's clock is ahead of ours, if it told."""

    diagnosis: Diagnosis
    clock_ahead: dict[str, timedelta | None]


def mail_server(smtp: SmtpSettings, now: Callable[[], datetime]) -> MailFound:
    """Connect, log in, begin a letter."""
    began = now()
    try:
        tried = try_mail_server(smtp)
    except CollectorError as error:
        to_do = "correct the settings COLLECTOR_SMTP__...; letters wait in the outbox until then"
        return MailFound(failure(_WHAT, str(error), to_do), {})
    if tried is None:
        to_do = "to have letters sent: set COLLECTOR_SMTP__HOST and COLLECTOR_SMTP__FROM"
        return MailFound(warning(_WHAT, "none is set, so letters wait in the outbox", to_do), {})
    # Few servers greet with the time, so that of one which does not nothing is missed.
    ahead = {_WHAT: _ahead(tried.clock_at, began, now())} if tried.clock_at is not None else {}
    state = f"{tried.shown} takes letters from {smtp.sender}"
    if smtp.redirect_to is None:
        return MailFound(well(_WHAT, state), {**ahead})
    return MailFound(
        warning(
            _WHAT,
            f"{state}; a dry run, all go to {smtp.redirect_to}",
            "unset COLLECTOR_SMTP__REDIRECT_TO when those whom letters are for shall get them",
        ),
        {**ahead},
    )


def _ahead(told: datetime, began: datetime, ended: datetime) -> timedelta:
    """By how much at least: it told the time at some moment between these two of ours."""
    return told - min(max(told, began), ended)

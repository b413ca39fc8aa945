"""Errors told to Sentry, if the settings name one. The only import of its SDK, which is an extra.

What is logged as an error is told, whoever logs it: the scheduler of a job that failed, the page of a request,
Python of what nobody caught. Of the SDK only the sending is used, without what it gathers by itself: no
integration, hence no patched library, no arguments of the command line, no list of packages; no scope, hence no
breadcrumbs, which would hold the URLs of requests, and no user; no local variables, no lines of source.
"""

from __future__ import annotations

import atexit
import logging
import platform
import sys
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, TypeAlias

import sentry_sdk
import structlog
from sentry_sdk.transport import HttpTransport
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception

log = structlog.get_logger(__name__)

REPEATED_AFTER = timedelta(hours=1)
"""The same error is told again only then: a database that is away fails a job each minute."""

_CLOSING = timedelta(seconds=1)
"""So long the end of the program waits for what is still to be sent: the rest of a stop's ten seconds is others'."""

_MOST_KINDS = 1000
"""Kinds of errors that are remembered; a library that puts numbers into its words makes a new one each time."""

_ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]
# What structlog puts beside the fields, and what is told in a place of its own.
_NOT_FIELDS = frozenset({"event", "exc_info", "level", "logger", "timestamp", "stack_info"})
# Those by which an event is sent: their trouble must not make another event.
_SENDERS = ("sentry_sdk", "urllib3", __name__)


def report_errors(dsn: str, environment: str, version: str, scrub: Callable[[Any], Any]) -> sentry_sdk.Client:
    """Tell what is logged as an error to the Sentry at `dsn`, from now to the end of the process.

    `scrub` sees every event whole, as the last before it is sent, and gives what may be. Sending is a thread's
    own business: a Sentry that is away or slow holds up nothing, and errors beyond a hundred in waiting are let go.
    """

    def scrubbed(event: Event, _hint: Hint) -> Event:
        for exception in event.get("exception", {}).get("values", ()):
            for frame in (exception.get("stacktrace") or {}).get("frames", ()):
                frame.pop("abs_path", None)  # The module says where; folders bear people's names.
        found: Event = scrub(event)
        return found

    client = sentry_sdk.Client(
        dsn=dsn,
        environment=environment,
        release=f"union-collector@{version}",
        server_name="collector",
        before_send=scrubbed,
        transport=_Transport,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        # A cut before the scrubbing might leave half a secret.
        max_value_length=None,
        traces_sample_rate=None,
        auto_session_tracking=False,
        send_client_reports=False,
        enable_backpressure_handling=False,
        spotlight=False,
        debug=False,
        in_app_include=["collector", "storage"],
    )
    logging.getLogger().addHandler(_Teller(client))
    atexit.register(client.close, timeout=_CLOSING.total_seconds())
    return client


class _Transport(HttpTransport):
    """The SDK's own, but that it says what it could not send: the SDK says so only where it is debugged."""

    TIMEOUT = 10

    def on_dropped_event(self, reason: str) -> None:
        """Called by the SDK; `reason` such as network or status_403."""
        log.warning("an error could not be told to Sentry", reason=reason)


class _Teller(logging.Handler):
    """Makes an event of each record of an error."""

    def __init__(self, client: sentry_sdk.Client) -> None:
        super().__init__(logging.ERROR)
        self._client = client
        self._told_at: dict[tuple[object, ...], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Called for each record, one at a time."""
        if record.name.startswith(_SENDERS):
            return
        try:
            fields = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
            exc_info = _exc_info(fields.get("exc_info") or record.exc_info)
            if self._is_due(record, exc_info):
                self._client.capture_event(self._event(record, fields, exc_info))
        except Exception as error:  # noqa: BLE001 - what logs must not fail by being told elsewhere too
            log.warning("an error could not be told to Sentry", reason=type(error).__name__)

    def _is_due(self, record: logging.LogRecord, exc_info: _ExcInfo | None) -> bool:
        """Whether this error was not told lately. One is another's like if it comes from the same places."""
        said = record.msg.get("event") if isinstance(record.msg, dict) else record.msg
        key = (record.name, str(said), *_places(exc_info))
        told_at = self._told_at.get(key)
        # A clock that was set back does not silence it.
        if told_at is not None and abs(record.created - told_at) < REPEATED_AFTER.total_seconds():
            return False
        if len(self._told_at) >= _MOST_KINDS:
            self._told_at.clear()
        self._told_at[key] = record.created
        return True

    def _event(self, record: logging.LogRecord, fields: dict[str, Any], exc_info: _ExcInfo | None) -> Event:
        event: Event = event_from_exception(exc_info, self._client.options)[0] if exc_info else {}
        event["level"] = "fatal" if record.levelno >= logging.CRITICAL else "error"
        event["logger"] = record.name
        event["logentry"] = {"message": str(fields.get("event", ""))}
        # As text: the SDK's own way to show a value would leave out what is deep, scrubbed or not.
        event["extra"] = {
            name: value if isinstance(value, int | float) else str(value)
            for name, value in fields.items()
            if name not in _NOT_FIELDS and not name.startswith("_")
        }
        event["contexts"] = {
            "runtime": {"name": platform.python_implementation(), "version": platform.python_version()}
        }
        return event


def _exc_info(given: object) -> _ExcInfo | None:
    """What structlog and logging let stand under exc_info, in one form."""
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple) and given[0] is not None:
        return given
    return None


def _places(exc_info: _ExcInfo | None) -> tuple[object, ...]:
    """The error's kind, and where it came about."""
    if exc_info is None:
        return ()
    trace = exc_info[2]
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return exc_info[0], trace and (trace.tb_frame.f_code.co_filename, trace.tb_lineno)

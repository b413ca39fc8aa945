"""Logging: structlog for us, and whatever libraries log through the standard library, in one form.

The last step of every line, ours and theirs, tracebacks included, takes the secrets out: a library may log
a request that holds a token, and we cannot know which will.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

import structlog

Redact = Callable[[str], str]


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, redact: Redact, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


def _redacting_values(redact: Redact) -> structlog.typing.Processor:
    """Once before JSON is made of them too: a secret that a traceback has quoted would be escaped twice."""

    def redact_values(
        _logger: Any, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {name: redact(value) if isinstance(value, str) else value for name, value in event.items()}

    return redact_values


def configure(level: str, form: str, redact: Redact, stream: TextIO | None = None) -> None:
    """Log to `stream` (standard error) from now on.

    `level`: debug, info, warning or error. `form`: text for people, json for machines, auto for text on a
    terminal and json otherwise.
    """
    stream = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    as_text = form == "text" or (form == "auto" and stream.isatty())
    if as_text:
        # Plain tracebacks: the pretty ones print local variables, and tokens are among those.
        plain = structlog.dev.plain_traceback
        last: list[structlog.typing.Processor] = [
            structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)
        ]
    else:
        last = [
            structlog.processors.format_exc_info,
            _redacting_values(redact),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    formatter = _RedactingFormatter(
        redact,
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    set_level(level)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # A logger that was used before would go on by the processors of then.
        cache_logger_on_first_use=False,
    )
    _log_what_nobody_caught()


def set_level(level: str) -> None:
    """Show lines from this level on: debug, info, warning or error."""
    logging.getLogger().setLevel(level.upper())
    # They tell of every job and every connection; at the level of warnings they tell what matters.
    for chatty in ("apscheduler", "urllib3", "vk_api", "alembic", "filelock"):
        logging.getLogger(chatty).setLevel(logging.NOTSET if level == "debug" else logging.WARNING)


def _log_what_nobody_caught() -> None:
    """An exception that ends the program or a thread is logged like all else: redacted, and as JSON if so set."""
    log = logging.getLogger("collector")

    def of_program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("unexpected error", exc_info=(kind, error, trace))

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            log.critical(
                "unexpected error in a thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
            )

    sys.excepthook = of_program
    threading.excepthook = of_thread

"""The dead man's switch: a call that says that the program is alive, as healthchecks.io takes it.

The address is the whole secret of such a switch, so it is neither logged nor part of an error.
"""

from __future__ import annotations

import threading
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog

log = structlog.get_logger(__name__)


def ping(url: str, timeout: float, *, is_good: bool) -> bool:
    """Call `url` after a good round, `url`/fail after a bad one; returns whether it was heard.

    Never raises: that it failed is a warning in the log, and the switch itself tells of a call that did not come.
    Never takes longer than `timeout` seconds, whatever name servers or the server do.
    """
    outcome = ["no answer in time"]
    # requests' time-out counts from byte to byte, and not at all while a name is looked up: so a thread, which is
    # left to itself when the time is over.
    thread = threading.Thread(
        target=_call, args=(url if is_good else _fail_url(url), timeout, outcome), name="ping", daemon=True
    )
    thread.start()
    thread.join(timeout)
    problem = outcome[0]
    if problem:
        log.warning("the watch on the watcher was not reached", problem=problem)
    return not problem


def _call(url: str, timeout: float, outcome: list[str]) -> None:
    try:
        # A redirect is not followed: it would carry the address elsewhere. The body is not read.
        with requests.get(url, timeout=timeout, allow_redirects=False, stream=True) as answer:
            outcome[0] = "" if 200 <= answer.status_code < 300 else f"HTTP {answer.status_code}"
    except (requests.RequestException, ValueError, OSError) as error:
        # Its words would hold the address.
        outcome[0] = type(error).__name__


def _fail_url(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/fail"))

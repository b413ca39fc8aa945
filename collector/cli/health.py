"""`collector health`: asks a process that runs how it is. What a container's HEALTHCHECK calls."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

_VARIABLE = "COLLECTOR_OPS__LISTEN"
_TIMEOUT_S = 8.0


def health(
    alive: Annotated[
        bool,
        typer.Option("--alive", help="Only whether it lives (/healthz), not whether it works (/readyz)."),
    ] = False,
) -> None:
    """Ask `collector run` or `collector serve` on this machine, by its COLLECTOR_OPS__LISTEN, how it is.

    Prints a line for each check. Ends with 0 if all is well, 1 if something is not or nothing answers, 2 if
    COLLECTOR_OPS__LISTEN is not set.
    """
    host, port = _where()
    is_well, told = _ask(host, port, "/healthz" if alive else "/readyz")
    sys.stdout.write(told)
    if not is_well:
        raise typer.Exit(1)


def _where() -> tuple[str, int]:
    """Whom to ask: what listens on all of a machine's addresses is asked on its own."""
    from collector.domain.errors import CollectorError

    listen = os.environ.get(_VARIABLE) or _from_settings()
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise CollectorError(f"{_VARIABLE}: {listen!r} is no address such as 127.0.0.1:9464")
    if port == "0":
        raise CollectorError(
            f"{_VARIABLE}: 0 lets the process choose a port, which nobody else knows; name one"
        )
    bare = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bare, bare), int(port)  # noqa: S104 - not bound here


def _from_settings() -> str:
    """What `.env` says. The environment goes before it and is asked first: to read all settings takes longer."""
    from collector.bootstrap import settings
    from collector.domain.errors import CollectorError

    listen = settings().ops.listen
    if listen is None:
        raise CollectorError(
            f"{_VARIABLE} is not set, so no process tells how it is; set it for `collector run` and here, for "
            "instance to 127.0.0.1:9464"
        )
    return listen


def _ask(host: str, port: int, path: str) -> tuple[bool, str]:
    """Whether the answer was 200, and its lines."""
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
        return False, f"FAIL  process: nothing answers on {host}:{port}: {why}; does it run?\n"
    finally:
        connection.close()

"""Sockets to listen on, as the settings name them."""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

from collector.domain.errors import CollectorError


def listening(listen: str, what: str, named_by: str) -> socket.socket:
    """A socket that listens on `host:port`; port 0: any that is free.

    Raises CollectorError, which says that `what` cannot be served there and how another address is named.
    """
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname, parts.port
        if host is None or port is None:
            raise ValueError("no address such as 127.0.0.1:8080")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        is_taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        to_do = "end what listens there, or name" if is_taken else "name"
        raise CollectorError(
            f"cannot serve {what} on {listen}: {why}; {to_do} another address ({named_by})"
        ) from None

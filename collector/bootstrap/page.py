"""The pages, put together and served: by `collector serve`, or inside `collector run`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
import uvicorn

from collector.bootstrap.offered import offered
from collector.bootstrap.program import Program
from collector.bootstrap.reload import Reloader
from collector.bootstrap.sockets import listening
from collector.domain.errors import CollectorError
from collector.notifications.links import LinkSigner
from collector.web.access import Access
from collector.web.access.policy import Asks, asks
from collector.web.access.users_file import UsersFile
from collector.web.app import make_app
from collector.web.department.desk import Desk, SilenceRule

if TYPE_CHECKING:
    from starlette.types import ASGIApp

log = structlog.get_logger(__name__)

DEFAULT_LISTEN = "127.0.0.1:8080"
_LOOKS_EVERY_S = 2.0
"""Whether SIGHUP came."""


def web_app(parts: Program, host: str) -> ASGIApp:
    """The page's application. `host`: the address that it listens on. Raises CollectorError if no secret is set."""
    web = parts.settings.web
    if web.secret is None:
        raise CollectorError(
            "no secret for the links in letters: set COLLECTOR_WEB__SECRET to at least 32 characters of chance, "
            "the same for every process"
        )
    public_url = web.public_url or ""
    links = LinkSigner(web.secret.get_secret_value(), public_url, timedelta(days=web.link_days))
    desk = Desk(parts.store, parts.now, lambda: _rule(parts), offered(parts))
    access = Access(
        asks(web.login, host, public_url),
        UsersFile(web.users_file),
        web.secret.get_secret_value(),
        parts.now,
        public_url,
    )
    if access.asks is Asks.EVERYBODY and not access.users.users():
        log.warning(
            "nobody can read the department's pages: a login is asked for, and there is no user",
            users_file=str(web.users_file),
            to_do="collector users add NAME",
        )
    return make_app(parts.store, links, parts.now, access, public_url=public_url, desk=desk)


def _rule(parts: Program) -> SilenceRule:
    silence = parts.settings.silence
    return SilenceRule(timedelta(days=silence.threshold_days), silence.count_reposts)


def serve(parts: Program, listen: str | None, asked: threading.Event) -> None:
    """Serve the page until `parts.stop` is set. `listen` None: where the settings say, else DEFAULT_LISTEN.

    `asked`: set by SIGHUP, to read the settings again.

    Raises CollectorError if no secret is set, or the address cannot be listened on.
    """
    with background(parts, listen or parts.settings.web.listen or DEFAULT_LISTEN):
        reloader = Reloader(parts, asked)
        while not parts.stop.wait(timeout=_LOOKS_EVERY_S):
            reloader.run_without_networks()


@contextmanager
def background(parts: Program, listen: str) -> Iterator[int]:
    """Serve the page in a thread, until `parts.stop` is set or the block is left; gives the port.

    At the end it waits for requests under way as long as a stop may take, and no longer.
    Raises CollectorError if no secret is set, or the address cannot be listened on.
    """
    stop_timeout = parts.settings.stop_timeout
    with listening(listen, "the page", "COLLECTOR_WEB__LISTEN, or --listen") as listener:
        host, port = listener.getsockname()[:2]
        app = web_app(parts, host)
        server = _Server(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                log_level="warning",
                # Our own line tells who did what; a path would show the token.
                access_log=False,
                # Neither the client's address nor the scheme matters here, so no header of a proxy is believed.
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=int(stop_timeout * 0.75),
            ),
            parts.stop,
        )
        # A daemon, as are then the threads that it starts: a request that hangs does not keep Python from ending.
        thread = threading.Thread(target=server.run, args=([listener],), name="page", daemon=True)
        thread.start()
        log.info("page served", host=host, port=port)
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join(stop_timeout)


class _Server(uvicorn.Server):
    """A server that ends when the program does, not only when its block is left: both then end side by side."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def on_tick(self, counter: int) -> bool:
        """Whether to end; asked ten times a second."""
        return await super().on_tick(counter) or self._stop.is_set()

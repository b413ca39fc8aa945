"""The page's settings, which together may mean something else than each alone; and who may log in."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, unknown, warning, well
from collector.settings import Settings
from collector.settings_letters import WebSettings
from collector.web.access.policy import Asks, asks
from collector.web.access.users import UsersFileError, read_users

_LOOPBACK = "127.0.0.1"


def page(given: Settings) -> Iterator[Diagnosis]:
    """A line where the page is to be served or linked to; none where no setting speaks of it."""
    web, what = given.web, "page"
    if web.listen is None and web.public_url is None:
        return
    if web.secret is None:
        to_do = "set COLLECTOR_WEB__SECRET to at least 32 characters of chance (openssl rand -hex 32)"
        yield failure(what, "COLLECTOR_WEB__LISTEN is set, and no secret for the links in letters", to_do)
    elif web.listen is None:
        yield warning(
            what,
            f"letters lead to {web.public_url}, and `collector run` serves no page",
            "run `collector serve` beside it, or set COLLECTOR_WEB__LISTEN",
        )
    elif web.public_url is None:
        yield warning(
            what,
            f"served on {web.listen}; letters have no buttons, as nobody said where people reach it",
            "set COLLECTOR_WEB__PUBLIC_URL",
        )
    elif urlsplit(web.public_url).scheme != "https" and _asks(web) is not Asks.NOT_THIS_MACHINE:
        yield warning(
            what,
            f"served on {web.listen}, reached at {web.public_url}: passwords travel unencrypted",
            "put a proxy with TLS before it, and set COLLECTOR_WEB__PUBLIC_URL to its https:// address",
        )
    else:
        yield well(
            what, f"set to be served on {web.listen} and reached at {web.public_url}; not asked whether it is"
        )


def users_file(given: Settings) -> Iterator[Diagnosis]:
    """Who may log in, where the page is served."""
    web = given.web
    if web.listen is None and web.public_url is None:
        return
    what = f"users file {web.users_file}"
    if _asks(web) is Asks.NOBODY:
        to_do = "unset COLLECTOR_WEB__LOGIN, unless something before the page asks who comes"
        yield warning(what, "not used: everybody who reaches the page may read it", to_do)
        return
    try:
        users = read_users(web.users_file)
        mode = web.users_file.stat().st_mode if web.users_file.exists() else 0
    except UsersFileError as error:
        yield failure(what, str(error), "see the message; until then nobody can log in")
        return
    except OSError as error:
        yield unknown(what, error.strerror or str(error), "let the collector's own user read it")
        return
    count = "1 user" if len(users) == 1 else f"{len(users)} users"
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        told = "read" if mode & stat.S_IROTH else "change"
        yield warning(
            what, f"{count}; every user of this machine may {told} it", f"chmod o-rw {web.users_file}"
        )
    elif not users and _asks(web) is Asks.EVERYBODY:
        yield warning(what, "no user, so nobody can read the department's pages", "collector users add NAME")
    else:
        yield well(what, count)


def _asks(web: WebSettings) -> Asks:
    host = urlsplit(f"//{web.listen}").hostname if web.listen else _LOOPBACK
    return asks(web.login, host or _LOOPBACK, web.public_url or "")

"""From whom a login is asked: by where the page listens and how people reach it."""

from __future__ import annotations

from enum import Enum
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers

LoginSetting = Literal["auto", "always", "never"]
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Asks(Enum):
    """From whom a login is asked."""

    EVERYBODY = "everybody"
    NOT_THIS_MACHINE = "everybody but this machine's own users"
    NOBODY = "nobody"


def asks(setting: LoginSetting, host: str, public_url: str) -> Asks:
    """From whom, by the setting; `auto`: by `host`, where the page listens, and `public_url`, empty if unknown.

    A page that listens on loopback but has a public address is reached through a proxy.
    """
    if setting == "never":
        return Asks.NOBODY
    is_private = _is_loopback(host) and (not public_url or _is_loopback(urlsplit(public_url).hostname or ""))
    return Asks.NOT_THIS_MACHINE if setting == "auto" and is_private else Asks.EVERYBODY


def is_from_this_machine(headers: Headers) -> bool:
    """Whether a request that came over loopback was made on this machine, as far as its headers tell.

    Not one that a proxy passed on, nor one for another name, which a stranger's page makes a browser here send (DNS
    rebinding).
    """
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return False
    return _is_loopback(host or "") and not any(name in headers for name in _OF_PROXIES)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"

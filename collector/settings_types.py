"""Owns how a setting's text becomes a value: durations, URLs, tokens. Messages never hold the value."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

_DURATION = re.compile(r"(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?\s*(?:(\d+)\s*s)?", re.IGNORECASE)
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


class Section(BaseModel):
    """A group of settings, such as those of VK."""

    # hide_input_in_errors: a validation error's text would otherwise show the value, a secret's too.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def wrong(message: str) -> PydanticCustomError:
    """An error whose text stands after the variable's name and value."""
    # Through a placeholder, since the template would take braces in the message for its own.
    return PydanticCustomError("setting", "{message}", {"message": message})


def _duration(value: object) -> object:
    """`1h30m` as a timedelta; ISO 8601 and a number of seconds are left to pydantic."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    matched = _DURATION.fullmatch(text) if text else None
    if matched is None:
        if not text.upper().startswith("P"):
            raise wrong("is no duration such as 1h, 30m, 90s, 1d or PT1H")
        return text
    days, hours, minutes, seconds = (int(part or 0) for part in matched.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise wrong("is longer than can be reckoned with") from None


def _api_url(value: str) -> str:
    parts = _split_url(value)
    if parts is None or parts.scheme not in ("http", "https"):
        raise wrong("is no address that begins with https:// or http://")
    if parts.username is not None or parts.query or parts.fragment:
        raise wrong("must hold neither a password nor a query: it is shown in logs")
    if re.search(r"/(method|v\d+\.\d+)/?$", parts.path):
        raise wrong("must end before /method or the version")
    return value.rstrip("/")


def _split_url(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises where it is no number
        return parts if parts.hostname else None
    except ValueError:
        return None


def _proxy(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    parts = _split_url(text)
    if parts is None or parts.scheme not in _PROXY_SCHEMES:
        raise wrong(f"is no proxy address: one of {', '.join(_PROXY_SCHEMES)}, then :// and a host")
    return SecretStr(text)


def _tokens(value: object) -> object:
    """Tokens apart, from a text with commas or line breaks between them; blanks and repetitions dropped."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(part for part in re.split(r"[,\s]+", value) if part))


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if re.search(r"\s", text) or not text.isprintable():
        raise wrong("holds a blank, a line break or a control character")
    return SecretStr(text)


_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\]+")


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value.strip()):
        raise wrong("is no mail address such as name@example.org")
    return value.strip()


def _listed(value: object) -> object:
    """Items of a text with commas between them; blanks and repetitions dropped."""
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


def _listen(value: str) -> str:
    host, _, port = value.strip().rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise wrong("is no address to listen on such as 127.0.0.1:8080")
    return f"{host}:{port}"


def _ping_url(value: SecretStr) -> SecretStr:
    parts = _split_url(value.get_secret_value().strip())
    if parts is None or parts.scheme not in ("http", "https"):
        raise wrong("is no address that begins with https:// or http://")
    return SecretStr(value.get_secret_value().strip())


def _sentry_dsn(value: SecretStr) -> SecretStr:
    parts = _split_url(value.get_secret_value().strip())
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.username
        or not parts.path.rpartition("/")[2].isdecimal()
    ):
        raise wrong("is no DSN as the settings of a project in Sentry show it")
    return SecretStr(value.get_secret_value().strip())


def lower(value: object) -> object:
    """A word in small letters, whatever else is left as it is."""
    return value.strip().lower() if isinstance(value, str) else value


AS_DURATION = BeforeValidator(_duration)
Duration = Annotated[timedelta, AS_DURATION]
Secret = Annotated[SecretStr, AfterValidator(_secret)]
Tokens = Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_tokens)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
Proxy = Annotated[SecretStr, AfterValidator(_proxy)]
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Email = Annotated[str, AfterValidator(_email)]
Emails = Annotated[tuple[Email, ...], NoDecode, BeforeValidator(_listed)]
DayCounts = Annotated[tuple[Annotated[int, Field(ge=1, le=3650)], ...], NoDecode, BeforeValidator(_listed)]
"""Numbers of days, separated by commas, growing."""
Listen = Annotated[str, AfterValidator(_listen)]
PingUrl = Annotated[SecretStr, AfterValidator(_ping_url)]
SentryDsn = Annotated[SecretStr, AfterValidator(_sentry_dsn)]

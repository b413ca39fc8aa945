"""Owns the settings: their names, meaning, units, defaults and bounds (not how they are read).

Read from variables `COLLECTOR_...` of the environment, or else of the file `.env`; nested by `__`. Every
secret can also be a file's content: `COLLECTOR_VK__TOKENS_FILE=/run/secrets/vk`. Values are handed down
from the composition root; nothing below imports this module. It costs pydantic's import: a command imports
it when it runs, not before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, quote, unquote, urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from collector.domain.errors import CollectorError
from collector.domain.redaction import token_key
from collector.settings_letters import (
    LettersSettings,
    SilenceSettings,
    SmtpSettings,
    WebSettings,
)
from collector.settings_networks import FacebookSettings, NetworkSection, VkSettings
from collector.settings_ops import OpsSettings, PingSettings, SentrySettings
from collector.settings_retention import RetentionSettings
from collector.settings_types import (
    Duration,
    Section,
    lower,
    wrong,
)

_MIN_REDACTED_LENGTH = 6
"""A shorter password is not looked for in texts: masking each `pg` would hide more than it protects."""


class SettingsError(CollectorError):
    """Settings that cannot be used: every mistake, a line each, with the variable and what would be right."""


def _default_jitter(given: dict[str, Any]) -> timedelta:
    """30 s, or a tenth of an interval too short for that."""
    interval: timedelta = given.get("interval", timedelta(hours=1))
    return min(timedelta(seconds=30), interval / 10)


class CollectSettings(Section):
    """How often communities are read."""

    interval: Duration = Field(
        default=timedelta(hours=1),
        ge=timedelta(seconds=1),
        le=timedelta(days=31),
        description="Time between two looks at a community: 1h, 30m, 90s, 1d, PT1H, or a number of seconds",
    )
    jitter: Duration = Field(
        default_factory=_default_jitter,
        ge=timedelta(0),
        description="A round starts up to this much later, by chance; below the interval",
        examples=["30s"],
    )
    max_backoff: Duration = Field(
        default=timedelta(days=1),
        ge=timedelta(seconds=1),
        le=timedelta(days=31),
        description="A community that keeps failing is tried at least this often",
    )

    @field_validator("jitter")
    @classmethod
    def _jitter_below_interval(cls, jitter: timedelta, info: ValidationInfo) -> timedelta:
        interval = info.data.get("interval")
        if interval is not None and jitter >= interval:
            raise wrong("must be below COLLECTOR_COLLECT__INTERVAL")
        return jitter


class LogSettings(Section):
    """What the program says of its work."""

    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = Field(
        default="info", description="The least important lines to show: debug, info, warning, error"
    )
    format: Annotated[Literal["auto", "text", "json"], BeforeValidator(lower)] = Field(
        default="auto",
        description="text for people, json for machines, auto: text on a terminal, json otherwise",
    )


class Settings(BaseSettings):
    """All settings. Made by `load_settings`, which tells mistakes in words."""

    model_config = SettingsConfigDict(
        env_prefix="COLLECTOR_",
        env_nested_delimiter="__",
        env_file=".env",
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///collector.db"),
        description="The database: sqlite:///FILE or postgresql://user:password@host/database",
    )
    database_password: SecretStr | None = Field(
        default=None,
        description="Password of the database's user, where the address is to hold none; PostgreSQL only",
    )
    branches_file: Path = Field(default=Path("branches.yaml"), description="The branches file")
    contest_rules_file: Path | None = Field(
        default=None,
        description="The rules of the contest, for the pages and where --rules is not given; without, those that ship",
        examples=["contest.yaml"],
    )
    stop_timeout: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = Field(
        default=4.0, description="Seconds that a stop waits for requests under way"
    )
    vk: VkSettings = Field(default_factory=VkSettings)
    facebook: FacebookSettings = Field(default_factory=FacebookSettings)
    collect: CollectSettings = Field(default_factory=CollectSettings)
    silence: SilenceSettings = Field(default_factory=SilenceSettings)
    letters: LettersSettings = Field(default_factory=LettersSettings)
    smtp: SmtpSettings = Field(default_factory=SmtpSettings)
    ops: OpsSettings = Field(default_factory=OpsSettings)
    web: WebSettings = Field(default_factory=WebSettings)
    ping: PingSettings = Field(default_factory=PingSettings)
    sentry: SentrySettings = Field(default_factory=SentrySettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    networks: dict[str, dict[str, SecretStr]] = Field(
        default_factory=dict,
        repr=False,
        description="Options of networks that other packages bring: COLLECTOR_NETWORKS__<NAME>__<KEY>",
    )

    @field_validator("database_password")
    @classmethod
    def _has_its_place(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        url = info.data.get("database_url")
        if password is None or url is None:
            return password
        scheme, user, own_password = _credentials(url.get_secret_value())
        if scheme.startswith("sqlite"):
            raise wrong("COLLECTOR_DATABASE_URL names SQLite, which has no passwords")
        if own_password:
            raise wrong("COLLECTOR_DATABASE_URL holds a password as well; leave one of the two out")
        if not user:
            raise wrong("COLLECTOR_DATABASE_URL names no user whose password it could be")
        return password

    @field_validator("networks", mode="before")
    @classmethod
    def _without_file_names(cls, networks: object) -> object:
        """`token_file` has done its work when it comes here: the file's content stands under `token`."""
        if not isinstance(networks, dict):
            return networks
        return {name: _without_files(options) for name, options in networks.items()}

    def with_password_in_address(self) -> Settings:
        """The same, with `database_password` where whoever opens the database looks for it: in `database_url`."""
        if self.database_password is None:
            return self
        address = urlsplit(self.database_url.get_secret_value())
        user, _, host = address.netloc.rpartition("@")
        # Percent signs, since a password may hold what an address means something by: / or @.
        password = quote(self.database_password.get_secret_value(), safe="")
        whole = address._replace(netloc=f"{user.removesuffix(':')}:{password}@{host}").geturl()
        return self.model_copy(update={"database_url": SecretStr(whole)})

    def network_options(self, name: str) -> dict[str, Any]:
        """The plain mapping that `Network.open_adapter` takes, secrets revealed; empty without settings.

        For VK and Facebook the keys are the fields' names. For others all values are text.
        """
        section = getattr(self, name, None)
        if isinstance(section, NetworkSection):
            return {key: _plain(getattr(section, key)) for key in type(section).model_fields}
        given = self.networks.get(name.lower().replace("-", "_"), {})
        return {key: value.get_secret_value() for key, value in given.items()}

    def networks_set_up(self) -> set[str]:
        """The networks of the program that have a token."""
        return {name for name, token in (("vk", self.vk.tokens), ("facebook", self.facebook.token)) if token}

    def token_keys(self) -> dict[str, frozenset[str]]:
        """What the tokens of the program's networks are known by in the database; of a network without one, none."""
        own = {
            "vk": self.vk.tokens,
            "facebook": () if self.facebook.token is None else (self.facebook.token,),
        }
        return {
            network: frozenset(token_key(each.get_secret_value()) for each in tokens)
            for network, tokens in own.items()
        }

    def secrets(self) -> frozenset[str]:
        """What must never be shown, for the redactor: tokens, and of URLs the passwords alone."""
        return frozenset(self._all_secrets())

    def _all_secrets(self) -> Iterator[str]:
        named = [
            self.database_password,
            *self.vk.tokens,
            self.facebook.token,
            self.facebook.app_secret,
            self.smtp.password,
            self.web.secret,
            self.ping.url,
        ]
        yield from (secret.get_secret_value() for secret in named if secret is not None)
        if self.ping.url is not None:
            # What a library tells of a request is its path alone.
            path = urlsplit(self.ping.url.get_secret_value()).path.strip("/")
            yield from (path,) if len(path) >= _MIN_REDACTED_LENGTH else ()
        if self.sentry.dsn is not None:
            # Its key; the host may be told.
            key = urlsplit(self.sentry.dsn.get_secret_value()).username or ""
            yield from (key,) if len(key) >= _MIN_REDACTED_LENGTH else ()
        urls = [self.database_url, self.sentry.dsn, self.vk.proxy, self.facebook.proxy]
        others = [value for options in self.networks.values() for value in options.values()]
        for url in [*urls, *others]:
            if url is not None:
                yield from (found for found in _passwords(url) if len(found) >= _MIN_REDACTED_LENGTH)
        # Which of another network's options is a secret, its package alone knows.
        texts = (value.get_secret_value() for value in others)
        yield from (text for text in texts if len(text) >= _MIN_REDACTED_LENGTH)


def _without_files(options: Any) -> Any:
    if not isinstance(options, dict):
        return options
    return {key: value for key, value in options.items() if not str(key).endswith("_file")}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _credentials(address: str) -> tuple[str, str, str]:
    """An address's scheme, user and password; empty where there is none, and where it is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", "", ""
    return parts.scheme, parts.username or "", parts.password or ""


def _passwords(url: SecretStr) -> Iterator[str]:
    """The passwords in a URL, as written and as meant."""
    try:
        parts = urlsplit(url.get_secret_value())
        if parts.password:
            yield parts.password
            yield unquote(parts.password)
        yield from parse_qs(parts.query).get("password", [])
    except ValueError:
        return


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process: its environment's, else `env_file`'s (None: no file), else the defaults.

    Raises SettingsError with every mistake at once; no value of a secret is in it.
    """
    from collector.settings_sources import load  # noqa: PLC0415 - it reads this module's model

    return load(Settings, env_file, SettingsError).with_password_in_address()


def secret_files(env_file: Path | None = Path(".env")) -> dict[str, Path]:
    """The files that `load_settings` reads secrets from, by the variable whose value they hold."""
    from collector.settings_sources import secret_files as files  # noqa: PLC0415 - it reads this module's model

    return files(Settings, env_file)

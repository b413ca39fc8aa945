"""Owns the settings of what ops see: health and metrics, letters to them, the watch on the watcher."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from collector.settings_types import Duration, Emails, Listen, PingUrl, Seconds, Section, SentryDsn


class OpsSettings(Section):
    """What those who run the program see of it."""

    listen: Listen | None = Field(
        default=None,
        description=(
            "Address on which `collector run` and `collector serve` tell how they are: /healthz, /readyz, /metrics. "
            "Whoever reaches it can read it, so let it be this machine's or a container network's"
        ),
        examples=["127.0.0.1:9464"],
    )

    emails: Emails = Field(
        default=(),
        description="Where to, separated by commas; without, the log alone tells",
        examples=["ops@example.org"],
    )
    letter_every: Duration = Field(
        default=timedelta(hours=6),
        ge=timedelta(minutes=1),
        le=timedelta(days=31),
        description="At most one letter in this time; what happens meanwhile is grouped in the next",
    )
    unknown_after: Duration = Field(
        default=timedelta(hours=6),
        ge=timedelta(0),
        le=timedelta(days=31),
        description="A branch that cannot be judged is told of when that has lasted so long",
    )


class PingSettings(Section):
    """The watch on the watcher: a dead man's switch, such as healthchecks.io."""

    url: PingUrl | None = Field(
        default=None,
        description="Address that is called after each good round",
        examples=["https://hc-ping.com/your-uuid"],
    )
    timeout: Seconds = Field(default=10.0, description="Seconds that such a call may take")


class SentrySettings(Section):
    """Where errors are told beside the log: a Sentry, scrubbed of secrets and of what people wrote."""

    dsn: SentryDsn | None = Field(
        default=None,
        description="DSN of a project in Sentry, which errors are told to; without, the log alone tells. "
        "Needs pip install 'union-collector[sentry]'",
        examples=["https://key@sentry.example.org/1"],
    )
    environment: str = Field(
        default="production",
        pattern=r"^[\w.-]{1,64}$",
        description="Name of this installation in Sentry, as letters, digits and - . _",
    )

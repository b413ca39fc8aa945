"""Owns the settings of silences, letters, mail and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from collector.settings_types import (
    ApiUrl,
    DayCounts,
    Email,
    Listen,
    Seconds,
    Secret,
    Section,
    lower,
    wrong,
)

_SHORTEST_SECRET = 32


class SilenceSettings(Section):
    """When a branch is silent, and who hears of it after how long."""

    threshold_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="Days without a post until a branch is silent, unless it or the branch above it says otherwise",
    )
    count_reposts: bool = Field(
        default=True, description="Whether a repost breaks a silence: true, or false for own posts only"
    )
    warn_days_before: int = Field(
        default=0,
        ge=0,
        le=364,
        description="Days before the deadline on which a branch's administrators are warned; 0: no warnings",
    )
    reminder_days: DayCounts = Field(
        default=(7, 14, 30),
        description="Days after the first letter on which its chair is reminded while the silence lasts",
    )
    reminder_then_every_days: int = Field(
        default=30, ge=1, le=3650, description="Days between reminders after those; pauses do not count"
    )
    escalate_department_days: int = Field(
        default=14,
        ge=0,
        le=3650,
        description="Days after a silence was found on which the information department is written to; 0: never",
    )
    escalate_parent_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="Days after a silence was found on which the chair of the branch above is written to; 0: never",
    )

    @field_validator("reminder_days")
    @classmethod
    def _growing(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise wrong("must be numbers of days that grow")
        return days


class LettersSettings(Section):
    """How letters are written and when they leave."""

    working_hours_start: int = Field(
        default=9, ge=0, le=23, description="Hour, Moscow, from which letters to chairs leave on working days"
    )
    working_hours_end: int = Field(
        default=18,
        ge=1,
        le=24,
        validate_default=True,
        description="Hour, Moscow, from which they no longer do",
    )
    templates_dir: Path | None = Field(
        default=None,
        description="A folder with templates that go before the program's own of the same name",
        examples=["/etc/collector/templates"],
    )

    @field_validator("working_hours_end")
    @classmethod
    def _after_start(cls, ends: int, info: ValidationInfo) -> int:
        if ends <= info.data.get("working_hours_start", 0):
            raise wrong("must be later than COLLECTOR_LETTERS__WORKING_HOURS_START")
        return ends


class SmtpSettings(Section):
    """The mail server."""

    host: str | None = Field(
        default=None,
        description="The mail server; without one letters wait in the outbox",
        examples=["smtp.example.org"],
    )
    port: int = Field(default=587, ge=1, le=65535, description="Its port: 587 for starttls, 465 for tls")
    security: Annotated[Literal["starttls", "tls", "none"], BeforeValidator(lower)] = Field(
        default="starttls", description="starttls, tls, or none (only on a machine's own relay)"
    )
    username: str | None = Field(default=None, description="User of the mail server, if it wants one")
    password: Secret | None = Field(default=None, description="That user's password")
    sender: Email | None = Field(
        default=None,
        alias="from",
        validate_default=True,
        description="Address that letters come from",
        examples=["collector@example.org"],
    )
    sender_name: str = Field(
        default="Монитор сообществ Профсоюза", description="Name beside that address, in Russian"
    )
    timeout: Seconds = Field(default=30.0, description="Seconds to wait for each answer of the mail server")
    ca_file: Path | None = Field(
        default=None,
        description="Certificates to trust beside the system's, of a mail server of one's own",
        examples=["/etc/ssl/our-ca.pem"],
    )
    redirect_to: Email | None = Field(
        default=None,
        description="Dry run: every letter goes to this address instead, saying for whom it was",
        examples=["me@example.org"],
    )

    @field_validator("sender")
    @classmethod
    def _with_a_host(cls, sender: str | None, info: ValidationInfo) -> str | None:
        if sender is None and info.data.get("host"):
            raise wrong("must be set, as COLLECTOR_SMTP__HOST is")
        return sender


class WebSettings(Section):
    """The page that letters lead to."""

    listen: Listen | None = Field(
        default=None,
        description="Address on which `collector run` serves the page too; without, only `collector serve` does",
        examples=["127.0.0.1:8080"],
    )
    public_url: ApiUrl | None = Field(
        default=None,
        description="Where people reach the page; without it letters have no buttons",
        examples=["https://collector.example.org"],
    )
    secret: Secret | None = Field(
        default=None,
        validate_default=True,
        description="At least 32 characters that links are signed with; `openssl rand -hex 32` makes some",
    )
    link_days: int = Field(default=60, ge=1, le=365, description="Days for which a letter's link works")
    login: Annotated[Literal["auto", "always", "never"], BeforeValidator(lower)] = Field(
        default="auto",
        description="Who must log in to read the department's pages: always everybody, never anybody; auto: everybody, "
        "unless the page both listens on this machine alone and has no other public address",
    )
    users_file: Path = Field(
        default=Path("users.json"), description="Who may log in; `collector users` writes it"
    )

    @field_validator("secret")
    @classmethod
    def _with_links(cls, secret: Secret | None, info: ValidationInfo) -> Secret | None:
        if secret is None and info.data.get("public_url"):
            raise wrong("must be set, as COLLECTOR_WEB__PUBLIC_URL is")
        if secret is not None and len(secret.get_secret_value()) < _SHORTEST_SECRET:
            raise wrong(f"is {len(secret.get_secret_value())} characters long; it is too easily guessed")
        return secret

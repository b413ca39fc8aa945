"""Each token: whether it works, what it can, how long it lasts. Really tried, with few requests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.bootstrap.doctor.diagnosis import Diagnosis, Health, failure
from collector.bootstrap.program import adapters
from collector.domain.model import TokenReport
from collector.domain.token_watch import stage
from collector.settings import Settings
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Tokens:
    """Lines on tokens, and by network how far the clock that answered is ahead of ours."""

    diagnoses: tuple[Diagnosis, ...]
    clocks_ahead: dict[str, timedelta | None]


def tokens(given: Settings, store: Store, used: Collection[str], now: datetime) -> Tokens:
    """Each token that is set, whether the branches file uses its network or not; and those that are missing."""
    lines: list[Diagnosis] = []
    ahead: dict[str, timedelta | None] = {}
    with adapters(given, store, sorted({*used, *given.networks_set_up()})) as opened:
        for name, adapter in opened.items():
            reports = adapter.check()
            lines += [_line(name, report, now) for report in reports] or [_missing(name)]
            if reports:
                ahead[name] = next(
                    (each.clock_ahead for each in reports if each.clock_ahead is not None), None
                )
    return Tokens(tuple(lines), ahead)


def _missing(network: str) -> Diagnosis:
    own = {"vk": "COLLECTOR_VK__TOKENS", "facebook": "COLLECTOR_FACEBOOK__TOKEN"}
    variable = own.get(network, f"COLLECTOR_NETWORKS__{network.upper().replace('-', '_')}__TOKEN")
    return failure(f"{network} token", "none is set", f"set {variable}; the README says how to get one")


def _line(network: str, report: TokenReport, now: datetime) -> Diagnosis:
    health = {True: Health.OK, False: Health.FAIL, None: Health.UNKNOWN}[report.is_working]
    to_do = report.advice
    if report.is_working and report.cannot and report.advice:
        # Such as a VK community's, which reads no wall: without posts nothing is judged.
        health = Health.WARN
    if report.is_working and stage(report.expires_at, now) is not None:
        health = Health.WARN
        to_do = f"get a new one in time{'; ' + to_do if to_do else ''}"
    return Diagnosis(f"{network} token {report.label}", health, _state(report, now), to_do)


def _state(report: TokenReport, now: datetime) -> str:
    told = [
        {True: "works", False: "does not work", None: "unknown: it could not be tried"}[report.is_working]
    ]
    if report.kind:
        told.append(f"{report.kind} token")
    if report.can:
        told.append(f"can: {', '.join(report.can)}")
    if report.cannot:
        told.append(f"cannot: {', '.join(report.cannot)}")
    if report.expires_at is not None:
        days = (report.expires_at - now).days
        left = f", {days} {'day' if days == 1 else 'days'} left" if days >= 0 else ", hence over"
        told.append(f"expires {report.expires_at:%Y-%m-%d %H:%M} UTC{left}")
    return "; ".join(told)

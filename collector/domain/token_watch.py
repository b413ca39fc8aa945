"""What ops must see to of the tokens, before one ends. Pure functions of what is stored, and of now.

Ops are told four times of a token that ends: fourteen, seven and one day before, and when it has ended. Each is a
finding of its own, so that each is told once. Which of them holds follows from the time that is left, hence a
program that was away on that very day tells it when it is back, and none that is past.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.finding import Finding

AHEAD = (timedelta(days=1), timedelta(days=7), timedelta(days=14))
"""So long before a token's end ops are told, the nearest first."""


@dataclass(frozen=True, slots=True)
class TokenState:
    """How a token was when it was last tried. `expires_at` None: never, or the network does not tell."""

    network: str
    token_key: str
    label: str
    checked_at: datetime
    is_working: bool
    expires_at: datetime | None = None
    advice: str | None = None


def stage(expires_at: datetime | None, now: datetime) -> timedelta | None:
    """Which telling it is time for: that so long before the end, 0 for after it; None: none yet."""
    if expires_at is None:
        return None
    left = expires_at - now
    if left <= timedelta(0):
        return timedelta(0)
    return next((ahead for ahead in AHEAD if left <= ahead), None)


def find_token_trouble(states: Iterable[TokenState], blamed: Collection[str], now: datetime) -> list[Finding]:
    """Tokens that end soon, have ended, or do not work.

    `blamed`: networks of which ops are told already that their tokens do not do. That one of several does not
    work shows in no community, since the others read for it.
    """
    found = []
    for each in states:
        due = stage(each.expires_at, now)
        if due is not None and each.expires_at is not None:
            found.append(_ends(each, each.expires_at, due))
        if not each.is_working and due != timedelta(0) and each.network not in blamed:
            found.append(_does_not_work(each))
    return found


def _ends(token: TokenState, expires_at: datetime, due: timedelta) -> Finding:
    name = f"{token.network} token {token.label}"
    at = f"{expires_at:%Y-%m-%d %H:%M} UTC"
    what = f"{name} ends at {at}, within {_days(due)}" if due else f"{name} ended at {at}"
    until = "before then" if due else "now: nothing is read with this one"
    return Finding(
        f"token-end:{token.network}:{token.token_key}:{due.days}",
        what,
        f"Get a new one and set it {until}. A token's file that changes is taken up without a restart.",
        expires_at - due,
    )


def _does_not_work(token: TokenState) -> Finding:
    return Finding(
        f"token-dead:{token.network}:{token.token_key}",
        f"{token.network} token {token.label} does not work",
        f"Run `collector check`, and set another: {token.advice or 'it says why'}",
        token.checked_at,
    )


def _days(length: timedelta) -> str:
    return "a day" if length.days == 1 else f"{length.days} days"

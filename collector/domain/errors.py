"""Failures, classed by what we do about them.

A failure is an expected value here: a round goes on when one community cannot be read. Each kind says
who is to blame, since that decides who is told and whether the community is tried less often.
"""

from __future__ import annotations

from enum import StrEnum


class Blame(StrEnum):
    """Whose fault a failure is, hence what we do about it."""

    COMMUNITY = "community"
    """A finding on the community: it is tried less and less often, at most once a day apart."""
    TOKEN = "token"  # noqa: S105 - a word, not a password
    """Ops must act on a token; the communities keep their pace and are not marked."""
    CIRCUMSTANCE = "circumstance"
    """The network or the line was not up to it; nothing to do but to come back."""


class FailureKind(StrEnum):
    """Why a community, or its wall, could not be read."""

    TEMPORARY = "temporary"
    """Time-outs, cut connections, HTTP 5xx, errors that the network calls passing; retried already."""
    RATE_LIMITED = "rate_limited"
    """The network told us to slow down, and for longer than a round may wait."""
    QUOTA_SPENT = "quota_spent"
    """The day's quota of wall reads is used up, by our own count or by the network's word."""
    CLOCK_WRONG = "clock_wrong"
    """The network's clock and ours differ: what it told cannot be dated, so nothing of it is a value."""
    INTERRUPTED = "interrupted"
    """We were asked to stop before this community's turn. Never stored: it stays due."""

    NO_TOKEN = "no_token"  # noqa: S105 - a word, not a password
    """No token is set for the network."""
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a word, not a password
    """The network refuses the token: expired, revoked, blocked, wrong address."""
    TOKEN_WRONG_KIND = "token_wrong_kind"  # noqa: S105 - a word, not a password
    """The token is alive but not of a kind that may read this."""
    TOKEN_SUSPECTED = "token_suspected"  # noqa: S105 - a word, not a password
    """Most communities of the network failed alike: the token is blamed, not they."""
    CAPTCHA = "captcha"
    """The network wants a human: the token rests until ops have seen to it."""
    PERMISSION_MISSING = "permission_missing"
    """The token lacks a permission or a feature that this needs."""

    CLOSED = "closed"
    """The community is closed: its wall is for members only."""
    PRIVATE = "private"
    """The community is private: only who is invited sees it."""
    BANNED = "banned"
    """The network has blocked the community."""
    DELETED = "deleted"
    """The community was deleted."""
    MISSING = "missing"
    """No such community, or none that this token may know of."""
    NOT_A_COMMUNITY = "not_a_community"
    """The address belongs to a person or an application."""
    WALL_DISABLED = "wall_disabled"
    """The community is open, but its wall is switched off or withheld."""
    DUPLICATE = "duplicate"
    """The address leads to a community that the branches file lists under another address."""
    UNEXPECTED_RESPONSE = "unexpected_response"
    """An answer that cannot be true or cannot be read; kept for diagnosis, nothing of it stored as a value."""
    REQUEST_REJECTED = "request_rejected"
    """The network says that our request is wrong: a bug or a setting of ours."""

    @property
    def blame(self) -> Blame:
        """Who is to blame for a failure of this kind."""
        return _BLAME.get(self, Blame.COMMUNITY)


_BLAME: dict[FailureKind, Blame] = {
    FailureKind.TEMPORARY: Blame.CIRCUMSTANCE,
    FailureKind.RATE_LIMITED: Blame.CIRCUMSTANCE,
    FailureKind.QUOTA_SPENT: Blame.CIRCUMSTANCE,
    FailureKind.CLOCK_WRONG: Blame.CIRCUMSTANCE,
    FailureKind.INTERRUPTED: Blame.CIRCUMSTANCE,
    FailureKind.NO_TOKEN: Blame.TOKEN,
    FailureKind.TOKEN_REFUSED: Blame.TOKEN,
    FailureKind.TOKEN_WRONG_KIND: Blame.TOKEN,
    FailureKind.TOKEN_SUSPECTED: Blame.TOKEN,
    FailureKind.CAPTCHA: Blame.TOKEN,
    FailureKind.PERMISSION_MISSING: Blame.TOKEN,
}


class CollectorError(Exception):
    """Something that stops a command, told in one line that says what, where, and what to do."""

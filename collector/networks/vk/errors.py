"""VK's error codes, classed by what we do about them.

Sources: https://dev.vk.com/ru/reference/errors and the official schema's `errors.json` (VKCOM/vk-api-schema
5.199); the classes are ours.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

from collector.domain.errors import FailureKind
from collector.domain.model import Access

NOT_COMPILED = 12
_FAILED_IN_RUNNING = 13
MAY_NOT_EXECUTE = 28
QUOTA_SPENT = 29
WRONG_PARAMETER = 100


class Reaction(Enum):
    """What we do about an error."""

    RETRY = "retry"
    FLOOD = "flood"
    CAPTCHA = "captcha"
    QUOTA = "quota"
    TOKEN_REFUSED = "token refused"  # noqa: S105 - a word, not a password
    TOKEN_WRONG_KIND = "token of the wrong kind"  # noqa: S105 - a word, not a password
    PERMISSION_MISSING = "permission missing"
    TARGET = "target"
    TOO_LARGE = "too large"
    OUR_BUG = "our bug"

    @property
    def blames_token(self) -> bool:
        """Whether the token is stopped for it."""
        return self in _TOKEN_KINDS


_TOKEN_KINDS: dict[Reaction, FailureKind] = {
    Reaction.FLOOD: FailureKind.RATE_LIMITED,
    Reaction.CAPTCHA: FailureKind.CAPTCHA,
    Reaction.TOKEN_REFUSED: FailureKind.TOKEN_REFUSED,
    Reaction.TOKEN_WRONG_KIND: FailureKind.TOKEN_WRONG_KIND,
    Reaction.PERMISSION_MISSING: FailureKind.PERMISSION_MISSING,
}

_CODES: dict[Reaction, tuple[int, ...]] = {
    Reaction.RETRY: (1, 6, 10, 32, 36, 43),
    Reaction.FLOOD: (9,),
    Reaction.CAPTCHA: (14, 3300),
    Reaction.QUOTA: (29, 103, 601),
    Reaction.TOKEN_REFUSED: (
        *(2, 4, 5, 16, 17, 20, 21, 24, 25, 37, 38, 41, 42, 101, 1114, 1116, 1117, 1118),
        *(3301, 3302, 3303, 3304, 3609, 3610, 3611, 11500),
    ),
    Reaction.TOKEN_WRONG_KIND: (27, 28, 1051),
    Reaction.PERMISSION_MISSING: (7,),
    Reaction.TARGET: (15, 18, 19, 30, 39, 40, 104, 113, 125, 200, 203, 210, 212),
    Reaction.OUR_BUG: (3, 8, 12, 13, 23, 33, 34, 100, 9999),
}
REACTIONS: dict[int, Reaction] = {code: reaction for reaction, codes in _CODES.items() for code in codes}

# Of error 15: the method is closed to this kind of token, whatever the community.
_WRONG_KIND_SUBCODES = frozenset({1133, 1134})

RETRY_AFTER: dict[FailureKind, timedelta] = {
    FailureKind.RATE_LIMITED: timedelta(minutes=10),
    FailureKind.CAPTCHA: timedelta(minutes=30),
    FailureKind.QUOTA_SPENT: timedelta(minutes=30),
}


class VkError(Exception):
    """A request that gave nothing to read. Holds no secret, and nothing of vk_api's or requests' that could."""

    sent = 0
    """How many HTTP requests were made before it was given up."""


class NotSent(VkError):
    """No request was made: we were asked to stop, or the token was stopped meanwhile."""


class NetworkTrouble(VkError):
    """No answer of VK's own: no connection, a time-out, an HTTP status. `status` is None without one."""

    def __init__(self, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


class GarbledAnswer(VkError):
    """An answer that is no JSON, or no answer of this API. `raw` is bounded and redacted."""

    def __init__(self, detail: str, raw: str | None) -> None:
        super().__init__(detail)
        self.raw = raw


class ClockWrong(VkError):
    """VK's own answer, but its clock and ours differ."""


class ApiFailure(VkError):
    """VK's own word that it will not."""

    def __init__(self, code: int, message: str, subcode: int | None = None) -> None:
        super().__init__(f"VK error {code}: {message}")
        self.code = code
        self.message = message
        self.reaction = reaction_to(code, message, subcode)

    @property
    def refuses_script(self) -> bool:
        """Whether the script of an execute cannot be run at all; that its answer is too large is another matter."""
        return self.code in (NOT_COMPILED, _FAILED_IN_RUNNING) and "size" not in self.message


def reaction_to(code: int, message: str, subcode: int | None = None) -> Reaction:
    """What we do about an error; an unknown code counts as a bug of ours, since the table lacks it."""
    if code == 13 and ("size" in message or "operations" in message):
        return Reaction.TOO_LARGE
    if code == 15 and subcode in _WRONG_KIND_SUBCODES:
        return Reaction.TOKEN_WRONG_KIND
    return REACTIONS.get(code, Reaction.OUR_BUG)


def kind_of(reaction: Reaction) -> FailureKind:
    """The failure that remains where nothing could be done."""
    if reaction in _TOKEN_KINDS:
        return _TOKEN_KINDS[reaction]
    if reaction is Reaction.RETRY:
        return FailureKind.TEMPORARY
    if reaction is Reaction.QUOTA:
        return FailureKind.QUOTA_SPENT
    if reaction is Reaction.TARGET:
        return FailureKind.MISSING
    return FailureKind.REQUEST_REJECTED


def community_finding(code: int) -> tuple[FailureKind, Access | None]:
    """What an error of the TARGET class tells of a community that was looked up. Never certain."""
    return {
        15: (FailureKind.PRIVATE, Access.PRIVATE),
        18: (FailureKind.DELETED, Access.DELETED),
        19: (FailureKind.BANNED, Access.BANNED),
        30: (FailureKind.PRIVATE, Access.PRIVATE),
        203: (FailureKind.PRIVATE, Access.PRIVATE),
    }.get(code, (FailureKind.MISSING, Access.MISSING))


def wall_finding(code: int, message: str) -> tuple[FailureKind, Access | None]:
    """What an error of the TARGET class tells of a wall whose community was seen a moment ago. Never certain."""
    if code == 15:
        text = message.lower()
        if "disabled" in text:
            return FailureKind.WALL_DISABLED, None
        if "member" in text or "private" in text or "closed" in text:
            return FailureKind.CLOSED, Access.CLOSED
        return FailureKind.WALL_DISABLED, None
    return {
        18: (FailureKind.DELETED, Access.DELETED),
        19: (FailureKind.BANNED, Access.BANNED),
        30: (FailureKind.PRIVATE, Access.PRIVATE),
        203: (FailureKind.CLOSED, Access.CLOSED),
    }.get(code, (FailureKind.MISSING, None))

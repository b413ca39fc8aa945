"""Graph API errors, classed by what we do about them.

Classed by code, subcode and message, never by HTTP status: Graph answers 400 to what should be repeated
and 500 to what never works. Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling
and https://developers.facebook.com/docs/graph-api/overview/rate-limiting, and the answers that public
clients recorded (tests/payloads/recorded/meta).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from collector.domain.errors import FailureKind
from collector.domain.model import Access


class Reaction(StrEnum):
    """What is to be done about an error."""

    RETRY = "ask again soon"
    SHRINK = "ask for less at a time"
    FALL_BACK = "ask for fewer fields"
    GIVE_UP = "leave this Page for this round"
    REST_PAGE = "leave this Page until its limit has refilled"
    STOP = "use this token no more"


@dataclass(frozen=True, slots=True)
class GraphError:
    """An error as Graph tells it. `code` and `subcode` are None where it tells none."""

    code: int | None
    subcode: int | None
    message: str
    is_transient: bool = False

    def __str__(self) -> str:
        number = "" if self.code is None else f" {self.code}"
        number += "" if self.subcode is None else f"/{self.subcode}"
        return f"Facebook error{number}: {self.message}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an error means, and what we do about it."""

    reaction: Reaction
    kind: FailureKind
    access: Access | None = None
    is_certain: bool = True
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """The first rule that fits decides. `subcodes` and `text` narrow it; an empty `codes` fits every code."""

    codes: Collection[int]
    verdict: Verdict
    subcodes: Collection[int] = ()
    text: str = ""

    def fits(self, error: GraphError) -> bool:
        return (
            (not self.codes or error.code in self.codes)
            and (not self.subcodes or error.subcode in self.subcodes)
            and (not self.text or re.search(self.text, error.message, re.IGNORECASE) is not None)
        )


_TOKEN_SUBCODES: Mapping[int, str] = {
    458: "the app was removed from the account",
    459: "the account must pass a checkpoint: log in at facebook.com",
    460: "the password was changed",
    463: "the token has expired",
    464: "the account is not confirmed",
    466: "the token was invalidated",
    467: "the token was invalidated",
    490: "the account is blocked",
    492: "the account lost its role on the Page",
}
_SET_SECRET = "set COLLECTOR_FACEBOOK__APP_SECRET to the secret of the app that issued the token"  # noqa: S105
_MAY_BE_HIDDEN = "the Page may be deleted, hidden, or out of this token's sight"
_NEEDS = (
    "the token needs pages_read_engagement and pages_read_user_content for a Page of one's own, "
    "or the app needs Page Public Content Access for any other"
)
_TEMPORARY = FailureKind.TEMPORARY
_MISSING = Verdict(
    Reaction.GIVE_UP, FailureKind.MISSING, Access.MISSING, is_certain=False, advice=_MAY_BE_HIDDEN
)

_RULES: tuple[_Rule, ...] = (
    _Rule((), Verdict(Reaction.SHRINK, _TEMPORARY), text="reduce the amount of data"),
    _Rule({1}, Verdict(Reaction.SHRINK, _TEMPORARY), subcodes={99}),
    _Rule({1, 2}, Verdict(Reaction.RETRY, _TEMPORARY)),
    # A Page's own token dies with one's role on the Page or with the Page; other Pages do not suffer.
    _Rule(
        {190},
        Verdict(Reaction.GIVE_UP, FailureKind.PERMISSION_MISSING, advice="the token's owner has no role on the Page"),
        text="must be an administrator",
    ),
    _Rule(
        {190},
        Verdict(Reaction.GIVE_UP, FailureKind.DELETED, Access.DELETED, is_certain=False),
        text=r"\bpage\b.*\bdeleted\b",
    ),
    _Rule({102, 190}, Verdict(Reaction.STOP, FailureKind.TOKEN_REFUSED, advice="get a new token")),
    _Rule((), Verdict(Reaction.STOP, FailureKind.TOKEN_REFUSED, advice="get a new token"),
          text="^error validating (access token|application)"),
    _Rule(
        {368},
        Verdict(Reaction.STOP, FailureKind.CAPTCHA, advice="a person must look at the account and the app at Facebook"),
    ),
    _Rule({4, 17, 341, 613}, Verdict(Reaction.STOP, FailureKind.RATE_LIMITED)),
    _Rule({32, *range(80000, 80100)}, Verdict(Reaction.REST_PAGE, FailureKind.RATE_LIMITED)),
    _Rule(
        (),
        Verdict(Reaction.GIVE_UP, FailureKind.TOKEN_WRONG_KIND, advice=_SET_SECRET),
        text="requires either app secret proof or an app token",
    ),
    _Rule((), Verdict(Reaction.STOP, FailureKind.TOKEN_WRONG_KIND, advice=_SET_SECRET), text="appsecret_proof"),
    _Rule(
        {100},
        Verdict(Reaction.FALL_BACK, FailureKind.PERMISSION_MISSING, advice=_NEEDS),
        text="requires (the )?'?(pages_read|page public)",
    ),
    _Rule(
        {3, 10, *range(200, 300)}, Verdict(Reaction.FALL_BACK, FailureKind.PERMISSION_MISSING, advice=_NEEDS)
    ),
    _Rule(
        {100, 803},
        Verdict(Reaction.GIVE_UP, FailureKind.NOT_A_COMMUNITY, advice="give the address of a Page"),
        text=r"node type \((?!page\)|\w*post\)|storyattachment\))\w+\)|cannot query users by their username",
    ),
    _Rule({100}, _MISSING, subcodes={33}),
    _Rule({110, 803}, _MISSING),
    _Rule(
        {12, 100, 104, 2500, 3001},
        Verdict(Reaction.FALL_BACK, FailureKind.REQUEST_REJECTED, advice="a setting or the program is at fault"),
    ),
)  # fmt: skip
_TRANSIENT = Verdict(Reaction.RETRY, _TEMPORARY)
_UNKNOWN = Verdict(
    Reaction.GIVE_UP, FailureKind.UNEXPECTED_RESPONSE, advice="an error that Facebook does not document"
)


def graph_error(payload: object) -> GraphError | None:
    """The error that an answer holds, if it holds one; its own parts are checked, since garbage comes too."""
    if not isinstance(payload, dict) or "error" not in payload:
        return None
    told = payload["error"]
    parts: dict[str, Any] = told if isinstance(told, dict) else {"message": told}
    subcode = _whole(parts.get("error_subcode"))
    return GraphError(
        code=_whole(parts.get("code")),
        subcode=subcode if subcode is not None else _whole(parts.get("subcode")),
        message=str(parts.get("message") or "no message")[:1000],
        is_transient=parts.get("is_transient") is True,
    )


def judge(error: GraphError) -> Verdict:
    """What to do about an error. What Facebook calls transient is so before all else, but for two kinds:

    to repeat what is too much is to fail for ever, and rate limits, which Facebook calls transient as well,
    last for an hour, and longer with every call made meanwhile.
    """
    verdict = next((rule.verdict for rule in _RULES if rule.fits(error)), _UNKNOWN)
    if (
        not error.is_transient
        or verdict.reaction is Reaction.SHRINK
        or verdict.kind is FailureKind.RATE_LIMITED
    ):
        return verdict
    return _TRANSIENT


def explain(error: GraphError, verdict: Verdict) -> str:
    """The error in one line for people, with what to do. Not yet free of secrets."""
    why = _TOKEN_SUBCODES.get(error.subcode or 0, "") if verdict.kind is FailureKind.TOKEN_REFUSED else ""
    return "; ".join(part for part in (str(error)[:400], why, verdict.advice) if part)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None

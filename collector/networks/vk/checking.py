"""Trying a token out: what it can, what it cannot, and what to do about that."""

from __future__ import annotations

from collector.domain.model import TokenReport
from collector.networks.vk.client import VkClient
from collector.networks.vk.errors import ApiFailure, ClockWrong, GarbledAnswer, Reaction, VkError
from collector.networks.vk.lookups import GET_BY_ID
from collector.networks.vk.walls import EXECUTE, WALL_GET

# Community 1 is VK's own and as old as VK; that it cannot be read would say nothing of the token.
_TRIALS: tuple[tuple[str, dict[str, object], str], ...] = (
    (GET_BY_ID, {"group_ids": [1], "fields": "members_count"}, "read names and followers (groups.getById)"),
    (WALL_GET, {"owner_id": -1, "count": 1, "filter": "owner"}, "read walls (wall.get)"),
    (EXECUTE, {"code": "return 1;"}, "read 25 walls in one request (execute)"),
)

_HOW_TO_GET_ONE = (
    "make an app at https://id.vk.com/about/business/go, copy its service key (сервисный ключ доступа) "
    "and put it into COLLECTOR_VK__TOKENS"
)
_ADVICE: dict[Reaction, str] = {
    Reaction.TOKEN_REFUSED: (
        "VK refuses this token: it has expired, was revoked, or was given to another IP address. Make a new one: "
        + _HOW_TO_GET_ONE
    ),
    Reaction.TOKEN_WRONG_KIND: (
        "this token is of a kind that may not do all of this: a community's token never reads walls. "
        "Take a service token or a user's: " + _HOW_TO_GET_ONE
    ),
    Reaction.PERMISSION_MISSING: "the token lacks a permission; a service token needs none: "
    + _HOW_TO_GET_ONE,
    Reaction.CAPTCHA: "VK wants a captcha solved: log in to VK as the token's owner and do so, or take another token",
    Reaction.FLOOD: "VK finds the requests too frequent: wait, and lower COLLECTOR_VK__REQUESTS_PER_SECOND",
    Reaction.QUOTA: "the day's quota is spent; it fills up within 24 hours, and a further token adds its own",
    Reaction.RETRY: "VK had a passing trouble: try again in some minutes",
}
_UNREACHABLE = "VK could not be reached: check the network, COLLECTOR_VK__PROXY and COLLECTOR_VK__API_URL"
_NO_API = "what answers at COLLECTOR_VK__API_URL is not VK's API: check the address and the proxy"


_SAYS_NOTHING = frozenset({Reaction.RETRY, Reaction.FLOOD, Reaction.QUOTA})
"""An answer that speaks of VK's state, or of how much was asked; the token itself may be a good one."""


def check_token(network: str, label: str, client: VkClient, *, is_brief: bool = False) -> TokenReport:
    """Make up to three cheap requests with a token, one if brief, and say what came of them."""
    can: list[str] = []
    cannot: list[str] = []
    advice: str | None = None
    is_working: bool | None = True
    for method, values, ability in _TRIALS[:1] if is_brief else _TRIALS:
        trouble = _trouble(client, method, values)
        if trouble is None:
            can.append(ability)
            continue
        cannot.append(f"{ability}: {trouble}")
        if method == GET_BY_ID:
            # Without walls or execute it does less, and works.
            is_working = None if _says_nothing(trouble) else False
        if method != EXECUTE or not can:
            advice = advice or _advice(trouble)
        if not isinstance(trouble, ApiFailure) or trouble.reaction in (
            Reaction.TOKEN_REFUSED,
            Reaction.CAPTCHA,
        ):
            # Whatever else is tried would fail alike, and trying on may make it worse.
            break
    return TokenReport(
        network, label, is_working, tuple(can), tuple(cannot), advice, clock_ahead=client.clock_ahead
    )


def _says_nothing(trouble: VkError) -> bool:
    """Whether the token may be a good one all the same."""
    return not isinstance(trouble, ApiFailure) or trouble.reaction in _SAYS_NOTHING


def _trouble(client: VkClient, method: str, values: dict[str, object]) -> VkError | None:
    try:
        client.call(method, values)
    except ApiFailure as error:
        # A finding on community 1, or an unknown id: the token itself was accepted.
        return None if error.reaction is Reaction.TARGET or error.code == 100 else error
    except VkError as error:
        return error
    return None


def _advice(trouble: VkError) -> str:
    if isinstance(trouble, ApiFailure):
        return _ADVICE.get(trouble.reaction, f"VK rejects our request: {trouble}")
    if isinstance(trouble, ClockWrong):
        return "set this machine's clock right (NTP)"
    return _NO_API if isinstance(trouble, GarbledAnswer) else _UNREACHABLE

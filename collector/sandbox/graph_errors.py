"""The Graph API's errors: code, subcode, type and HTTP status in the shape that Meta gives them.

https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

from __future__ import annotations

from typing import Any

MESSAGES = {
    1: "An unknown error occurred",
    2: "An unexpected error has occurred. Please retry your request later.",
    3: "(#3) Application does not have the capability to make this API call.",
    4: "(#4) Application request limit reached",
    10: "(#10) This endpoint requires the 'pages_read_engagement' permission or the "
    "'Page Public Content Access' feature.",
    17: "(#17) User request limit reached",
    32: "(#32) Page request limit reached",
    100: "(#100) Invalid parameter",
    102: "Session key invalid or no longer valid",
    104: "An access token is required to request this resource.",
    190: "Error validating access token: The session is invalid.",
    200: "(#200) Requires extended permission: pages_read_engagement",
    341: "Application limit reached",
    368: "The action attempted has been deemed abusive or is otherwise disallowed",
    613: "(#613) Calls to this api have exceeded the rate limit.",
    803: "(#803) Some of the aliases you requested do not exist",
    2500: "An active access token must be used to query information about the current user.",
    80001: "There have been too many calls to this Page account. Wait a bit and try again.",
}
_TRANSIENT = frozenset({2, 4, 17, 32, 613, 80001})
REDUCE_DATA = "Please reduce the amount of data you're asking for, then retry your request"


class GraphError(Exception):
    """A Graph error. `status`: the HTTP status that it comes with."""

    def __init__(
        self,
        code: int,
        message: str | None = None,
        subcode: int | None = None,
        *,
        status: int | None = None,
        kind: str | None = None,
        is_transient: bool | None = None,
    ) -> None:
        """`kind`: the error's `type`; the usual one of that code if None."""
        self.code = code
        self.message = message or MESSAGES.get(code, "An error occurred")
        self.subcode = subcode
        self.kind = kind or ("GraphMethodException" if subcode == 33 else "OAuthException")
        self.status = status or (500 if code in {1, 2} else 403 if code in {4, 17, 32, 613, 80001} else 400)
        self.is_transient = is_transient
        super().__init__(f"{code}: {self.message}")

    def as_answer(self) -> dict[str, Any]:
        """The answer's body."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.is_transient is not None or self.code in _TRANSIENT:
            error["is_transient"] = self.is_transient if self.is_transient is not None else True
        error["code"] = self.code
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["fbtrace_id"] = "AzSandboxTrace0000000"
        return {"error": error}


def gone(name: str) -> GraphError:
    """For an id that is gone, hidden, or not for this token: Meta does not say which."""
    return GraphError(
        100,
        f"Unsupported get request. Object with ID '{name}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api",
        33,
    )

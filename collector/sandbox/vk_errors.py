"""VK's errors: their messages, and the shape of an error answer.

Messages after the official schema (VKCOM/vk-api-schema 5.199, errors.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MESSAGES = {
    1: "Unknown error occurred",
    2: "Application is disabled. Enable your application or use test mode",
    3: "Unknown method passed",
    4: "Incorrect signature",
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    12: "Unable to compile code",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    16: "HTTP authorization failed",
    17: "Validation required",
    18: "User was deleted or banned",
    19: "Content blocked",
    20: "Permission to perform this action is denied for non-standalone applications",
    21: "Permission to perform this action is allowed only for standalone and OpenAPI applications",
    23: "This method was disabled",
    24: "Confirmation required",
    25: "Token confirmation required",
    27: "Group authorization failed: method is unavailable with group auth.",
    28: "Application authorization failed: method is unavailable with service token.",
    29: "Rate limit reached",
    30: "This profile is private",
    32: "Need wait",
    33: "Not implemented yet",
    34: "Client version deprecated",
    36: "Method execution was interrupted due to timeout",
    37: "User was banned",
    38: "Unknown application",
    39: "Unknown user",
    40: "Unknown group",
    41: "Additional signup required",
    42: "IP is not allowed",
    43: "This section is temporary unavailable",
    100: "One of the parameters specified was missing or invalid",
    101: "Invalid application API ID",
    103: "Out of limits",
    104: "Not found",
    113: "Invalid user id",
    125: "Invalid group id",
    200: "Access denied",
    203: "Access to group denied: access to the group is denied",
    210: "Access to wall's post denied",
    601: "Permission denied. You have requested too many actions this day. Try later.",
    1051: "Method is unavailable for this profile type",
    1114: "Anonymous token has expired",
    1116: "Anonymous token is invalid",
    3300: "Recaptcha needed",
    3301: "Phone validation needed",
    3609: "Token extension required",
    3610: "User is deactivated",
    9999: "Unspecified error",
}


class VkError(Exception):
    """A VK error: a code and a message, in some cases a subcode or more."""

    def __init__(
        self,
        code: int,
        message: str | None = None,
        subcode: int | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """`message`: VK's own for that code if None."""
        self.code = code
        self.message = message or MESSAGES.get(code, "Unknown error occurred")
        self.subcode = subcode
        self.more = dict(more or {})
        super().__init__(f"{code}: {self.message}")

    def as_answer(self, method: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The answer's body. VK repeats the request in it, the access token too: so does the sandbox."""
        error: dict[str, Any] = {"error_code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["error_msg"] = self.message
        error["request_params"] = [
            {"key": "method", "value": method},
            {"key": "oauth", "value": "1"},
            *({"key": key, "value": value} for key, value in parameters.items()),
        ]
        if self.code == 14:
            error["captcha_sid"] = "548747100691"
            error["captcha_img"] = "https://api.vk.ru/captcha.php?sid=548747100691&s=1"
        elif self.code == 17:
            error["redirect_uri"] = "https://m.vk.com/login?act=security_check"
        error.update(self.more)
        return {"error": error}

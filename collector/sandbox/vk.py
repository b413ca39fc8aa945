"""A stand-in for VK's API: tokens, limits, `execute`, and the methods that a collector uses.

Facts about the answers: https://dev.vk.com/ru/reference and the official schema, 5.199.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from collector.sandbox import vkscript
from collector.sandbox.answer import Answer, to_json
from collector.sandbox.faults import CALL_KINDS, ENVELOPE_KINDS, PAYLOAD_KINDS, Fault, FaultPlan, damaged
from collector.sandbox.limits import SlidingWindow, VkToken
from collector.sandbox.model import DAY
from collector.sandbox.vk_errors import VkError
from collector.sandbox.vk_methods import METHODS, Call, communities_of
from collector.sandbox.vk_payloads import Walls
from collector.sandbox.vkscript_values import ScriptError, own_copy
from collector.sandbox.world import World

MAX_EXECUTE_BYTES = 5_000_000
_VERSION = re.compile(r"\d+\.\d+")
UnknownInBatch = Literal["omit", "fail"]


class VkApi:
    """Answers API methods for a world."""

    def __init__(
        self,
        world: World,
        tokens: Iterable[VkToken],
        faults: FaultPlan,
        *,
        unknown_in_batch: UnknownInBatch = "omit",
        doubles_execute_errors: bool = False,
        kept_walls: int = 1_000,
    ) -> None:
        """`unknown_in_batch`: whether groups.getById leaves an unknown id out or fails with 100.

        `doubles_execute_errors`: whether `execute_errors` repeats each as one of the method `execute`.
        """
        self._world = world
        self._faults = faults
        self._unknown_in_batch = unknown_in_batch
        self._doubles_execute_errors = doubles_execute_errors
        self._walls = Walls(kept_walls)
        self._tokens = {token.value: token for token in tokens}
        self._rates = {
            token.value: SlidingWindow(token.requests_per_second, 1.0)
            for token in self._tokens.values()
            if token.requests_per_second is not None
        }
        self._quotas = {
            token.value: SlidingWindow(token.daily_wall_reads, DAY)
            for token in self._tokens.values()
            if token.daily_wall_reads is not None
        }

    def answer(self, method: str, parameters: Mapping[str, str]) -> Answer:
        """Answer one request to /method/<method>."""
        touched: list[str] = []
        inner: list[str] = []
        error_code = None
        try:
            token = self._token(parameters)
            if (rate := self._rates.get(token.value)) is not None and not rate.take(time.monotonic()):
                raise VkError(6)
            if not _VERSION.fullmatch(parameters.get("v", "")):
                raise VkError(8, "Invalid request: v (version) is required")
            if method == "execute":
                body = self._execute(token, parameters, touched, inner)
            else:
                body = b'{"response":' + to_json(self._call(token, method, parameters, touched)) + b"}"
        except VkError as error:
            error_code = error.code
            body = to_json(error.as_answer(method, parameters))
        return Answer(method, body, 200, {}, tuple(touched), tuple(inner), error_code)

    def _token(self, parameters: Mapping[str, str]) -> VkToken:
        value = parameters.get("access_token")
        if not value:
            raise VkError(5, "User authorization failed: no access_token passed.")
        token = self._tokens.get(value)
        if token is None:
            raise VkError(5)
        return token

    def _call(self, token: VkToken, method: str, parameters: Mapping[str, str], touched: list[str]) -> Any:
        """One API call, direct or inside execute. Raises VkError."""
        at = self._world.clock.timestamp()
        about = communities_of(self._world, method, parameters)
        touched.extend(about)
        for fault in self._due(CALL_KINDS, token, method, about, at, parameters.get("fields", "")):
            raise _error_of(fault)
        implementation = METHODS.get(method)
        if implementation is None:
            raise VkError(3, f"Unknown method passed: {method}")
        if method.startswith("wall.") and token.kind == "group":
            raise VkError(27)
        if (
            method == "wall.get"
            and (quota := self._quotas.get(token.value)) is not None
            and not quota.take(at)
        ):
            raise VkError(29)
        call = Call(self._world, self._walls, token, parameters, at, self._unknown_in_batch == "fail")
        payload = implementation(call)
        if faults := self._due(PAYLOAD_KINDS, token, method, about, at):
            return damaged(own_copy(payload), faults, at, int)
        return payload

    def _execute(
        self, token: VkToken, parameters: Mapping[str, str], touched: list[str], inner: list[str]
    ) -> bytes:
        at = self._world.clock.timestamp()
        for fault in self._due(CALL_KINDS, token, "execute", (), at, parameters.get("code", "")):
            raise _error_of(fault)
        if token.kind == "service" and not token.may_execute:
            raise VkError(28)
        if not parameters.get("code"):
            raise VkError(100, "One of the parameters specified was missing or invalid: code is undefined")
        errors: list[dict[str, Any]] = []

        def call_api(method: str, given: dict[str, Any]) -> Any:
            inner.append(method)
            told = {name: _as_parameter(value) for name, value in given.items() if value is not None}
            try:
                return self._call(token, method, {"v": parameters["v"], **told}, touched)
            except VkError as error:
                errors.append({"method": method, "error_code": error.code, "error_msg": error.message})
                return False

        try:
            result = vkscript.run(parameters["code"], call_api)
        except ScriptError as error:
            raise VkError(error.code, error.message) from None
        for fault in self._due(CALL_KINDS, token, "execute", touched, at, parameters["code"], is_late=True):
            raise _error_of(fault)
        for fault in self._due(ENVELOPE_KINDS, token, "execute", touched, at):
            if fault.kind == "null_response":
                result = None
            elif fault.kind == "too_big" and len(inner) > int(fault.value or 0):
                raise VkError(13, "Runtime error occurred during code invocation: response size is too big")
        if faults := self._due(PAYLOAD_KINDS, token, "execute", touched, at):
            result = damaged({"response": own_copy(result)}, faults, at, int)["response"]
        try:
            response = to_json(result)
        except (ValueError, RecursionError):
            # An array that holds itself.
            raise VkError(
                13, "Runtime error occurred during code invocation: the result is no JSON"
            ) from None
        if len(response) > MAX_EXECUTE_BYTES:
            raise VkError(13, "Runtime error occurred during code invocation: response size is too big")
        if not errors:
            return b'{"response":' + response + b"}"
        if self._doubles_execute_errors:
            errors += [{**error, "method": "execute"} for error in errors]
        return b'{"response":' + response + b',"execute_errors":' + to_json(errors) + b"}"

    def _due(
        self,
        kinds: frozenset[str],
        token: VkToken,
        method: str,
        communities: Iterable[str],
        at: float,
        text: str = "",
        is_late: bool = False,
    ) -> list[Fault]:
        return self._faults.due(
            kinds,
            network="vk",
            method=method,
            communities=tuple(communities),
            token=token.value,
            at=at,
            text=text,
            is_late=is_late,
        )


def _error_of(fault: Fault) -> VkError:
    more = fault.value if isinstance(fault.value, dict) else None
    return VkError(fault.code or 1, fault.message, fault.subcode, more)


def _as_parameter(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (list, tuple)):
        return ",".join(map(_as_parameter, value))
    return str(value)

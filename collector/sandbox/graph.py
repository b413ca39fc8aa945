"""A stand-in for Meta's Graph API: tokens, proof, usage, batches, and Pages with their posts.

Facts: https://developers.facebook.com/docs/graph-api (versions, batch requests, rate limiting).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from collector.domain.model import Access
from collector.sandbox.answer import Answer, to_json
from collector.sandbox.faults import CALL_KINDS, PAYLOAD_KINDS, Fault, FaultPlan, damaged
from collector.sandbox.graph_errors import REDUCE_DATA, GraphError, gone
from collector.sandbox.graph_fields import Field, FieldSyntaxError, parse_fields
from collector.sandbox.graph_payloads import EDGES, Asked, edge, page, time_text
from collector.sandbox.limits import GraphToken, SlidingWindow
from collector.sandbox.world import World

MAX_BATCH = 50
VERSIONS = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
"""The usable ones, the oldest first: what others are served as."""
_VERSION = re.compile(r"v\d+\.\d+$")
_DEFAULT_PAGE_FIELDS = [Field("name"), Field("id")]
_ASKED_POSTS = re.compile(r"limit\((\d+)\)")


class GraphApi:
    """Answers Graph calls for a world."""

    def __init__(
        self,
        world: World,
        tokens: Iterable[GraphToken],
        faults: FaultPlan,
        *,
        app_id: str = "1234567890",
        app_secret: str | None = None,
    ) -> None:
        """`app_secret`: if given, every call without an app token needs a right `appsecret_proof`."""
        self._world = world
        self._faults = faults
        self._app_id = app_id
        self._app_secret = app_secret
        self._tokens = {token.value: token for token in tokens}
        self._usage = {token.value: SlidingWindow(float("inf"), 3600) for token in self._tokens.values()}

    def answer(self, http_method: str, path: str, parameters: Mapping[str, str], base_url: str) -> Answer:
        """Answer one HTTP request. `base_url`: the part before the version."""
        first, _, rest = path.strip("/").partition("/")
        version, node = (first, rest) if _VERSION.match(first) else ("", path.strip("/"))
        served = version if version in VERSIONS else VERSIONS[0]
        if http_method == "POST" and not node and "batch" in parameters:
            answer = self._batch(parameters, f"{base_url}/{served}")
        else:
            answer = self._single(node, parameters, f"{base_url}/{served}")
        answer.headers["facebook-api-version"] = served
        answer.headers.update(self._usage_headers(parameters.get("access_token", "")))
        return answer

    # One call

    def _single(self, node: str, parameters: Mapping[str, str], base_url: str) -> Answer:
        name, _, edge_name = node.partition("/")
        method = {"debug_token": "debug_token", "me": "me", "": "ids"}.get(name) or edge_name or "page"
        status = 200
        error_code: int | None = None
        about: tuple[str, ...] = ()
        try:
            if not name:
                # Gone for all versions since 2026-10-27, with a status that looks like an outage.
                raise GraphError(100, "(#100) The 'ids' query parameter is deprecated.", status=500)
            life = (
                self._world.by_id("facebook", int(name))
                if name.isdecimal()
                else self._world.by_name("facebook", name)
            )
            about = (str(life.native_id),) if life else (name,) if method not in {"debug_token", "me"} else ()
            body = self._call(method, name, about, parameters, base_url)
        except GraphError as error:
            status, error_code, body = error.status, error.code, error.as_answer()
        return Answer(method, to_json(body), status, {}, about, (), error_code)

    def _call(
        self, method: str, name: str, about: tuple[str, ...], parameters: Mapping[str, str], base_url: str
    ) -> Any:
        at = self._world.clock.timestamp()
        token = self._token(parameters, at)
        self._usage[token.value].take(at)
        if self._percent(token, at) > 100:
            raise GraphError({"app": 4, "user": 17}.get(token.kind, 80001))
        text = parameters.get("fields", "")
        for fault in self._due(CALL_KINDS, token, method, about, at, text):
            raise GraphError(
                fault.code or 1,
                fault.message,
                fault.subcode,
                status=fault.status,
                is_transient=fault.is_transient,
            )
        asked_posts = max(
            map(int, _ASKED_POSTS.findall(f"limit({parameters.get('limit')}){text}")), default=0
        )
        for fault in self._due(frozenset({"too_big"}), token, method, about, at, text):
            if asked_posts > int(fault.value or 0):
                raise GraphError(1, REDUCE_DATA, 99, status=500)
        if method == "debug_token":
            payload = self._debug_token(parameters, at)
        elif method == "me":
            if token.kind == "app":
                raise GraphError(2500)
            payload = {"name": "Песочница", "id": "100000000000001"}
        else:
            payload = self._page_call(method, name, parameters, Asked(at, base_url, token.value))
        return damaged(payload, self._due(PAYLOAD_KINDS, token, method, about, at, text), at, time_text)

    def _page_call(self, method: str, name: str, parameters: Mapping[str, str], asked: Asked) -> Any:
        try:
            fields = parse_fields(parameters["fields"]) if parameters.get("fields") else None
        except FieldSyntaxError as error:
            raise GraphError(2500, str(error)) from None
        if method not in {"page", *EDGES}:
            raise GraphError(2500, f"Unknown path components: /{method}")
        is_id = name.isdecimal()
        life = self._world.by_id("facebook", int(name)) if is_id else self._world.by_name("facebook", name)
        if life is None and not is_id:
            raise GraphError(
                803, f"(#803) Some of the aliases you requested do not exist: {name}", status=404
            )
        if life is None or life.value("access", asked.at) is not Access.OPEN:
            raise gone(name)
        if life.is_person:
            raise GraphError(
                100, "(#100) Tried accessing nonexisting field (followers_count) on node type (User)"
            )
        if method == "page":
            return page(life, fields or _DEFAULT_PAGE_FIELDS, asked)
        return edge(life, method, fields, dict(parameters), asked)

    # Tokens

    def _token(self, parameters: Mapping[str, str], at: float) -> GraphToken:
        value = parameters.get("access_token", "")
        if not value:
            raise GraphError(104)
        token = self._tokens.get(value)
        if token is None:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        if token.expires_at and at >= token.expires_at:
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        if self._app_secret is not None and token.kind != "app":
            proof = parameters.get("appsecret_proof")
            if proof is None:
                raise GraphError(
                    100, "(#100) Pages Public Content Access requires either app secret proof or an app token"
                )
            right = hmac.new(self._app_secret.encode(), value.encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(proof.encode(), right.encode()):
                raise GraphError(
                    100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException"
                )
        return token

    def _debug_token(self, parameters: Mapping[str, str], at: float) -> dict[str, Any]:
        token = self._tokens.get(parameters.get("input_token", ""))
        if token is None:
            error = {"code": 190, "message": "Invalid OAuth access token."}
            return {"data": {"error": error, "is_valid": False, "scopes": []}}
        data: dict[str, Any] = {
            "app_id": self._app_id,
            "type": token.kind.upper(),
            "application": "Сборщик",
            "data_access_expires_at": token.data_access_expires_at,
            "expires_at": token.expires_at,
            "is_valid": not token.expires_at or at < token.expires_at,
            "issued_at": int(self._world.origin) - 86_400,
            "scopes": list(token.scopes),
        }
        if not data["is_valid"]:
            data["error"] = {
                "code": 190,
                "message": "Error validating access token: Session has expired.",
                "subcode": 463,
            }
        return {"data": data}

    def _percent(self, token: GraphToken, at: float) -> int:
        if not token.calls_per_hour:
            return 0
        return self._usage[token.value].used(at) * 100 // token.calls_per_hour

    def _usage_headers(self, value: str) -> dict[str, str]:
        token = self._tokens.get(value)
        if token is None or not token.calls_per_hour:
            return {}
        percent = self._percent(token, self._world.clock.timestamp())
        return usage_headers(percent, is_business=token.kind in {"page", "system_user"}, app_id=self._app_id)

    # Batches

    def _batch(self, parameters: Mapping[str, str], base_url: str) -> Answer:
        at = self._world.clock.timestamp()
        about: list[str] = []
        inner: list[str] = []
        try:
            token = self._token(parameters, at)
            for fault in self._due(CALL_KINDS, token, "batch", (), at):
                raise GraphError(
                    fault.code or 1,
                    fault.message,
                    fault.subcode,
                    status=fault.status,
                    is_transient=fault.is_transient,
                )
            calls = _batch_calls(parameters["batch"])
            elements = [self._element(call, parameters, token, base_url, about, inner) for call in calls]
        except GraphError as error:
            return Answer(
                "batch", to_json(error.as_answer()), error.status, {}, tuple(about), tuple(inner), error.code
            )
        return Answer("batch", to_json(elements), 200, {}, tuple(about), tuple(inner))

    def _element(
        self,
        call: dict[str, Any],
        outer: Mapping[str, str],
        token: GraphToken,
        base_url: str,
        about: list[str],
        inner: list[str],
    ) -> dict[str, Any] | None:
        parts = urlsplit(str(call.get("relative_url", "")))
        own = dict(parse_qsl(parts.query, keep_blank_values=True))
        inherited = {name: outer[name] for name in ("access_token", "appsecret_proof") if name in outer}
        first, _, rest = parts.path.strip("/").partition("/")
        node = rest if _VERSION.match(first) else parts.path.strip("/")
        answer = self._single(node, {**inherited, **own}, base_url)
        about.extend(answer.communities)
        inner.append(answer.method)
        at = self._world.clock.timestamp()
        if self._due(frozenset({"null_element"}), token, "batch", answer.communities, at):
            return None
        element: dict[str, Any] = {"code": answer.status}
        if outer.get("include_headers") != "false":
            version = base_url.rsplit("/", 1)[-1]
            element["headers"] = [
                {"name": "Content-Type", "value": "text/javascript; charset=UTF-8"},
                {"name": "facebook-api-version", "value": version},
            ]
        element["body"] = answer.body.decode()
        return element

    def _due(
        self,
        kinds: frozenset[str],
        token: GraphToken,
        method: str,
        communities: tuple[str, ...],
        at: float,
        text: str = "",
    ) -> list[Fault]:
        return self._faults.due(
            kinds,
            network="facebook",
            method=method,
            communities=communities,
            token=token.value,
            at=at,
            text=text,
        )


def usage_headers(percent: float, *, is_business: bool, app_id: str) -> dict[str, str]:
    """The header that tells how much of a limit is used, in percent; waiting times in minutes."""
    used = {"call_count": int(percent), "total_cputime": int(percent) // 2, "total_time": int(percent) // 2}
    if not is_business:
        return {"X-App-Usage": json.dumps(used)}
    wait = 30 if percent >= 100 else 0
    return {
        "X-Business-Use-Case-Usage": json.dumps(
            {app_id: [{"type": "pages", **used, "estimated_time_to_regain_access": wait}]}
        )
    }


def _batch_calls(text: str) -> list[dict[str, Any]]:
    try:
        calls = json.loads(text)
    except ValueError:
        calls = None
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise GraphError(100, "(#100) batch parameter must be a JSON array")
    if len(calls) > MAX_BATCH:
        raise GraphError(
            100,
            f"Too many requests in batch message. Maximum batch size is {MAX_BATCH}",
            kind="GraphBatchException",
        )
    return calls

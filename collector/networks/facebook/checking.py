"""Tries a token out, in one request: what Facebook says of it, and whom it answers as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from collector.domain.errors import Blame
from collector.domain.model import TokenReport
from collector.networks.facebook.address import NAME
from collector.networks.facebook.client import Answer, GraphClient, NotAsked, Refused, Told
from collector.networks.facebook.errors import GraphError, explain, graph_error, judge
from collector.networks.facebook.options import Options

_SCOPES = {
    "pages_read_engagement": "followers and posts of the Pages that the token's owner has a role on",
    "pages_read_user_content": "likes and comments on the posts of those Pages",
}
_KINDS = {
    "APP": "an app's",
    "PAGE": "a Page's",
    "SYSTEM_USER": "a system user's",
    "USER": "a user's",
}
_PUBLIC = (
    "Pages of others need the feature Page Public Content Access, which no token tells: "
    "try one with `collector collect`"
)
_UNPROVEN = (
    "without COLLECTOR_FACEBOOK__APP_SECRET Facebook refuses Pages of others, unless the token is an app's"
)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def check_token(client: GraphClient, options: Options, label: str) -> TokenReport:
    """What `debug_token` tells (https://developers.facebook.com/docs/graph-api/reference/debug_token).

    Not every token may ask about itself; `/me` then shows at least whether it is alive.
    """
    token = options.token or ""
    # The token to be examined stands in the batch, hence in the body: no URL holds it.
    debug, me = client.ask([f"debug_token?{urlencode({'input_token': token})}", "me?fields=id,name"])
    report = _from_debug(debug, client, label) or _from_me(debug, me, client, label)
    hints = [report.advice]
    if report.is_working:
        hints += [_PUBLIC, None if options.app_secret or "|" in token else _UNPROVEN]
    if client.served_version:
        hints.append(
            f"Facebook answers with API {client.served_version} in place of {options.api_version}: "
            "set COLLECTOR_FACEBOOK__API_VERSION to a version that still lives"
        )
    advice = "; ".join(hint for hint in hints if hint) or None
    return replace(report, advice=advice)


def _from_debug(answer: Answer, client: GraphClient, label: str) -> TokenReport | None:
    data = answer.reply.payload.get("data") if isinstance(answer.reply, Told) else None
    if not isinstance(data, dict) or not isinstance(data.get("is_valid"), bool):
        return None
    expires_at = _earliest(data, "expires_at", "data_access_expires_at")
    kind = _KINDS.get(str(data.get("type")))
    if not data["is_valid"]:
        error = graph_error(data)
        advice = _why(error, client) if error else "Facebook calls the token invalid; get a new token"
        return TokenReport(NAME, label, is_working=False, advice=advice, expires_at=expires_at)
    if data.get("type") == "APP":
        # An app's token has no scopes: what it may read hangs on the app's features alone.
        return TokenReport(NAME, label, is_working=True, expires_at=expires_at, kind=kind)
    told = data.get("scopes")
    scopes = set(map(str, told)) if isinstance(told, list) else set()
    lines = {scope: f"{scope}: {what}" for scope, what in _SCOPES.items()}
    return TokenReport(
        NAME,
        label,
        is_working=True,
        can=tuple(line for scope, line in lines.items() if scope in scopes),
        cannot=tuple(line for scope, line in lines.items() if scope not in scopes),
        expires_at=expires_at,
        kind=kind,
    )


def _from_me(debug: Answer, me: Answer, client: GraphClient, label: str) -> TokenReport:
    if isinstance(me.reply, Told) and isinstance(me.reply.payload.get("id"), str):
        name = client.redact(str(me.reply.payload.get("name") or me.reply.payload["id"]))[:100]
        advice = "Facebook does not let this token ask about its own permissions and its expiry"
        return TokenReport(NAME, label, is_working=True, can=(f"answers as {name}",), advice=advice)
    replies = (me.reply, debug.reply)
    refused = next((reply for reply in replies if isinstance(reply, Refused)), None)
    if refused is not None:
        # Told to slow down, or that Facebook has a trouble of its own, the token may be a good one.
        is_working = False if refused.verdict.kind.blame is Blame.TOKEN else None
        return TokenReport(NAME, label, is_working, advice=_why(refused.error, client))
    reply = debug.reply
    why = (
        "stopped before Facebook answered"
        if isinstance(reply, NotAsked)
        else getattr(reply, "detail", "no answer")
    )
    return TokenReport(NAME, label, is_working=None, advice=f"could not be tried: {why}")


def _why(error: GraphError, client: GraphClient) -> str:
    return client.redact(explain(error, judge(error)))


def _earliest(data: Mapping[str, object], *clocks: str) -> datetime | None:
    """The first of the clocks to run out; 0 means that there is no such clock."""
    told = [data.get(clock) for clock in clocks]
    ends = [end for end in told if isinstance(end, int) and not isinstance(end, bool) and 0 < end < _LATEST]
    return datetime.fromtimestamp(min(ends), tz=UTC) if ends else None

"""Asks the Graph API, and tells what came back, call by call. Owns HTTP, retries, the token, the headers.

Everything is asked as a batch (https://developers.facebook.com/docs/graph-api/batch-requests), a single
call too: so the token travels in a body, never in a URL that a log or an error could show. No exception
of the HTTP library leaves this module, as each holds the request, and the request the token.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
import urllib3.exceptions
from tenacity import (
    Retrying,
    retry_if_result,
    stop_after_attempt,
    stop_when_event_set,
    wait_exponential_jitter,
)
from tenacity.nap import sleep_using_event

from collector.domain.errors import FailureKind
from collector.domain.model import RequestTally
from collector.domain.redaction import Redactor
from collector.networks.base import Services
from collector.networks.facebook.errors import GraphError, Reaction, Verdict, graph_error, judge
from collector.networks.facebook.options import Options
from collector.networks.facebook.usage import Pacer, Usage, parse_usage
from collector.networks.http import AnswerTooLargeError, clock_ahead, clock_trouble, session

_log = logging.getLogger(__name__)
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
ATTEMPTS = 3
"""How often a call is made that fails in passing."""
LONGEST_RAW = 2000
"""Characters kept of an answer for diagnosis."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: a JSON object without an error."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """Graph answered with an error; `of_batch`: one for the whole request, not for this call."""

    error: GraphError
    verdict: Verdict
    of_batch: bool
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """No usable answer came, and repeating did not help. `detail` is free of secrets."""

    kind: FailureKind
    detail: str
    of_batch: bool
    is_too_large: bool = False
    may_split: bool = False
    """Whether one of the calls may be to blame, so that fewer at a time may be answered."""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """We were asked to stop before this call was answered."""


Reply = Told | Refused | Unread | NotAsked


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call, and the answer's text, for diagnosis; the text still holds secrets."""

    reply: Reply
    raw: str | None = None


class GraphClient:
    """A token's line to Graph."""

    def __init__(self, options: Options, services: Services, tally: RequestTally) -> None:
        """Opens no connection yet."""
        self._options = options
        self._services = services
        self._tally = tally
        self._session = session(
            options.timeouts, connections=2, proxy=options.proxy, on_request=services.on_request
        )
        self._url = f"{options.api_url}/{options.api_version}/"
        self.redact = Redactor((*options.secrets, self._proof() or ""))
        self.pacer = Pacer()
        self.calls_made = 0
        """The calls inside the batches; Graph's limits count these."""
        self.served_version: str | None = None
        """The API's version as the last answer names it, where it is not the one asked for."""
        self.clock_ahead: timedelta | None = None
        """How far Facebook's clock was ahead of ours at its last answer; None: it has not told."""

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def ask(self, calls: Sequence[str]) -> list[Answer]:
        """Ask for relative URLs, at most 50; one answer each, in their order. Raises nothing.

        What fails in passing is asked again, alone with its likes, at most twice.
        """
        answers = [Answer(NotAsked())] * len(calls)
        open_ = list(range(len(calls)))

        def attempt() -> bool:
            nonlocal open_
            if self._services.stop.is_set():
                return False
            for index, answer in zip(open_, self._post([calls[index] for index in open_]), strict=True):
                answers[index] = answer
            open_ = [index for index in open_ if _is_passing(answers[index].reply)]
            # Calls made while throttled extend the block.
            return bool(open_) and self.pacer.rest_until(self._services.now()) is None

        stop = self._services.stop
        Retrying(
            retry=retry_if_result(bool),
            stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(stop),
            wait=wait_exponential_jitter(
                multiplier=self._options.retry_wait, max=30, jitter=self._options.retry_wait
            ),
            sleep=sleep_using_event(stop),
            retry_error_callback=lambda _: None,
        )(attempt)
        if stop.is_set():
            for index in open_:
                answers[index] = Answer(NotAsked())
        return answers

    def raw(self, answer: Answer) -> str | None:
        """The answer's text as it may be kept: bounded, without secrets."""
        if answer.raw is None:
            return None
        # Far more than is kept is redacted, and only then cut, lest the cut leave half a secret; and JSON is
        # written anew, since behind its escapes a secret could pass the redactor.
        text = answer.raw[: LONGEST_RAW * 100]
        payload = _parse(text)
        return self.redact(text if payload is None else json.dumps(payload, ensure_ascii=False))[:LONGEST_RAW]

    def _proof(self) -> str | None:
        # https://developers.facebook.com/docs/graph-api/guides/secure-requests
        token, secret = self._options.token, self._options.app_secret
        if not token or not secret:
            return None
        return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()

    def _post(self, calls: Sequence[str]) -> list[Answer]:
        batch = [{"method": "GET", "relative_url": call} for call in calls]
        form = {
            "access_token": self._options.token or "",
            "include_headers": "true",
            "batch": json.dumps(batch, separators=(",", ":")),
        }
        proof = self._proof()
        if proof:
            form["appsecret_proof"] = proof
        self._tally.add("batch")
        self.calls_made += len(calls)
        try:
            response = self._session.post(self._url, data=form, allow_redirects=False)
        except AnswerTooLargeError:
            trouble = Unread(
                FailureKind.UNEXPECTED_RESPONSE, "the answer is too large", True, is_too_large=True
            )
        except requests.Timeout:
            trouble = Unread(FailureKind.TEMPORARY, "no answer in time", True, may_split=True)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            detail = self.redact(f"{type(error).__name__}: {error}")[:300]
            trouble = Unread(FailureKind.TEMPORARY, f"no connection to Facebook: {detail}", True)
        else:
            return self._read(response, len(calls))
        return [Answer(trouble)] * len(calls)

    def _read(self, response: requests.Response, count: int) -> list[Answer]:
        self.clock_ahead = clock_ahead(response.headers, self._services.now())
        wrong = clock_trouble(response.headers, self._services.now())
        if wrong is not None:
            # Nor is a limit noted: a rest until next year would outlast the wrong clock.
            return [Answer(Unread(FailureKind.CLOCK_WRONG, f"Facebook: {wrong}", of_batch=True))] * count
        self._note(response.headers, with_usage=True)
        text = response.content.decode("utf-8", errors="replace")
        payload = _parse(text)
        error = graph_error(payload)
        if error is not None:
            return [Answer(Refused(error, judge(error), of_batch=True), text)] * count
        if not isinstance(payload, list) or len(payload) != count:
            detail = f"HTTP {response.status_code} without a readable answer to a batch of {count}"
            # A gateway's page of a server that is down tells nothing about any Page.
            is_down = response.status_code >= 500
            kind = FailureKind.TEMPORARY if is_down else FailureKind.UNEXPECTED_RESPONSE
            trouble = Unread(kind, detail, of_batch=True, may_split=True)
            return [Answer(trouble, text)] * count
        return [self._read_element(element) for element in payload]

    def _read_element(self, element: object) -> Answer:
        if element is None:
            return Answer(Unread(FailureKind.TEMPORARY, "Facebook left the call unanswered", of_batch=False))
        body = element.get("body") if isinstance(element, dict) else None
        text = body if isinstance(body, str) else json.dumps(element)
        payload = _parse(text) if isinstance(body, str) else None
        headers = _inner_headers(element)
        error = graph_error(payload)
        verdict = judge(error) if error is not None else None
        # A limit of one Page alone must not make the others wait.
        is_pages_own = verdict is not None and verdict.reaction is Reaction.REST_PAGE
        self._note(headers, with_usage=not is_pages_own)
        if error is not None and verdict is not None:
            refused = Refused(error, verdict, of_batch=False, usage=parse_usage(headers))
            return Answer(refused, text)
        if not isinstance(payload, dict):
            trouble = Unread(
                FailureKind.UNEXPECTED_RESPONSE, "the answer is not a JSON object", of_batch=False
            )
            return Answer(trouble, text)
        return Answer(Told(payload), text)

    def _note(self, headers: Mapping[str, str], with_usage: bool) -> None:
        if with_usage:
            self.pacer.note(parse_usage(headers), self._services.now())
        served = next(
            (value for name, value in headers.items() if name.lower() == "facebook-api-version"), ""
        )
        is_other = _VERSION.fullmatch(served) is not None and served != self._options.api_version
        if is_other and self.served_version is None:
            # A version that has ended never fails: the oldest one that still lives answers in its place.
            self.served_version = served
            _log.warning(
                "facebook answers with another API version: asked=%s served=%s setting=COLLECTOR_FACEBOOK__API_VERSION",
                self._options.api_version,
                self.served_version,
            )


def _is_passing(reply: Reply) -> bool:
    if isinstance(reply, Unread):
        return not reply.is_too_large and reply.kind is not FailureKind.CLOCK_WRONG
    return isinstance(reply, Refused) and reply.verdict.reaction is Reaction.RETRY


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _inner_headers(element: object) -> Mapping[str, str]:
    listed = element.get("headers") if isinstance(element, dict) else None
    if not isinstance(listed, list):
        return {}
    return {
        str(entry["name"]): str(entry["value"])
        for entry in listed
        if isinstance(entry, dict) and "name" in entry and "value" in entry
    }

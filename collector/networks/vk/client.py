"""One VK token's requests: vk_api with its traps closed, paced, retried, and free of secrets.

What is closed, with vk_api 11.10.1's behaviour: no time-outs (our session sets them); one lock held across the
HTTP call, and a delay counted from the previous answer (both off, `Pace` paces); error 6 retried by recursion
without end, error 14 raised as no ApiError (no handlers: all come as ApiError); the token in its exceptions'
attributes (only plain texts leave here, redacted).
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pydantic_core
import requests
import tenacity
import vk_api
from jconfig.memory import MemoryConfig

from collector.domain.model import RequestTally
from collector.domain.redaction import Redactor
from collector.networks import http
from collector.networks.vk.errors import (
    ApiFailure,
    ClockWrong,
    GarbledAnswer,
    NetworkTrouble,
    NotSent,
    Reaction,
    VkError,
)
from collector.networks.vk.options import VkOptions
from collector.networks.vk.pacing import Pace

API_HOST = "https://api.vk.ru"
"""Fixed in vk_api's code; our session sends it elsewhere."""
MAX_RAW_CHARS = 2_000
ATTEMPTS = 3

# Worth another attempt soon: a proxy's and a balancer's passing troubles.
_RETRIED_STATUSES = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of VK's own that is no error."""

    response: Any
    execute_errors: list[Any]
    sent: int
    """How many HTTP requests it took."""


class SharedTally:
    """The adapter's tally, for the threads of all its tokens."""

    def __init__(self, tally: RequestTally) -> None:
        self._tally = tally
        self._lock = threading.Lock()

    def add(self, method: str) -> None:
        """Count one HTTP request."""
        with self._lock:
            self._tally.add(method)


class VkClient:
    """Makes requests with one token. Safe to call from several threads at a time: their requests overlap."""

    def __init__(
        self,
        token: str,
        options: VkOptions,
        stop: threading.Event,
        now: Callable[[], datetime],
        tally: SharedTally,
        connections: int,
        on_request: Callable[[float], None] | None = None,
    ) -> None:
        """`connections`: how many threads may call at a time without opening new ones each time."""
        self._stop = stop
        self._now = now
        self._tally = tally
        self._redact = Redactor([*options.tokens, token])
        self._pace = Pace(options.requests_per_second)
        self._session = http.session(
            options.timeouts,
            connections=connections,
            proxy=options.proxy,
            rewrite={API_HOST: options.api_url},
            on_request=on_request,
        )
        self.clock_ahead: timedelta | None = None
        """How far VK's clock was ahead of ours at its last answer; None: it has not told."""
        self._seen = threading.local()
        self._session.hooks["response"].append(self._remember)
        self._api = vk_api.VkApi(
            token=token, config=MemoryConfig, api_version=options.api_version, session=self._session
        )
        self._api.error_handlers.clear()
        self._api.lock = contextlib.nullcontext()
        # Not 0: its wait until that long after the last answer is one of a year where a clock was set back by that.
        self._api.RPS_DELAY = -math.inf
        wait = options.retry_wait
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_exponential(multiplier=wait) + tenacity.wait_random(0, wait / 2),
            retry=tenacity.retry_if_exception(_is_worth_a_retry),
            sleep=tenacity.sleep_using_event(stop),
            reraise=True,
        )

    def call(
        self, method: str, values: Mapping[str, object], is_wanted: Callable[[], bool] = lambda: True
    ) -> Answer:
        """Call a method and give VK's answer.

        Lists are joined by commas, booleans sent as 1 and 0. `is_wanted` is asked before each request.
        Raises VkError: NotSent, NetworkTrouble, GarbledAnswer, ClockWrong, ApiFailure.
        """
        plain = {name: _plain(value) for name, value in values.items() if value is not None}
        sent = 0

        def attempt() -> Any:
            nonlocal sent
            self._pace.wait(self._stop)
            if self._stop.is_set() or not is_wanted():
                raise NotSent("no request was made")
            sent += 1
            return self._once(method, plain)

        trouble: VkError
        try:
            answer = self._retrying(attempt)
        except VkError as error:
            trouble = error
        else:
            return Answer(answer["response"], answer.get("execute_errors") or [], sent)
        trouble.sent = sent
        raise trouble

    def redacted(self, text: str) -> str:
        """A text as it may be kept: no secrets, and bounded."""
        return self._redact(text[: MAX_RAW_CHARS * 2])[:MAX_RAW_CHARS]

    def close(self) -> None:
        """Let idle connections go."""
        self._session.close()

    def _remember(self, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        """Keep the answer for diagnosis, and have vk_api read it with a parser twice as fast as the usual one."""
        self._seen.response = response
        self.clock_ahead = http.clock_ahead(response.headers, self._now())
        slowly = response.json

        def read(**kwargs: Any) -> Any:
            try:
                return pydantic_core.from_json(response.content, cache_strings="none")
            except ValueError:
                # Stricter than VK, for one on halves of surrogate pairs, where a text was cut between them.
                return slowly(**kwargs)

        response.json = read  # type: ignore[method-assign]

    def _once(self, method: str, values: dict[str, object]) -> Any:
        """One HTTP request. Raises from outside the except blocks, so that no foreign exception hangs on ours."""
        self._tally.add(method)
        self._seen.response = None
        try:
            answer = self._api.method(method, values, raw=True)
        except vk_api.ApiHttpError as error:
            trouble = self._http_trouble(error.response)
        except vk_api.ApiError as error:
            trouble = self._clock_wrong() or self._api_failure(error.error)
        except (requests.exceptions.InvalidJSONError, requests.exceptions.ContentDecodingError):
            trouble = self._garbled("the answer is no JSON")
        except requests.exceptions.TooManyRedirects as error:
            where = error.response.headers.get("Location", "") if error.response is not None else ""
            trouble = self._garbled(f"the server sends us elsewhere, to {http.without_query(where)[:100]}")
        except requests.RequestException as error:
            trouble = NetworkTrouble(self._in_words(error))
        except Exception as error:  # noqa: BLE001 - vk_api reads the answer without checking its shape
            trouble = self._garbled(f"the answer is none of VK's ({type(error).__name__})")
        else:
            clock_wrong = self._clock_wrong()
            if clock_wrong is not None:
                trouble = clock_wrong
            elif isinstance(answer, dict) and "response" in answer:
                self._seen.response = None
                return answer
            else:
                trouble = self._garbled("the answer has neither response nor error")
        self._seen.response = None
        raise trouble

    def _clock_wrong(self) -> ClockWrong | None:
        response: requests.Response | None = self._seen.response
        trouble = None if response is None else http.clock_trouble(response.headers, self._now())
        return None if trouble is None else ClockWrong(f"VK: {trouble}")

    def _http_trouble(self, response: requests.Response) -> VkError:
        status = response.status_code
        if status in _RETRIED_STATUSES or status == 413:
            return NetworkTrouble(f"HTTP status {status}", status)
        return self._garbled(f"HTTP status {status}: not VK's API at this address, or something between")

    def _api_failure(self, error: Mapping[str, Any]) -> VkError:
        code, message, subcode = error.get("error_code"), error.get("error_msg"), error.get("error_subcode")
        if not isinstance(code, int) or isinstance(code, bool):
            return self._garbled("an error without a code")
        text = self._redact(str(message or "no message"))[:300]
        return ApiFailure(code, text, subcode if isinstance(subcode, int) else None)

    def _garbled(self, detail: str) -> GarbledAnswer:
        response: requests.Response | None = getattr(self._seen, "response", None)
        raw = None
        if response is not None:
            body = response.content[: MAX_RAW_CHARS * 8].decode("utf-8", "replace")
            raw = self.redacted(body)
        return GarbledAnswer(self._redact(detail), raw)

    def _in_words(self, error: requests.RequestException) -> str:
        words: tuple[tuple[type[Exception], str], ...] = (
            (requests.exceptions.ProxyError, "the proxy does not let us through"),
            (requests.exceptions.SSLError, "no secure connection"),
            (requests.exceptions.ConnectTimeout, "no connection in time"),
            (requests.exceptions.ReadTimeout, "no whole answer in time"),
            (http.AnswerTooLargeError, "the answer is too large"),
            (requests.exceptions.ChunkedEncodingError, "the answer was cut off"),
            (requests.exceptions.ConnectionError, "the connection failed or was cut"),
        )
        said = next((text for kind, text in words if isinstance(error, kind)), type(error).__name__)
        return f"{said} ({self._redact(str(error)[:600])[:200]})"


def _is_worth_a_retry(error: BaseException) -> bool:
    if isinstance(error, ApiFailure):
        return error.reaction is Reaction.RETRY
    if isinstance(error, NetworkTrouble):
        return error.status != 413
    return isinstance(error, GarbledAnswer)


def _plain(value: object) -> object:
    """As VK reads it: vk_api would send a list as repeated keys, and True as `True`."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (list, tuple)):
        return ",".join(str(_plain(item)) for item in value)
    return value

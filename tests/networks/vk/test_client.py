"""vk_api with its traps closed: nothing hangs, nothing recurses, nothing leaks."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
import time_machine

from collector.domain.model import RequestTally
from collector.networks.vk.client import ATTEMPTS, SharedTally, VkClient
from collector.networks.vk.errors import (
    REACTIONS,
    ApiFailure,
    GarbledAnswer,
    NetworkTrouble,
    NotSent,
    Reaction,
    VkError,
)
from collector.networks.vk.options import VkOptions
from tests.networks.leaks import leaks

TOKEN = "vk1.a.planted-in-every-place"
SECRETS = (TOKEN,)
URL = "https://api.vk.ru/method/wall.get"
Answers = Callable[..., VkClient]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def answering() -> Iterator[Answers]:
    """A client whose requests get the given answers, the last one again and again."""
    opened: list[VkClient] = []
    with responses.RequestsMock(assert_all_requests_are_fired=False) as network:

        def make(
            *bodies: Any, status: int = 200, stop: threading.Event | None = None, **more: Any
        ) -> VkClient:
            for body in bodies:
                if isinstance(body, Exception):
                    network.post(URL, body=body)
                else:
                    text = body if isinstance(body, str | bytes) else json.dumps(body)
                    network.post(URL, body=text, status=status, **more)
            options = VkOptions(tokens=(TOKEN,), requests_per_second=1000, retry_wait=0.001)
            client = VkClient(TOKEN, options, stop or threading.Event(), now, SharedTally(RequestTally()), 1)
            client.network = network  # type: ignore[attr-defined]
            opened.append(client)
            return client

        yield make
        for client in opened:
            client.close()


def _sent(client: VkClient) -> list[dict[str, list[str]]]:
    return [parse_qs(call.request.body) for call in client.network.calls]  # type: ignore[attr-defined]


def _error(code: int, **more: Any) -> dict[str, Any]:
    params = [{"key": "access_token", "value": TOKEN}]
    return {
        "error": {"error_code": code, "error_msg": f"no, {TOKEN} may not", "request_params": params, **more}
    }


def test_lists_and_booleans_are_sent_as_vk_reads_them(answering: Answers) -> None:
    client = answering({"response": 1})
    client.call("wall.get", {"group_ids": [1, "b"], "extended": True, "offset": None})
    assert _sent(client) == [
        {"group_ids": ["1,b"], "extended": ["1"], "v": ["5.199"], "access_token": [TOKEN]}
    ]


def test_an_answer_comes_with_the_errors_inside_it(answering: Answers) -> None:
    errors = [{"method": "wall.get", "error_code": 15, "error_msg": "no"}]
    answer = answering({"response": [False], "execute_errors": errors}).call("wall.get", {})
    assert (answer.response, answer.execute_errors, answer.sent) == ([False], errors, 1)


def test_too_many_requests_a_second_is_retried_within_bounds(answering: Answers) -> None:
    client = answering(_error(6))
    with pytest.raises(ApiFailure) as caught:
        client.call("wall.get", {})
    assert (caught.value.code, caught.value.sent, len(_sent(client))) == (6, ATTEMPTS, ATTEMPTS)


def test_a_passing_error_passes(answering: Answers) -> None:
    client = answering(_error(10), _error(1), {"response": "here"})
    answer = client.call("wall.get", {})
    assert (answer.response, answer.sent) == ("here", 3)


@pytest.mark.parametrize(
    "more", [{}, {"captcha_sid": "1", "captcha_img": "https://x.example/1"}], ids=["bare", "full"]
)
def test_a_captcha_is_an_error_like_others(answering: Answers, more: dict[str, str]) -> None:
    client = answering(_error(14, **more))
    with pytest.raises(ApiFailure) as caught:
        client.call("wall.get", {})
    assert caught.value.reaction is Reaction.CAPTCHA
    assert len(_sent(client)) == 1


@pytest.mark.parametrize("code", sorted(REACTIONS))
def test_each_code_is_retried_or_not_by_its_class(answering: Answers, code: int) -> None:
    client = answering(_error(code))
    with pytest.raises(ApiFailure) as caught:
        client.call("wall.get", {})
    assert caught.value.reaction is REACTIONS[code]
    assert len(_sent(client)) == (ATTEMPTS if REACTIONS[code] is Reaction.RETRY else 1)


def test_an_error_is_read_by_its_words_where_the_code_does_not_suffice(answering: Answers) -> None:
    too_big = {"error": {"error_code": 13, "error_msg": "Runtime error: response size is too big"}}
    other = {"error": {"error_code": 13, "error_msg": "Runtime error: no such method"}}
    wrong_kind = {"error": {"error_code": 15, "error_subcode": 1133, "error_msg": "Access denied"}}
    for body, reaction in ((too_big, "TOO_LARGE"), (other, "OUR_BUG"), (wrong_kind, "TOKEN_WRONG_KIND")):
        client = answering(body)
        with pytest.raises(ApiFailure) as caught:
            client.call("wall.get", {})
        assert caught.value.reaction is Reaction[reaction]
        client.network.reset()  # type: ignore[attr-defined]


GARBAGE = {
    "html": f"<html>{TOKEN}</html>",
    "truncated": '{"response": {"count": 1, "items": [{"id": 1, "access_token": "' + TOKEN,
    "empty": "",
    "null": "null",
    "a number": "5",
    "a list": f'["{TOKEN}"]',
    "no response": {"answer": TOKEN},
    "error is text": {"error": f"token {TOKEN}"},
    "error without a code": {"error": {"error_msg": TOKEN}},
    "error code is text": {"error": {"error_code": "five", "error_msg": TOKEN}},
    "error code is a list": {"error": {"error_code": [5], "error_msg": TOKEN}},
    "nested too deeply": "[" * 100_000,
    "an endless number": '{"response": ' + "9" * 10_000 + "}",
    "not unicode": b'{"response": "\xff\xfe' + TOKEN.encode() + b'"',
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_answer_is_kept_bounded_and_without_secrets(answering: Answers, body: Any) -> None:
    client = answering(body)
    with pytest.raises(GarbledAnswer) as caught:
        client.call("wall.get", {})
    assert caught.value.raw is not None
    assert len(caught.value.raw) <= 2000
    assert leaks(caught.value, SECRETS) == []
    assert len(_sent(client)) == ATTEMPTS


def test_an_answer_of_another_server_is_no_answer(answering: Answers) -> None:
    with pytest.raises(GarbledAnswer, match="HTTP status 404"):
        answering("<html>", status=404).call("wall.get", {})


def test_a_servers_trouble_is_retried_and_then_told_with_its_status(answering: Answers) -> None:
    client = answering(f"<html>{TOKEN}", status=502)
    with pytest.raises(NetworkTrouble) as caught:
        client.call("wall.get", {})
    assert caught.value.status == 502
    assert len(_sent(client)) == ATTEMPTS


TROUBLES: list[tuple[type[requests.RequestException], str]] = [
    (requests.ConnectionError, f"https://api.vk.ru/?access_token={TOKEN}"),
    (requests.ConnectTimeout, TOKEN),
    (requests.ReadTimeout, TOKEN),
    (requests.exceptions.ProxyError, f"http://user:{TOKEN}@proxy"),
    (requests.exceptions.SSLError, TOKEN),
    (requests.exceptions.ChunkedEncodingError, TOKEN),
    (requests.exceptions.InvalidURL, TOKEN),
]


@pytest.mark.parametrize(("kind", "text"), TROUBLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_failed_connection_is_told_without_secrets(
    answering: Answers, kind: type[requests.RequestException], text: str
) -> None:
    client = answering(kind(text))
    with pytest.raises(NetworkTrouble) as caught:
        client.call("wall.get", {})
    assert leaks(caught.value, SECRETS) == []
    assert len(_sent(client)) == ATTEMPTS


@pytest.mark.parametrize("body", [_error(5), _error(14), _error(6), _error(100), {"x": 1}, "<html>"], ids=str)
def test_no_exception_and_no_log_holds_the_token(
    answering: Answers, body: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(VkError) as caught:
        answering(body).call("wall.get", {})
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert leaks(caught.value, SECRETS) == []
    assert leaks([caplog.text, [record.__dict__ for record in caplog.records]], SECRETS) == []


def test_the_leak_walk_finds_what_vk_api_leaves_in_its_exceptions(answering: Answers) -> None:
    client = answering(_error(5))
    with pytest.raises(Exception, match="may not") as caught:
        client._api.method("wall.get", {}, raw=True)
    assert leaks(caught.value, SECRETS)


def test_a_stop_ends_the_wait_for_another_attempt(answering: Answers) -> None:
    stop = threading.Event()
    client = answering(_error(10), stop=stop)
    client._retrying.wait = lambda _state: stop.set() or 600.0  # type: ignore[assignment,func-returns-value]
    with pytest.raises(NotSent):
        client.call("wall.get", {})
    assert len(_sent(client)) == 1


def test_a_clock_that_is_set_back_keeps_no_request_waiting(answering: Answers) -> None:
    client = answering({"response": 1})
    ends = threading.Event()

    def call_again() -> None:
        client.call("wall.get", {})
        ends.set()

    with time_machine.travel(now() + timedelta(days=365)):
        client.call("wall.get", {})
    # A daemon: should it wait for a year, the tests shall not.
    threading.Thread(target=call_again, daemon=True).start()
    assert ends.wait(30)


def test_an_unwanted_request_is_not_sent(answering: Answers) -> None:
    client = answering({"response": 1})
    with pytest.raises(NotSent) as caught:
        client.call("wall.get", {}, lambda: False)
    assert caught.value.sent == 0
    assert not _sent(client)


def test_a_text_cut_within_an_emoji_is_read(answering: Answers) -> None:
    answer = answering('{"response": "Ура \\ud83d"}').call("wall.get", {})
    assert answer.response == "Ура \ud83d"

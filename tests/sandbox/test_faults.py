"""Each fault does what its name says, to whom it was meant for, as often as it was told to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from collector.sandbox import Fault, SandboxClock, SandboxCommunity, VkToken
from tests.sandbox.conftest import META, NO_LIMITS, VK, Client

ONE, TWO = SandboxCommunity("vk", "123"), SandboxCommunity("vk", "456")
PAGE = SandboxCommunity("facebook", "1001")
SCRIPT = "return [API.wall.get({owner_id: -123}).count, API.wall.get({owner_id: -456}).count];"


def code_of(answer: Any) -> int | None:
    return answer["error"]["error_code"] if "error" in answer else None


def test_an_error_meets_its_community_as_often_as_told(start: Callable[..., Client]) -> None:
    client = start(
        ONE, TWO, faults=[Fault("error", method="wall.get", community="123", code=15, skip=1, times=2)]
    )
    assert [code_of(client.vk("wall.get", owner_id=-456)) for _ in range(4)] == [None] * 4
    assert [code_of(client.vk("wall.get", owner_id=-123)) for _ in range(5)] == [None, 15, 15, None, None]


def test_an_error_meets_a_call_inside_execute(start: Callable[..., Client]) -> None:
    client = start(ONE, TWO, faults=[Fault("error", method="wall.get", community="456", code=19)])
    answer = client.execute(SCRIPT)
    assert answer["response"][0] > 0
    assert answer["response"][1] is None
    assert [(e["method"], e["error_code"]) for e in answer["execute_errors"]] == [("wall.get", 19)]


def test_an_error_meets_one_token(start: Callable[..., Client]) -> None:
    tokens = [VkToken(VK, **NO_LIMITS), VkToken("another-token-0002", **NO_LIMITS)]
    client = start(ONE, vk_tokens=tokens, faults=[Fault("error", token="0002", code=5)])
    assert code_of(client.vk("users.get")) is None
    assert code_of(client.vk("users.get", token="another-token-0002")) == 5


def test_an_error_of_execute_can_wait_for_a_community(start: Callable[..., Client]) -> None:
    client = start(ONE, TWO, faults=[Fault("error", method="execute", community="456", code=10)])
    assert code_of(client.execute("return API.wall.get({owner_id: -123}).count;")) is None
    assert code_of(client.execute(SCRIPT)) == 10


def test_a_fault_has_its_time(start: Callable[..., Client], clock: SandboxClock) -> None:
    begins = clock.now() + timedelta(hours=1)
    client = start(ONE, faults=[Fault("error", code=10, since=begins, until=begins + timedelta(hours=1))])
    seen = []
    for _ in range(3):
        seen.append(code_of(client.vk("users.get")))
        clock.advance(timedelta(hours=1))
    assert seen == [None, 10, None]


def test_a_captcha_comes_with_its_picture(start: Callable[..., Client]) -> None:
    client = start(ONE, faults=[Fault("error", code=14)])
    assert client.vk("users.get")["error"]["captcha_sid"]


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        (Fault("set", method="groups.getById", path="groups.*.members_count", value=-5), -5),
        (Fault("set", method="groups.getById", path="groups.0.members_count", value=10**18), 10**18),
        (Fault("set", method="groups.getById", path="groups.*.members_count", value="много"), "много"),
        (Fault("drop", method="groups.getById", path="groups.*.members_count"), None),
    ],
)
def test_an_answer_can_hold_what_cannot_be_true(
    start: Callable[..., Client], fault: Fault, value: Any
) -> None:
    client = start(ONE, faults=[fault])
    (group,) = client.vk("groups.getById", group_ids="123", fields="members_count")["response"]["groups"]
    assert group.get("members_count") == value
    assert ("members_count" in group) == (value is not None)


def test_a_post_can_be_dated_in_the_future_for_one_answer(
    start: Callable[..., Client], clock: SandboxClock
) -> None:
    fault = Fault("future", method="wall.get", path="items.0.date", seconds=86_400, times=1)
    client = start(ONE, faults=[fault])
    dates = [client.vk("wall.get", owner_id=-123)["response"]["items"][0]["date"] for _ in range(2)]
    assert dates[0] == int(clock.timestamp()) + 86_400
    assert dates[1] < clock.timestamp()


def test_what_is_damaged_inside_execute_reaches_the_projection(start: Callable[..., Client]) -> None:
    client = start(
        ONE, TWO, faults=[Fault("set", method="wall.get", community="123", path="count", value="сто")]
    )
    assert client.execute(SCRIPT)["response"][0] == "сто"
    client.sandbox.faults.add(Fault("set", method="execute", path="response", value=[]))
    assert client.execute(SCRIPT)["response"] == []


def test_execute_can_answer_null_or_be_too_big(start: Callable[..., Client]) -> None:
    client = start(ONE, TWO, faults=[Fault("null_response", times=1), Fault("too_big", value=1)])
    error = client.execute(SCRIPT)["error"]
    assert (error["error_code"], "response size is too big" in error["error_msg"]) == (13, True)
    assert client.execute("return API.wall.get({owner_id: -123}).count;")["response"] > 0
    client.sandbox.faults.clear()
    client.sandbox.faults.add(Fault("null_response", times=1))
    assert client.execute(SCRIPT) == {"response": None}


def raw(client: Client) -> requests.Response:
    url = f"{client.sandbox.vk_url}/method/users.get"
    return client.session.get(
        url, params={"v": "5.199", "access_token": VK}, timeout=0.5, allow_redirects=False
    )


def test_answers_that_are_no_answers(start: Callable[..., Client]) -> None:
    client = start(ONE)
    plan = client.sandbox.faults
    plan.add(Fault("http_status", status=503, times=1))
    assert raw(client).status_code == 503
    assert client.sandbox.requests[-1].status == 503
    plan.add(Fault("html", times=1))
    assert raw(client).text.startswith("<!DOCTYPE html>")
    plan.add(Fault("truncated", times=1))
    with pytest.raises(requests.JSONDecodeError):
        raw(client).json()
    plan.add(Fault("empty", times=1))
    assert raw(client).content == b""
    plan.add(Fault("redirect", location="https://evil.invalid/", times=1))
    assert raw(client).headers["Location"] == "https://evil.invalid/"
    assert raw(client).json() == {"response": []}


@pytest.mark.parametrize("kind", ["cut_before", "cut_middle"])
def test_a_connection_can_be_cut(start: Callable[..., Client], kind: str) -> None:
    client = start(ONE, faults=[Fault(kind, times=1)])
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        raw(client)
    assert raw(client).ok


def test_an_answer_can_come_late(start: Callable[..., Client]) -> None:
    client = start(ONE, faults=[Fault("slow", seconds=2, times=1)])
    with pytest.raises(requests.ReadTimeout):
        raw(client)


def test_an_answer_can_come_byte_by_byte_past_any_time_out_between_bytes(
    start: Callable[..., Client],
) -> None:
    client = start(ONE, faults=[Fault("drip", seconds=0.01, times=1)])
    assert raw(client).json() == {"response": []}


def test_graph_errors_have_their_subcodes_and_status(start: Callable[..., Client]) -> None:
    client = start(PAGE)
    client.sandbox.faults.add(Fault("error", method="page", code=190, subcode=460, times=1))
    error = client.graph("1001").json()["error"]
    assert (error["code"], error["error_subcode"]) == (190, 460)
    client.sandbox.faults.add(
        Fault("error", network="facebook", code=2, is_transient=True, status=503, times=1)
    )
    answer = client.graph("1001")
    assert (answer.status_code, answer.json()["error"]["is_transient"]) == (503, True)


def test_a_forbidden_sub_field_fails_the_whole_list(start: Callable[..., Client]) -> None:
    client = start(PAGE, faults=[Fault("error", method="page", contains="reactions", code=10)])
    assert client.graph("1001", fields="id,published_posts{reactions.limit(0)}").json()["error"]["code"] == 10
    assert client.graph("1001", fields="id,followers_count").ok


def test_a_graph_answer_can_be_too_big_until_less_is_asked(start: Callable[..., Client]) -> None:
    client = start(PAGE, faults=[Fault("too_big", value=10)])
    error = client.graph("1001", fields="published_posts.limit(11){id}").json()["error"]
    assert (error["code"], "reduce the amount of data" in error["message"]) == (1, True)
    assert client.graph("1001", fields="published_posts.limit(10){id}").ok


def test_an_element_of_a_batch_can_be_null(start: Callable[..., Client]) -> None:
    other = SandboxCommunity("facebook", "1002")
    client = start(PAGE, other, faults=[Fault("null_element", method="batch", community="1002", times=1)])
    assert [element is None for element in client.batch("1001", "1002").json()] == [False, True]
    assert None not in client.batch("1001", "1002").json()


def test_usage_headers_tell_what_they_are_told_to(start: Callable[..., Client]) -> None:
    client = start(PAGE, faults=[Fault("usage", percent=96, times=1)])
    assert json.loads(client.graph("1001").headers["X-App-Usage"])["call_count"] == 96
    client.sandbox.faults.add(Fault("usage", percent=100, value="business", times=1))
    told = json.loads(client.graph("1001").headers["X-Business-Use-Case-Usage"])
    assert told["1234567890"][0]["estimated_time_to_regain_access"] > 0
    assert "X-App-Usage" not in client.graph("1001").headers


@pytest.mark.parametrize(
    "given",
    [{"kind": "no_such"}, {"kind": "error"}, {"kind": "set"}, {"kind": "html", "colour": 1}, {"code": 5}],
)
def test_a_fault_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fault"):
        Fault.from_json(given)


def test_a_fault_shows_no_token() -> None:
    fault = Fault("error", code=5, token=META)
    assert META not in repr(fault)
    assert META not in str(fault.to_json())

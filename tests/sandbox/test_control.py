"""Ops look behind the scene, stage one, and never see a token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from collector.sandbox import SandboxClock, SandboxCommunity
from tests.sandbox.conftest import META, VK, Client

ONE, PAGE = SandboxCommunity("vk", "123"), SandboxCommunity("facebook", "1001")


def change(client: Client, action: str, value: Any = None, network: str = "vk", key: str = "123") -> Any:
    answer = client.control(
        "POST", "communities", {"network": network, "id": key, "action": action, "value": value}
    )
    assert answer.ok, answer.text
    return answer.json()


def truth(client: Client, **query: str) -> Any:
    return client.control("GET", "truth", **{"network": "vk", "id": "123", **query}).json()


def test_the_state_counts_requests_and_errors(start: Callable[..., Client], clock: SandboxClock) -> None:
    client = start(ONE, PAGE)
    client.vk("wall.get", owner_id=-123)
    client.vk("wall.get", owner_id=-9)
    client.graph("nobody")
    state = client.control("GET", "state").json()
    assert state["now"] == clock.now().isoformat()
    assert state["requests"] == {"vk wall.get": 2, "facebook page": 1}
    assert state["errors"] == {"vk 15": 1, "facebook 803": 1}


def test_the_clock_can_be_moved(start: Callable[..., Client], clock: SandboxClock) -> None:
    client = start(ONE)
    before = clock.now()
    client.control("POST", "clock", {"advance_seconds": 3600})
    assert clock.now() == before + timedelta(hours=1)


def test_faults_are_set_listed_and_cleared(start: Callable[..., Client]) -> None:
    client = start(ONE)
    asked = [{"kind": "error", "code": 10, "token": VK}, {"kind": "html", "method": "wall.get"}]
    numbers = client.control("POST", "faults", asked).json()["numbers"]
    listed = client.control("GET", "faults")
    assert [fault["kind"] for fault in listed.json()] == ["error", "html"]
    assert VK not in listed.text
    assert client.vk("users.get")["error"]["error_code"] == 10
    client.control("DELETE", "faults", number=str(numbers[0]))
    assert "response" in client.vk("users.get")
    assert client.control("DELETE", "faults").json() == {"faults": []}


def test_a_community_is_changed_and_the_truth_told(start: Callable[..., Client]) -> None:
    client = start(ONE, PAGE)
    post_id = change(client, "post")["post_id"]
    assert truth(client)["newest_post_id"] == str(post_id)
    change(client, "pin", post_id)
    assert client.vk("wall.get", owner_id=-123)["response"]["items"][0]["is_pinned"] == 1
    change(client, "delete_post", post_id)
    assert truth(client)["newest_post_id"] != str(post_id)
    change(client, "followers", 777)
    assert truth(client)["follower_count"] == 777
    change(client, "withhold", True)
    (group,) = client.vk("groups.getById", group_ids="123", fields="members_count")["response"]["groups"]
    assert "members_count" not in group
    change(client, "access", "banned")
    assert truth(client)["access"] == "banned"
    change(client, "access", "open")
    change(client, "rename", "novoe_imya")
    change(client, "title", "Новое имя")
    assert (truth(client)["screen_name"], truth(client)["title"]) == ("novoe_imya", "Новое имя")
    change(client, "wall", False)
    assert client.vk("wall.get", owner_id=-123)["error"]["error_code"] == 15
    change(client, "post", network="facebook", key="1001")
    assert {c["native_id"] for c in client.control("GET", "communities").json()} == {"123", "1001"}


def test_the_truth_of_another_instant(start: Callable[..., Client], clock: SandboxClock) -> None:
    client = start(ONE)
    later = (clock.now() + timedelta(days=30)).isoformat()
    assert truth(client, at=later)["newest_post_at"] > truth(client)["newest_post_at"]


def test_the_log_of_requests_never_shows_a_token(start: Callable[..., Client]) -> None:
    client = start(ONE, PAGE)
    client.vk("wall.get", owner_id=-123)
    client.graph("debug_token", input_token=META)
    client.batch("1001")
    log = client.control("GET", "requests")
    assert [entry["method"] for entry in log.json()] == ["wall.get", "debug_token", "batch"]
    assert VK not in log.text
    assert META not in log.text
    assert len(client.control("GET", "requests", limit="1").json()) == 1


@pytest.mark.parametrize(
    ("http_method", "path", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("POST", "communities", {"network": "vk", "id": "9", "action": "post"}, 404),
        ("POST", "communities", {"network": "vk", "id": "123", "action": "fly"}, 400),
        ("POST", "communities", {"network": "vk", "id": "123", "action": "access", "value": "ajar"}, 400),
        ("POST", "communities", {"action": "post"}, 400),
        ("POST", "faults", {"kind": "no_such"}, 400),
        ("POST", "clock", {"speed": "fast"}, 400),
        ("GET", "truth", None, 400),
    ],
)
def test_a_control_that_makes_no_sense_is_explained(
    start: Callable[..., Client], http_method: str, path: str, body: Any, status: int
) -> None:
    answer = start(ONE).control(http_method, path, body)
    assert answer.status_code == status
    assert answer.json()["error"]

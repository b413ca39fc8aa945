"""What the VK stand-in answers is true to the world and as awkward as VK."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from vk_api import VkApi

from collector.sandbox import (
    LIVELY,
    MIXED_PLAN,
    Behaviour,
    PostKind,
    SandboxClock,
    SandboxCommunity,
    VkToken,
)
from tests.sandbox.conftest import NO_LIMITS, VK, Client

ONE = SandboxCommunity("vk", "123", screen_name="Profsouz_VAO", title="ВАО", behaviour=LIVELY)
PERSON = SandboxCommunity("vk", "77", screen_name="ivan", title="Иван Петров", is_person=True)


def own_counted(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        item
        for item in items
        if item["from_id"] == item["owner_id"] and not item["marked_as_ads"] and item["post_type"] == "post"
    ]


def whole_wall(client: Client, owner_id: int, wanted: str = "owner") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = client.vk("wall.get", owner_id=owner_id, count=100, offset=len(items), filter=wanted)[
            "response"
        ]
        items += page["items"]
        if not page["items"]:
            return items


def test_what_the_walls_show_is_the_truth_as_time_goes_by(
    start: Callable[..., Client], clock: SandboxClock
) -> None:
    communities = [SandboxCommunity("vk", str(100 + place)) for place in range(len(MIXED_PLAN))]
    client = start(*communities)
    readable = 0
    for _ in range(4):
        for community in communities:
            truth = client.sandbox.world.truth("vk", community.native_id or "")
            owner_id = -int(truth.native_id)
            if truth.access != "open":
                assert client.vk("wall.get", owner_id=owner_id)["error"]["error_code"] in {15, 19}
                continue
            readable += 1
            items = whole_wall(client, owner_id)
            counted = sorted(own_counted(items), key=lambda item: -item["date"])
            assert [item["id"] for item in counted] == [post.post_id for post in truth.counted_posts]
            assert (
                client.vk("wall.get", owner_id=owner_id, filter="owner")["response"]["count"]
                == truth.post_count
            )
            (group,) = client.vk("groups.getById", group_ids=truth.native_id, fields="members_count")[
                "response"
            ]["groups"]
            assert group["members_count"] == truth.follower_count
        clock.advance(timedelta(days=5, hours=1))
    assert readable > 30


def test_the_pinned_post_comes_first_though_it_is_old(start: Callable[..., Client]) -> None:
    client = start(ONE)
    first, second, *_ = client.vk("wall.get", owner_id=-123)["response"]["items"]
    assert first["is_pinned"] == 1
    assert first["date"] < second["date"] - 30 * 86_400
    assert [item["id"] for item in whole_wall(client, -123)].count(first["id"]) == 1


def test_a_wall_holds_all_that_must_not_be_counted(start: Callable[..., Client]) -> None:
    rich = Behaviour(days_between_posts=0.3, visitor_share=0.2, advert_share=0.2, shows_postponed=True)
    client = start(SandboxCommunity("vk", "123", behaviour=rich))
    items = whole_wall(client, -123, "all")
    assert any(item["from_id"] > 0 for item in items)
    assert any(item["marked_as_ads"] for item in items)
    assert any(item["post_type"] == "postpone" for item in items)
    assert any("copy_history" in item for item in items)
    assert any("views" not in item for item in items)
    assert any("views" in item for item in items)
    assert all(item["from_id"] < 0 for item in whole_wall(client, -123, "owner"))


def test_counts_grow_after_publishing_and_settle(start: Callable[..., Client], clock: SandboxClock) -> None:
    client = start(SandboxCommunity("vk", "123", followers_hint=5000))
    made = client.sandbox.world.publish("vk", 123)
    seen = []
    for _ in range(5):
        (item,) = client.vk("wall.getById", posts=f"-123_{made.post_id}")["response"]["items"]
        seen.append(item["views"]["count"])
        clock.advance(timedelta(days=5))
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[1] < seen[3] == seen[4]


def test_a_new_post_and_a_deletion_show_at_once(start: Callable[..., Client]) -> None:
    client = start(ONE)
    ids = lambda: [item["id"] for item in client.vk("wall.get", owner_id=-123)["response"]["items"]]  # noqa: E731
    before = ids()
    made = client.sandbox.world.publish("vk", 123)
    assert made.post_id in ids()
    client.sandbox.world.delete_post("vk", 123, made.post_id)
    assert ids() == before


@pytest.mark.parametrize(
    ("access", "code", "shown"),
    [
        ("closed", 15, {"is_closed": 1}),
        ("private", 203, {"is_closed": 2}),
        ("banned", 19, {"deactivated": "banned"}),
        ("deleted", 15, {"deactivated": "deleted"}),
    ],
)
def test_a_community_that_is_not_open(
    start: Callable[..., Client], access: str, code: int, shown: dict[str, Any]
) -> None:
    client = start(ONE)
    client.sandbox.world.set_access("vk", 123, access)
    assert client.vk("wall.get", owner_id=-123)["error"]["error_code"] == code
    (group,) = client.vk("groups.getById", group_ids="123", fields="members_count")["response"]["groups"]
    assert shown.items() <= group.items()
    assert ("members_count" in group) == (access == "closed")
    client.sandbox.world.set_access("vk", 123, "open")
    assert client.vk("wall.get", owner_id=-123)["response"]["items"]


def test_names_lead_to_communities_whatever_their_case(start: Callable[..., Client]) -> None:
    client = start(ONE, PERSON)
    assert client.vk("utils.resolveScreenName", screen_name="PROFSOUZ_vao")["response"]["object_id"] == 123
    assert client.vk("utils.resolveScreenName", screen_name="nobody")["response"] == []
    assert client.vk("groups.getById", group_ids="Club123")["response"]["groups"][0]["id"] == 123
    assert client.vk("wall.get", domain="profsouz_VAO", count=1)["response"]["items"][0]["owner_id"] == -123
    client.sandbox.world.rename("vk", 123, "profsouz_new")
    assert client.vk("utils.resolveScreenName", screen_name="profsouz_vao")["response"] == []
    assert (
        client.vk("groups.getById", group_ids="123")["response"]["groups"][0]["screen_name"] == "profsouz_new"
    )


def test_unknown_ids_are_left_out_or_fail_the_batch(start: Callable[..., Client]) -> None:
    lenient, strict = start(ONE, PERSON), start(ONE, PERSON, unknown_in_batch="fail")
    for client in (lenient, strict):
        assert client.vk("groups.getById", group_ids="9")["error"]["error_code"] == 100
        assert client.vk("groups.getById", group_ids="ivan")["error"]["error_code"] == 100
        assert client.vk("groups.getById", group_ids=",".join(["123"] * 501))["error"]["error_code"] == 100
    assert [g["id"] for g in lenient.vk("groups.getById", group_ids="9,ivan,123")["response"]["groups"]] == [
        123
    ]
    assert strict.vk("groups.getById", group_ids="9,123")["error"]["error_code"] == 100


def test_old_versions_get_a_bare_array_and_only_the_fields_asked_for(start: Callable[..., Client]) -> None:
    client = start(ONE)
    (old,) = client.vk("groups.getById", v="5.131", group_ids="123")["response"]
    assert "members_count" not in old
    assert (
        "members_count"
        in client.vk("groups.getById", group_ids="123", fields="members_count")["response"]["groups"][0]
    )


@pytest.mark.parametrize("parameters", [{"count": 101}, {"count": "x"}, {"filter": "mine"}, {"offset": -1}])
def test_wrong_parameters_are_error_100(start: Callable[..., Client], parameters: dict[str, Any]) -> None:
    assert start(ONE).vk("wall.get", owner_id=-123, **parameters)["error"]["error_code"] == 100


def test_an_error_repeats_the_request_with_its_token(start: Callable[..., Client]) -> None:
    client = start(ONE)
    assert client.vk("wall.get", v="newest", owner_id=-9)["error"]["error_code"] == 8
    error = client.vk("wall.get", owner_id=-9)["error"]
    assert {"key": "access_token", "value": VK} in error["request_params"]


def test_execute_gives_false_and_says_why(start: Callable[..., Client]) -> None:
    code = (
        "var known = API.wall.get({owner_id: -123, count: 2});"
        "return [API.wall.get({owner_id: -9}), known.items@.owner_id, API.no.such({})];"
    )
    answer = start(ONE).execute(code)
    assert answer["response"] == [False, [-123, -123], False]
    assert [(e["method"], e["error_code"]) for e in answer["execute_errors"]] == [
        ("wall.get", 15),
        ("no.such", 3),
    ]
    doubled = start(ONE, doubles_execute_errors=True).execute(code)["execute_errors"]
    assert [e["method"] for e in doubled] == ["wall.get", "no.such", "execute", "execute"]


def test_execute_reports_what_does_not_compile_run_or_fit(start: Callable[..., Client]) -> None:
    client = start(SandboxCommunity("vk", "123", behaviour=Behaviour(days_between_posts=0.1)))
    assert client.execute("return 1")["error"]["error_code"] == 12
    assert client.execute("return x;")["error"]["error_code"] == 13
    assert client.execute("var a = []; a.push(a); return a;")["error"]["error_code"] == 13
    heavy = (
        "var r = []; var i = 0;"
        "while (i < 25) { r.push(API.wall.get({owner_id: -123, count: 100})); i = i + 1; } return r;"
    )
    error = client.execute(heavy)["error"]
    assert (error["error_code"], "response size is too big" in error["error_msg"]) == (13, True)
    light = heavy.replace("100})", "100}).items@.id")
    assert len(client.execute(light)["response"]) == 25


def test_each_kind_of_token_can_do_its_own(start: Callable[..., Client]) -> None:
    tokens = [
        VkToken("user-token-0001", kind="user", **NO_LIMITS),
        VkToken("service-token-01", kind="service", may_execute=False, **NO_LIMITS),
        VkToken("group-token-0001", kind="group", group_id=123, **NO_LIMITS),
    ]
    client = start(ONE, vk_tokens=tokens)

    def outcome(method: str, token: str, **parameters: Any) -> Any:
        answer = client.vk(method, token=token, **parameters)
        return answer["error"]["error_code"] if "error" in answer else "ok"

    wall = {"owner_id": -123}
    script = {"code": "return API.wall.get({owner_id: -123});"}
    assert [outcome("wall.get", token.value, **wall) for token in tokens] == ["ok", "ok", 27]
    assert [outcome("execute", token.value, **script) for token in tokens] == ["ok", 28, "ok"]
    assert client.execute(script["code"], token="group-token-0001")["execute_errors"][0]["error_code"] == 27
    assert outcome("wall.get", "no-such-token", **wall) == 5
    assert outcome("wall.get", "", **wall) == 5
    assert len(client.vk("users.get", token="user-token-0001")["response"]) == 1
    assert client.vk("users.get", token="service-token-01")["response"] == []


def test_a_fourth_request_within_a_second_is_one_too_many(start: Callable[..., Client]) -> None:
    client = start(
        ONE,
        vk_tokens=[VkToken(VK, requests_per_second=3), VkToken("another-token-01", requests_per_second=3)],
    )
    codes = [client.vk("users.get").get("error", {}).get("error_code") for _ in range(30)]
    assert codes[:3] == [None, None, None]
    assert 6 in codes
    assert "response" in client.vk("users.get", token="another-token-01")


def test_the_daily_quota_of_walls_counts_calls_inside_execute_and_refills(
    start: Callable[..., Client], clock: SandboxClock
) -> None:
    client = start(ONE, vk_tokens=[VkToken(VK, requests_per_second=None, daily_wall_reads=3)])
    two = "return [API.wall.get({owner_id: -123}).count, API.wall.get({owner_id: -123}).count];"
    assert None not in client.execute(two)["response"]
    spent = client.execute(two)
    assert spent["response"][1] is None
    assert spent["execute_errors"] == [
        {"method": "wall.get", "error_code": 29, "error_msg": "Rate limit reached"}
    ]
    assert client.vk("wall.get", owner_id=-123)["error"]["error_code"] == 29
    assert "response" in client.vk("groups.getById", group_ids="123")
    clock.advance(timedelta(hours=24))
    assert "response" in client.vk("wall.get", owner_id=-123)


def test_the_log_knows_what_was_asked_but_no_token(start: Callable[..., Client]) -> None:
    client = start(ONE)
    client.execute("return API.wall.get({owner_id: -123});")
    (record,) = client.sandbox.requests
    assert (record.network, record.method, record.inner_methods) == ("vk", "execute", ("wall.get",))
    assert record.communities == ("123",)
    assert VK not in repr(record)
    assert "access_token" not in record.parameters


class _Rewriting(HTTPAdapter):
    """Sends to the sandbox what vk_api, whose host is fixed, sends to VK."""

    def __init__(self, vk_url: str) -> None:
        self._vk_url = vk_url
        super().__init__()

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        request.url = (request.url or "").replace("https://api.vk.ru", self._vk_url)
        return super().send(request, *args, **kwargs)


def test_vk_api_itself_is_content_with_it(start: Callable[..., Client]) -> None:
    client = start(ONE)
    api = VkApi(token=VK, api_version="5.199")
    api.http.mount("https://api.vk.ru", _Rewriting(client.sandbox.vk_url))
    assert api.method("groups.getById", {"group_ids": "123"})["groups"][0]["name"] == "ВАО"
    api.http.close()


def test_a_post_by_a_visitor_is_no_voice_of_the_community(start: Callable[..., Client]) -> None:
    client = start(ONE)
    made = client.sandbox.world.publish("vk", 123, PostKind.VISITOR)
    ids = {
        wanted: [i["id"] for i in client.vk("wall.get", owner_id=-123, filter=wanted)["response"]["items"]]
        for wanted in ("all", "owner")
    }
    assert made.post_id in ids["all"]
    assert made.post_id not in ids["owner"]

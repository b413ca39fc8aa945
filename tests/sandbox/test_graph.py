"""What the Graph stand-in answers is true to the world and as awkward as Meta."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from collector.sandbox import MIXED_PLAN, Behaviour, GraphToken, PostKind, SandboxClock, SandboxCommunity
from tests.sandbox.conftest import META, Client

VAO = SandboxCommunity("facebook", "1001", screen_name="profsouz.vao", title="ВАО", followers_hint=500)
FIELDS = (
    "id,name,username,link,followers_count,fan_count,published_posts.limit(25).summary(total_count)"
    "{id,created_time,permalink_url,is_published,status_type,parent_id,shares,from{id},"
    "reactions.limit(0).summary(true),comments.limit(0).summary(true)}"
)


def code_of(answer: Any) -> tuple[int, int | None]:
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode")


def test_one_call_gives_a_page_and_its_newest_posts(start: Callable[..., Client]) -> None:
    client = start(VAO)
    truth = client.sandbox.world.truth("facebook", 1001)
    page = client.graph("profsouz.vao", fields=FIELDS).json()
    assert (page["id"], page["name"], page["username"]) == ("1001", "ВАО", "profsouz.vao")
    assert page["followers_count"] == page["fan_count"] == truth.follower_count
    posts = page["published_posts"]
    assert posts["summary"]["total_count"] == truth.post_count
    newest = posts["data"][0]
    assert datetime.strptime(newest["created_time"], "%Y-%m-%dT%H:%M:%S%z") == truth.newest_post_at
    assert newest["from"]["id"] == "1001"
    assert newest["reactions"] == {
        "data": [],
        "summary": {"total_count": newest["reactions"]["summary"]["total_count"]},
    }


def test_paging_to_the_end_shows_each_post_of_the_truth_once(
    start: Callable[..., Client], clock: SandboxClock
) -> None:
    communities = [SandboxCommunity("facebook", str(2000 + place)) for place in range(len(MIXED_PLAN))]
    client = start(*communities)
    clock.advance(timedelta(days=30))
    for community in communities:
        truth = client.sandbox.world.truth("facebook", community.native_id or "")
        answer = client.graph(f"{truth.native_id}/published_posts", fields="id,created_time", limit=7).json()
        seen = answer["data"]
        while "next" in answer.get("paging", {}):
            # The link holds the token, as Meta's does.
            assert META in answer["paging"]["next"]
            answer = client.session.get(answer["paging"]["next"], timeout=10).json()
            seen += answer["data"]
        assert [p["id"].split("_")[1][-8:].lstrip("0") for p in seen] == [
            str(p.post_id) for p in truth.counted_posts
        ]


def test_nested_paging_leads_on_too(start: Callable[..., Client]) -> None:
    client = start(VAO)
    nested = client.graph("1001", fields="published_posts.limit(3){created_time}").json()["published_posts"]
    onward = client.session.get(nested["paging"]["next"], timeout=10).json()
    assert len(onward["data"]) == 3
    assert onward["data"][0]["created_time"] < nested["data"][-1]["created_time"]


def test_a_repost_has_a_parent_and_visitors_are_in_the_feed_alone(start: Callable[..., Client]) -> None:
    client = start(VAO)
    client.sandbox.world.publish("facebook", 1001, PostKind.VISITOR)
    client.sandbox.world.publish("facebook", 1001, PostKind.REPOST)
    published = client.graph("1001/published_posts", fields="from{id},parent_id,status_type", limit=1).json()[
        "data"
    ]
    assert published[0]["status_type"] == "shared_story"
    assert published[0]["parent_id"]
    feed = client.graph("1001/feed", fields="from{id}", limit=2).json()["data"]
    assert feed[1]["from"]["id"] != "1001"


def test_withheld_followers_are_absent(start: Callable[..., Client]) -> None:
    client = start(VAO)
    client.sandbox.world.change("facebook", 1001, "withheld", True)
    assert client.graph("1001", fields="id,followers_count,fan_count").json() == {"id": "1001"}


@pytest.mark.parametrize("access", ["closed", "private", "banned", "deleted", "missing"])
def test_a_page_that_is_not_there_is_100_33(start: Callable[..., Client], access: str) -> None:
    client = start(VAO)
    client.sandbox.world.set_access("facebook", 1001, access)
    assert code_of(client.graph("1001", fields="id")) == (100, 33)


def test_unknown_pages_fields_and_limits(start: Callable[..., Client]) -> None:
    client = start(VAO)
    assert code_of(client.graph("999", fields="id")) == (100, 33)
    assert code_of(client.graph("nobody", fields="id")) == (803, None)
    assert "nonexisting field" in client.graph("1001", fields="id,page_fans").json()["error"]["message"]
    assert (
        "nonexisting field"
        in client.graph("1001", fields="published_posts{reach}").json()["error"]["message"]
    )
    assert code_of(client.graph("1001/published_posts", limit=101)) == (100, None)
    assert code_of(client.graph("1001", fields="published_posts.limit(101){id}")) == (100, None)
    assert code_of(client.graph("1001", fields="id,{")) == (2500, None)
    assert code_of(client.graph("1001", fields="published_posts.limit(3{id}")) == (2500, None)


def test_several_ids_in_one_get_look_like_an_outage(start: Callable[..., Client]) -> None:
    answer = start(VAO).graph("", ids="1001,1002")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, 100)


def test_a_batch_keeps_its_order_and_holds_inner_errors(start: Callable[..., Client]) -> None:
    client = start(VAO, SandboxCommunity("facebook", "1002", title="САО"))
    answer = client.batch(
        "1002?fields=name", "nobody?fields=id", "v26.0/1001?fields=name", "1001/posts?limit=1"
    )
    assert answer.status_code == 200
    elements = answer.json()
    assert [element["code"] for element in elements] == [200, 404, 200, 200]
    assert json.loads(elements[0]["body"])["name"] == "САО"
    assert json.loads(elements[1]["body"])["error"]["code"] == 803
    assert json.loads(elements[2]["body"])["name"] == "ВАО"
    assert {"name": "facebook-api-version", "value": "v26.0"} in elements[0]["headers"]
    assert client.sandbox.requests[-1].inner_methods == ("page", "page", "page", "posts")
    assert "headers" not in client.batch("1001", include_headers="false").json()[0]


def test_fifty_calls_make_a_batch_and_no_more(start: Callable[..., Client]) -> None:
    client = start(VAO)
    assert len(client.batch(*["1001"] * 50).json()) == 50
    assert client.batch(*["1001"] * 51).status_code == 400


def test_the_token_comes_in_query_form_or_header(start: Callable[..., Client]) -> None:
    client = start(VAO)
    url = f"{client.sandbox.facebook_url}/v26.0/1001"
    asked = {"fields": "id"}
    assert client.session.get(url, params={**asked, "access_token": META}, timeout=10).ok
    assert client.session.get(url, params=asked, headers={"Authorization": f"Bearer {META}"}, timeout=10).ok
    assert client.session.post(url, {**asked, "access_token": META}, timeout=10).ok
    assert code_of(client.session.get(url, params=asked, timeout=10)) == (104, None)
    assert code_of(client.graph("1001", token="EAAunknown")) == (190, None)


def test_a_proof_is_demanded_where_a_secret_is_set(start: Callable[..., Client]) -> None:
    tokens = [GraphToken(META), GraphToken("123|app-secret", kind="app")]
    client = start(VAO, app_secret="shh", graph_tokens=tokens)
    proof = hmac.new(b"shh", META.encode(), hashlib.sha256).hexdigest()
    assert client.graph("1001", appsecret_proof=proof).ok
    assert client.graph("1001", token="123|app-secret").ok
    assert client.batch("1001", appsecret_proof=proof).json()[0]["code"] == 200
    missing = client.graph("1001").json()["error"]
    assert (
        missing["message"]
        == "(#100) Pages Public Content Access requires either app secret proof or an app token"
    )
    assert (
        "Invalid appsecret_proof" in client.graph("1001", appsecret_proof="0" * 64).json()["error"]["message"]
    )


def test_a_wrong_version_does_not_fail_but_is_served_as_the_oldest(start: Callable[..., Client]) -> None:
    client = start(VAO)
    served = {asked: client.graph("1001", version=asked) for asked in ("v26.0", "v24.0", "v3.1", "v99.0")}
    assert all(answer.ok for answer in served.values())
    assert [a.headers["facebook-api-version"] for a in served.values()] == [
        "v26.0",
        "v24.0",
        "v21.0",
        "v21.0",
    ]


def test_tokens_expire_and_can_be_examined(start: Callable[..., Client], clock: SandboxClock) -> None:
    ends = int((clock.now() + timedelta(days=2)).timestamp())
    client = start(VAO, graph_tokens=[GraphToken(META, kind="user", expires_at=ends), GraphToken("second")])
    data = client.graph("debug_token", input_token=META).json()["data"]
    assert (data["is_valid"], data["expires_at"], data["type"]) == (True, ends, "USER")
    assert client.graph("debug_token", input_token="bad").json()["data"]["is_valid"] is False
    assert client.graph("me").json()["id"]
    clock.advance(timedelta(days=2))
    assert code_of(client.graph("1001")) == (190, 463)
    assert client.graph("debug_token", input_token=META, token="second").json()["data"]["is_valid"] is False


def test_usage_is_told_then_refused_and_forgotten_after_an_hour(
    start: Callable[..., Client], clock: SandboxClock
) -> None:
    client = start(
        VAO,
        graph_tokens=[GraphToken(META, calls_per_hour=4), GraphToken("user", kind="user", calls_per_hour=2)],
    )
    answers = [client.graph("1001") for _ in range(5)]
    usage = [
        json.loads(a.headers["X-Business-Use-Case-Usage"])["1234567890"][0]["call_count"] for a in answers
    ]
    assert usage == [25, 50, 75, 100, 125]
    assert [answer.ok for answer in answers] == [True, True, True, True, False]
    assert code_of(answers[4]) == (80001, None)
    app_usage = [client.graph("1001", token="user").headers["X-App-Usage"] for _ in range(3)]
    assert json.loads(app_usage[0])["call_count"] == 50
    assert code_of(client.graph("1001", token="user")) == (17, None)
    clock.advance(timedelta(hours=1))
    assert client.graph("1001").ok


def test_a_page_without_posts_has_no_paging(start: Callable[..., Client]) -> None:
    client = start(SandboxCommunity("facebook", "5", behaviour=Behaviour(days_between_posts=10_000)))
    answer = client.graph("5/published_posts", limit=25).json()
    assert len(answer["data"]) <= 1
    assert "next" not in answer.get("paging", {})


def test_times_are_written_without_a_colon(start: Callable[..., Client]) -> None:
    created = start(VAO).graph("1001/posts", limit=1).json()["data"][0]["created_time"]
    assert created.endswith("+0000")
    assert datetime.strptime(created, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)


def test_the_log_knows_pages_but_no_token(start: Callable[..., Client]) -> None:
    client = start(VAO)
    client.graph("profsouz.vao", fields="id", appsecret_proof="0" * 64)
    (record,) = client.sandbox.requests
    assert (record.network, record.method, record.communities) == ("facebook", "page", ("1001",))
    assert record.parameters == {"fields": "id"}
    assert META not in repr(record)
    assert urlsplit(client.sandbox.facebook_url).path == ""

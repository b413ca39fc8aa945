"""What a Page that can be read amounts to."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access, Failure, Reading

from .stand_in import NOW, TOKEN, daily_posts, post, target

HOUR = timedelta(hours=1)


def test_a_page_is_read_with_its_followers_and_posts(bench):
    bench.graph.add_page("100", daily_posts(3), name="Профсоюз ВАО", username="Profsouz.VAO")

    reading = bench.reading(target("100"))

    assert (reading.native_id, reading.screen_name, reading.title) == ("100", "profsouz.vao", "Профсоюз ВАО")
    assert (reading.follower_count, reading.access, reading.observed_at) == (3051, Access.OPEN, NOW)
    assert [item.native_id for item in reading.wall.posts] == ["100_3", "100_2", "100_1"]
    newest = reading.wall.posts[0]
    assert newest.published_at == NOW - HOUR
    assert newest.url == "https://www.facebook.com/100/posts/3"
    assert (newest.like_count, newest.comment_count, newest.share_count, newest.view_count) == (
        12,
        0,
        3,
        None,
    )
    assert (reading.wall.post_count, reading.wall.covers_since) == (3, None)
    assert reading.wall_failure is None


def test_a_name_is_asked_for_once_and_gives_the_id(bench):
    bench.graph.add_page("100", username="profsouz.vao")

    reading = bench.reading(target(None, screen_name="profsouz.vao"))

    assert reading.native_id == "100"
    assert bench.graph.calls == ["profsouz.vao"]


def test_the_token_and_its_proof_travel_in_the_body_only(bench):
    bench.graph.add_page("100")
    bench.one(target("100"))

    (request,) = bench.graph.requests
    assert (request.method, request.path) == ("POST", "/v26.0/")
    assert request.form["access_token"] == TOKEN
    # HMAC-SHA256 of TOKEN under APP_SECRET, worked out with openssl.
    assert (
        request.form["appsecret_proof"] == "6c6b4c86ac8bd25e50808f818ce0d0dc86a76a3592291001e281ceace32ecee7"
    )
    assert request.form["include_headers"] == "true"


def test_without_an_app_secret_no_proof_is_sent(bench):
    bench.options = {"app_secret": None}
    bench.graph.add_page("100")
    bench.one(target("100"))
    assert "appsecret_proof" not in bench.graph.requests[0].form


def test_fifty_pages_go_into_one_request(bench):
    for number in range(120):
        bench.graph.add_page(str(100 + number))

    outcomes = bench.read(*(target(str(100 + number)) for number in range(120)))

    assert sorted(outcome.community_id for outcome in outcomes) == list(range(100, 220))
    assert all(isinstance(outcome, Reading) for outcome in outcomes)
    assert [len(request.calls) for request in bench.graph.requests] == [50, 50, 20]
    assert bench.adapter.tally.by_method == {"batch": 3}
    assert bench.adapter.calls_made == 120


def test_a_wall_that_is_not_due_is_not_asked_for(bench):
    bench.graph.add_page("100", daily_posts(3))
    reading = bench.reading(target("100", wants_wall=False))
    assert (reading.wall, reading.wall_failure, reading.follower_count) == (None, None, 3051)
    assert "published_posts" not in bench.graph.requests[0].calls[0].query["fields"]


@pytest.mark.parametrize(
    ("node", "followers"),
    [
        ({"followers_count": 7, "fan_count": 9}, 7),
        ({"followers_count": ..., "fan_count": 9}, 9),
        ({"followers_count": ...}, None),
        ({"followers_count": 0, "fan_count": 9}, 0),
        ({"followers_count": None}, None),
    ],
)
def test_followers_are_null_where_facebook_tells_none(bench, node, followers):
    bench.graph.add_page("100", **node)
    assert bench.reading(target("100")).follower_count == followers


def test_only_the_pages_own_published_posts_count(bench):
    bench.graph.add_page(
        "100",
        [
            post(9, NOW + timedelta(days=9), is_published=False),
            post(8, NOW - HOUR, **{"from": {"id": "555", "name": "Гость"}}),
            post(7, NOW - 2 * HOUR, parent_id="77_1"),
            post(6, NOW - 3 * HOUR, **{"from": ...}),
        ],
    )
    posts = bench.reading(target("100")).wall.posts
    assert [(item.native_id, item.is_repost) for item in posts] == [("100_7", True), ("100_6", False)]


def test_counters_that_facebook_leaves_out_are_null(bench):
    bench.graph.add_page("100", [post(1, NOW, shares=..., reactions=..., comments=..., permalink_url=...)])
    (item,) = bench.reading(target("100")).wall.posts
    assert (item.like_count, item.comment_count, item.share_count) == (None, None, None)
    assert item.url == "https://www.facebook.com/100_1"


def test_a_path_in_place_of_a_url_is_made_whole(bench):
    bench.graph.add_page("100", [post(1, NOW, permalink_url="/profsouz/posts/1")])
    assert bench.reading(target("100")).wall.posts[0].url == "https://www.facebook.com/profsouz/posts/1"


def test_the_newest_post_is_the_newest_by_date_not_the_first(bench):
    bench.graph.add_page("100", [post(1, NOW - 90 * HOUR), post(3, NOW - HOUR), post(2, NOW - 5 * HOUR)])
    assert [item.native_id for item in bench.reading(target("100")).wall.posts] == ["100_3", "100_2", "100_1"]


@pytest.mark.parametrize(
    "text", ["2019-05-17T16:24:04+0000", "2019-05-17T16:24:04Z", "2019-05-17T19:24:04+03:00"]
)
def test_every_form_of_time_is_read(bench, text):
    bench.graph.add_page("100", [post(1, NOW, created_time=text)])
    at = bench.reading(target("100")).wall.posts[0].published_at
    assert (at.isoformat(), at.utcoffset()) == ("2019-05-17T16:24:04+00:00", timedelta(0))


def test_an_edge_left_out_is_asked_for_itself(bench):
    """Graph leaves out what is empty and what is withheld alike: only the edge itself tells which."""
    bench.graph.add_page("100")
    bench.graph.override = lambda call: (
        {"id": "100", "name": "Тихая"}
        if call.path == "100"
        else {"data": []}
        if call.path.endswith("posts")
        else ...
    )
    reading = bench.reading(target("100"))
    assert bench.graph.calls == ["100", "100/published_posts"]
    assert (reading.wall.posts, reading.wall.covers_since, reading.wall_failure) == ((), None, None)


NONSENSE = [
    {"followers_count": -1},
    {"followers_count": "3051"},
    {"followers_count": True},
    {"followers_count": 30.5},
    {"followers_count": 10**11},
    {"followers_count": 10**30},
    {"id": 100},
    {"id": "200"},
    {"id": "100' or 1"},
    {"name": 5},
    {"name": "a\x00b"},
    {"name": "\ud800"},
    {"published_posts": []},
    {"published_posts": {"data": {}}},
    {"published_posts": {"data": [None]}},
]


@pytest.mark.parametrize("node", NONSENSE, ids=str)
def test_a_page_that_cannot_be_true_gives_no_value(bench, node):
    bench.graph.override = lambda call: {"id": "100", "name": "П", "followers_count": 5, **node}
    failure = bench.failure(target("100"))
    assert failure.kind is FailureKind.UNEXPECTED_RESPONSE
    assert json.loads(json.dumps(failure.raw_answer)).startswith('{"id"')
    assert failure.access is None


@pytest.mark.parametrize(
    "more",
    [
        {"created_time": NOW.isoformat().replace("2026", "2027")},
        {"created_time": "yesterday"},
        {"created_time": 1762000000},
        {"created_time": ...},
        {"created_time": "0001-01-01T00:00:00+2300"},
        {"id": ...},
        {"id": 5},
        {"id": "100_1; drop"},
        {"shares": {"count": -3}},
        {"shares": 3},
        {"reactions": {"summary": {"total_count": "12"}}},
        {"comments": {"summary": {"total_count": False}}},
        {"is_published": "false"},
        {"from": "100"},
    ],
    ids=str,
)
def test_a_post_that_cannot_be_true_makes_the_answer_unbelievable(bench, more):
    bench.graph.add_page("100", [post(2, NOW - HOUR), post(1, NOW - 2 * HOUR, **more)])
    assert bench.failure(target("100")).kind is FailureKind.UNEXPECTED_RESPONSE


def test_clocks_may_differ_by_a_quarter_of_an_hour(bench):
    bench.graph.add_page("100", [post(1, NOW + timedelta(minutes=15))])
    assert len(bench.reading(target("100")).wall.posts) == 1
    bench.graph.add_page("200", [post(1, NOW + timedelta(minutes=15, seconds=1), "200")])
    assert bench.failure(target("200")).kind is FailureKind.UNEXPECTED_RESPONSE


def test_the_raw_answer_is_bounded_and_holds_no_token(bench):
    leak = f"https://graph.facebook.com/x?access_token={TOKEN}"
    bench.graph.override = lambda call: {"id": 1, "next": leak, "filler": "я" * 5000}
    raw = bench.failure(target("100")).raw_answer
    assert len(raw) == 2000
    assert TOKEN not in raw
    assert "[redacted]" in raw


def test_one_page_that_cannot_be_true_leaves_the_others_alone(bench):
    bench.graph.add_page("100", followers_count=-1)
    bench.graph.add_page("200")
    first, second = sorted(bench.read(target("100"), target("200")), key=lambda outcome: outcome.community_id)
    assert isinstance(first, Failure)
    assert isinstance(second, Reading)

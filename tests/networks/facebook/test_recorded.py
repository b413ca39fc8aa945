"""Answers that Facebook really gave, to public clients, over the years: they all pass."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from collector.domain.errors import FailureKind

from .stand_in import NOW, TOKEN, Reply, target

APP = "20531316728"


@pytest.mark.parametrize(
    "name", ["facebook-pages-single_default_page.json", "facebook-pages-single_fields_page.json"]
)
def test_a_page_of_old_tells_likes_only(bench, recorded, name):
    bench.graph.override = lambda call: recorded(name)
    reading = bench.reading(target(APP, wants_wall=False))
    assert (reading.native_id, reading.screen_name, reading.title) == (APP, "facebookapp", "Facebook")
    assert reading.follower_count == 214507731


def edges(recorded, first, second, page):
    """A node whose posts come in the recorded pages."""

    def answer(call):
        if not call.path.endswith("published_posts"):
            return {"id": page, "published_posts": recorded(first)}
        return recorded(second)

    return answer


def test_paging_by_cursors(bench, recorded):
    page = "19292868552"
    first, second = (
        "facebook-posts-feeds_default_fields_p1.json",
        "facebook-posts-feeds_default_fields_p2.json",
    )
    bench.graph.override = edges(recorded, first, second, page)
    wall = bench.reading(target(page, known=datetime(2021, 1, 1, tzinfo=UTC))).wall

    told = [item for name in (first, second) for item in recorded(name)["data"]]
    assert len(wall.posts) == len(told) == 10
    assert (wall.covers_since, wall.is_gap_possible) == (None, False)
    newest = wall.posts[0]
    assert newest.native_id == "19292868552_10158349356748553"
    assert newest.published_at == datetime(2021, 7, 9, 19, 9, 52, tzinfo=UTC)
    assert (newest.like_count, newest.comment_count, newest.share_count) == (125, 13, 10)
    assert newest.url == "https://www.facebook.com/19292868552/posts/10158349356748553/"
    assert [call.query.get("after") for request in bench.graph.requests for call in request.calls] == [
        None,
        "after",
    ]


def test_paging_of_old_by_date(bench, recorded):
    first, second = "facebook-posts-feed_fields_p1.json", "facebook-posts-feed_fields_p2.json"
    bench.graph.override = edges(recorded, first, second, "4")
    wall = bench.reading(target("4", known=datetime(2021, 1, 1, tzinfo=UTC))).wall

    # The recording's second page repeats the first: a post seen twice is one post.
    assert len(wall.posts) == 5
    assert (wall.posts[0].like_count, wall.posts[0].url) == (
        None,
        "https://www.facebook.com/4_10113477241177441",
    )
    query = bench.graph.requests[1].calls[0].query
    assert (query["until"], query["__paging_token"]) == ("1624385168", "__paging_token")
    assert "access_token" not in query


def test_a_missing_permission(bench, recorded):
    bench.graph.override = lambda call: recorded("base-error_data.json")
    failure = bench.failure(target("100"))
    assert (failure.kind, failure.access) == (FailureKind.PERMISSION_MISSING, None)


def test_a_missing_proof(bench, recorded):
    bench.graph.always = lambda request: Reply(json.dumps(recorded("error.json")).encode(), 400)
    failure = bench.failure(target("100"))
    assert failure.kind is FailureKind.TOKEN_WRONG_KIND
    assert "COLLECTOR_FACEBOOK__APP_SECRET" in failure.detail


def test_what_a_token_is(bench, recorded):
    bench.graph.override = lambda call: recorded("base-token_info.json") if call.path == "debug_token" else {}
    (report,) = bench.adapter.check()
    assert report.is_working
    assert (report.can, len(report.cannot)) == ((), 2)
    # The account's clock runs out first here, not the data access's.
    assert report.expires_at == datetime.fromtimestamp(1577347200, UTC) < NOW
    assert TOKEN not in repr(report)

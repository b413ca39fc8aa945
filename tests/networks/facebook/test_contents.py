"""What posts of Pages contain: asked for in the same calls, and never the reason for which a Page is not read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import PostContent

from .stand_in import NOW, daily_posts, graph_error, post, target

KNOWN = NOW - timedelta(days=1)
PHOTO = {"media_type": "photo", "type": "photo"}


def content(bench, **shape) -> PostContent | None:
    bench.graph.add_page("100", [post(1, NOW, **shape)])
    (item,) = bench.reading(target("100")).wall.posts
    return item.content


def kinds(bench, *data) -> list[str]:
    return list(content(bench, attachments={"data": list(data)}).attachments)


def asks_contents(request) -> bool:
    return "message" in request.calls[0].query["fields"]


def test_a_text_with_its_attachments_in_order(bench):
    video = {"media_type": "video", "type": "video_inline"}
    theirs = {"media_type": "video", "type": "video_share_youtube"}
    link = {"media_type": "link", "type": "share"}
    assert content(bench, message="Собрание", attachments={"data": [video, theirs, link]}) == PostContent(
        "Собрание", ("video", "video_link", "link")
    )
    assert len(bench.graph.requests) == 1


def test_several_photos_of_a_post_are_as_many(bench):
    album = {"media_type": "album", "type": "album", "subattachments": {"data": [PHOTO] * 3}}
    assert kinds(bench, album) == ["photo"] * 3


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        ({"media_type": "album"}, "album"),
        ({"media_type": "album", "subattachments": {"data": []}}, "album"),
        ({"media_type": "event"}, "event"),
        ({"media_type": "hologram"}, "other"),
        ({"media_type": None}, "other"),
        ({"media_type": []}, "other"),
        ({"type": 7}, "other"),
        ("photo", "other"),
    ],
)
def test_one_attachment(bench, attachment, kind):
    assert kinds(bench, attachment) == [kind]


def test_what_facebook_leaves_out_is_empty_and_what_is_odd_is_unknown(bench):
    assert content(bench) == PostContent("")
    assert content(bench, message=7) is None
    assert content(bench, attachments="photo") is None
    assert content(bench, attachments={"data": "photo"}) is None


def test_a_shared_post_names_whose_it_was_and_what_hangs_on_it_is_the_others(bench):
    shared = content(bench, message="Читайте", parent_id="77_5", attachments={"data": [PHOTO]})
    assert shared == PostContent("Читайте", (), "77")
    assert content(bench, parent_id="nobodys") == PostContent("")


@pytest.mark.parametrize(
    ("website", "site"),
    [
        ("https://mgo.ru", "https://mgo.ru"),
        (" ", None),
        (..., None),
        (7, None),
        ("я\x00" * 999, "я\ufffd" * 249 + "я…"),
    ],
    ids=["told", "blank", "left out", "odd", "hostile"],
)
def test_a_pages_site(bench, website, site):
    bench.graph.add_page("100", website=website)
    assert bench.reading(target("100", wants_wall=False)).site == site


def test_contents_that_are_refused_cost_no_look_and_are_asked_for_no_more(bench):
    bench.options = {"batch_size": 1}
    for number in ("100", "200"):
        bench.graph.add_page(number, daily_posts(2, number))
    bench.graph.override = lambda call: (
        graph_error(
            100, "(#100) Tried accessing nonexisting field (media_type) on node type (StoryAttachment)"
        )
        if "message" in call.query["fields"]
        else ...
    )
    readings = bench.read(target("100", known=KNOWN), target("200", known=KNOWN))
    assert [len(reading.wall.posts) for reading in readings] == [2, 2]
    assert {item.content for reading in readings for item in reading.wall.posts} == {None}
    assert [asks_contents(request) for request in bench.graph.requests] == [True, False, False]
    bench.reading(target("100", known=KNOWN))
    assert not asks_contents(bench.graph.requests[-1])


def test_once_contents_were_read_a_refusal_is_not_about_them(bench):
    bench.options = {"batch_size": 1}
    for number in ("100", "200"):
        bench.graph.add_page(number, daily_posts(2, number))
    bench.graph.override = lambda call: (
        graph_error(10) if call.path == "200" and "published_posts" in call.query["fields"] else ...
    )
    first, second = bench.read(target("100", known=KNOWN), target("200", known=KNOWN))
    assert all(item.content for item in first.wall.posts)
    assert second.wall_failure.kind is FailureKind.PERMISSION_MISSING
    assert bench.graph.calls == ["100", "200", "200"]


def test_nor_where_it_stays_without_them(bench):
    bench.options = {"batch_size": 1}
    for number in ("100", "200"):
        bench.graph.add_page(number, daily_posts(2, number))
    bench.graph.override = lambda call: graph_error(10) if "published_posts" in call.query["fields"] else ...
    readings = bench.read(target("100", known=KNOWN), target("200", known=KNOWN))
    assert {reading.wall_failure.kind for reading in readings} == {FailureKind.PERMISSION_MISSING}
    # The first Page once more than it takes.
    assert bench.graph.calls == ["100", "100", "100", "200", "200"]


def test_further_pages_of_a_wall_tell_their_contents_too(bench):
    bench.options = {"post_window": 5}
    bench.graph.add_page("100", daily_posts(12))
    reading = bench.reading(target("100", known=NOW - timedelta(days=10)))
    assert len(reading.wall.posts) > 5
    assert all(item.content for item in reading.wall.posts)

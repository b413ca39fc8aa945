"""How far back the posts are read, and what may be concluded from it.

The edge is ranked: newest first, with exceptions. Nothing may rest on its order alone.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.errors import FailureKind
from collector.networks.facebook.mapping import covered_since

from .stand_in import NOW, TOKEN, Reply, daily_posts, graph_error, post, target

DAY = timedelta(days=1)
NEWEST = NOW - timedelta(hours=1)


def numbers(wall):
    return sorted(int(item.native_id.split("_")[1]) for item in wall.posts)


def limits(graph):
    return [
        int(call.query.get("limit") or call.query["fields"].split("posts.limit(")[1].split(")")[0])
        for request in graph.requests
        for call in request.calls
    ]


def test_the_first_look_takes_one_large_window(bench):
    bench.graph.add_page("100", daily_posts(300))
    wall = bench.reading(target("100")).wall
    assert limits(bench.graph) == [100]
    assert numbers(wall) == list(range(201, 301))
    assert (wall.post_count, wall.is_gap_possible) == (300, False)


def test_a_later_look_takes_a_small_window_where_little_is_new(bench):
    bench.graph.add_page("100", daily_posts(300))
    wall = bench.reading(target("100", known=NEWEST - DAY)).wall
    assert limits(bench.graph) == [25]
    assert not wall.is_gap_possible
    # The last few of a window are no proof, hence the fifth from its end.
    assert wall.covers_since == NEWEST - 20 * DAY


def test_after_a_long_absence_it_pages_back_to_the_last_known_post(bench):
    bench.graph.add_page("100", daily_posts(300))
    wall = bench.reading(target("100", known=NEWEST - 60 * DAY)).wall
    assert numbers(wall)[0] <= 240
    assert numbers(wall) == list(range(226, 301))
    assert not wall.is_gap_possible
    assert bench.graph.calls == ["100", "100/published_posts", "100/published_posts"]


def test_several_pages_page_back_in_one_request(bench):
    for native_id in ("100", "200", "300"):
        bench.graph.add_page(native_id, daily_posts(300, native_id))
    bench.read(*(target(native_id, known=NEWEST - 30 * DAY) for native_id in ("100", "200", "300")))
    assert [len(request.calls) for request in bench.graph.requests] == [3, 3]


def test_the_setting_gives_the_window(bench):
    bench.options = {"post_window": 40}
    bench.graph.add_page("100", daily_posts(300))
    bench.read(target("100", known=NEWEST))
    assert limits(bench.graph) == [40]


def test_a_whole_wall_has_no_bound(bench):
    bench.graph.add_page("100", daily_posts(10))
    assert bench.reading(target("100", known=NEWEST - 60 * DAY)).wall.covers_since is None


def test_paging_back_is_bounded_and_says_so(bench):
    bench.options = {"max_posts_back": 60}
    bench.graph.add_page("100", daily_posts(300))
    wall = bench.reading(target("100", known=NEWEST - 200 * DAY)).wall
    assert limits(bench.graph) == [25, 25, 10]
    assert numbers(wall) == list(range(241, 301))
    assert wall.is_gap_possible


def test_empty_pages_can_come_before_more(bench):
    """https://developers.facebook.com/docs/graph-api/results: the end is only where `next` is absent."""
    posts = daily_posts(60)
    bench.graph.add_page("100", [*[post(900 + n, NOW, is_published=False) for n in range(100)], *posts])
    assert len(bench.reading(target("100")).wall.posts) == 60
    assert bench.reading(target("100", known=NEWEST - DAY)).wall.posts[0].published_at == NEWEST


def test_an_old_post_at_the_front_ends_nothing(bench):
    """As after "move to the top", or a post dated back."""
    old = post(1, NOW - 900 * DAY)
    bench.graph.add_page("100", [old, *daily_posts(300)])
    wall = bench.reading(target("100", known=NEWEST - 30 * DAY)).wall
    assert set(range(270, 301)) <= set(numbers(wall))
    assert wall.covers_since <= NEWEST - 30 * DAY


def test_an_old_post_at_the_end_of_a_window_makes_no_post_look_deleted(bench):
    posts = daily_posts(300)
    posts.insert(24, post(9999, NOW - 900 * DAY))
    bench.graph.add_page("100", posts)
    wall = bench.reading(target("100", known=NEWEST - DAY)).wall
    assert wall.covers_since >= NEWEST - 23 * DAY


def test_a_window_all_older_than_what_is_known_ends_the_paging(bench):
    # The newest comes 40 places late: by its order alone, no end of so short a feed would be trusted.
    posts = daily_posts(300)
    bench.graph.add_page("100", [*posts[1:41], posts[0], *posts[41:]])
    wall = bench.reading(target("100", known=NEWEST - 30 * DAY)).wall
    assert len(bench.graph.requests) == 3
    assert posts[0]["id"] == wall.posts[0].native_id
    assert not wall.is_gap_possible


@pytest.mark.parametrize("next_page", [{}, {"after": ""}, {"since": "5"}])
def test_a_next_page_that_cannot_be_found_is_a_gap(bench, next_page):
    url = f"https://graph.facebook.com/v26.0/100/posts?{urlencode({'access_token': TOKEN, **next_page})}"
    bench.graph.override = lambda call: {
        "id": "100",
        "published_posts": {"data": daily_posts(25), "paging": {"next": url}},
    }
    wall = bench.reading(target("100", known=NEWEST - 60 * DAY)).wall
    assert wall.is_gap_possible
    assert len(bench.graph.requests) == 1


def test_a_circle_of_pages_is_left(bench):
    edge = {
        "data": daily_posts(25),
        "paging": {"cursors": {"after": "x"}, "next": "https://graph.facebook.com/"},
    }
    bench.graph.override = lambda call: (
        edge if call.path.endswith("posts") else {"id": "100", "published_posts": edge}
    )
    wall = bench.reading(target("100", known=NEWEST - 60 * DAY)).wall
    assert (len(bench.graph.requests), wall.is_gap_possible, len(wall.posts)) == (2, True, 25)


def test_the_next_url_is_never_followed(bench):
    bench.graph.add_page("100", daily_posts(300))
    bench.read(target("100", known=NEWEST - 60 * DAY))
    assert {request.method for request in bench.graph.requests} == {"POST"}
    assert all(TOKEN not in request.form["batch"] for request in bench.graph.requests)


def test_a_wall_that_breaks_off_is_no_wall_but_the_followers_stay(bench):
    """Half a wall, stored, would move the last known post past the gap."""
    bench.graph.add_page("100", daily_posts(300))
    bench.graph.override = lambda call: graph_error(2) if "after" in call.query else ...
    reading = bench.reading(target("100", known=NEWEST - 60 * DAY))
    assert (reading.follower_count, reading.wall) == (3051, None)
    assert reading.wall_failure.kind is FailureKind.TEMPORARY


def test_too_much_data_is_asked_for_in_halves(bench):
    bench.graph.add_page("100", daily_posts(300))

    def refuse_more_than_six(call):
        big = "posts.limit(25)" in call.query["fields"] or "posts.limit(12)" in call.query["fields"]
        return (
            graph_error(1, "Please reduce the amount of data you're asking for, then retry") if big else ...
        )

    bench.graph.override = refuse_more_than_six
    wall = bench.reading(target("100", known=NEWEST)).wall
    assert limits(bench.graph) == [25, 12, 6]
    assert len(wall.posts) == 6


def test_too_much_even_with_one_post_leaves_the_followers(bench):
    bench.graph.add_page("100", daily_posts(300))
    bench.graph.override = lambda call: (
        graph_error(1, "An error occurred", error_subcode=99)
        if "published_posts" in call.query["fields"]
        else ...
    )
    reading = bench.reading(target("100", known=NEWEST))
    assert limits_until_minimal(bench.graph) == [25, 12, 6, 3, 1]
    assert (reading.follower_count, reading.wall) == (3051, None)
    assert reading.wall_failure.kind is FailureKind.TEMPORARY


def limits_until_minimal(graph):
    fields = [call.query["fields"] for request in graph.requests for call in request.calls]
    return [int(field.split("posts.limit(")[1].split(")")[0]) for field in fields if "posts.limit(" in field]


def test_a_batch_that_is_too_much_is_halved(bench):
    for number in range(8):
        bench.graph.add_page(str(100 + number), daily_posts(2, str(100 + number)))
    too_much = b'{"error": {"code": 1, "message": "Please reduce the amount of data you\'re asking for"}}'
    bench.graph.always = lambda request: Reply(too_much, 500) if len(request.calls) > 3 else None
    readings = bench.read(*(target(str(100 + number)) for number in range(8)))
    assert len({reading.native_id for reading in readings}) == 8
    assert [len(request.calls) for request in bench.graph.requests][:3] == [8, 4, 2]


@given(
    ages=st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True),
    late=st.integers(0, 59),
    by=st.integers(1, 4),
    read=st.integers(1, 60),
)
def test_nothing_unread_is_newer_than_what_counts_as_covered(ages, late, by, read):
    """A post that comes up to four places late never looks deleted, wherever the reading ended."""
    feed = [NOW - age * DAY for age in sorted(ages)]
    if late + by < len(feed):
        feed.insert(late + by, feed.pop(late))
    since = covered_since(feed[:read], NOW)
    assert all(at <= since for at in feed[read:])


@pytest.mark.parametrize("count", [0, 4])
def test_a_few_posts_cover_nothing(count):
    assert covered_since([NOW - DAY] * count, NOW) == NOW


def test_where_posts_stray_far_more_of_the_end_is_distrusted():
    feed = [NOW - age * DAY for age in range(30)]
    feed.insert(20, feed.pop(5))
    assert covered_since(feed, NOW) == NOW - 5 * DAY
    assert covered_since(sorted(feed, reverse=True), NOW) == NOW - 25 * DAY

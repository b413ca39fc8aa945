"""A gap of ours loses no post, and a known post that is missing was deleted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Outcome, Reading, Wall
from collector.sandbox import Behaviour, Fault, PostKind, SandboxCommunity
from tests.networks.harness import NOW, VkBench

Start = Callable[..., VkBench]


def _wall(outcome: Outcome) -> Wall:
    assert isinstance(outcome, Reading)
    assert outcome.wall is not None, outcome.wall_failure
    return outcome.wall


def _ids(wall: Wall) -> set[int]:
    return {int(post.native_id) for post in wall.posts}


def _counted_since(bench: VkBench, place: int, days: float) -> set[int]:
    since = (NOW - timedelta(days=days)).timestamp()
    return {facts.post_id for facts in bench.truth(place).counted_posts if facts.published_at > since}


@pytest.mark.parametrize("count", [1, 4], ids=["direct", "execute"])
def test_a_gap_is_read_back_to_the_last_known_post(bench: Start, count: int) -> None:
    union = bench(count)
    outcomes = union.read(union.targets(newest_known_post_at=NOW - timedelta(days=90)), wall_window=5)
    for place, outcome in outcomes.items():
        wall = _wall(outcome)
        assert _counted_since(union, place, 90) <= _ids(wall)
        assert not wall.is_gap_possible
        assert wall.covers_since is None or wall.covers_since <= NOW - timedelta(days=90)


def test_gaps_of_many_walls_are_read_together(bench: Start) -> None:
    union = bench(25)
    union.read(union.targets(newest_known_post_at=NOW - timedelta(days=90)), wall_window=5)
    executes = [request for request in union.sandbox.requests if request.method == "execute"]
    assert len(union.sandbox.requests) - len(executes) <= 2
    assert len(executes) <= 3


def test_a_gap_beyond_the_bound_is_told(bench: Start) -> None:
    union = bench(1)
    target = union.target(0, newest_known_post_at=NOW - timedelta(days=300))
    wall = _wall(union.read([target], wall_window=5, max_posts_back=30)[0])
    assert wall.is_gap_possible
    assert len(wall.posts) <= 30
    asked = [
        request.parameters["count"] for request in union.sandbox.requests if request.method == "wall.get"
    ]
    assert asked == ["5", "26"]  # the next page begins with the last post of the one before
    assert wall.covers_since is not None
    assert wall.covers_since > NOW - timedelta(days=300)


def test_a_wall_without_news_takes_one_look(bench: Start) -> None:
    union = bench(1)
    known = union.truth(0).newest_post_at
    wall = _wall(union.read([union.target(0, newest_known_post_at=known)])[0])
    assert [request.method for request in union.sandbox.requests] == ["groups.getById", "wall.get"]
    assert wall.covers_since is not None
    assert not wall.is_gap_possible


def test_the_first_look_at_a_wall_reads_a_wider_window_once(bench: Start) -> None:
    union = bench(1)
    wall = _wall(union.read(first_wall_window=60, wall_window=5)[0])
    (request,) = [request for request in union.sandbox.requests if request.method == "wall.get"]
    assert request.parameters["count"] == "60"
    assert len(wall.posts) > 40
    assert not wall.is_gap_possible


def test_a_deleted_post_is_missing_where_the_wall_was_read(bench: Start) -> None:
    union = bench(1)
    gone = union.truth(0).counted_posts[3]
    before = _wall(union.read()[0])
    union.world.delete_post("vk", "1000", gone.post_id)
    after = _wall(union.read()[0])
    assert gone.post_id in _ids(before) - _ids(after)
    assert after.covers_since is not None
    assert after.covers_since.timestamp() < gone.published_at
    assert before.post_count is not None
    assert after.post_count == before.post_count - 1


def test_an_old_pinned_post_does_not_make_the_window_seem_longer(bench: Start) -> None:
    union = bench(1)
    oldest = union.truth(0).counted_posts[-1]
    union.world.change("vk", "1000", "pinned", oldest.post_id)
    wall = _wall(union.read(first_wall_window=20)[0])
    assert oldest.post_id in _ids(wall)
    assert wall.covers_since is not None
    assert wall.covers_since.timestamp() > oldest.published_at
    assert _counted_since(union, 0, (NOW - wall.covers_since) / timedelta(days=1)) <= _ids(wall)


@pytest.mark.parametrize("kind", [PostKind.VISITOR, PostKind.ADVERT])
def test_what_is_not_the_communitys_voice_is_not_its_newest_post(bench: Start, kind: PostKind) -> None:
    union = bench(2)
    for place in (0, 1):
        union.world.publish("vk", str(1000 + place), kind)
    for place, outcome in union.read().items():
        newest = max(post.published_at for post in _wall(outcome).posts)
        assert newest == union.truth(place).newest_post_at
        assert newest < NOW


@pytest.mark.parametrize("count", [1, 2], ids=["direct", "execute"])
def test_a_postponed_post_is_none_yet(count: int) -> None:
    class Planning(VkBench):
        def declared(self, place: int) -> SandboxCommunity:
            return replace(super().declared(place), behaviour=Behaviour(shows_postponed=True))

    with Planning(count) as union:
        for place, outcome in union.read().items():
            assert _ids(_wall(outcome)) <= _counted_since(union, place, 10_000)


def test_a_post_of_this_moment_is_found(bench: Start) -> None:
    union = bench(2)
    fresh = union.world.publish("vk", "1001", PostKind.REPOST)
    wall = _wall(union.read()[1])
    (post,) = [post for post in wall.posts if post.native_id == str(fresh.post_id)]
    assert (post.is_repost, post.url) == (True, f"https://vk.com/wall-1001_{fresh.post_id}")


def test_a_wall_that_closes_between_two_pages_is_not_half_told(bench: Start) -> None:
    union = bench(1)
    union.sandbox.faults.add(Fault("error", method="wall.get", code=19, skip=1))
    outcome = union.read([union.target(0, newest_known_post_at=NOW - timedelta(days=90))], wall_window=5)[0]
    assert isinstance(outcome, Reading)
    assert outcome.wall is None
    assert outcome.wall_failure is not None
    assert outcome.wall_failure.kind is FailureKind.BANNED


@pytest.mark.parametrize("count", [1, 4], ids=["direct", "execute"])
def test_a_post_deleted_between_two_pages_hides_no_other(bench: Start, count: int) -> None:
    """All posts after it move up by one: the next page would begin behind one that stands."""
    union = bench(count)
    posts = union.truth(0).counted_posts
    methods = {"wall.get", "execute"}

    def delete_after_the_first_page() -> None:
        while not any(request.method in methods for request in union.sandbox.requests):
            time.sleep(0.005)
        for post in posts[:3]:
            union.world.delete_post("vk", "1000", post.post_id)

    union.sandbox.latency = 0.3
    deleting = threading.Thread(target=delete_after_the_first_page)
    deleting.start()
    outcomes = union.read(union.targets(newest_known_post_at=NOW - timedelta(days=90)), wall_window=5)
    deleting.join()
    assert {post.post_id for post in posts[:3]}.isdisjoint(_ids(_wall(outcomes[0])))
    for place, outcome in outcomes.items():
        assert _counted_since(union, place, 90) <= _ids(_wall(outcome))

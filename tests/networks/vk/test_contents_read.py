"""What posts contain comes with their walls: of new posts only, in no more requests, and never at a wall's cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.model import CommunityToRead, Outcome, Post, PostContent, Reading
from collector.networks.vk.script import FIRST_CONTENTS, MAX_CALLS, NEW_CONTENTS
from collector.sandbox import Fault
from tests.networks.harness import NOW, VkBench

Start = Callable[..., VkBench]
LATER = timedelta(days=1)


def posts_of(outcome: Outcome) -> tuple[Post, ...]:
    assert isinstance(outcome, Reading), outcome
    assert outcome.wall is not None, outcome
    return outcome.wall.posts


def told(outcome: Outcome) -> dict[str, PostContent]:
    """The contents that came."""
    return {post.native_id: post.content for post in posts_of(outcome) if post.content is not None}


def there(union: VkBench, place: int, since: datetime | None = None) -> dict[str, PostContent]:
    """What the posts of a wall contain in truth, the newest first; since an instant, or all."""
    return {
        str(facts.post_id): union.world.content("vk", union.key(place), facts)
        for facts in union.truth(place).counted_posts
        if since is None or facts.published_at > since.timestamp()
    }


def known(union: VkBench) -> list[CommunityToRead]:
    """Targets whose newest posts are known as of now."""
    return [
        union.target(place, newest_known_post_at=union.truth(place).newest_post_at)
        for place in range(len(union.communities))
    ]


def methods(union: VkBench) -> dict[str, int]:
    return dict(Counter(request.method for request in union.sandbox.requests))


def test_a_first_look_tells_what_the_newest_posts_contain(bench: Start) -> None:
    union = bench(6)
    seen = 0
    for place, outcome in union.read().items():
        contents = told(outcome)
        assert contents.items() <= there(union, place).items()
        # The pinned one, an advert or a postponed one may be among those that came.
        assert list(there(union, place))[: FIRST_CONTENTS - 2] <= list(contents)
        seen += len(contents)
    assert seen > 6
    assert methods(union) == {"groups.getById": 1, "execute": 1}


def test_a_wall_without_news_tells_no_contents(bench: Start) -> None:
    union = bench(6)
    outcomes = union.read(known(union))
    assert {place: told(outcome) for place, outcome in outcomes.items()} == {place: {} for place in range(6)}


def test_later_looks_tell_what_the_new_posts_contain(bench: Start) -> None:
    union = bench(MAX_CALLS)
    targets = known(union)
    union.clock.advance(LATER)
    outcomes = union.read(targets)
    new = 0
    for place, outcome in outcomes.items():
        expected = there(union, place, since=NOW)
        contents = told(outcome)
        assert contents.items() <= there(union, place).items()
        assert dict(list(expected.items())[: NEW_CONTENTS - 2]).items() <= contents.items()
        new += bool(expected)
    assert new > 10
    assert methods(union) == {"groups.getById": 1, "execute": 1}


def test_what_all_25_walls_contain_fits_vks_operations(bench: Start) -> None:
    union = bench(MAX_CALLS)
    # Nothing is as it was known: each wall takes the longest way through the script.
    ancient = datetime(2026, 8, 31, tzinfo=UTC)
    outcomes = union.read(union.targets(newest_known_post_at=ancient))
    assert all(told(outcome) for outcome in outcomes.values())
    assert methods(union) == {"groups.getById": 1, "execute": 1}


def test_an_empty_wall_that_had_posts_is_read(bench: Start) -> None:
    union = bench(3)
    # As it is where all were deleted: the newest is not there to be compared.
    for path, value in (("items", []), ("count", 0)):
        union.sandbox.faults.add(Fault("set", method="wall.get", community="1001", path=path, value=value))
    outcomes = union.read(known(union))
    assert [len(posts_of(outcomes[place])) > 0 for place in range(3)] == [True, False, True]
    assert methods(union)["execute"] == 1


def test_a_wall_that_is_asked_for_directly_tells_all(bench: Start) -> None:
    union = bench(1)
    (outcome,) = union.read().values()
    assert told(outcome).keys() == {post.native_id for post in posts_of(outcome)}
    assert told(outcome).items() <= there(union, 0).items()


def test_of_a_wall_that_is_paged_the_first_page_tells_the_newest(bench: Start) -> None:
    union = bench(2)
    long_ago = NOW - timedelta(days=60)
    outcomes = union.read(union.targets(newest_known_post_at=long_ago), wall_window=5)
    for place, outcome in outcomes.items():
        assert min(post.published_at for post in posts_of(outcome)) < long_ago
        assert told(outcome).items() <= there(union, place).items()
        assert 1 <= len(told(outcome)) <= NEW_CONTENTS


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (12, "Unable to compile code"),
        (13, "Runtime error occurred during code invocation: too many operations"),
        (13, "Runtime error occurred during code invocation: cannot slice that"),
    ],
)
def test_a_script_that_vk_refuses_is_asked_without_contents_for_good(
    bench: Start, code: int, message: str
) -> None:
    union = bench(5)
    union.sandbox.faults.add(Fault("error", method="execute", contains="slice", code=code, message=message))
    adapter = union.adapter()
    for requests in (2, 3):
        outcomes = list(adapter.read(union.targets()))
        assert all(posts_of(outcome) and not told(outcome) for outcome in outcomes)
        assert methods(union)["execute"] == requests
    # What was refused before a wall was read costs no wall's quota.
    assert union.ledger.used.total() == (10 if code == 12 else 15)


def test_an_answer_too_large_is_halved_and_nothing_is_lost(bench: Start) -> None:
    union = bench(8)
    union.sandbox.faults.add(Fault("too_big", method="execute", value=4))
    assert all(told(outcome) for outcome in union.read().values())
    assert methods(union)["execute"] == 3


@pytest.mark.parametrize("value", [None, 7, "нет", [7, None], [{"id": "1"}], [{"id": 1, "text": 7}]], ids=str)
def test_contents_that_make_no_sense_are_unknown(bench: Start, value: object) -> None:
    union = bench(3)
    union.sandbox.faults.add(Fault("set", method="execute", path="response.*.s", value=value))
    outcomes = union.read()
    assert all(posts_of(outcome) and not told(outcome) for outcome in outcomes.values())
    assert methods(union) == {"groups.getById": 1, "execute": 1}


def test_what_a_community_offers_comes_with_its_followers(bench: Start) -> None:
    union = bench(3)
    for place, (site, messages, kind) in enumerate(
        [("https://mgo.ru", True, 1), ("", False, 3), ("", True, 2)]
    ):
        for name, value in (("site", site), ("messages", messages), ("wall_kind", kind)):
            union.world.change("vk", union.key(place), name, value)
    offers = {
        place: (outcome.site, outcome.are_messages_open, outcome.are_comments_open)
        for place, outcome in union.read(union.targets(wants_wall=False)).items()
        if isinstance(outcome, Reading)
    }
    assert offers == {0: ("https://mgo.ru", True, True), 1: ("", False, False), 2: ("", True, True)}
    assert methods(union) == {"groups.getById": 1}

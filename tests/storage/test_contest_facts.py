"""The facts of contests: each database tells the same of the same past."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from collector.domain.model import Access, PostContent
from collector.reports.contest import contest
from collector.reports.news import news
from storage.post_facts import FollowersRead
from storage.store import Store
from storage.types import BEGINNING
from tests.reports.contesting import (
    AFTER,
    BEFORE,
    HOUR,
    NOVEMBER,
    NOW,
    RULES,
    at,
    facts_of,
    liked,
    places,
    small_contest,
    small_month,
)
from tests.storage.worlds import DAY, read, wall


def test_the_small_contest_is_the_same_on_each_database(store: Store) -> None:
    small_contest(store)
    facts = facts_of(store)
    assert facts is not None
    assert places(contest(facts, RULES)) == {"ВАО": (7, 1, 1), "ЗАО": (8, 2, 3), "САО": (8, 2, 3)}
    first = facts.communities[0]
    assert (first.growth.up_to_first, first.growth.up_to_last) != (None, None)
    assert first.growth.up_to_last is not None
    assert (first.growth.up_to_last.follower_count, first.growth.up_to_last.on) == (130, date(2026, 11, 30))
    post = first.posts[0]
    assert (post.like_count, post.comment_count, post.share_count, post.counted_at) == (7, 2, 1, AFTER)
    assert (post.before, post.after) == (FollowersRead(100, BEFORE, 1), FollowersRead(100, at(5) + HOUR, 2))


def test_the_past_is_told_as_of_a_moment(store: Store) -> None:
    """Counts, deletions and closures after it are not told; what the network withheld near an end is."""
    world = small_contest(store)
    world.round(read(at(29), None, community_id=3, native_id="3"))
    before = facts_of(store)
    world.round(read(AFTER + 8 * DAY, 130, wall(liked("1", 5, 900), liked("2", 12, 6))))
    world.round(read(AFTER + 9 * DAY, 130, wall(liked("1", 5, 900))))
    world.round(read(AFTER + 10 * DAY, 130, access=Access.CLOSED))
    after = facts_of(store)
    assert before is not None
    assert after is not None
    assert [len(each.posts) for each in after.communities] == [2, 3, 1]
    assert [each.is_withheld_at_end for each in after.communities] == [False, False, True]
    assert [each.posts for each in after.communities] == [each.posts for each in before.communities]
    assert {each.access for each in after.communities} == {Access.OPEN}
    later = facts_of(store, rules=replace(RULES, counts_after=(NOW - AFTER)))
    assert later is not None
    assert (len(later.communities[0].posts), later.communities[0].access) == (1, Access.CLOSED)


def test_a_months_news_are_the_same_on_each_database(store: Store) -> None:
    small_month(store)
    facts = store.reports.news_facts(NOVEMBER, NOW)
    assert [(each.code, each.parent_code, len(each.communities)) for each in facts.primaries] == [
        ("МИСиС", "ВАО", 1),
        ("РГСУ", "ВАО", 1),
        ("РХТУ", "ВАО", 0),
    ]
    (community,) = facts.primaries[0].communities
    assert (community.native_id, community.access, community.absent_on) == ("2", Access.OPEN, None)
    assert (community.posts_known_since, community.wall_last_seen_at) == (BEGINNING, AFTER)
    told = [(each.branch_code, each.content, each.post.is_repost) for each in facts.posts]
    assert told[0] == ("ВАО", PostContent("Наши новости", (), "3"), True)
    assert [(each.entry.primaries, each.entry.rate) for each in news(facts).placed] == [
        (("МИСиС",), 10.0),
        (("РГСУ",), 10.0),
        (("МИСиС",), 5.0),
        (("РХТУ",), 3.0),
    ]

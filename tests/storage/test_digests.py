"""What is known of a period: followers at its ends, posts within, and what nobody can know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.episode import Ended, EndReason, Opened, SilenceFacts
from collector.domain.figures import CommunityFigures, SilentSpan
from collector.domain.model import Access, Contact, ContactRole, Wall
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient
from collector.domain.period import month_of, week_before, week_until
from storage.runs import RunCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, World, branch, post, read, vk, wall

WEEK = week_until(date(2026, 11, 16))
BEFORE = week_before(WEEK.start)
NOW = WEEK.end + 9 * HOUR


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))


def figures(world: World, now: datetime = NOW, *, count_reposts: bool = True) -> CommunityFigures:
    found = world.store.digests.communities(
        WEEK, BEFORE, count_reposts=count_reposts, now=now, branch_ids=[1]
    )
    return found[0]


def a_fortnight(world: World, *walls: tuple[datetime, Wall]) -> None:
    """Walls read before the week before, and after the week."""
    world.round(read(BEFORE.start - HOUR, 100, wall()))
    for at, seen in walls:
        world.round(read(at, 100, seen))


def test_followers_at_an_instant_are_those_of_the_newest_snapshot_up_to_it(world: World) -> None:
    world.round(read(WEEK.start - DAY, 90))
    world.round(read(WEEK.start, 100))
    world.round(read(WEEK.start + timedelta(seconds=1), 101))
    world.round(read(WEEK.end, 120))
    world.round(read(WEEK.end + timedelta(seconds=1), 121))
    found = figures(world)
    assert (found.followers_start, found.followers_start_at) == (100, WEEK.start)
    assert (found.followers_end, found.followers_end_at) == (120, WEEK.end)


def test_followers_before_the_first_reading_are_unknown(world: World) -> None:
    world.round(read(WEEK.start + HOUR, 0))
    found = figures(world)
    assert (found.followers_start, found.followers_start_at) == (None, None)
    assert (found.followers_end, found.followers_end_at) == (0, WEEK.start + HOUR)


def test_withheld_followers_are_unknown_though_once_they_were_told(world: World) -> None:
    world.round(read(WEEK.start - HOUR, 100))
    world.round(read(WEEK.end - HOUR, None))
    found = figures(world)
    assert (found.followers_start, found.followers_end) == (100, None)
    assert found.followers_end_at == WEEK.end - HOUR


def test_posts_count_from_the_first_instant_of_the_week_to_the_last(world: World) -> None:
    second = timedelta(seconds=1)
    posts = [post("1", WEEK.start - second), post("2", WEEK.start), post("3", WEEK.end - second)]
    a_fortnight(world, (WEEK.end + HOUR, wall(*posts, post("4", WEEK.end))))
    assert (figures(world).posts, figures(world).posts_before) == (2, 1)


def test_a_week_without_a_post_has_none_if_the_wall_was_read_after_it(world: World) -> None:
    a_fortnight(world, (WEEK.end - HOUR, wall()))
    assert figures(world).posts is None
    world.round(read(WEEK.end, 100, wall()))
    assert (figures(world).posts, figures(world).posts_before) == (0, 0)


def test_a_wall_first_read_within_the_week_leaves_its_posts_unknown(world: World) -> None:
    world.round(read(WEEK.start + HOUR, 100, wall(since=WEEK.start + HOUR)))
    seen = wall(post("1", WEEK.start + 2 * DAY), since=WEEK.start + HOUR)
    world.round(read(WEEK.end + HOUR, 100, seen))
    assert (figures(world).posts, figures(world).posts_before) == (None, None)


def test_a_wall_read_while_the_clock_was_ahead_proves_nothing(world: World) -> None:
    a_fortnight(world, (WEEK.end + 365 * DAY, wall()))
    assert figures(world).posts is None


def test_a_deleted_post_does_not_count_and_a_repost_only_if_it_should(world: World) -> None:
    own, passed_on = post("1", WEEK.start + HOUR), replace(post("2", WEEK.start + HOUR), is_repost=True)
    gone = post("3", WEEK.start + HOUR)
    a_fortnight(
        world,
        (WEEK.start + DAY, wall(own, passed_on, gone)),
        (WEEK.end + HOUR, wall(own, passed_on)),
    )
    assert figures(world).posts == 2
    assert figures(world, count_reposts=False).posts == 1


def test_a_closed_group_tells_since_when(world: World) -> None:
    world.round(read(WEEK.start, 100))
    world.round(read(WEEK.start + DAY, 100, access=Access.CLOSED))
    world.round(read(WEEK.start + 2 * DAY, 100, access=Access.CLOSED))
    assert (figures(world).access, figures(world).access_since) == ("closed", WEEK.start + DAY)


def test_all_live_communities_are_told_of_if_no_branch_is_named(world: World) -> None:
    world.store.sync_branches([branch("ВАО", vk("1")), branch("САО", vk("2"), vk("3"))], NOW)
    found = world.store.digests.communities(WEEK, BEFORE, count_reposts=True, now=NOW)
    assert [(each.branch_id, each.community_id) for each in found] == [(1, 1), (2, 2), (2, 3)]
    world.store.sync_branches([branch("САО", vk("3"))], NOW)
    found = world.store.digests.communities(WEEK, BEFORE, count_reposts=True, now=NOW)
    assert [each.community_id for each in found] == [3]


def test_each_day_of_a_month_has_its_posts_and_the_last_number_of_that_day(world: World) -> None:
    month = month_of(date(2026, 11, 1))
    world.round(read(month.start - HOUR, 10, wall()))
    world.round(read(month.start, 11))
    world.round(read(month.start + 23 * HOUR, 12))
    world.round(read(month.start + 2 * DAY, None))
    posts = [post("1", month.start + 30 * HOUR), post("2", month.start + 31 * HOUR), post("3", month.end)]
    world.round(read(month.end, 13, wall(*posts)))
    days = world.store.digests.days(month, 1, count_reposts=True)
    assert [each.day for each in days] == list(month.days)
    assert [each.followers for each in days[:4]] == [12, None, None, None]
    assert [each.posts for each in days[:3]] == [0, 2, 0]
    assert sum(each.posts for each in days) == 2


def test_silences_of_a_month_are_those_that_touch_it(world: World) -> None:
    month = month_of(date(2026, 11, 1))

    def silent(since: datetime, until: datetime | None, reason: EndReason = EndReason.POSTED) -> None:
        facts = SilenceFacts(since, since + HOUR, 7, since - 7 * DAY, None)
        (opened,) = world.store.silences.write([Opened(1, facts, (), ())], since + HOUR).opened
        if until is not None:
            world.store.silences.write([Ended(opened.silence_id, until, reason)], until)

    silent(month.start - 9 * DAY, month.start - DAY)
    silent(month.start - HOUR, month.start + DAY)
    silent(month.start + 2 * DAY, month.start + 3 * DAY, EndReason.WITHDRAWN)
    silent(month.start + 4 * DAY, None)
    assert world.store.digests.silences(month, 1) == [
        SilentSpan(month.start - HOUR, month.start + DAY, month.start),
        SilentSpan(month.start + 4 * DAY, None, month.start + 4 * DAY + HOUR),
    ]
    assert world.store.digests.silences(month, 2) == []


def test_each_address_of_the_department_is_told_once(store: Store) -> None:
    def office(name: str, email: str) -> Contact:
        return Contact(ContactRole.DEPARTMENT, name, email)

    declared = [
        branch("ВАО", vk("1"), contacts=(office("Отдел", "Info@example.org"),)),
        branch(
            "САО",
            vk("2"),
            contacts=(office("Отдел САО", "info@example.org"), office("Второй", "b@example.org")),
        ),
    ]
    store.sync_branches(declared, NOW)
    assert [each.email.lower() for each in store.digests.departments()] == [
        "info@example.org",
        "b@example.org",
    ]
    store.sync_branches(declared[:1], NOW)
    assert [each.name for each in store.digests.departments()] == ["Отдел"]


def test_a_branch_is_known_for_a_month_in_which_it_was_counted_or_posted(world: World) -> None:
    month = month_of(date(2026, 10, 1))
    world.round(read(month.start - HOUR, 10, wall()), read(month.start, None, community_id=2, native_id="2"))
    assert world.store.digests.known_branches([1, 2], month) == set()
    world.round(read(month.end + HOUR, 10, wall(post("1", month.start))))
    assert world.store.digests.known_branches([1, 2], month) == {1}
    assert world.store.digests.known_branches([2], month) == set()


def test_a_week_is_covered_by_rounds_that_read_before_its_end_and_after(store: Store) -> None:
    def a_round(at: datetime, reads: int, *, stopped: bool = False) -> None:
        run = store.start_round(at)
        store.finish_round(run, RunCounts(due=1, read=reads), at + HOUR, stopped=stopped, note=None)

    a_round(WEEK.end + HOUR, 1)
    assert not store.digests.covers(WEEK, NOW), "nothing from before its end"
    a_round(WEEK.end - HOUR / 2, 1)
    assert store.digests.covers(WEEK, NOW)
    assert not store.digests.covers(week_until(date(2026, 11, 23)), NOW), "nothing from after its end"
    a_round(WEEK.end + 8 * DAY, 0)
    a_round(WEEK.end + 9 * DAY, 1, stopped=True)
    assert not store.digests.covers(week_until(date(2026, 11, 23)), NOW + 9 * DAY), "nothing was read"
    a_round(WEEK.end + 300 * DAY, 1)
    assert not store.digests.covers(week_until(date(2026, 11, 23)), NOW + 9 * DAY), "a clock was ahead"


def test_letters_that_the_outbox_has_are_not_owed_again(store: Store) -> None:
    letters = [
        OwedLetter(
            f"weekly:{number}", NotificationKind.WEEKLY, Recipient(Audience.DEPARTMENT, "О", "a@b.org")
        )
        for number in range(1200)
    ]
    store.outbox.owe(letters[::2], datetime(2026, 11, 16, tzinfo=UTC))
    assert store.digests.not_owed(letters) == letters[1::2]

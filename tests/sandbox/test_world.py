"""The world is the same for the same seed, goes on by itself, and its truth is consistent."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.model import Access
from collector.sandbox import (
    MIXED_PLAN,
    Behaviour,
    PostKind,
    SandboxClock,
    SandboxCommunity,
    Span,
    UnknownCommunityError,
    World,
)

START = datetime(2026, 9, 1, 9, tzinfo=UTC)
TWENTY_TWO = [
    SandboxCommunity(network, screen_name=f"tpo{number}")
    for number in range(11)
    for network in ("vk", "facebook")
]


def world(seed: int = 7, *communities: SandboxCommunity) -> World:
    return World(communities or TWENTY_TWO, seed, SandboxClock(START, speed=0))


def test_the_same_seed_gives_the_same_world_however_one_looks() -> None:
    first, second = world(), world()
    later = START + timedelta(days=40)
    for name in ("tpo0", "tpo3"):
        for day in range(41):
            second.truth("vk", name, START + timedelta(days=day))
        assert first.truth("vk", name, later) == second.truth("vk", name, later)
        assert second.truth("vk", name, START) == world().truth("vk", name, START)


def test_another_seed_gives_another_world() -> None:
    assert world(1).truth("vk", "tpo0") != world(2).truth("vk", "tpo0")


def test_time_brings_posts_and_followers() -> None:
    now, later = (world().truth("vk", "tpo3", START + timedelta(days=days)) for days in (0, 60))
    assert later.post_count > now.post_count
    assert later.follower_count > now.follower_count
    assert later.newest_post_at is not None
    assert START + timedelta(days=50) < later.newest_post_at <= START + timedelta(days=60)


def test_the_default_world_of_the_demo_is_plausible() -> None:
    truths = [world().truth(c.network, c.screen_name or "") for c in TWENTY_TWO]
    assert all(100 < truth.follower_count < 1500 for truth in truths)
    assert all(truth.post_count > 10 for truth in truths)
    silent = [t for t in truths if t.newest_post_at and START - t.newest_post_at > timedelta(days=20)]
    closed = [t for t in truths if t.access is not Access.OPEN]
    assert 1 <= len(silent) <= 6
    assert 1 <= len(closed) <= 4


def test_silence_begins_and_ends_when_it_was_told_to() -> None:
    quiet = Behaviour(days_between_posts=0.5, silences=(Span(timedelta(days=3), timedelta(days=20)),))
    one = world(7, SandboxCommunity("vk", "5", behaviour=quiet))
    within = one.truth("vk", 5, START + timedelta(days=19, hours=23)).newest_post_at
    after = one.truth("vk", 5, START + timedelta(days=21)).newest_post_at
    assert within is not None
    assert after is not None
    assert START < within < START + timedelta(days=3)
    assert after >= START + timedelta(days=20)


def test_a_closed_community_opens_again() -> None:
    place = next(n for n, behaviour in enumerate(MIXED_PLAN) if behaviour.closures)
    accesses = [world().truth("vk", f"tpo{place}", START + timedelta(days=day)).access for day in (0, 30)]
    assert accesses == [Access.CLOSED, Access.OPEN]


def test_a_community_keeps_a_declared_id_and_gets_a_stable_one_otherwise() -> None:
    one = world(7, SandboxCommunity("vk", "123"), SandboxCommunity("vk", screen_name="Profsouz_VAO"))
    assert one.truth("vk", "CLUB123").native_id == "123"
    named = one.truth("vk", "profsouz_vao")
    assert (
        named.native_id
        == world(7, SandboxCommunity("vk", screen_name="profsouz_vao")).truth("vk", "PROFSOUZ_vao").native_id
    )


def test_a_renamed_community_is_found_by_its_new_name_and_its_id_alone() -> None:
    one = world(7, SandboxCommunity("vk", "123", screen_name="old_name"))
    one.rename("vk", "old_name", "New_Name")
    assert one.truth("vk", "new_name").native_id == "123"
    assert one.truth("vk", 123).screen_name == "new_name"
    with pytest.raises(UnknownCommunityError):
        one.truth("vk", "old_name")


def test_posts_made_and_deleted_by_hand_count() -> None:
    one = world(7, SandboxCommunity("vk", "123"))
    before = one.truth("vk", 123)
    made = one.publish("vk", 123)
    assert one.truth("vk", 123).newest_post_id == str(made.post_id)
    assert one.truth("vk", 123).post_count == before.post_count + 1
    one.delete_post("vk", 123, made.post_id)
    assert one.truth("vk", 123).newest_post_id == before.newest_post_id
    with pytest.raises(KeyError):
        one.delete_post("vk", 123, made.post_id)


def test_adverts_and_visitors_are_not_the_newest() -> None:
    one = world(7, SandboxCommunity("vk", "123"))
    before = one.truth("vk", 123)
    one.publish("vk", 123, PostKind.ADVERT)
    one.publish("vk", 123, PostKind.VISITOR)
    assert one.truth("vk", 123).newest_post_at == before.newest_post_at
    repost = one.publish("vk", 123, PostKind.REPOST)
    assert one.truth("vk", 123).newest_post_id == str(repost.post_id)
    assert one.truth("vk", 123).newest_original_at == before.newest_original_at


def test_some_posts_are_deleted_in_time() -> None:
    one = world(
        7, SandboxCommunity("vk", "1", behaviour=Behaviour(days_between_posts=0.3, deleted_share=0.3))
    )
    days = [
        {post.post_id for post in one.truth("vk", 1, START + timedelta(days=n)).counted_posts}
        for n in range(30)
    ]
    gone = set().union(*days) - days[-1]
    assert len(gone) > 10


def test_the_followers_set_by_hand_are_told_and_grow_from_there() -> None:
    one = world(7, SandboxCommunity("vk", "1", behaviour=Behaviour(daily_growth=0.01)))
    one.set_followers("vk", 1, 5000)
    assert one.truth("vk", 1).follower_count == 5000
    assert 5400 < one.truth("vk", 1, START + timedelta(days=10)).follower_count < 5600


def test_the_clock_may_stand_still_jump_and_run() -> None:
    clock = SandboxClock(START, speed=0)
    assert clock.now() == START
    clock.advance(timedelta(days=1))
    assert clock.now() == START + timedelta(days=1)
    clock.set_speed(86_400_000)
    while clock.now() < START + timedelta(days=30):
        pass


def test_it_is_read_while_posts_come_and_go() -> None:
    """A rehearsal publishes from one thread, and requests are answered in others."""
    quiet = SandboxCommunity("vk", native_id="1", behaviour=Behaviour())
    life = world(7, quiet).find("vk", "1")
    at = START.timestamp()
    errors: list[BaseException] = []
    is_over = threading.Event()

    def read() -> None:
        try:
            while not is_over.is_set():
                life.totals(at + 10**6)
                life.next_change(at)
        except BaseException as error:  # noqa: BLE001 - reported below
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for reader in readers:
            reader.start()
        for number in range(1500):
            post = life.publish(at + number * 600)
            if number % 3 == 0:
                life.delete(post.post_id, at + number * 600 + 1)
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
        sys.setswitchinterval(before)
    assert errors == []

"""What a batch of outcomes leaves in the tables, on each database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access
from storage import posts
from storage.store import Store
from storage.tables import (
    collection_outcome,
    collection_run,
    community,
    community_access,
    community_state,
    follower_snapshot,
    post,
    post_snapshot,
)
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, read, vk, vk_name, wall
from tests.storage.worlds import post as a_post


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def followers(world: World) -> list[tuple[int | None, int | None]]:
    return [(row.follower_count, row.post_count) for row in world.rows(follower_snapshot)]


def test_the_first_reading_is_kept_with_the_run_it_came_from(world: World) -> None:
    world.round(read(NOON, followers=100, wall=wall(count=7)))
    row = world.row(follower_snapshot)
    assert (row.community_id, row.observed_at, row.follower_count, row.post_count) == (1, NOON, 100, 7)
    assert row.run_id == world.row(collection_run).id


def test_an_unchanged_reading_of_the_same_day_leaves_no_row_but_proof_that_we_looked(world: World) -> None:
    world.round(read(NOON, wall=wall(count=7)))
    world.round(read(NOON + HOUR, wall=wall(count=7)))
    assert followers(world) == [(100, 7)]
    state = world.row(community_state)
    assert state.last_seen_at == state.wall_last_seen_at == NOON + HOUR
    assert state.changed_at == NOON


def test_the_same_reading_twice_changes_nothing(world: World) -> None:
    reading = read(NOON, wall=wall(a_post("1", NOON - HOUR, like_count=3), count=1))
    world.round(reading)
    tables = (follower_snapshot, post, post_snapshot, community_state, community, community_access)
    before = [world.rows(table) for table in tables]
    world.round(reading)
    assert [world.rows(table) for table in tables] == before


def test_a_changed_count_is_a_row(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(read(NOON + HOUR, followers=101))
    world.round(read(NOON + 2 * HOUR, followers=100))
    assert [count for count, _ in followers(world)] == [100, 101, 100]


def test_the_first_reading_of_each_moscow_day_is_a_row(world: World) -> None:
    before_midnight = NOON.replace(hour=20, minute=59)  # 23:59 in Moscow
    world.round(read(before_midnight))
    world.round(read(before_midnight + timedelta(minutes=2)))
    world.round(read(before_midnight + HOUR))
    assert [row.observed_at for row in world.rows(follower_snapshot)] == [
        before_midnight,
        before_midnight + timedelta(minutes=2),
    ]


def test_a_withheld_count_is_null_and_a_change(world: World) -> None:
    world.round(read(NOON, followers=100))
    world.round(read(NOON + HOUR, followers=None))
    world.round(read(NOON + 2 * HOUR, followers=None))
    assert [count for count, _ in followers(world)] == [100, None]
    assert world.row(community_state).follower_count is None


def test_a_wall_that_was_not_read_does_not_unmake_its_count(world: World) -> None:
    world.round(read(NOON, followers=100, wall=wall(count=7)))
    world.round(read(NOON + HOUR, followers=101))
    world.round(read(NOON + 2 * HOUR, followers=101, wall=wall(count=7)))
    assert followers(world) == [(100, 7), (101, None)]
    state = world.row(community_state)
    assert state.post_count == 7
    assert state.wall_last_seen_at == NOON + 2 * HOUR


def test_posts_are_kept_once_and_their_counts_when_they_change(world: World) -> None:
    at = NOON - HOUR
    world.round(read(NOON, wall=wall(a_post("1", at, like_count=1, view_count=None))))
    world.round(read(NOON + HOUR, wall=wall(a_post("1", at, like_count=1, view_count=None))))
    world.round(read(NOON + 2 * HOUR, wall=wall(a_post("1", at, like_count=2, view_count=10))))
    row = world.row(post)
    assert (row.native_id, row.published_at, row.first_seen_at, row.deleted_at) == ("1", at, NOON, None)
    assert (row.like_count, row.view_count) == (2, 10)
    assert [(row.observed_at, row.like_count, row.view_count) for row in world.rows(post_snapshot)] == [
        (NOON, 1, None),
        (NOON + 2 * HOUR, 2, 10),
    ]


def test_an_unchanged_post_is_a_row_in_the_first_reading_of_each_moscow_day(world: World) -> None:
    seen = wall(a_post("1", NOON - DAY, like_count=1))
    for hours in range(0, 30, 3):
        world.round(read(NOON + hours * HOUR, wall=seen))
    # Noon UTC is three in the afternoon in Moscow, whose next day begins nine hours later.
    assert [row.observed_at for row in world.rows(post_snapshot)] == [NOON, NOON + 9 * HOUR]


def test_the_newest_post_is_the_latest_by_date_whatever_the_order(world: World) -> None:
    pinned, fresh = a_post("1", NOON - 30 * DAY), a_post("2", NOON - DAY)
    world.round(read(NOON, wall=wall(pinned, fresh, since=NOON - 2 * DAY)))
    assert world.row(community_state).newest_post_at == NOON - DAY


def test_an_old_pinned_post_is_known_again_though_it_is_outside_the_window(world: World) -> None:
    pinned, fresh = a_post("1", NOON - 300 * DAY, like_count=9), a_post("2", NOON - DAY)
    for hours in range(3):
        world.round(read(NOON + hours * HOUR, wall=wall(pinned, fresh, since=NOON - 2 * DAY)))
    assert len(world.rows(post_snapshot)) == 2


def test_a_post_missing_within_the_window_was_deleted(world: World) -> None:
    older, newer = a_post("1", NOON - 3 * DAY), a_post("2", NOON - DAY)
    world.round(read(NOON, wall=wall(older, newer)))
    world.round(read(NOON + HOUR, wall=wall(older, since=NOON - 4 * DAY)))
    assert {row.native_id: row.deleted_at for row in world.rows(post)} == {"1": None, "2": NOON + HOUR}
    assert world.row(community_state).newest_post_at == NOON - 3 * DAY


def test_a_post_missing_from_beyond_the_window_still_stands(world: World) -> None:
    older, newer = a_post("1", NOON - 3 * DAY), a_post("2", NOON - DAY)
    world.round(read(NOON, wall=wall(older, newer)))
    world.round(read(NOON + HOUR, wall=wall(newer, since=NOON - 2 * DAY)))
    assert [row.deleted_at for row in world.rows(post)] == [None, None]


def test_a_post_that_comes_back_stands_again(world: World) -> None:
    only = a_post("1", NOON - DAY)
    world.round(read(NOON, wall=wall(only)))
    world.round(read(NOON + HOUR, wall=wall()))
    assert world.row(post).deleted_at == NOON + HOUR
    assert world.row(community_state).newest_post_at is None
    world.round(read(NOON + 2 * HOUR, wall=wall(only)))
    assert world.row(post).deleted_at is None
    assert world.row(community_state).newest_post_at == NOON - DAY


def test_adverts_on_top_do_not_hide_the_older_post_of_its_own(world: World) -> None:
    world.round(read(NOON, wall=wall(a_post("1", NOON - 3 * DAY))))
    world.round(read(NOON + HOUR, wall=wall(since=NOON - DAY)))
    assert world.row(community_state).newest_post_at == NOON - 3 * DAY


def test_a_full_wall_that_is_empty_at_once_is_believed_only_the_third_time(world: World) -> None:
    posts = [a_post(str(number), NOON - number * DAY) for number in range(1, 7)]
    world.round(read(NOON, wall=wall(*posts)))
    for hours in (1, 2):
        (believed,) = world.round(read(NOON + hours * HOUR, wall=wall()))
        assert believed.wall_failure.kind is FailureKind.UNEXPECTED_RESPONSE
        assert world.row(community_state).newest_post_at == NOON - DAY
        assert world.row(community_state).wall_last_seen_at == NOON
    world.round(read(NOON + 3 * HOUR, wall=wall()))
    assert world.row(community_state).newest_post_at is None
    assert all(row.deleted_at == NOON + 3 * HOUR for row in world.rows(post))


def test_a_reading_older_than_what_is_known_changes_nothing(world: World) -> None:
    world.round(read(NOON, followers=100))
    assert world.round(read(NOON - HOUR, followers=50)) == []
    assert followers(world) == [(100, None)]
    assert world.row(community_state).last_seen_at == NOON


def test_a_rename_is_followed(world: World) -> None:
    world.round(read(NOON))
    world.round(read(NOON + HOUR, screen_name="profsouz", title="Новое имя", url="https://vk.com/profsouz"))
    row = world.row(community)
    assert (row.native_id, row.screen_name, row.title) == ("1", "profsouz", "Новое имя")
    assert (row.address, row.url) == ("id:1", "https://vk.com/profsouz")


def test_the_day_a_community_closed_can_be_told(world: World) -> None:
    world.round(read(NOON))
    closed = failed(NOON + DAY, FailureKind.CLOSED)
    world.round(read(NOON + DAY, access=Access.CLOSED, wall_failure=closed))
    world.round(read(NOON + 2 * DAY, access=Access.CLOSED, wall_failure=closed))
    history = [(row.observed_at, row.access) for row in world.rows(community_access)]
    assert history == [(NOON, "open"), (NOON + DAY, "closed")]
    state = world.row(community_state)
    assert (state.access, state.access_changed_at, state.failure_kind) == ("closed", NOON + DAY, "closed")
    assert [row.scope for row in world.rows(collection_outcome)] == ["wall", "wall"]


def test_a_failure_keeps_the_values_and_is_noted_apart(world: World) -> None:
    world.round(read(NOON, followers=100))
    banned = failed(NOON + HOUR, FailureKind.BANNED, access=Access.BANNED, raw_answer="{}")
    world.round(banned)
    state = world.row(community_state)
    assert (state.follower_count, state.last_seen_at, state.last_attempt_at) == (100, NOON, NOON + HOUR)
    assert (state.access, state.failure_kind, state.consecutive_failures) == ("banned", "banned", 1)
    outcome = world.row(collection_outcome)
    assert (outcome.scope, outcome.failure_kind, outcome.raw_answer) == ("community", "banned", "{}")
    assert followers(world) == [(100, None)]


def test_a_failing_community_is_tried_less_often_at_least_daily_and_at_once_after_it_recovers(
    world: World,
) -> None:
    waits = []
    at = NOON
    for _ in range(7):
        world.round(failed(at, FailureKind.MISSING))
        due = world.row(community_state).next_due_at
        waits.append((due - at) / HOUR)
        at = due
    assert waits == [2, 4, 8, 16, 24, 24, 24]
    world.round(read(at))
    state = world.row(community_state)
    assert (state.consecutive_failures, state.next_due_at) == (0, at + HOUR)


def test_the_tokens_faults_are_not_counted_against_the_community(world: World) -> None:
    world.round(read(NOON))
    world.round(failed(NOON + HOUR, FailureKind.TOKEN_REFUSED))
    world.round(failed(NOON + 2 * HOUR, FailureKind.TEMPORARY))
    state = world.row(community_state)
    assert (state.consecutive_failures, state.access) == (0, "open")
    assert state.next_due_at == NOON + 3 * HOUR


def test_an_answer_that_needs_confirming_marks_the_community_only_the_third_time(world: World) -> None:
    for hours, access in enumerate(["unknown", "unknown", "missing"]):
        world.round(
            failed(
                NOON + hours * HOUR,
                FailureKind.MISSING,
                access=Access.MISSING,
                is_certain=False,
                confirmations=3,
            )
        )
        assert world.row(community_state).access == access


def test_answers_that_made_no_sense_confirm_nothing(world: World) -> None:
    def missing(hours: int) -> str:
        answer = {"access": Access.MISSING, "is_certain": False, "confirmations": 3}
        world.round(failed(NOON + hours * HOUR, FailureKind.MISSING, **answer))
        return world.row(community_state).access

    world.round(read(NOON))
    world.round(failed(NOON + HOUR, FailureKind.UNEXPECTED_RESPONSE))
    world.round(failed(NOON + 2 * HOUR, FailureKind.UNEXPECTED_RESPONSE))
    assert [missing(3), missing(4)] == ["open", "open"]
    world.round(failed(NOON + 5 * HOUR, FailureKind.TEMPORARY))
    assert missing(6) == "missing"


def test_a_wall_withheld_for_long_does_not_confirm_that_it_vanished(world: World) -> None:
    posts = [a_post(str(number), NOON - number * HOUR) for number in range(10)]
    world.round(read(NOON, wall=wall(*posts, count=10)))
    for hours in (1, 2, 3):
        closed = failed(NOON + hours * HOUR, FailureKind.CLOSED)
        world.round(read(NOON + hours * HOUR, access=Access.CLOSED, wall_failure=closed))
    for hours in (4, 5):
        world.round(read(NOON + hours * HOUR, wall=wall(count=0)))
        assert world.row(community_state).newest_post_at == NOON
    world.round(read(NOON + 6 * HOUR, wall=wall(count=0)))
    assert world.row(community_state).newest_post_at is None


@pytest.mark.parametrize("strange", ["Проф\x00союз", "Профсоюз \ud83d"])
def test_a_text_that_no_database_takes_costs_nobody_a_value(store: Store, strange: str) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    refused = failed(
        NOON, FailureKind.UNEXPECTED_RESPONSE, community_id=2, detail=strange, raw_answer=strange
    )
    world.round(read(NOON, title=strange, followers=100), refused)
    shown = strange.replace("\x00", "\ufffd").replace("\ud83d", "\ufffd")
    assert [row.title for row in world.rows(community)] == [shown, None]
    assert world.row(follower_snapshot).follower_count == 100
    assert (world.row(collection_outcome).detail, world.row(collection_outcome).raw_answer) == (shown, shown)


def test_a_post_that_was_backdated_is_no_longer_the_newest(world: World) -> None:
    old, standing = a_post("1", NOON - 30 * DAY), a_post("2", NOON - DAY)
    world.round(read(NOON, wall=wall(old, standing, since=NOON - 31 * DAY)))
    backdated = a_post("2", NOON - 900 * DAY)
    world.round(read(NOON + HOUR, wall=wall(backdated, since=NOON - 10 * DAY)))
    assert world.row(community_state).newest_post_at == NOON - 30 * DAY
    assert world.rows(post)[1].published_at == NOON - 900 * DAY


def test_posts_older_than_what_is_covered_are_compared_in_slices(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facebook's feeds are ranked: where posts stray far, a look covers nothing, and all that it shows is outside.

    500 such first looks are 100,000 parameters, and a statement takes 65,535 on PostgreSQL.
    """
    monkeypatch.setattr(posts, "_KEYS_AT_ONCE", 3)
    shown = [a_post(str(number), NOON - number * HOUR, like_count=1) for number in range(1, 9)]
    world.round(read(NOON, wall=wall(*shown, since=NOON)))
    world.round(read(NOON + HOUR, wall=wall(*shown, since=NOON + HOUR)))
    assert len(world.rows(post_snapshot)) == 8


def test_a_retired_community_that_comes_back_under_a_new_name_is_told_how_to_go_on(store: Store) -> None:
    world = World(store, branch("ВАО", vk_name("old")))
    world.round(read(NOON, native_id="7", screen_name="old", url="https://vk.com/old"))
    store.sync_branches((branch("ВАО"),), NOON + HOUR)
    store.sync_branches((branch("ВАО", vk_name("new")),), NOON + 2 * HOUR)
    (outcome,) = world.round(read(NOON + 3 * HOUR, community_id=2, native_id="7", screen_name="new"))
    assert outcome.kind is FailureKind.DUPLICATE
    assert "https://vk.com/old, which stood in the branches file before; write that address" in outcome.detail
    store.sync_branches((branch("ВАО", vk_name("old")),), NOON + 4 * HOUR)
    world.round(read(NOON + 5 * HOUR, native_id="7", screen_name="new"))
    first, second = world.rows(community)
    assert (first.retired_at, second.retired_at) == (None, NOON + 4 * HOUR)
    assert world.rows(community_state)[0].last_seen_at == NOON + 5 * HOUR


def test_a_name_that_leads_to_a_listed_community_is_told_as_its_duplicate(store: Store) -> None:
    world = World(store, branch("ВАО", vk("7")), branch("САО", vk_name("profsouz")))
    by_name = {"community_id": 2, "native_id": "7", "screen_name": "profsouz"}
    first, second = world.round(read(NOON, native_id="7"), read(NOON, **by_name))
    assert second.kind is FailureKind.DUPLICATE
    assert "https://vk.com/club7" in second.detail
    assert first.native_id == "7"
    assert [row.native_id for row in world.rows(community)] == ["7", None]


def test_two_names_of_one_community_in_one_batch_are_told_too(store: Store) -> None:
    world = World(store, branch("ВАО", vk_name("first")), branch("САО", vk_name("second")))
    outcomes = world.round(read(NOON, native_id="7"), read(NOON, community_id=2, native_id="7"))
    assert [getattr(outcome, "kind", None) for outcome in outcomes] == [None, FailureKind.DUPLICATE]


def test_one_communitys_failure_does_not_touch_anothers_reading(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(read(NOON), failed(NOON, FailureKind.UNEXPECTED_RESPONSE, community_id=2))
    assert [row.failure_kind for row in world.rows(community_state)] == [None, "unexpected_response"]
    assert [row.community_id for row in world.rows(follower_snapshot)] == [1]


def test_an_outcome_of_a_community_that_is_not_there_is_left_out(world: World) -> None:
    assert world.round(read(NOON, community_id=99)) == []
    assert world.rows(follower_snapshot) == []


def test_a_value_can_be_told_for_any_instant(world: World) -> None:
    """Change-only, yet lossless: replaying the rows gives what each reading saw."""
    seen = {}
    for hours, count in enumerate([100, 100, 103, 103, None, None, 99, 99] * 6):
        at = NOON + hours * HOUR
        seen[at] = count
        world.round(read(at, followers=count))
    rows = world.rows(follower_snapshot)
    assert len(rows) < len(seen)
    for at, count in seen.items():
        newest = max((row for row in rows if row.observed_at <= at), key=lambda row: row.observed_at)
        assert newest.follower_count == count


def test_a_closed_wall_stays_a_finding_while_it_is_not_asked_for_again(world: World) -> None:
    closed = failed(NOON, FailureKind.CLOSED)
    world.round(read(NOON, access=Access.CLOSED, wall_failure=closed))
    world.round(read(NOON + HOUR, access=Access.CLOSED))
    state = world.row(community_state)
    assert (state.failure_kind, state.wall_failure_count, state.wall_attempted_at) == ("closed", 1, NOON)


def test_a_wall_is_wanted_at_once_when_the_community_opens_again(world: World) -> None:
    world.round(read(NOON, access=Access.CLOSED, wall_failure=failed(NOON, FailureKind.CLOSED)))
    world.round(read(NOON + HOUR, access=Access.OPEN))
    state = world.row(community_state)
    assert (state.access, state.failure_kind, state.wall_failure_count) == ("open", None, 0)


def test_a_reading_whose_wall_was_cut_short_by_a_stop_is_kept_and_stays_due(world: World) -> None:
    due_at = world.row(community_state).next_due_at
    world.round(read(NOON, followers=100, wall_failure=failed(NOON, FailureKind.INTERRUPTED)))
    state = world.row(community_state)
    assert (state.follower_count, state.failure_kind, state.next_due_at) == (100, None, due_at)
    assert state.wall_attempted_at is None
    assert world.rows(collection_outcome) == []


def test_readings_stored_while_a_clock_was_ahead_do_not_stand_for_a_year(world: World) -> None:
    world.round(read(NOON + 365 * DAY, followers=90, wall=wall()))
    assert world.store.due_communities("vk", NOON, DAY)
    world.round(read(NOON, followers=100, wall=wall()))
    state = world.row(community_state)
    assert (state.follower_count, state.last_seen_at, state.next_due_at) == (100, NOON, NOON + HOUR)
    assert state.wall_first_seen_at == NOON
    assert not world.store.due_communities("vk", NOON, DAY)


def test_what_a_token_is_blamed_for_is_noted_once_a_day(world: World) -> None:
    for hours in range(0, 48, 6):
        world.round(failed(NOON + hours * HOUR, FailureKind.NO_TOKEN))
    days = [row.observed_at for row in world.rows(collection_outcome)]
    assert days == [NOON, NOON + 12 * HOUR, NOON + 36 * HOUR]
    world.round(failed(NOON + 49 * HOUR, FailureKind.TOKEN_REFUSED))
    assert len(world.rows(collection_outcome)) == 4


def test_a_shorter_interval_holds_at_once_after_a_restart(world: World) -> None:
    world.round(read(NOON))
    world.store.take_up_settings(NOON + HOUR / 2, HOUR / 6)
    assert world.row(community_state).next_due_at == NOON + HOUR / 2


def test_a_shorter_interval_is_waited_for_from_the_restart_on(world: World) -> None:
    world.round(read(NOON))
    world.store.take_up_settings(NOON + HOUR / 20, HOUR / 6)
    assert world.row(community_state).next_due_at == NOON + HOUR / 20 + HOUR / 6


def test_what_a_token_failed_is_due_after_a_restart_and_what_failed_itself_waits(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    world.round(failed(NOON, FailureKind.NO_TOKEN), failed(NOON, FailureKind.MISSING, community_id=2))
    store.take_up_settings(NOON + HOUR / 2, HOUR)
    assert [row.next_due_at for row in world.rows(community_state)] == [NOON + HOUR / 2, NOON + 2 * HOUR]

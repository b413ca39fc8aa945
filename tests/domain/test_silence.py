"""When is a branch silent? The rule at its boundaries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access, Pause
from collector.domain.silence import (
    Assessment,
    Evidence,
    SeenPost,
    SilencePolicy,
    UnknownReason,
    Verdict,
    assess,
    deadline_after,
    is_paused,
    merged,
    unpaused_between,
)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
ACTIVE, SILENT, UNKNOWN = Verdict.ACTIVE, Verdict.SILENT, Verdict.UNKNOWN


def community(
    number: int = 1,
    *,
    posted: datetime | None = None,
    read: datetime | None = None,
    first_read: datetime | None = None,
    withheld: datetime | None = None,
    network: str = "vk",
) -> Evidence:
    """What is known of a community; with a post, its first reading was long ago unless it is given."""
    post = (
        None if posted is None else SeenPost(number, network, f"p{number}", posted, "https://vk.com/wall-1_1")
    )
    return Evidence(
        community_id=number,
        network=network,
        url=f"https://vk.com/club{number}",
        title=None,
        access=Access.OPEN if withheld is None else Access.CLOSED,
        newest_post=post,
        wall_first_seen_at=first_read if first_read is not None or read is None else NOON - 300 * DAY,
        wall_last_seen_at=read,
        withheld_at=withheld,
        failure_kind=None if withheld is None else FailureKind.CLOSED,
    )


def assessed(now: datetime, *communities: Evidence, pauses: tuple[Pause, ...] = ()) -> Assessment:
    return assess(communities, SilencePolicy(WEEK, pauses), now)


def pause(first: str, last: str | None = None) -> Pause:
    return Pause(date.fromisoformat(first), date.fromisoformat(last or first), "каникулы")


class TestThreshold:
    @pytest.mark.parametrize(
        ("after", "verdict"),
        [(WEEK - SECOND, ACTIVE), (WEEK, ACTIVE), (WEEK + SECOND, SILENT)],
        ids=["6 d 23:59:59", "7 d 00:00:00", "7 d 00:00:01"],
    )
    def test_of_seven_days(self, after: timedelta, verdict: Verdict) -> None:
        now = NOON + after
        found = assessed(now, community(posted=NOON, read=now))
        assert (found.verdict, found.deadline_at, found.counted_from) == (verdict, NOON + WEEK, NOON)

    def test_counts_from_the_newest_post_of_all_communities(self) -> None:
        now = NOON + 8 * DAY
        found = assessed(
            now,
            community(1, posted=NOON - 20 * DAY, read=now),
            community(2, posted=NOON + 2 * DAY, read=now),
            community(3, read=now),
        )
        assert found.verdict is ACTIVE
        assert found.last_post is not None
        assert found.last_post.community_id == 2

    def test_a_post_known_of_a_community_that_closed_counts_still(self) -> None:
        now = NOON + 8 * DAY
        open_one = community(1, posted=NOON - DAY, read=now)
        assert assessed(now, open_one, community(2, posted=NOON + 2 * DAY, withheld=now)).verdict is ACTIVE
        assert assessed(now, open_one, community(2, posted=NOON, withheld=now)).verdict is SILENT

    def test_an_active_branch_needs_no_proof(self) -> None:
        unread = community(2, read=NOON - 30 * DAY)
        assert assessed(NOON + DAY, community(1, posted=NOON, read=NOON), unread).verdict is ACTIVE


class TestNeverPosted:
    def test_counts_from_the_first_look_at_any_of_its_walls(self) -> None:
        walls = [
            community(1, read=NOON + WEEK, first_read=NOON),
            community(2, read=NOON + WEEK, first_read=NOON - DAY),
        ]
        assert assessed(NOON + 6 * DAY, *walls).verdict is ACTIVE
        found = assessed(NOON + WEEK, *walls)
        assert (found.verdict, found.counted_from, found.last_post) == (SILENT, NOON - DAY, None)

    def test_never_read_is_unknown_however_long(self) -> None:
        found = assessed(NOON, community(1), community(2, withheld=NOON))
        assert (found.verdict, found.reason, found.missing) == (UNKNOWN, UnknownReason.NEVER_READ, (1,))


class TestProof:
    def test_a_look_at_the_deadline_proves_nothing_one_after_it_does(self) -> None:
        now = NOON + WEEK + HOUR
        for read, verdict in ((NOON + WEEK, UNKNOWN), (NOON + WEEK + SECOND, SILENT)):
            found = assessed(now, community(posted=NOON, read=read))
            assert found.verdict is verdict
            assert found.missing == (() if verdict is SILENT else (1,))

    def test_vk_quiet_and_facebook_unreadable_since_before_the_deadline_is_unknown(self) -> None:
        now = NOON + 30 * DAY
        found = assessed(
            now,
            community(1, posted=NOON, read=now, network="vk"),
            community(2, posted=NOON - DAY, read=NOON + WEEK - HOUR, network="facebook"),
        )
        assert (found.verdict, found.reason) == (UNKNOWN, UnknownReason.NOT_READ)
        assert found.missing == (2,)

    def test_after_thirty_days_of_our_own_outage_nobody_is_silent_and_then_who_is_at_once(self) -> None:
        before, now = NOON, NOON + 30 * DAY
        assert assessed(now, community(posted=NOON - DAY, read=before)).verdict is UNKNOWN
        assert assessed(now + HOUR, community(posted=NOON - DAY, read=now)).verdict is SILENT

    def test_silence_is_proven_up_to_the_oldest_of_the_looks(self) -> None:
        now = NOON + 30 * DAY
        found = assessed(
            now,
            community(1, posted=NOON, read=now - HOUR),
            community(2, read=now - 9 * HOUR),
            community(3, withheld=now - 5 * HOUR),
        )
        assert (found.verdict, found.proven_at) == (SILENT, now - 9 * HOUR)

    def test_a_look_of_the_future_is_none(self) -> None:
        now = NOON + 8 * DAY
        for ahead, verdict in ((HOUR, SILENT), (HOUR + SECOND, UNKNOWN), (365 * DAY, UNKNOWN)):
            assert assessed(now, community(posted=NOON, read=now + ahead)).verdict is verdict


class TestCommunitiesThatCannotBeRead:
    def test_a_branch_without_communities_is_a_finding(self) -> None:
        found = assessed(NOON)
        assert (found.verdict, found.reason) == (UNKNOWN, UnknownReason.NO_COMMUNITY)
        assert found.reason is not None
        assert found.reason.is_finding

    @pytest.mark.parametrize("posted", [None, NOON - 30 * DAY])
    def test_one_with_none_that_can_be_read_too(self, posted: datetime | None) -> None:
        found = assessed(NOON, community(1, posted=posted, withheld=NOON), community(2, withheld=NOON))
        assert (found.verdict, found.reason) == (UNKNOWN, UnknownReason.NONE_READABLE)

    def test_a_closed_one_leaves_the_others_to_be_judged(self) -> None:
        now = NOON + 8 * DAY
        closed = community(2, posted=NOON - 90 * DAY, withheld=now - HOUR)
        assert assessed(now, community(1, posted=NOON, read=now), closed).verdict is SILENT
        assert assessed(now, community(1, posted=NOON + 2 * DAY, read=now), closed).verdict is ACTIVE

    def test_that_it_is_closed_must_have_been_seen_after_the_deadline(self) -> None:
        """It may have been opened since, and be lively."""
        now = NOON + 30 * DAY
        for seen, verdict in ((NOON + WEEK, UNKNOWN), (NOON + WEEK + SECOND, SILENT)):
            found = assessed(now, community(1, posted=NOON, read=now), community(2, withheld=seen))
            assert found.verdict is verdict


class TestPauses:
    """Days are Moscow's: the 12th begins on the 11th at 21:00 UTC. It knows no summer time since 2014."""

    @pytest.mark.parametrize(
        ("pauses", "deadline"),
        [
            pytest.param([], NOON + WEEK, id="none"),
            pytest.param([pause("2026-10-07")], NOON + 8 * DAY, id="a day within"),
            pytest.param([pause("2026-10-07", "2026-10-09")], NOON + 10 * DAY, id="three days within"),
            pytest.param([pause("2026-10-07"), pause("2026-10-08")], NOON + 9 * DAY, id="touching"),
            pytest.param(
                [pause("2026-10-07", "2026-10-09"), pause("2026-10-08", "2026-10-10")],
                NOON + 11 * DAY,
                id="overlapping",
            ),
            pytest.param(
                [pause("2026-10-01", "2026-10-31"), pause("2026-10-08", "2026-10-09")],
                datetime(2026, 10, 31, 21, tzinfo=UTC) + WEEK,
                id="one within another",
            ),
            pytest.param([pause("2026-09-01", "2026-09-30")], NOON + WEEK, id="long past"),
            pytest.param([pause("2026-10-13")], NOON + WEEK, id="after the deadline"),
            pytest.param(
                [pause("2026-10-05")],
                datetime(2026, 10, 5, 21, tzinfo=UTC) + WEEK,
                id="under way at the post",
            ),
            pytest.param(
                [pause("2026-10-12")],
                NOON + 8 * DAY,
                id="deadline within it",
            ),
            pytest.param(
                [pause("2026-10-08"), pause("2026-10-13")],
                NOON + 9 * DAY,
                id="a second one reached only through the first",
            ),
            pytest.param(
                [pause("2026-10-24", "2026-10-25")], NOON + WEEK, id="where clocks change elsewhere, later"
            ),
        ],
    )
    def test_stop_the_clock(self, pauses: list[Pause], deadline: datetime) -> None:
        assert deadline_after(NOON, WEEK, pauses) == deadline
        for now, verdict in ((deadline, ACTIVE), (deadline + SECOND, SILENT)):
            assert assessed(now, community(posted=NOON, read=now), pauses=tuple(pauses)).verdict is verdict

    def test_that_begins_on_the_deadline_puts_it_off_to_its_end(self) -> None:
        posted = datetime(2026, 10, 5, 21, tzinfo=UTC)
        holidays = pause("2026-10-13", "2026-10-14")
        begins, ends = posted + WEEK, posted + 9 * DAY
        assert deadline_after(posted, WEEK, [holidays]) == ends
        for now, verdict in ((begins + SECOND, ACTIVE), (ends, ACTIVE), (ends + SECOND, SILENT)):
            assert assessed(now, community(posted=posted, read=now), pauses=(holidays,)).verdict is verdict

    def test_a_day_lasts_a_day_where_others_change_their_clocks(self) -> None:
        """Germany's clocks go back on 25 October 2026, Moscow's do not."""
        assert merged([pause("2026-10-25")]) == (
            (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 21, tzinfo=UTC)),
        )

    def test_a_look_within_a_pause_before_the_deadline_proves_nothing(self) -> None:
        holidays = pause("2026-10-10", "2026-10-20")
        now = NOON + 30 * DAY
        assert (
            assessed(now, community(posted=NOON, read=NOON + 10 * DAY), pauses=(holidays,)).verdict is UNKNOWN
        )

    def test_hold_at_their_instants(self) -> None:
        holidays = [pause("2026-10-07", "2026-10-08")]
        begins, ends = datetime(2026, 10, 6, 21, tzinfo=UTC), datetime(2026, 10, 8, 21, tzinfo=UTC)
        held = [is_paused(holidays, now) for now in (begins - SECOND, begins, ends - SECOND, ends)]
        assert held == [False, True, True, False]

    def test_are_left_out_of_a_length_of_time(self) -> None:
        holidays = [pause("2026-10-07", "2026-10-08"), pause("2026-10-08", "2026-10-09")]
        assert unpaused_between(NOON, NOON + 10 * DAY, holidays) == 7 * DAY
        assert unpaused_between(NOON + 2 * DAY, NOON + 3 * DAY, holidays) == timedelta(0)
        assert unpaused_between(NOON + DAY, NOON, holidays) == timedelta(0)


class TestWarning:
    POLICY = SilencePolicy(WEEK, warn_before=2 * DAY)

    @pytest.mark.parametrize(
        ("after", "is_due"),
        [(5 * DAY, False), (5 * DAY + SECOND, True), (WEEK, True), (WEEK + SECOND, False)],
    )
    def test_is_due_from_its_time_to_the_deadline(self, after: timedelta, is_due: bool) -> None:
        now = NOON + after
        assert assess([community(posted=NOON, read=now)], self.POLICY, now).is_warning_due is is_due

    def test_needs_a_look_within_that_time_at_every_community(self) -> None:
        now = NOON + 6 * DAY
        seen, unseen = community(1, posted=NOON, read=now), community(2, read=NOON + 5 * DAY)
        assert not assess([seen, unseen], self.POLICY, now).is_warning_due

    def test_is_none_without_the_setting_or_a_wall_to_write_on(self) -> None:
        now = NOON + 6 * DAY
        assert not assessed(now, community(posted=NOON, read=now)).is_warning_due
        assert not assess([community(posted=NOON, withheld=now)], self.POLICY, now).is_warning_due

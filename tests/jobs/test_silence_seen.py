"""What a silent community shows, from the network to the verdict: only a post of its own ends its silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from collector.domain.silence import Assessment, Verdict, assess
from collector.sandbox import Behaviour, Fault, PostKind, Span
from tests.jobs.rounds import HOUR, START, Rounds

DAY = timedelta(days=1)
WEEK = 7 * DAY
QUIET = Behaviour(
    days_between_posts=0.6, silences=(Span(DAY, 400 * DAY),), has_pinned_post=True, shows_postponed=True
)
"""Posts daily, with a pinned old post on top, and from the second day on only has postponed ones waiting."""

Started = Callable[..., Rounds]


@pytest.fixture
def quiet(rounds: Started) -> Rounds:
    """A branch whose one community fell quiet: read on the first days, and after the deadline."""
    started = rounds(["100"], plan=(QUIET,))
    started.round()
    started.round(2 * DAY)
    return started


def verdict(rounds: Rounds, *, count_reposts: bool = True) -> Assessment:
    ((branch,),) = rounds.store.evidence.facts(
        default_threshold=WEEK, count_reposts=count_reposts, warn_before=None
    )
    return assess(branch.communities, branch.policy, rounds.now())


def truth(rounds: Rounds) -> datetime:
    newest = rounds.world.truth("vk", "100").newest_post_at
    assert newest is not None
    return newest


def test_a_pinned_old_post_on_top_hides_neither_a_newer_one_nor_the_silence(quiet: Rounds) -> None:
    last = truth(quiet)
    assert verdict(quiet).verdict is Verdict.ACTIVE
    assert verdict(quiet).counted_from == last
    quiet.round(9 * DAY)
    found = verdict(quiet)
    assert (found.verdict, found.counted_from, found.deadline_at) == (Verdict.SILENT, last, last + WEEK)
    assert found.proven_at == START + 9 * DAY


@pytest.mark.parametrize("kind", [PostKind.VISITOR, PostKind.ADVERT])
def test_what_is_no_post_of_its_own_does_not_end_its_silence(quiet: Rounds, kind: PostKind) -> None:
    quiet.clock.advance(START + 9 * DAY - quiet.clock.now())
    quiet.world.publish("vk", "100", kind)
    quiet.round(9 * DAY + HOUR)
    assert verdict(quiet).verdict is Verdict.SILENT


def test_a_post_dated_tomorrow_ends_it_neither(quiet: Rounds) -> None:
    """An answer that cannot be true is no look: the silence that was proven before is not, until the next."""
    quiet.round(9 * DAY)
    quiet.clock.advance(HOUR)
    quiet.sandbox.faults.add(Fault("future", path="response.items.0.date", seconds=86_400))
    quiet.sandbox.faults.add(Fault("future", path="items.0.date", seconds=86_400))
    quiet.round(9 * DAY + HOUR)
    assert quiet.failures() == {"unexpected_response": 1}
    assert verdict(quiet).counted_from == truth(quiet)
    assert verdict(quiet).verdict is Verdict.SILENT


def test_its_own_post_ends_it(quiet: Rounds) -> None:
    quiet.round(9 * DAY)
    quiet.world.publish("vk", "100", PostKind.OWN)
    quiet.round(9 * DAY + HOUR)
    found = verdict(quiet)
    assert (found.verdict, found.counted_from) == (Verdict.ACTIVE, truth(quiet))


@pytest.mark.parametrize(("counts", "expected"), [(True, Verdict.ACTIVE), (False, Verdict.SILENT)])
def test_a_repost_ends_it_if_reposts_count(quiet: Rounds, counts: bool, expected: Verdict) -> None:
    quiet.round(9 * DAY)
    quiet.world.publish("vk", "100", PostKind.REPOST)
    quiet.round(9 * DAY + HOUR)
    assert verdict(quiet, count_reposts=counts).verdict is expected


def test_if_the_only_recent_post_is_deleted_it_is_silent_from_the_post_before(quiet: Rounds) -> None:
    before = truth(quiet)
    quiet.clock.advance(3 * DAY)
    published = quiet.world.publish("vk", "100", PostKind.OWN)
    quiet.round(9 * DAY)
    assert verdict(quiet).verdict is Verdict.ACTIVE
    quiet.world.delete_post("vk", "100", published.post_id)
    quiet.round(9 * DAY + HOUR)
    found = verdict(quiet)
    assert (found.verdict, found.counted_from) == (Verdict.SILENT, before)


class TestALookThatIsAskedFor:
    """The branch's deadline is another than its wall's: a wall whose turn is far off is read at once."""

    def test_is_taken_in_the_next_round_however_thin_the_quota(self, rounds: Started) -> None:
        thin = rounds(["100"], plan=(QUIET,))
        thin.round(9 * DAY)
        thin.daily_wall_reads = 1
        seen = self.looked_at(thin)
        asked_at = START + 9 * DAY + HOUR / 2
        thin.round(9 * DAY + HOUR)
        assert self.looked_at(thin) == seen, "its wall's turn comes once in a day"
        thin.store.evidence.ask_looks([1], asked_at, thin.now())
        thin.round(9 * DAY + HOUR + timedelta(minutes=1))
        assert self.looked_at(thin) == START + 9 * DAY + HOUR + timedelta(minutes=1)
        thin.round(9 * DAY + 3 * HOUR)
        assert self.looked_at(thin) == START + 9 * DAY + HOUR + timedelta(minutes=1), "once asked, once read"

    @staticmethod
    def looked_at(rounds: Rounds) -> datetime | None:
        ((branch,),) = rounds.store.evidence.facts(
            default_threshold=WEEK, count_reposts=True, warn_before=None
        )
        return branch.communities[0].looked_at

"""What collector/networks/base.py promises, held by every adapter."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.domain.errors import FailureKind
from collector.domain.model import (
    LONGEST_TEXT,
    MOST_ATTACHMENTS,
    Access,
    CommunityToRead,
    Failure,
    Reading,
)
from collector.networks.base import AddressError, Services, network
from collector.sandbox import Fault
from tests.networks.harness import NOW, Bench, benches
from tests.networks.leaks import leaks

BENCHES = benches()
CASES = [(bench, name) for bench in BENCHES for name in bench.breaks]
DAMAGES = [(bench, name) for bench in BENCHES for name in bench.damages]
ODDITIES = [(bench, name) for bench in BENCHES for name in bench.oddities]
Start = Callable[..., Bench]


@pytest.fixture(params=BENCHES, ids=lambda kind: kind.network)
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts a bench of each network."""
    yield from _starter(request.param)


def _starter(kind: type[Bench]) -> Iterator[Start]:
    started: list[Bench] = []

    def make(*args: Any, **kwargs: Any) -> Bench:
        started.append(kind(*args, **kwargs))
        return started[-1].__enter__()

    yield make
    for bench in started:
        bench.__exit__(None, None, None)


@pytest.fixture
def broken(request: pytest.FixtureRequest) -> Iterator[Bench]:
    kind, name = request.param
    with kind() as bench:
        bench.break_network(name)
        yield bench


def test_a_healthy_network_is_read_as_it_is(start: Start) -> None:
    bench = start()
    outcomes = bench.read()
    assert sorted(outcomes) == list(range(6))
    for place, outcome in outcomes.items():
        truth = bench.truth(place)
        assert isinstance(outcome, Reading)
        assert outcome.wall is not None
        assert outcome.observed_at == NOW
        assert (outcome.native_id, outcome.title, outcome.access) == (
            truth.native_id,
            truth.title,
            Access.OPEN,
        )
        assert outcome.follower_count == truth.follower_count
        assert max(post.published_at for post in outcome.wall.posts) == truth.newest_post_at


@pytest.mark.parametrize("ahead", [timedelta(minutes=61), timedelta(days=365), timedelta(minutes=-61)])
def test_what_another_clock_tells_is_no_reading(start: Start, ahead: timedelta) -> None:
    bench = start(count=60)
    bench.ahead = ahead
    outcomes = bench.read()
    assert len(outcomes) == 60
    for outcome in outcomes.values():
        assert isinstance(outcome, Failure)
        assert (outcome.kind, outcome.access) == (FailureKind.CLOCK_WRONG, None)
        assert "its clock says 2026-09-01 09:00 UTC, ours 202" in outcome.detail


def test_a_limit_told_meanwhile_does_not_outlast_the_wrong_clock(start: Start) -> None:
    bench = start()
    adapter = bench.adapter()
    bench.ahead = timedelta(days=365)
    number = bench.sandbox.faults.add(Fault("usage", percent=100.0))
    assert {outcome.kind for outcome in adapter.read(bench.targets()) if isinstance(outcome, Failure)} == {
        FailureKind.CLOCK_WRONG
    }
    bench.sandbox.faults.clear(number)
    bench.ahead = timedelta(0)
    assert all(isinstance(outcome, Reading) for outcome in adapter.read(bench.targets()))


def test_nor_is_what_it_says_of_communities(start: Start) -> None:
    bench = start()
    bench.ahead = timedelta(days=365)
    bench.sandbox.faults.add(Fault("error", code=100, message="one of the parameters is invalid"))
    assert {outcome.kind for outcome in bench.read().values() if isinstance(outcome, Failure)} == {
        FailureKind.CLOCK_WRONG
    }


def test_clocks_may_differ_by_an_hour_or_not_be_told(start: Start) -> None:
    bench = start()
    bench.ahead = timedelta(minutes=59)
    assert all(isinstance(outcome, Reading) for outcome in bench.read().values())
    bench.ahead = timedelta(days=365)
    bench.sandbox.faults.add(Fault("no_date"))
    assert all(isinstance(outcome, Reading) for outcome in bench.read().values())


@pytest.mark.parametrize("wrong", [False, True])
def test_a_check_tells_of_a_wrong_clock(start: Start, wrong: bool) -> None:
    bench = start()
    bench.ahead = timedelta(days=365 if wrong else 0)
    (report,) = bench.adapter().check()
    told = f"{report.cannot} {report.advice}"
    assert ("set this machine's clock right" in told) is wrong
    # By a wrong clock nobody knows.
    assert report.is_working is (None if wrong else True)


def test_posts_are_the_communitys_own(start: Start) -> None:
    bench = start()
    for place, outcome in bench.read().items():
        assert isinstance(outcome, Reading)
        assert outcome.wall is not None
        since = outcome.wall.covers_since
        # A post's number by the sandbox's truth is the end of its id.
        shown = {
            int(post.native_id.rpartition("_")[2]) % 10**15: post.is_repost for post in outcome.wall.posts
        }
        counted = bench.truth(place).counted_posts
        covered = [facts for facts in counted if since is None or facts.published_at > since.timestamp()]
        assert {facts.post_id for facts in covered} <= shown.keys()
        # Beyond what is covered there may be a pinned post, and one of that very instant.
        assert shown.items() <= {facts.post_id: facts.kind == "repost" for facts in counted}.items()


@pytest.mark.parametrize("broken", CASES, indirect=True, ids=lambda case: f"{case[0].network}-{case[1]}")
def test_each_target_gets_exactly_one_outcome_however_the_network_breaks(broken: Bench) -> None:
    outcomes = broken.read()
    assert sorted(outcomes) == list(range(6))
    for outcome in outcomes.values():
        assert outcome.observed_at == NOW
        if isinstance(outcome, Failure):
            assert outcome.detail


@pytest.mark.parametrize("broken", CASES, indirect=True, ids=lambda case: f"{case[0].network}-{case[1]}")
def test_no_secret_leaves_the_adapter(broken: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes = broken.read()
    reports = broken.adapter().check()
    assert leaks([outcomes, reports], broken.secrets) == []
    assert leaks([caplog.text, [record.__dict__ for record in caplog.records]], broken.secrets) == []


@pytest.mark.parametrize(("kind", "damage"), DAMAGES, ids=lambda value: getattr(value, "network", value))
def test_an_impossible_answer_concerns_its_community_alone(kind: type[Bench], damage: str) -> None:
    with kind() as bench:
        bench.damage(damage, 2)
        # Others' values must not change by the same fault: it is set for one community's calls only.
        hurt = bench.read([bench.target(2)])[2]
        others = bench.read([target for target in bench.targets() if target.community_id != 2])
    assert isinstance(hurt, Failure)
    assert hurt.kind is FailureKind.UNEXPECTED_RESPONSE
    assert hurt.raw_answer
    assert len(hurt.raw_answer) <= 2000
    assert all(isinstance(outcome, Reading) for outcome in others.values())


@pytest.mark.parametrize(("kind", "oddity"), ODDITIES, ids=lambda value: getattr(value, "network", value))
def test_what_strangers_write_costs_no_look(kind: type[Bench], oddity: str) -> None:
    with kind() as bench:
        bench.sandbox.faults.add(replace(bench.oddities[oddity], network=bench.network))
        # Together and on its own: VK is asked for the two in two ways.
        outcomes = [*bench.read().values(), *bench.read([bench.target(1)]).values()]
        asked = len(bench.sandbox.requests)
        bench.sandbox.faults.clear()
        assert len({**bench.read(), **bench.read([bench.target(1)])}) == 6
        assert len(bench.sandbox.requests) == 2 * asked
    for outcome in outcomes:
        assert isinstance(outcome, Reading)
        assert outcome.wall is not None
        told = [post.content for post in outcome.wall.posts if post.content is not None]
        for text in [content.text for content in told] + [outcome.site or ""]:
            assert len(text) <= LONGEST_TEXT
            assert not {"\x00", "\u202e"} & set(text)
            text.encode()
        assert all(len(content.attachments) <= MOST_ATTACHMENTS for content in told)
        assert told or oddity in ("no_text", "odd_text", "no_list")


def test_what_posts_contain_is_read_as_it_is(start: Start) -> None:
    bench = start()
    for place, outcome in bench.read().items():
        assert isinstance(outcome, Reading)
        assert outcome.wall is not None
        facts = {facts.post_id: facts for facts in bench.truth(place).counted_posts}
        read = [post for post in outcome.wall.posts if post.content is not None]
        assert read
        for post in read:
            number = int(post.native_id.rpartition("_")[2]) % 10**15
            assert post.content == bench.content(place, facts[number])
        assert outcome.site == bench.site(place)


@pytest.mark.parametrize(
    ("access", "kind"),
    [
        (Access.BANNED, FailureKind.BANNED),
        (Access.DELETED, FailureKind.DELETED),
        (Access.MISSING, FailureKind.MISSING),
    ],
)
def test_a_community_that_is_gone_is_a_finding(start: Start, access: Access, kind: FailureKind) -> None:
    bench = start()
    bench.world.set_access(bench.network, bench.key(1), access)
    outcomes = bench.read()
    gone = outcomes.pop(1)
    assert isinstance(gone, Failure)
    if bench.tells_how_it_is_gone:
        assert (gone.kind, gone.access) == (kind, access)
    assert all(isinstance(outcome, Reading) for outcome in outcomes.values())


def test_a_rename_is_followed_by_id(start: Start) -> None:
    bench = start()
    native_id = bench.truth(3).native_id
    bench.world.rename(bench.network, bench.key(3), "new_name")
    target = CommunityToRead(3, bench.network, native_id, "old_name")
    outcome = bench.read([target])[3]
    assert isinstance(outcome, Reading)
    assert (outcome.native_id, outcome.screen_name) == (native_id, "new_name")


def test_withheld_followers_are_unknown_not_zero(start: Start) -> None:
    bench = start()
    bench.world.change(bench.network, bench.key(0), "withheld", True)
    outcome = bench.read()[0]
    assert isinstance(outcome, Reading)
    assert outcome.follower_count is None


def test_without_a_token_nothing_is_asked(start: Start) -> None:
    bench = start()
    outcomes = bench.read(tokens=[], token=None)
    assert {outcome.kind for outcome in outcomes.values() if isinstance(outcome, Failure)} == {
        FailureKind.NO_TOKEN
    }
    assert len(outcomes) == 6
    assert "COLLECTOR_" in next(
        outcome.detail for outcome in outcomes.values() if isinstance(outcome, Failure)
    )
    assert not bench.sandbox.requests


def test_a_refused_token_is_not_used_again(start: Start) -> None:
    bench = start(40)
    bench.break_network("token_refused")
    outcomes = bench.read()
    kinds = {outcome.kind for outcome in outcomes.values() if isinstance(outcome, Failure)}
    assert kinds == {FailureKind.TOKEN_REFUSED}
    assert len(bench.sandbox.requests) == 1


def test_no_request_is_made_once_stop_is_set(start: Start) -> None:
    bench = start()
    bench.stop.set()
    outcomes = bench.read()
    assert [outcome.kind for outcome in outcomes.values() if isinstance(outcome, Failure)] == [
        FailureKind.INTERRUPTED
    ] * 6
    assert not bench.sandbox.requests


def test_a_stop_in_the_middle_leaves_the_rest_interrupted(start: Start) -> None:
    bench = start(1500)
    reading = bench.adapter().read(bench.targets())
    outcomes = [next(reading)]
    bench.stop.set()
    asked_by_then = len(bench.sandbox.requests)
    outcomes += reading
    assert sorted(outcome.community_id for outcome in outcomes) == list(range(1500))
    # What a thread was about to send as the stop came may still go out.
    assert len(bench.sandbox.requests) <= asked_by_then + 20
    assert any(
        isinstance(outcome, Failure) and outcome.kind is FailureKind.INTERRUPTED for outcome in outcomes
    )


def test_targets_are_taken_as_they_are_needed(start: Start) -> None:
    bench = start()
    taken = 0

    def endless() -> Iterator[CommunityToRead]:
        nonlocal taken
        while True:
            yield bench.target(taken % 6, community_id=taken)
            taken += 1

    reading = bench.adapter().read(endless())
    for _ in range(10):
        next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert taken < 2_000


def test_the_tally_counts_every_http_request(start: Start) -> None:
    bench = start()
    bench.break_network("passing_error_twice")
    adapter = bench.adapter()
    list(adapter.read(bench.targets()))
    assert adapter.tally.total == len(bench.sandbox.requests)


def test_each_request_is_told_with_its_seconds(start: Start) -> None:
    bench, told = start(), list[float]()
    services = Services(bench.clock.now, bench.stop, bench.ledger, on_request=told.append)
    adapter = network(bench.network).open_adapter(bench.options(), services)
    list(adapter.read(bench.targets()))
    adapter.close()
    assert len(told) == adapter.tally.total > 0
    assert all(seconds > 0 for seconds in told)


def test_check_says_what_a_token_can(start: Start) -> None:
    bench = start()
    (report,) = bench.adapter().check()
    assert report.is_working
    assert report.can
    assert not report.cannot
    bench.break_network("token_refused")
    (report,) = bench.adapter().check()
    assert not report.is_working
    assert report.advice


def test_a_brief_check_takes_one_request(start: Start) -> None:
    bench = start()
    bench.ahead = timedelta(minutes=5)
    (report,) = bench.adapter().check(is_brief=True)
    assert report.is_working
    assert len(bench.sandbox.requests) == 1
    assert report.clock_ahead in (None, -timedelta(minutes=5))


def test_an_adapter_may_be_closed_twice(start: Start) -> None:
    adapter = start().adapter()
    adapter.close()
    adapter.close()


@pytest.mark.parametrize("kind", BENCHES, ids=lambda kind: kind.network)
@given(text=st.text(max_size=60))
def test_any_text_is_an_address_or_an_address_error(kind: type[Bench], text: str) -> None:
    parse = network(kind.network).parse_address
    try:
        address = parse(text)
    except AddressError:
        return
    assert (address.native_id is None) != (address.screen_name is None)
    assert parse(address.url).key == address.key


_FAULTS = st.lists(
    st.builds(
        Fault,
        st.sampled_from(
            ["html", "truncated", "empty", "cut_before", "cut_middle", "http_status", "null_response"]
        )
        | st.just("error"),
        code=st.sampled_from([1, 4, 5, 6, 9, 10, 13, 14, 15, 18, 27, 28, 29, 32, 100, 190, 203, 803]),
        status=st.sampled_from([500, 502, 403]),
        method=st.sampled_from(
            [None, "execute", "wall.get", "groups.getById", "utils.resolveScreenName", "page", "batch"]
        ),
        community=st.sampled_from([None, "1001", "1003"]),
        skip=st.integers(0, 3),
        times=st.sampled_from([1, 2, 5, None]),
    ),
    max_size=4,
)


@pytest.mark.parametrize("kind", BENCHES, ids=lambda kind: kind.network)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=_FAULTS)
def test_exactly_one_outcome_under_any_mixture_of_faults(kind: type[Bench], faults: list[Fault]) -> None:
    with kind() as bench:
        for fault in faults:
            bench.sandbox.faults.add(fault)
        outcomes = bench.read()
    assert sorted(outcomes) == list(range(6))
    assert leaks([astuple(outcome) for outcome in outcomes.values()], bench.secrets) == []

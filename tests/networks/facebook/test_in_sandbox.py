"""The adapter against the sandbox: what it tells is what is so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import CommunityToRead, Reading
from collector.networks.base import Services
from collector.networks.facebook import NETWORK
from collector.sandbox import Fault, SandboxClock, SandboxCommunity, SandboxServer, World
from collector.sandbox.limits import GraphToken
from collector.sandbox.model import LIVELY_PLAN

TOKEN = "EAAsandboxTokenOfThisTest0123"
START = datetime(2026, 9, 1, 9, tzinfo=UTC)


@contextmanager
def sandbox(count=3, token=None, app_secret=None):
    clock = SandboxClock(start=START, speed=0)
    communities = [SandboxCommunity("facebook", native_id=str(1000 + number)) for number in range(count)]
    world = World(communities, seed=7, clock=clock, plan=LIVELY_PLAN)
    with SandboxServer(world, graph_tokens=[token or GraphToken(TOKEN)], app_secret=app_secret) as server:
        yield server


@contextmanager
def adapter(server, **options):
    services = Services(now=server.world.clock.now, stop=threading.Event(), quota=None)
    settings = {"token": TOKEN, "api_url": server.facebook_url, "retry_wait": 0.01, **options}
    opened = NETWORK.open_adapter(settings, services)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with sandbox() as made:
        yield made


def page(number=1000, known=None):
    return CommunityToRead(number, "facebook", str(number), None, newest_known_post_at=known)


def test_what_is_read_is_what_is_so(server):
    with adapter(server) as opened:
        for reading in opened.read(page(1000 + number) for number in range(3)):
            truth = server.world.truth("facebook", reading.native_id)
            assert (reading.follower_count, reading.title) == (truth.follower_count, truth.title)
            assert reading.wall.posts[0].published_at == truth.newest_post_at
            assert reading.wall.post_count == truth.post_count
            dates = [round(post.published_at.timestamp()) for post in reading.wall.posts]
            assert dates == [post.published_at for post in truth.counted_posts[: len(dates)]]


def test_a_long_absence_loses_no_post(server):
    truth = server.world.truth("facebook", "1000")
    known = datetime.fromtimestamp(truth.counted_posts[150].published_at, UTC)
    with adapter(server) as opened:
        (reading,) = opened.read([page(known=known)])
    read = {round(post.published_at.timestamp()) for post in reading.wall.posts}
    assert {post.published_at for post in truth.counted_posts[:150]} <= read
    assert not reading.wall.is_gap_possible


def test_a_deleted_post_is_missing_from_what_is_covered(server):
    gone = server.world.truth("facebook", "1000").counted_posts[3]
    server.world.delete_post("facebook", "1000", gone.post_id)
    with adapter(server) as opened:
        (reading,) = opened.read([page(known=START)])
    assert reading.wall.covers_since.timestamp() < gone.published_at
    assert all(not post.native_id.endswith(str(gone.post_id)) for post in reading.wall.posts)


def test_the_proof_is_the_one_that_graph_demands():
    secret = "5" * 32
    with sandbox(app_secret=secret) as server:
        with adapter(server, app_secret=secret) as opened:
            assert all(isinstance(outcome, Reading) for outcome in opened.read([page()]))
        with adapter(server, app_secret="6" * 32) as opened:
            assert [outcome.kind for outcome in opened.read([page()])] == [FailureKind.TOKEN_WRONG_KIND]
        with adapter(server) as opened:
            (failure,) = opened.read([page()])
            assert "COLLECTOR_FACEBOOK__APP_SECRET" in failure.detail


def test_one_forbidden_sub_field_leaves_the_followers(server):
    server.faults.add(Fault("error", method="page", contains="reactions", code=10))
    with adapter(server) as opened:
        (reading,) = opened.read([page()])
    assert reading.follower_count == server.world.truth("facebook", "1000").follower_count
    assert reading.wall_failure.kind is FailureKind.PERMISSION_MISSING


def test_an_answer_too_large_is_asked_for_in_parts(server):
    server.faults.add(Fault("too_big", network="facebook", value=30))
    with adapter(server) as opened:
        (reading,) = opened.read([page()])
    assert len(reading.wall.posts) == 25


def test_a_closed_page_is_missing_but_not_for_certain(server):
    server.world.set_access("facebook", "1000", "deleted")
    with adapter(server) as opened:
        (failure,) = opened.read([page()])
    assert (failure.kind, failure.is_certain) == (FailureKind.MISSING, False)


def test_the_limit_is_never_reached():
    """The headers are obeyed: a round with more Pages than calls in the hour ends before Graph has to refuse."""
    token = GraphToken(TOKEN, kind="user", calls_per_hour=30)
    with sandbox(count=40, token=token) as server, adapter(server, batch_size=5) as opened:
        opened._services.stop.wait = lambda timeout=None: False
        outcomes = list(opened.read(page(1000 + number) for number in range(40)))
        assert not server.error_counts
        assert sum(isinstance(outcome, Reading) for outcome in outcomes) == 30
        server.world.clock.advance(timedelta(minutes=61))
        (reading,) = opened.read([page(1039)])
        assert isinstance(reading, Reading)


@pytest.mark.parametrize(
    "kind", ["http_status", "html", "truncated", "empty", "cut_before", "cut_middle", "redirect"]
)
def test_a_passing_trouble_is_outlived(server, kind):
    server.faults.add(Fault(kind, network="facebook", times=2))
    with adapter(server) as opened:
        (reading,) = opened.read([page()])
    assert isinstance(reading, Reading)
    assert opened.tally.total == 3


def test_a_dripping_server_is_left_in_time(server):
    server.faults.add(Fault("drip", network="facebook", seconds=0.02))
    with adapter(server, total_timeout=0.1) as opened:
        (failure,) = opened.read([page()])
    assert failure.kind is FailureKind.TEMPORARY


def test_an_old_version_is_noticed(server):
    with adapter(server, api_version="v19.0") as opened:
        (report,) = opened.check()
    assert "v21.0 in place of v19.0" in report.advice


def test_the_token_is_tried(server):
    with adapter(server) as opened:
        (report,) = opened.check()
    assert report.is_working
    assert len(report.can) == 2
    with adapter(server, token="EAAsomebodyElses0123456789") as opened:
        (report,) = opened.check()
    assert not report.is_working

"""Lines that break, answers that are none: exactly one outcome for each Page, whatever happens."""

from __future__ import annotations

import json
import random
import socket

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Failure, Reading

from .stand_in import Reply, daily_posts, graph_error, target

HTML = Reply(b"<!doctype html><title>Error</title>", 502)
GARBAGE = [
    HTML,
    Reply(HTML.body),
    Reply(HTML.body, 404),
    Reply(b""),
    Reply(b"[{]"),
    Reply(b'"text"'),
    Reply(b"{}"),
    Reply(b"[]"),
    Reply(b"[null, null]"),
    Reply(b"[[[[" * 5000),
    Reply(b"\xff\xfe\x00"),
    Reply(b"", 302, {"Location": "http://127.0.0.1:1/steal"}),
    Reply(b'[{"code": 200, "body": "{}"}]', cut=True),
    Reply(b'[{"code": 200, "body": {"id": "100"}}]'),
    Reply(b'[{"code": 200, "body": "<html>"}]'),
    Reply(b'[{"code": 200, "body": "[]"}]'),
    Reply(b'[{"code": 200, "body": "false"}]'),
    Reply(b'[{"code": 200}]'),
    Reply(b"[7]"),
]


@pytest.mark.parametrize("reply", GARBAGE, ids=lambda reply: f"{reply.status} {reply.body[:30]!r}")
def test_garbage_is_asked_for_again(bench, reply):
    bench.graph.add_page("100")
    bench.graph.whole = [reply, reply]
    assert isinstance(bench.one(target("100")), Reading)
    assert len(bench.graph.requests) == 3


@pytest.mark.parametrize("reply", GARBAGE, ids=lambda reply: f"{reply.status} {reply.body[:30]!r}")
def test_garbage_that_stays_is_kept_for_diagnosis(bench, reply):
    bench.graph.always = lambda request: reply
    failure = bench.failure(target("100"))
    is_line_broken = reply.cut or reply.status in {302, 502}
    assert failure.kind is (FailureKind.TEMPORARY if is_line_broken else FailureKind.UNEXPECTED_RESPONSE)
    assert failure.access is None
    assert len(bench.graph.requests) == 3


def test_nobody_at_home_is_temporary(bench):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    bench.options = {"api_url": f"http://127.0.0.1:{port}"}
    failure = bench.failure(target("100"))
    assert failure.kind is FailureKind.TEMPORARY
    assert bench.adapter.tally.total == 3


@pytest.mark.parametrize("api_url", ["http://", "ftp://x", "http://[", "http://a..b", "http://\udcff"])
def test_an_address_of_the_api_that_is_none_is_told(bench, api_url):
    bench.options = {"api_url": api_url}
    assert bench.failure(target("100")).kind is FailureKind.TEMPORARY


def test_a_server_that_says_nothing_is_left_in_time(bench):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bench.options = {"api_url": f"http://127.0.0.1:{silent.getsockname()[1]}", "read_timeout": 0.05}
        assert bench.failure(target("100")).kind is FailureKind.TEMPORARY


def test_a_page_that_breaks_the_request_breaks_its_own_only(bench):
    for number in range(50):
        bench.graph.add_page(str(100 + number))
    bench.graph.always = lambda request: HTML if any(call.page == "137" for call in request.calls) else None
    outcomes = bench.read(*(target(str(100 + number)) for number in range(50)))
    assert [outcome.community_id for outcome in outcomes if isinstance(outcome, Failure)] == [137]
    assert len(outcomes) == 50


def test_a_network_that_is_down_is_not_asked_for_every_page(bench):
    bench.graph.always = lambda request: HTML
    outcomes = bench.read(*(target(str(100 + number)) for number in range(500)))
    assert sorted(outcome.community_id for outcome in outcomes) == list(range(100, 600))
    assert {outcome.kind for outcome in outcomes} == {FailureKind.TEMPORARY}
    assert len(bench.graph.requests) == 7 * 3


def test_the_next_round_tries_anew(bench):
    bench.graph.always = lambda request: HTML
    bench.read(*(target(str(100 + number)) for number in range(80)))
    bench.graph.always = lambda request: None
    bench.graph.add_page("100")
    assert isinstance(bench.one(target("100")), Reading)


def test_an_answer_without_bounds_is_not_read(bench, monkeypatch):
    monkeypatch.setattr("collector.networks.http.MAX_ANSWER_BYTES", 2000)
    for number in range(4):
        bench.graph.add_page(str(100 + number), daily_posts(12, str(100 + number)))
    outcomes = bench.read(*(target(str(100 + number)) for number in range(4)))
    assert len(outcomes) == 4
    # Halved down to what fits.
    assert all(outcome.follower_count == 3051 and outcome.wall.posts for outcome in outcomes)


FAULTS = [
    *GARBAGE,
    *[Reply(json.dumps(graph_error(code)).encode(), 400) for code in (1, 2, 10, 32, 100, 803, 3001, 987654)],
    Reply(json.dumps(graph_error(1, "Please reduce the amount of data")).encode(), 500),
]
INNER = [
    None,
    7,
    {},
    {"code": 200, "body": "x"},
    {"id": 5},
    {"id": "100", "published_posts": {"data": [], "paging": {"next": "x", "cursors": {"after": "5"}}}},
    *[graph_error(code) for code in (1, 2, 3, 10, 32, 100, 110, 200, 803, 12, 987654)],
    graph_error(100, "on node type (User)"),
    graph_error(1, "Please reduce the amount of data"),
]


@pytest.mark.parametrize("seed", range(60))
def test_exactly_one_outcome_whatever_happens(bench, seed):
    chance = random.Random(seed)
    for number in range(0, 70, 2):
        bench.graph.add_page(
            str(100 + number), daily_posts(chance.choice([0, 3, 60, 200]), str(100 + number))
        )
    bench.graph.always = lambda request: chance.choice(FAULTS) if chance.random() < 0.2 else None
    stops_at = chance.choice([None, None, 3])

    def answer(call):
        if stops_at and len(bench.graph.requests) > stops_at:
            bench.stop.set()
        if seed % 7 == 0 and chance.random() < 0.01:
            return graph_error(chance.choice([4, 190, 368]))
        return chance.choice(INNER) if chance.random() < 0.2 else ...

    bench.graph.override = answer
    known = daily_posts(100)[50]["created_time"]
    from collector.networks.facebook.mapping import read_time

    targets = [
        target(
            str(100 + number), known=chance.choice([None, read_time(known)]), wants_wall=chance.random() < 0.8
        )
        for number in range(70)
    ]
    outcomes = bench.read(*targets)
    assert sorted(outcome.community_id for outcome in outcomes) == list(range(100, 170))
    for outcome in outcomes:
        if isinstance(outcome, Reading) and outcome.wall is None and outcome.wall_failure is None:
            assert not next(item for item in targets if item.community_id == outcome.community_id).wants_wall

"""The usage headers are obeyed before the limit; stopping is prompt."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.errors import FailureKind
from collector.domain.model import Reading
from collector.networks.facebook.usage import Pacer, Usage, parse_usage

from .stand_in import NOW, graph_error, target

HOUR = timedelta(hours=1)


def app(percent):
    return {"X-App-Usage": json.dumps({"call_count": percent, "total_time": 3, "total_cputime": 1})}


def business(percent, minutes=0):
    entry = {
        "type": "pages",
        "call_count": 1,
        "total_cputime": percent,
        "total_time": 2,
        "estimated_time_to_regain_access": minutes,
    }
    return {"x-business-use-case-usage": json.dumps({"17": [{"type": "ads", "call_count": 2}, entry]})}


def many(bench, count=60):
    for number in range(count):
        bench.graph.add_page(str(100 + number))
    return [target(str(100 + number)) for number in range(count)]


def sizes(bench):
    return [len(request.calls) for request in bench.graph.requests]


@pytest.mark.parametrize("headers", [app(74), business(10), {}])
def test_below_three_quarters_nothing_changes(bench, headers):
    bench.graph.headers = headers
    bench.read(*many(bench))
    assert sizes(bench) == [50, 10]
    assert sum(bench.stop.waits) == 0


@pytest.mark.parametrize(
    "headers", [app(80), business(80), {"X-Page-Usage": json.dumps({"total_cputime": 80})}]
)
def test_from_three_quarters_on_it_goes_slowly(bench, headers):
    bench.graph.headers = headers
    outcomes = bench.read(*many(bench, 75))
    assert all(isinstance(outcome, Reading) for outcome in outcomes)
    assert sizes(bench) == [50, 10, 10, 5]
    assert sum(bench.stop.waits) == pytest.approx(3 * 18)


def test_the_pause_grows_with_the_use():
    pauses = []
    for percent in (74, 75, 80, 94):
        pacer = Pacer()
        pacer.note(Usage(percent), NOW)
        pauses.append(pacer.pause(NOW))
    assert pauses == [0, 3, 18, 60]


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        (app(95), HOUR),
        (app(150), HOUR),
        (business(96, 25), timedelta(minutes=25)),
        (business(5, 40), timedelta(minutes=40)),
    ],
    ids=["95", "150", "25 minutes told", "shut out at 5 percent"],
)
def test_near_the_limit_the_rest_waits_and_the_next_round_too(bench, headers, rest):
    bench.graph.headers = headers
    targets = many(bench)
    outcomes = bench.read(*targets)
    late = [outcome for outcome in outcomes if not isinstance(outcome, Reading)]
    assert sizes(bench) == [50]
    assert [(failure.kind, failure.retry_after) for failure in late] == [
        (FailureKind.RATE_LIMITED, rest)
    ] * 10

    bench.graph.headers = {}
    bench.now += rest - timedelta(seconds=1)
    assert bench.failure(targets[0]).kind is FailureKind.RATE_LIMITED
    assert sizes(bench) == [50]
    bench.now += timedelta(seconds=1)
    assert isinstance(bench.one(targets[0]), Reading)


def test_the_headers_inside_a_batch_count_as_well(bench):
    targets = many(bench)
    headers = [{"name": name, "value": value} for name, value in app(97).items()]
    bench.graph.override = lambda call: {
        "code": 200,
        "headers": headers,
        "body": json.dumps(bench.graph.plain(call)),
    }
    outcomes = bench.read(*targets)
    assert sizes(bench) == [50]
    assert sum(isinstance(outcome, Reading) for outcome in outcomes) == 50


def test_a_lower_word_within_the_batch_does_not_cut_the_rest_short(bench):
    targets = many(bench)

    def answer(call):
        headers = [{"name": "X-App-Usage", "value": app(97 if call.page == "100" else 20)["X-App-Usage"]}]
        return {"code": 200, "headers": headers, "body": json.dumps(bench.graph.plain(call))}

    bench.graph.override = answer
    bench.read(*targets)
    assert sizes(bench) == [50]


def test_nothing_is_repeated_while_throttled(bench):
    bench.graph.headers = app(99)
    bench.graph.override = lambda call: graph_error(2)
    assert bench.failure(target("100")).kind is FailureKind.TEMPORARY
    assert sizes(bench) == [1]


@pytest.mark.parametrize(
    "value",
    ["", "x", "[]", "null", "7", '{"call_count": "97"}', '{"call_count": true}', '{"call_count": -5}', '{"17": 3}',
     '{"17": [3]}', '{"call_count": NaN}', '{"call_count": 1e999}', '{"call_count": ' + "9" * 400 + "}", "[" * 9999],
    ids=lambda text: text[:20],
)  # fmt: skip
@pytest.mark.parametrize("name", ["X-App-Usage", "X-Business-Use-Case-Usage", "X-Page-Usage"])
def test_garbage_in_the_headers_is_passed_over(name, value):
    assert parse_usage({name: value, "Content-Type": value}) is None


@given(st.dictionaries(st.sampled_from(["X-App-Usage", "x-business-use-case-usage"]), st.text()))
def test_no_header_makes_it_fall_over(headers):
    parse_usage(headers)


def test_a_stop_during_the_pause_starts_no_request(bench):
    bench.graph.headers = app(90)
    targets = many(bench)
    wait = bench.stop.wait

    def stop_while_waiting(timeout=None):
        if timeout:
            bench.stop.set()
        return wait(timeout)

    bench.stop.wait = stop_while_waiting
    outcomes = bench.read(*targets)
    assert sizes(bench) == [50]
    assert [outcome.kind for outcome in outcomes[50:]] == [FailureKind.INTERRUPTED] * 10


def test_a_stop_before_the_round_asks_nothing(bench):
    bench.stop.set()
    outcomes = bench.read(*many(bench))
    assert len(outcomes) == 60
    assert {outcome.kind for outcome in outcomes} == {FailureKind.INTERRUPTED}
    assert bench.graph.requests == []


def test_a_stop_between_attempts_leaves_the_page_due(bench):
    def stop(call):
        bench.stop.set()
        return graph_error(2)

    bench.graph.override = stop
    assert bench.failure(target("100")).kind is FailureKind.INTERRUPTED
    assert sizes(bench) == [1]


def test_a_stop_in_the_middle_of_a_wall_leaves_the_page_due(bench):
    edge = {"data": [], "paging": {"cursors": {"after": "1"}, "next": "https://graph.facebook.com/"}}

    def stop(call):
        bench.stop.set()
        return {"id": "100", "published_posts": edge}

    bench.graph.override = stop
    assert bench.failure(target("100")).kind is FailureKind.INTERRUPTED


def test_targets_are_taken_as_batches_have_room(bench):
    targets = many(bench, 60)
    taken = []

    def give():
        for item in targets:
            taken.append(item)
            yield item

    outcomes = bench.adapter.read(give())
    next(outcomes)
    assert len(taken) == 50
    outcomes.close()


def test_a_stop_while_waiting_to_ask_again_starts_no_request(bench):
    def stop_while_waiting(timeout=None):
        if timeout:
            bench.stop.set()
        return bench.stop.is_set()

    bench.stop.wait = stop_while_waiting
    bench.graph.override = lambda call: graph_error(2)
    assert bench.failure(target("100")).kind is FailureKind.INTERRUPTED
    assert sizes(bench) == [1]

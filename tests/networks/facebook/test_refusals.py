"""What Facebook refuses, and what we make of it: by code and message, never by HTTP status."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access, Failure, Reading

from .stand_in import NOW, TOKEN, Reply, daily_posts, graph_error, target

LABEL = f"#1 (…{TOKEN[-4:]})"
KNOWN = NOW - timedelta(days=1)


def two_pages(bench):
    bench.options = {"batch_size": 1}
    bench.graph.add_page("100", daily_posts(2))
    bench.graph.add_page("200", daily_posts(2, "200"))
    return target("100", known=KNOWN), target("200", known=KNOWN)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (graph_error(102), FailureKind.TOKEN_REFUSED),
        (graph_error(190), FailureKind.TOKEN_REFUSED),
        *[
            (graph_error(190, error_subcode=code), FailureKind.TOKEN_REFUSED)
            for code in (458, 459, 460, 463, 464, 466, 467, 490, 492)
        ],
        (graph_error(None, "Error validating access token: Session has expired"), FailureKind.TOKEN_REFUSED),
        (
            graph_error(100, "Invalid appsecret_proof provided in the API argument"),
            FailureKind.TOKEN_WRONG_KIND,
        ),
        (graph_error(368), FailureKind.CAPTCHA),
        (graph_error(4), FailureKind.RATE_LIMITED),
        (graph_error(17), FailureKind.RATE_LIMITED),
        (graph_error(17, is_transient=True), FailureKind.RATE_LIMITED),
        (graph_error(341), FailureKind.RATE_LIMITED),
        (graph_error(613), FailureKind.RATE_LIMITED),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("is_whole", [False, True], ids=["in the batch", "for the batch"])
def test_what_concerns_the_token_stops_all_its_work(bench, error, kind, is_whole):
    targets = two_pages(bench)
    if is_whole:
        bench.graph.always = lambda request: Reply(json.dumps(error).encode(), 500)
    else:
        bench.graph.override = lambda call: error

    failures = bench.read(*targets)

    assert [failure.kind for failure in failures] == [kind, kind]
    assert all(LABEL in failure.detail for failure in failures)
    assert len(bench.graph.requests) == 1
    assert all(TOKEN not in str(failure) for failure in failures)


def test_a_dead_token_costs_one_request_a_round_until_it_works_again(bench):
    targets = two_pages(bench)
    bench.graph.override = lambda call: graph_error(190, error_subcode=463)
    for requests_so_far in (1, 2):
        failures = bench.read(*targets)
        assert [failure.kind for failure in failures] == [FailureKind.TOKEN_REFUSED] * 2
        assert "expired" in failures[1].detail
        assert len(bench.graph.requests) == requests_so_far
    bench.graph.override = lambda call: ...
    assert all(isinstance(outcome, Reading) for outcome in bench.read(*targets))


def test_a_spent_limit_holds_for_an_hour_beyond_this_round(bench):
    targets = two_pages(bench)
    bench.graph.override = lambda call: graph_error(4)
    assert [failure.retry_after for failure in bench.read(*targets)] == [timedelta(hours=1)] * 2
    bench.graph.override = lambda call: ...
    bench.now += timedelta(minutes=59)
    (failure,) = bench.read(targets[0])
    assert (failure.kind, failure.retry_after) == (FailureKind.RATE_LIMITED, timedelta(minutes=1))
    assert len(bench.graph.requests) == 1
    bench.now += timedelta(minutes=1)
    assert isinstance(bench.one(targets[0]), Reading)


def test_a_token_for_which_facebook_wants_a_human_rests_a_day(bench):
    targets = two_pages(bench)
    bench.graph.override = lambda call: graph_error(368)
    bench.read(*targets)
    bench.graph.override = lambda call: ...
    bench.now += timedelta(hours=23)
    assert bench.one(targets[0]).kind is FailureKind.CAPTCHA
    bench.now += timedelta(hours=1)
    assert isinstance(bench.one(targets[0]), Reading)


@pytest.mark.parametrize("code", [32, 80001, 80002, 80008])
def test_one_page_at_its_limit_waits_alone(bench, code):
    targets = two_pages(bench)
    usage = json.dumps({"100": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 25}]})
    element = {
        "code": 400,
        "headers": [{"name": "X-Business-Use-Case-Usage", "value": usage}],
        "body": json.dumps(graph_error(code)),
    }
    bench.graph.override = lambda call: element if call.page == "100" else ...
    first, second = bench.read(*targets)
    assert (first.kind, first.retry_after) == (FailureKind.RATE_LIMITED, timedelta(minutes=25))
    assert isinstance(second, Reading)


def test_three_pages_at_their_limit_stop_all(bench):
    bench.options = {"batch_size": 1}
    bench.graph.override = lambda call: graph_error(80001)
    failures = bench.read(*(target(str(number)) for number in range(1, 7)))
    assert {failure.kind for failure in failures} == {FailureKind.RATE_LIMITED}
    assert all(failure.retry_after == timedelta(hours=1) for failure in failures)
    assert len(bench.graph.requests) == 3


FORBIDDEN = [
    graph_error(3),
    graph_error(10),
    graph_error(200),
    graph_error(283),
    graph_error(299),
    graph_error(100, "(#100) This endpoint requires the 'pages_read_engagement' permission"),
    graph_error(100, "(#100) This requires the 'Page Public Content Access' feature"),
]


@pytest.mark.parametrize("error", FORBIDDEN, ids=json.dumps)
def test_forbidden_posts_leave_the_followers(bench, error):
    bench.graph.add_page("100", daily_posts(2))
    bench.graph.override = lambda call: error if "published_posts" in call.query["fields"] else ...
    reading = bench.reading(target("100"))
    assert (reading.follower_count, reading.wall) == (3051, None)
    assert reading.wall_failure.kind is FailureKind.PERMISSION_MISSING
    assert "Page Public Content Access" in reading.wall_failure.detail


@pytest.mark.parametrize("error", FORBIDDEN, ids=json.dumps)
def test_a_page_forbidden_altogether_is_a_missing_permission(bench, error):
    bench.graph.override = lambda call: error
    failure = bench.failure(target("100"))
    assert (failure.kind, failure.access) == (FailureKind.PERMISSION_MISSING, None)
    # Without what posts contain, then without posts; afterwards it is known that contents are not at fault.
    assert len(bench.graph.requests) == 3
    bench.failure(target("100"))
    assert len(bench.graph.requests) == 5


def test_posts_whose_edge_is_forbidden_leave_the_followers(bench):
    bench.graph.override = lambda call: (
        {"id": "100", "fan_count": 4} if call.path == "100" else graph_error(10)
    )
    reading = bench.reading(target("100"))
    assert (reading.follower_count, reading.wall_failure.kind) == (4, FailureKind.PERMISSION_MISSING)


@pytest.mark.parametrize(
    ("error", "kind", "access", "is_certain"),
    [
        (graph_error(100, error_subcode=33), FailureKind.MISSING, Access.MISSING, False),
        (
            graph_error(803, "Some of the aliases you requested do not exist"),
            FailureKind.MISSING,
            Access.MISSING,
            False,
        ),
        (graph_error(110), FailureKind.MISSING, Access.MISSING, False),
        (
            graph_error(803, "(#803) Cannot query users by their username (x)"),
            FailureKind.NOT_A_COMMUNITY,
            None,
            True,
        ),
        (
            graph_error(100, "(#100) Tried accessing nonexisting field (fan_count) on node type (User)"),
            FailureKind.NOT_A_COMMUNITY,
            None,
            True,
        ),
        (
            graph_error(190, "The user must be an administrator of the page to impersonate it"),
            FailureKind.PERMISSION_MISSING,
            None,
            True,
        ),
        (
            graph_error(190, "The Page this token is for was deleted"),
            FailureKind.DELETED,
            Access.DELETED,
            False,
        ),
        (graph_error(987654), FailureKind.UNEXPECTED_RESPONSE, None, True),
        ({"error": "down"}, FailureKind.UNEXPECTED_RESPONSE, None, True),
        ({"error": {"code": "190", "message": ["x"]}}, FailureKind.UNEXPECTED_RESPONSE, None, True),
        (
            graph_error(
                100, "(#100) Pages Public Content Access requires either app secret proof or an app token"
            ),
            FailureKind.TOKEN_WRONG_KIND,
            None,
            True,
        ),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_what_concerns_a_page_leaves_the_others_alone(bench, error, kind, access, is_certain):
    targets = two_pages(bench)
    bench.graph.override = lambda call: error if call.page == "100" else ...
    first, second = bench.read(*targets)
    assert (first.kind, first.access, first.is_certain) == (kind, access, is_certain)
    assert first.raw_answer
    assert isinstance(second, Reading)


def test_public_content_without_a_proof_names_the_setting(bench):
    bench.graph.override = lambda call: graph_error(100, "requires either app secret proof or an app token")
    assert "COLLECTOR_FACEBOOK__APP_SECRET" in bench.failure(target("100")).detail


@pytest.mark.parametrize(
    "error",
    [
        graph_error(100, "(#100) Tried accessing nonexisting field (published_posts) on node type (Page)"),
        graph_error(12),
        graph_error(104),
        graph_error(2500),
        graph_error(3001),
    ],
    ids=json.dumps,
)
def test_a_request_of_ours_that_is_wrong_is_no_finding_on_the_page(bench, error):
    bench.graph.add_page("100")
    bench.graph.override = lambda call: error if "published_posts" in call.query["fields"] else ...
    reading = bench.reading(target("100"))
    assert reading.wall_failure.kind is FailureKind.REQUEST_REJECTED
    bench.graph.override = lambda call: error
    assert bench.failure(target("100")).kind is FailureKind.REQUEST_REJECTED


def test_what_a_whole_request_is_told_is_no_finding_on_its_pages(bench):
    bench.graph.always = lambda request: Reply(json.dumps(graph_error(100, error_subcode=33)).encode(), 400)
    failures = bench.read(target("100"), target("200"))
    assert [(failure.kind, failure.access) for failure in failures] == [
        (FailureKind.REQUEST_REJECTED, None)
    ] * 2


def test_the_loss_of_a_way_of_asking_does_not_loop(bench):
    """`?ids=` answers 500 since its removal, which a client that repeats every 5xx asks for ever."""
    error = graph_error(100, "The ids parameter is deprecated")
    bench.graph.always = lambda request: Reply(json.dumps(error).encode(), 500)
    assert bench.failure(target("100")).kind is FailureKind.REQUEST_REJECTED
    assert len(bench.graph.requests) == 1


@pytest.mark.parametrize(
    "error",
    [graph_error(1), graph_error(2), graph_error(190, is_transient=True), graph_error(10, is_transient=True)],
    ids=json.dumps,
)
def test_what_is_passing_is_asked_again(bench, error):
    bench.graph.add_page("100")
    left = [error, error]
    bench.graph.override = lambda call: left.pop() if left else ...
    assert isinstance(bench.one(target("100")), Reading)
    assert len(bench.graph.requests) == 3
    assert len(bench.stop.waits) >= 2


def test_only_what_failed_is_asked_again(bench):
    bench.graph.add_page("100")
    bench.graph.add_page("200")
    left = [None]
    bench.graph.override = lambda call: left.pop() if call.page == "200" and left else ...
    outcomes = bench.read(target("100"), target("200"))
    assert all(isinstance(outcome, Reading) for outcome in outcomes)
    assert bench.graph.calls == ["100", "200", "200"]


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        (None, FailureKind.TEMPORARY),
        (graph_error(2), FailureKind.TEMPORARY),
        ({"code": 500, "body": None}, FailureKind.UNEXPECTED_RESPONSE),
    ],
    ids=json.dumps,
)
def test_what_stays_unanswered_is_given_up_after_three_attempts(bench, element, kind):
    bench.graph.add_page("200")
    bench.graph.override = lambda call: element if call.page == "100" else ...
    first, second = sorted(bench.read(target("100"), target("200")), key=lambda outcome: outcome.community_id)
    assert isinstance(first, Failure)
    assert first.kind is kind
    assert isinstance(second, Reading)
    assert bench.graph.calls.count("100") == 3


def test_without_a_token_the_setting_is_named_and_nothing_is_asked(bench):
    bench.options = {"token": None}
    failures = bench.read(target("100"), target("200"))
    assert {failure.kind for failure in failures} == {FailureKind.NO_TOKEN}
    assert all("COLLECTOR_FACEBOOK__TOKEN" in failure.detail for failure in failures)
    assert bench.graph.requests == []

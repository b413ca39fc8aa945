"""Trying a token out: what works, what does not, what to do."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from .stand_in import TOKEN, Reply, graph_error, target

SCOPES = ["pages_read_engagement", "pages_read_user_content", "pages_show_list"]


def debugged(bench, **data):
    told = {
        "app_id": "1",
        "type": "USER",
        "is_valid": True,
        "expires_at": 0,
        "data_access_expires_at": 0,
        **data,
    }
    bench.graph.override = lambda call: (
        {"data": told} if call.path == "debug_token" else {"id": "7", "name": "ВАО"}
    )
    (report,) = bench.adapter.check()
    return report


def test_a_good_token_is_tried_with_one_request(bench):
    report = debugged(bench, scopes=SCOPES)
    assert (report.network, report.label, report.is_working) == ("facebook", f"#1 (…{TOKEN[-4:]})", True)
    assert (len(report.can), report.cannot, report.expires_at) == (2, (), None)
    assert "Page Public Content Access" in report.advice
    (request,) = bench.graph.requests
    assert (request.method, request.path) == ("POST", "/v26.0/")
    assert request.calls[0].query == {"input_token": TOKEN}


def test_what_is_lacking_is_named(bench):
    report = debugged(bench, scopes=SCOPES[:1])
    assert report.can[0].startswith("pages_read_engagement")
    assert report.cannot[0].startswith("pages_read_user_content")


@pytest.mark.parametrize(
    ("clocks", "ends"),
    [
        ((0, 0), None),
        ((2000, 0), 2000),
        ((0, 3000), 3000),
        ((5000, 3000), 3000),
        (("x", True), None),
        ((10**30, -1), None),
    ],
)
def test_the_first_clock_to_run_out_counts(bench, clocks, ends):
    report = debugged(bench, expires_at=clocks[0], data_access_expires_at=clocks[1])
    assert report.expires_at == (datetime.fromtimestamp(ends, UTC) if ends else None)


def test_a_dead_token_says_why(bench):
    error = {"code": 190, "subcode": 463, "message": "Session has expired"}
    report = debugged(bench, is_valid=False, error=error)
    assert not report.is_working
    assert "expired" in report.advice
    assert "get a new token" in report.advice


def test_a_token_refused_outright(bench):
    bench.graph.always = lambda request: Reply(json.dumps(graph_error(190, error_subcode=460)).encode(), 401)
    (report,) = bench.adapter.check()
    assert not report.is_working
    assert "password" in report.advice


def test_an_apps_token_has_no_scopes_to_lack(bench):
    report = debugged(bench, type="APP")
    assert (report.is_working, report.can, report.cannot, report.kind) == (True, (), (), "an app's")


def test_a_token_that_may_not_ask_about_itself_is_tried_by_its_name(bench):
    bench.graph.override = lambda call: (
        graph_error(100) if call.path == "debug_token" else {"id": "7", "name": "ВАО"}
    )
    (report,) = bench.adapter.check()
    assert (report.is_working, report.can) == (True, ("answers as ВАО",))


def test_a_network_that_does_not_answer_proves_nothing(bench):
    bench.graph.always = lambda request: Reply(b"<html>", 502)
    (report,) = bench.adapter.check()
    assert report.is_working is None
    assert "could not be tried" in report.advice


def test_without_a_secret_it_says_what_that_costs(bench):
    bench.options = {"app_secret": None}
    assert "COLLECTOR_FACEBOOK__APP_SECRET" in debugged(bench, scopes=SCOPES).advice


def test_without_a_token_there_is_nothing_to_try(bench):
    bench.options = {"token": ""}
    assert list(bench.adapter.check()) == []
    assert bench.graph.requests == []


@pytest.mark.parametrize("place", ["outer", "inner"])
def test_another_version_than_asked_for_is_noticed_once(bench, caplog, place):
    bench.graph.add_page("100")
    if place == "outer":
        bench.graph.headers = {"facebook-api-version": "v21.0"}
    else:
        headers = [{"name": "Facebook-API-Version", "value": "v21.0"}]
        bench.graph.override = lambda call: {
            "code": 200,
            "headers": headers,
            "body": json.dumps({"id": call.page, "followers_count": 1}),
        }
    with caplog.at_level(logging.WARNING, logger="collector.networks.facebook"):
        bench.read(target("100", wants_wall=False))
        bench.read(target("100", wants_wall=False))
    assert [record.getMessage().count("served=v21.0") for record in caplog.records] == [1]
    (report,) = bench.adapter.check()
    assert "v21.0 in place of v26.0" in report.advice


@pytest.mark.parametrize("told", ["v26.0", "", "none", "v26.0 or later"])
def test_the_version_asked_for_needs_no_word(bench, caplog, told):
    bench.graph.add_page("100")
    bench.graph.headers = {"facebook-api-version": told}
    bench.read(target("100"))
    assert not caplog.records

"""Tokens are planted wherever a library leaks them from; none may be seen."""

from __future__ import annotations

import gc
import json
import logging
import traceback

import pytest
import requests

from collector.networks.facebook.options import Options

from .stand_in import APP_SECRET, NOW, TOKEN, Reply, daily_posts, graph_error, target

APP_TOKEN = "1234567890|s3cr3tOfTheAppItself00"
PROXY_PASSWORD = "pr0xyPassw0rd"
SECRETS = [TOKEN, APP_SECRET, APP_TOKEN, APP_TOKEN.split("|")[1], PROXY_PASSWORD]
SECRETS += [secret.replace("|", bar) for secret in [APP_TOKEN] for bar in ("%7C", "\\u007c", "\\u007C")]


def leaks(text):
    return [secret for secret in SECRETS if secret in text]


def texts_of(outcome):
    failures = [outcome, getattr(outcome, "wall_failure", None)]
    return " ".join(repr(failure) for failure in failures)


def replies(token):
    quoted = f"https://graph.facebook.com/v26.0/x?access_token={token}&after=5"
    escaped = json.dumps({"error": {"message": f"bad token {token}", "code": 987654, "url": quoted}})
    return [
        Reply(f"<html>{quoted} {token}</html>".encode(), 500),
        Reply(escaped.encode(), 400),
        Reply(escaped.replace("|", "\\u007C").encode(), 400),
        Reply(json.dumps([{"code": 400, "body": escaped.replace("|", "\\u007c")}]).encode()),
        Reply(
            json.dumps(
                [{"code": 200, "body": json.dumps({"id": 5, "next": quoted, "raw": escaped})}]
            ).encode()
        ),
        Reply(f'{{"error": "{token}'.encode(), 400),
        Reply(b"", 302, {"Location": quoted}),
        Reply(b"{" + token.encode() * 50, cut=True),
        Reply(json.dumps(graph_error(190, f"Malformed access token {token}")).encode(), 400),
        Reply(json.dumps(graph_error(100, f"{token} {APP_SECRET} {quoted}")).encode(), 400),
    ]


@pytest.mark.parametrize("token", [TOKEN, APP_TOKEN], ids=["user", "app"])
@pytest.mark.parametrize("number", range(10))
def test_no_answer_of_facebook_brings_a_secret_back(bench, caplog, token, number):
    bench.options = {"token": token}
    bench.graph.always = lambda request: replies(token)[number]
    with caplog.at_level(logging.DEBUG):
        failure = bench.failure(target("100"))
        (report,) = bench.adapter.check()
    assert leaks(texts_of(failure)) == []
    assert leaks(repr(report)) == []
    assert leaks(caplog.text) == []


def test_a_token_that_is_not_ours_is_known_by_its_look_behind_escapes_too(bench):
    """An answer can quote another token than the one that asked, such as the Page's own or the app's."""
    others = '{"error": {"message": "no", "code": 987654, "old": "999888777666\\u007CsomebodyElsesSecret0"}}'
    bench.graph.override = lambda call: {"code": 400, "body": others}
    raw = bench.failure(target("100")).raw_answer
    assert "somebodyElsesSecret0" not in raw
    assert "[redacted]" in raw


@pytest.mark.parametrize(
    "options",
    [
        {"api_url": "http://127.0.0.1:1"},
        {"proxy": f"http://user:{PROXY_PASSWORD}@127.0.0.1:1"},
        {"proxy": f"socks5h://user:{PROXY_PASSWORD}@127.0.0.1:1"},
        {"proxy": f"nonsense://user:{PROXY_PASSWORD}@127.0.0.1:1"},
        {"proxy": f"http://user:{PROXY_PASSWORD}@[::1"},
        {"api_url": f"http://{TOKEN}:x@127.0.0.1:1/?access_token={TOKEN}"},
        {"api_url": "http://"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_no_broken_line_shows_a_secret(bench, caplog, options):
    bench.options = options
    with caplog.at_level(logging.DEBUG):
        failure = bench.failure(target("100"))
    assert leaks(texts_of(failure)) == []
    assert leaks(caplog.text) == []


def test_no_exception_of_the_http_library_outlives_a_round(bench, monkeypatch):
    """Each holds the request, and the request the token; so does whatever was raised while it was handled."""
    bench.graph.whole = [replies(TOKEN)[number] for number in (6, 7, 0)]
    bench.read(target("100"))
    gc.collect()
    alive = [thing for thing in gc.get_objects() if isinstance(thing, requests.RequestException)]
    assert alive == []


def test_a_bug_of_ours_shows_no_secret_either(bench, monkeypatch):
    """Whatever the transport raises, even what nobody foresaw, its graph of causes holds no token."""

    def fail(*_, **__):
        raise requests.ConnectionError(f"POST https://graph.facebook.com/?access_token={TOKEN}") from OSError(
            TOKEN
        )

    bench.graph.add_page("100")
    monkeypatch.setattr(bench.adapter._client._session, "post", fail)
    failure = bench.failure(target("100"))
    assert leaks(texts_of(failure)) == []

    with pytest.raises(ZeroDivisionError) as caught:
        bench.read(*(target(str(1 // number)) for number in [1, 0]))
    seen: list[BaseException] = [caught.value]
    for error in seen:
        seen += [cause for cause in (error.__cause__, error.__context__) if cause and cause not in seen]
        assert leaks(repr(error) + repr(error.args)) == []
    assert leaks("".join(traceback.format_exception(caught.value))) == []


def test_a_whole_round_logs_no_secret(bench, caplog):
    bench.options = {"token": APP_TOKEN}
    bench.graph.add_page("100", daily_posts(300))
    with caplog.at_level(logging.DEBUG):
        outcomes = bench.read(target("100", known=NOW.replace(month=1)), target("200"))
    assert len(caplog.records) > 0
    assert leaks(caplog.text) == []
    assert all(leaks(texts_of(outcome)) == [] for outcome in outcomes)


def test_no_repr_shows_a_secret(bench):
    options = Options.from_mapping(
        {"token": TOKEN, "app_secret": APP_SECRET, "proxy": f"http://u:{PROXY_PASSWORD}@h", "unknown": 1}
    )
    assert leaks(repr(options)) == []
    assert leaks(repr(bench.adapter) + repr(bench.adapter._client)) == []

"""Secrets in every dress that libraries print them in."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.redaction import MASK, Redactor, token_label

TOKEN = "vk1.a.gEhEiM-0123456789_abcdefghij"
APP_TOKEN = "123456789012345|aBcDeFgHiJkLmNoPqRsTuVwXyZ0"


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.vk.ru/method/wall.get?access_token={TOKEN}&v=5.199",
        f"HTTPConnectionPool: Max retries exceeded with url: /v26.0/1?access_token={quote(APP_TOKEN)}",
        f"{{'access_token': '{TOKEN}', 'v': '5.199'}}",
        json.dumps({"request_params": [{"key": "access_token", "value": TOKEN}]}),
        json.dumps(json.dumps({"access_token": APP_TOKEN})),
        f"b'{urlencode({'access_token': APP_TOKEN, 'batch': '[]'})}'",
        f"Authorization: Bearer {TOKEN}",
        f"next: https://graph.facebook.com/v26.0/4/posts?limit=25&access_token={APP_TOKEN}&after=QVFIU",
    ],
)
def test_a_token_that_is_known_and_one_that_only_looks_like_one(text: str) -> None:
    for redact in (Redactor([TOKEN, APP_TOKEN]), Redactor()):
        shown = redact(text)
        assert "gEhEiM" not in shown
        assert "aBcDeFg" not in shown
        assert MASK in shown


def test_what_is_no_secret_stays() -> None:
    text = "wall.get: error 15: Access denied; https://vk.com/club123?w=wall-123_45 at 12:30:45"
    assert Redactor([TOKEN])(text) == text


def test_a_proxys_password_is_taken_out_and_its_host_stays() -> None:
    assert Redactor()("socks5h://user:geheim@proxy:1080 failed") == f"socks5h://{MASK}@proxy:1080 failed"


def test_empty_secrets_are_passed_over() -> None:
    assert Redactor(["", "x1y2z3"])("a x1y2z3 b") == f"a {MASK} b"


@given(st.text(min_size=8, alphabet=st.characters(min_codepoint=33, max_codepoint=126)), st.text(), st.text())
def test_a_known_secret_never_comes_through(secret: str, before: str, after: str) -> None:
    redact = Redactor([secret])
    for form in (secret, quote(secret, safe="")):
        assert secret not in redact(before + form + after).replace(MASK, "")


def test_a_token_is_named_by_its_place_and_last_four_characters() -> None:
    assert token_label(2, TOKEN) == "#2 (…ghij)"
    assert token_label(1, "short") == "#1 (…)"

"""What of an error may leave the house."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.header import Header
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.redaction import MASK, PIECE, Redactor
from collector.domain.scrubbing import ADDRESS, WORDS, Scrubber
from collector.notifications.links import LetterLink, LinkSigner

SECRET = "planted Secret/0123456789+abcdef"
NAME = "Иванова Мария Петровна"
MAIL = "maria.ivanova@edu.mos.ru"
SCRUB = Scrubber(Redactor([SECRET]))


@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda name: quote(name, safe=""),
        json.dumps,
        lambda name: json.dumps(json.dumps(name)),
        lambda name: repr(name.encode()),
        lambda name: Header(name, "utf-8").encode(),
        lambda name: f"«{name}»",
        lambda name: f"{name} ({MAIL})",
        lambda name: f"DETAIL: Key (name)=({name}) already exists.",
    ],
)
def test_names_do_not_leave_however_they_are_written(write: object) -> None:
    assert callable(write)
    written = str(write(NAME))
    shown = SCRUB.text(f"before {written} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert WORDS in shown
    for piece in ("Иван", "Мария", "%D0", "u041", "\\xd0", "=?utf", "ivanova"):
        assert piece not in shown


@pytest.mark.parametrize("address", [MAIL, quote(MAIL), "иван@профсоюз.рф", f"<{MAIL}>", f"mailto:{MAIL}"])
def test_nor_mail_addresses(address: str) -> None:
    shown = SCRUB.text(f"refused: {address}")
    assert ADDRESS in shown
    for piece in ("maria", "mos", "иван", "рф"):
        assert piece not in shown


def test_nor_links_that_let_in() -> None:
    link = LinkSigner("s" * 32, "https://collector.example.org/base", timedelta(days=60)).url(
        LetterLink(1, 2, MAIL), datetime(2026, 9, 1, tzinfo=UTC)
    )
    token = link.rpartition("/")[2]
    for text in (link, f"GET /letters/{token}?done=mute", f"bad token {token}", quote(link, safe="")):
        shown = SCRUB.text(text)
        assert MASK in shown
        assert token[:20] not in shown
        assert token[-20:] not in shown


@given(st.integers(0, len(SECRET)), st.integers(0, len(SECRET)))
def test_nor_a_piece_of_a_secret(start: int, end: int) -> None:
    shown = SCRUB.text(f"({SECRET[start:end]})").replace(MASK, "")
    assert not any(SECRET[at : at + PIECE] in shown for at in range(len(SECRET) - PIECE + 1))


def test_nor_a_secret_that_a_cut_would_halve() -> None:
    shown = SCRUB.text("x" * 1990 + SECRET)
    assert SECRET[:8] not in shown
    assert len(shown) == 2000


def test_keys_and_values_at_any_depth() -> None:
    event = {SECRET: [{"a": ({MAIL: SECRET}, NAME, b64encode(b"x"), 7, None, True)}]}
    shown = SCRUB(event)
    assert json.loads(json.dumps(shown)) == shown
    assert shown == {MASK: [{"a": [{ADDRESS: MASK}, WORDS, "b'eA=='", 7, None, True]}]}


def test_what_helps_to_find_a_bug_stays() -> None:
    text = (
        "storage.errors.StoreError: connection to 127.0.0.1:5432 refused, line 12 of /app/collector/jobs/x.py"
    )
    assert SCRUB.text(text) == text


def test_what_the_redactor_learns_later_is_kept_out_too() -> None:
    redact = Redactor()
    scrub = Scrubber(redact)
    assert scrub.text("geheim-und-lang") == "geheim-und-lang"
    redact.learn(["geheim-und-lang"])
    assert scrub.text("geheim-und-lang") == MASK

"""Links that letters hold: they say what they are for, hold for their time, and nobody else can make them."""

from __future__ import annotations

import hashlib
import string
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from collector.notifications.links import LetterLink, LinkExpiredError, LinkInvalidError, LinkSigner

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
VALID_FOR = timedelta(days=60)
SECRET = "a-secret-of-at-least-32-characters"
LINK = LetterLink(12, 3, "chair@example.org")


def signer(secret: str = SECRET, public_url: str = "https://collector.example.org") -> LinkSigner:
    return LinkSigner(secret, public_url, VALID_FOR)


def token(link: LetterLink = LINK, at: datetime = NOW, **given: str) -> str:
    return signer(**given).url(link, at).rsplit("/", 1)[1]


@pytest.mark.parametrize("link", [LINK, LetterLink(None, 3, "chair@example.org")])
def test_a_link_says_what_its_letter_was_about(link: LetterLink) -> None:
    assert signer().read(token(link), NOW) == link


@pytest.mark.parametrize("public_url", ["https://example.org/collector", "https://example.org/collector/"])
def test_a_link_keeps_the_path_of_the_public_address(public_url: str) -> None:
    assert signer(public_url=public_url).url(LINK, NOW).startswith("https://example.org/collector/letters/")


@pytest.mark.parametrize("age", [timedelta(0), SECOND, VALID_FOR - SECOND, VALID_FOR])
def test_a_link_holds_to_the_last_second_of_its_time(age: timedelta) -> None:
    assert signer().read(token(), NOW + age) == LINK


@pytest.mark.parametrize("age", [VALID_FOR + SECOND, VALID_FOR * 100])
def test_a_link_ends_after_its_time(age: timedelta) -> None:
    with pytest.raises(LinkExpiredError):
        signer().read(token(), NOW + age)


def test_a_shorter_time_in_the_settings_holds_for_letters_that_are_out_already() -> None:
    with pytest.raises(LinkExpiredError):
        LinkSigner(SECRET, "https://example.org", SECOND).read(token(), NOW + 2 * SECOND)


def test_a_link_from_a_clock_a_little_ahead_holds_and_one_from_next_year_does_not() -> None:
    assert signer().read(token(at=NOW + timedelta(hours=1)), NOW) == LINK
    with pytest.raises(LinkExpiredError):
        signer().read(token(at=NOW + timedelta(days=365)), NOW)


# Not the last letter: two of its bits say nothing.
@given(
    at=st.integers(min_value=0, max_value=len(token()) - 2),
    letter=st.sampled_from(string.ascii_letters + string.digits + "-_."),
)
def test_no_letter_of_a_link_can_be_changed(at: int, letter: str) -> None:
    good = token()
    changed = good[:at] + letter + good[at + 1 :]
    if changed != good:
        with pytest.raises(LinkInvalidError):
            signer().read(changed, NOW)


@given(st.text(max_size=200))
def test_whatever_is_no_link_of_ours_is_told_as_that(text: str) -> None:
    with pytest.raises(LinkInvalidError):
        signer().read(text, NOW)


def test_an_endless_token_is_not_one_of_ours() -> None:
    with pytest.raises(LinkInvalidError):
        signer().read("A" * 1_000_000, NOW)


def test_another_secret_makes_other_links() -> None:
    with pytest.raises(LinkInvalidError):
        signer().read(token(secret="another-secret-of-32-characters-"), NOW)


def test_what_is_signed_with_the_secret_for_another_purpose_is_no_link() -> None:
    content = token().rsplit(".", 1)[0]
    other = Signer(SECRET, key_derivation="hmac", digest_method=hashlib.sha256)
    with pytest.raises(LinkInvalidError):
        signer().read(other.sign(content).decode(), NOW)


@given(
    st.builds(
        LetterLink,
        st.none() | st.integers(min_value=1, max_value=2**63 - 1),
        st.integers(min_value=1, max_value=2**63 - 1),
        st.text(min_size=3, max_size=254),
    )
)
def test_a_link_is_a_plain_address_whatever_it_is_about(link: LetterLink) -> None:
    """No dot at the beginning (servers refuse such paths), nothing that mail programs cut off at the end."""
    url = signer().url(link, NOW)
    made = urlsplit(url).path.rsplit("/", 1)[1]
    assert set(made) <= set(string.ascii_letters + string.digits + "-_.")
    assert made[0].isalnum()
    assert made[-1].isalnum()
    assert signer().read(made, NOW) == link

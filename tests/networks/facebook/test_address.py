"""Whatever a person pastes as the address of a Page is understood, or told apart."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.networks.base import AddressError
from collector.networks.facebook import NETWORK


@pytest.mark.parametrize(
    "text",
    [
        "profsouz.vao",
        "@profsouz.vao",
        "Profsouz.VAO",
        "  profsouz.vao ",
        "facebook.com/profsouz.vao?ref=x",
        "https://www.facebook.com/profsouz.vao/",
        "http://facebook.com/profsouz.vao#top",
        "https://m.facebook.com/profsouz.vao",
        "https://mbasic.facebook.com/profsouz.vao",
        "https://ru-ru.facebook.com/profsouz.vao/",
        "HTTPS://WWW.FACEBOOK.COM/Profsouz.VAO",
        "fb.com/profsouz.vao",
        "fb.me/profsouz.vao",
        "https://www.facebook.com/@profsouz.vao",
        "https://www.facebook.com/profsouz.vao/posts/pfbid02abc",
        "https://www.facebook.com/profsouz.vao/videos/123456789/",
        "https://www.facebook.com/profsouz.vao/about?section=contact",
        "https://www.facebook.com/pg/profsouz.vao/posts/",
        "//facebook.com/profsouz.vao",
    ],
)
def test_a_username_in_any_form(text):
    address = NETWORK.parse_address(text)
    assert (address.network, address.native_id, address.screen_name) == ("facebook", None, "profsouz.vao")
    assert address.url == "https://www.facebook.com/profsouz.vao"


@pytest.mark.parametrize(
    "text",
    [
        "1000123456789",
        "@1000123456789",
        "facebook.com/1000123456789",
        "https://www.facebook.com/pages/Профсоюз-ВАО/1000123456789",
        "https://www.facebook.com/pages/%D0%9F%D1%80%D0%BE%D1%84/1000123456789?ref=hl",
        "https://www.facebook.com/pages/category/Labor-Union/Profsouz-1000123456789/",
        "https://www.facebook.com/p/Профсоюз-ВАО-1000123456789/",
        "https://www.facebook.com/profile.php?id=1000123456789",
        "https://m.facebook.com/profile.php?ref=x&id=1000123456789",
        "https://www.facebook.com/people/Профсоюз-ВАО/1000123456789/",
        "https://www.facebook.com/Profsouz-VAO-1000123456789/",
        "Profsouz-VAO-1000123456789",
        "https://www.facebook.com/permalink.php?story_fbid=5&id=1000123456789",
        "https://m.facebook.com/story.php?story_fbid=5&id=1000123456789",
        "https://www.facebook.com/1000123456789/posts/555",
    ],
)
def test_a_number_in_any_form(text):
    address = NETWORK.parse_address(text)
    assert (address.native_id, address.screen_name) == ("1000123456789", None)
    assert address.url == "https://www.facebook.com/1000123456789"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("https://www.facebook.com/groups/123456789", "group"),
        ("facebook.com/groups/profsouz/", "group"),
        ("https://www.facebook.com/share/1AbCdEf/", "sharing"),
        ("https://www.facebook.com/sharer/sharer.php?u=x", "sharing"),
        ("", "empty"),
        ("   ", "empty"),
        ("facebook.com", "no Page"),
        ("https://www.facebook.com/", "no Page"),
        ("https://vk.com/profsouz", "not on facebook.com"),
        ("https://facebook.com.example.org/profsouz", "not on facebook.com"),
        ("https://notfacebook.com/profsouz", "not on facebook.com"),
        ("ftp://facebook.com/profsouz", "not on facebook.com"),
        ("https://[facebook.com/x", "URL"),
        ("https://www.facebook.com/profile.php", "id="),
        ("https://www.facebook.com/profile.php?id=abc", "id="),
        ("https://www.facebook.com/pages/Name", "number"),
        ("https://www.facebook.com/events/123456", "not the address of a Page"),
        ("https://www.facebook.com/watch/?v=1", "not the address of a Page"),
        ("профсоюз", "Latin"),
        ("profsouz vao", "Latin"),
        ("profsouz_vao", "Latin"),
        ("x" * 51, "Latin"),
        ("...", "Latin"),
        ("0123", "Latin"),
        ("1" * 21, "Latin"),
        ("١٢٣٤٥٦٧٨٩", "Latin"),
    ],
)
def test_what_is_no_page_says_what_would_be_right(text, hint):
    with pytest.raises(AddressError, match=hint):
        NETWORK.parse_address(text)


@given(st.text() | st.text().map("https://www.facebook.com/".__add__))
def test_any_text_is_an_address_or_told_to_be_none(text):
    try:
        address = NETWORK.parse_address(text)
    except AddressError:
        return
    assert (address.native_id is None) != (address.screen_name is None)
    assert NETWORK.parse_address(address.url) == address


def test_checking_an_address_loads_no_http_client():
    code = (
        "import sys; from collector.networks.facebook import NETWORK; NETWORK.parse_address('fb.com/x.y');"
        "print(sorted({'requests', 'tenacity', 'pydantic'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

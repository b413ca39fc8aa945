"""Every usual form of a VK community's address means the same community."""

from __future__ import annotations

import subprocess
import sys

import pytest

from collector.networks.base import AddressError
from collector.networks.vk import NETWORK

BY_ID = [
    "123",
    "-123",
    " 123 ",
    "club123",
    "public123",
    "event123",
    "Club123",
    "@club123",
    "https://vk.com/club123",
    "https://vk.com/club123/",
    "HTTPS://VK.COM/CLUB123",
    "vk.com/public123",
    "www.vk.com/public123",
    "http://m.vk.com/event123?w=wall-123_45",
    "https://m.vk.ru/club123",
    "https://vk.ru/club123#top",
    "https://vkontakte.ru/club123",
    "https://vk.com/wall-123_45",
    "https://vk.com/wall-123",
    "https://vk.com/wall-123?own=1",
    "https://vk.com/some_name?w=wall-123_45%2Fall",
    "https://vk.com/feed?z=photo-123_456%2Falbum-123_00%2Frev",
    "https://vk.com/photo-123_456",
    "https://vk.com/album-123_0",
    "https://vk.com/topic-123_1",
    "https://vk.com/video-123_456",
    "https://vk.com/market-123",
    "<https://vk.com/club123>",
    "https://vk.com/board123",
    "https://vk.com/albums-123",
]
BY_NAME = [
    "profsouz.vao",
    "Profsouz.VAO",
    "@profsouz.vao",
    "https://vk.com/profsouz.vao",
    "https://vk.com/profsouz.vao/",
    "https://vk.com/Profsouz.vao?from=search",
    "https://vk.com/@profsouz.vao",
    "https://vk.me/profsouz.vao",
    "vk.ru/profsouz.vao",
    "//vk.com/profsouz.vao",
    "m.vk.com/profsouz.vao?act=info#about",
]
WRONG = {
    "https://vk.com/id123": "person",
    "id123": "person",
    "https://vk.com/wall123_45": "person",
    "https://vk.com/@name-kak-vstupit": "article",
    "https://facebook.com/profsouz": "facebook.com",
    "https://vk.com.evil.example/club1": "vk.com.evil.example",
    "https://vk.com/": "no community",
    "vk.com": "no community",
    "": "empty",
    "   ": "empty",
    "профсоюз": "no VK name",
    "a": "no VK name",
    "club0": "no number",
    "0": "no number",
    "9" * 40: "no number",
    "two words": "no address",
    "ftp://vk.com/club1": "no web address",
    "https://[vk.com/club1": "no web address",
}


@pytest.mark.parametrize("text", BY_ID)
def test_an_id_is_found_in_any_form(text: str) -> None:
    address = NETWORK.parse_address(text)
    assert (address.network, address.native_id, address.screen_name) == ("vk", "123", None)
    assert address.url == "https://vk.com/club123"


@pytest.mark.parametrize("text", BY_NAME)
def test_a_name_is_found_in_any_form(text: str) -> None:
    address = NETWORK.parse_address(text)
    assert (address.native_id, address.screen_name) == (None, "profsouz.vao")
    assert address.url == "https://vk.com/profsouz.vao"


@pytest.mark.parametrize(("text", "why"), WRONG.items())
def test_what_is_no_community_is_refused_with_what_would_be_right(text: str, why: str) -> None:
    with pytest.raises(AddressError, match=why.replace(".", r"\.")) as caught:
        NETWORK.parse_address(text)
    assert "https://vk.com/" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["wallpaper_club", "photo_msk", "videoclub", "page_1", "club_mgo", "eventful", "topic"]
)
def test_a_name_that_begins_like_something_else_is_a_name(name: str) -> None:
    assert NETWORK.parse_address(f"https://vk.com/{name}").screen_name == name


def test_checking_addresses_loads_no_http_client() -> None:
    code = "import sys; from collector.networks.vk import NETWORK; NETWORK.parse_address('club1'); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"requests", "vk_api", "tenacity", "pyrate_limiter"} & set(loaded)

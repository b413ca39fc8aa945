"""What people paste as the address of a Facebook Page. No I/O, nothing heavy.

A Page has a number for life and, if it took one, a username that can change. Usernames consist of Latin
letters, digits and full stops (https://www.facebook.com/help/105399436216001), so that a hyphen before a
long number always means "title-id", as Facebook writes the URL of a Page without a username.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from collector.domain.model import Address
from collector.networks.base import AddressError

NAME = "facebook"
_HOST = re.compile(r"(?i)(?:[a-z0-9-]+\.)*(?:facebook\.com|fb\.com|fb\.me)")
_ID = re.compile(r"[1-9][0-9]{0,19}")
_TITLE_AND_ID = re.compile(r".+-([1-9][0-9]{7,19})")
_USERNAME = re.compile(r"(?=.*[a-z])[a-z0-9.]{2,50}")
_WITH_ID_IN_QUERY = frozenset({"profile.php", "permalink.php", "story.php"})
_NO_PAGE = frozenset(
    {
        "ads", "business", "dialog", "events", "gaming", "hashtag", "help", "home.php", "l.php", "login", "login.php",
        "marketplace", "media", "messages", "photo", "photo.php", "photos", "plugins", "policies", "posts", "reel",
        "search", "settings", "stories", "videos", "watch",
    }
)  # fmt: skip
_RIGHT = "right would be https://www.facebook.com/profsouz.vao, profsouz.vao, or the Page's number"


def parse_address(text: str) -> Address:
    """The Page that a person means by an id, a username or a URL in any usual form. Raises AddressError."""
    text = text.strip()
    if not text:
        raise AddressError(f"an empty Facebook address; {_RIGHT}")
    bare = text.removeprefix("@")
    if "/" not in text and not _HOST.fullmatch(text):
        return _from_word(bare, text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text.removeprefix('//')}")
        host = parts.hostname or ""
    except ValueError:
        raise AddressError(f"{text!r} is no readable URL; {_RIGHT}") from None
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise AddressError(f"{text!r} is not on facebook.com; {_RIGHT}")
    words = [word for word in (unquote(word).strip() for word in parts.path.split("/")) if word]
    return _from_path(words, parts.query, text)


def _from_path(words: Sequence[str], query: str, text: str) -> Address:
    if not words:
        raise AddressError(f"{text!r} names no Page; {_RIGHT}")
    first, rest = words[0].lower(), words[1:]
    if first == "groups":
        raise AddressError(
            f"{text!r} is a Facebook group, not a Page: groups cannot be read through the Graph API any more"
        )
    if first in {"share", "sharer", "sharer.php"}:
        raise AddressError(
            f"{text!r} is a link for sharing, which does not tell the Page: open it in a browser "
            "and copy the address that shows"
        )
    if first in _WITH_ID_IN_QUERY:
        ids = parse_qs(query).get("id", [])
        if len(ids) == 1 and _ID.fullmatch(ids[0]):
            return _by_id(ids[0])
        raise AddressError(f"{text!r} has no id=<number>; {_RIGHT}")
    if first in {"pages", "people", "p"}:
        for word in reversed(rest):
            found = _ID.fullmatch(word) or _TITLE_AND_ID.fullmatch(word)
            if found:
                return _by_id(found[found.lastindex or 0])
        raise AddressError(f"{text!r} lacks the Page's number after its title; {_RIGHT}")
    if first in {"pg", "@"} and rest:
        return _from_word(rest[0], text)
    return _from_word(words[0].removeprefix("@"), text)


def _from_word(word: str, text: str) -> Address:
    if _ID.fullmatch(word):
        return _by_id(word)
    titled = _TITLE_AND_ID.fullmatch(word)
    if titled:
        return _by_id(titled[1])
    name = word.lower()
    if name in _NO_PAGE or name in _WITH_ID_IN_QUERY or name in {"groups", "share", "pages", "people"}:
        raise AddressError(f"{text!r} is not the address of a Page; {_RIGHT}")
    if not _USERNAME.fullmatch(name):
        raise AddressError(
            f"{text!r} is no Facebook username (2 to 50 Latin letters, digits and full stops) nor a Page's number; "
            f"{_RIGHT}"
        )
    return Address(network=NAME, native_id=None, screen_name=name, url=f"https://www.facebook.com/{name}")


def _by_id(native_id: str) -> Address:
    url = f"https://www.facebook.com/{native_id}"
    return Address(network=NAME, native_id=native_id, screen_name=None, url=url)

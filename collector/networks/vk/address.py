"""What people paste as the address of a VK community, and what it means."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from collector.domain.model import Address
from collector.networks.base import AddressError

NETWORK_NAME = "vk"

_HOSTS = frozenset(
    prefix + host
    for host in ("vk.com", "vk.ru", "vkontakte.ru", "vk.me")
    for prefix in ("", "m.", "www.", "new.")
)
_GROUP = re.compile(r"(?:club|public|event)(\d+)\Z")
_PERSON = re.compile(r"id\d+\Z")
# wall-1_2, photo-1_2, albums-1, ...: the owner, negative for a community. A community's board has its number as it is.
_OF_OWNER = re.compile(
    r"(?:wall|topic|market|page|write|(?:photo|video|clip|album|audio|podcast|doc)s?)(-?)(\d+)(_\w+)?\Z"
)
_BOARD = re.compile(r"board-?(\d+)\Z")
_NAME = re.compile(r"[a-z0-9_.]{2,}\Z")
_MAX_ID = 2**63 - 1

RIGHT = "right would be https://vk.com/club123, https://vk.com/name, or the number alone"


def parse_address(text: str) -> Address:
    """The community that a text means: an id, a name, or a URL in any usual form. Raises AddressError."""
    given = text.strip().strip("<>\"'").strip()
    if not given:
        raise AddressError(f"an empty address; {RIGHT}")
    word, query = _last_word(given)
    # A post opened over its community's page: ?w=wall-123_45 tells the id, which a rename does not change.
    for opened in parse_qs(query).get("w", []) + parse_qs(query).get("z", []):
        if match := re.match(r"[a-z]+-(\d+)_", opened.lower()):
            return _by_id(match[1], given)
    return _by_word(word, given)


def native_id_of(screen_name: str) -> str | None:
    """The id that a name of the forms clubNNN, publicNNN, eventNNN carries."""
    match = _GROUP.match(screen_name)
    return str(int(match[1])) if match else None


def _last_word(given: str) -> tuple[str, str]:
    """The part of a URL that names the page, and its query."""
    text = given.removeprefix("//")
    scheme, colon, _ = text.partition("://")
    if not colon:
        head = text.split("/", 1)[0].split("?", 1)[0].lower()
        if head.lstrip("@") not in _HOSTS:
            if "/" in text or " " in text:
                raise AddressError(f"{given!r} is no address of a VK community; {RIGHT}")
            word, _, query = text.partition("?")
            return word, query
        text = f"https://{text}"
    elif scheme.lower() not in {"http", "https"}:
        raise AddressError(f"{given!r} is no web address; {RIGHT}")
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise AddressError(f"{given!r} is no web address; {RIGHT}") from None
    if host not in _HOSTS:
        raise AddressError(f"{given!r} is a page of {host or 'no site'}, not of VK; {RIGHT}")
    steps = [step for step in unquote(parts.path).split("/") if step]
    if not steps:
        raise AddressError(f"{given!r} names VK itself and no community; {RIGHT}")
    return steps[0], parts.query


def _by_word(word: str, given: str) -> Address:
    lowered = word.strip().lower()
    if lowered.startswith("@"):
        lowered = lowered[1:]
        if "-" in lowered:
            raise AddressError(
                f"{given!r} is an article: where its author's name ends cannot be told. "
                "Paste the address of the community's own page, such as https://vk.com/name"
            )
    if re.fullmatch(r"-?\d+", lowered):
        return _by_id(lowered.lstrip("-"), given)
    if match := _GROUP.match(lowered):
        return _by_id(match[1], given)
    if _PERSON.match(lowered):
        raise AddressError(f"{given!r} is a person's page, not a community's; {RIGHT}")
    if match := _BOARD.match(lowered):
        return _by_id(match[1], given)
    if (match := _OF_OWNER.match(lowered)) and (match[1] or match[3]):
        if not match[1]:
            raise AddressError(f"{given!r} belongs to a person's page, not to a community's; {RIGHT}")
        return _by_id(match[2], given)
    if not _NAME.match(lowered):
        raise AddressError(
            f"{given!r} is no VK name: those have Latin letters, digits, '_' and '.', and at least two of them; {RIGHT}"
        )
    return Address(NETWORK_NAME, None, lowered, f"https://vk.com/{lowered}")


def _by_id(digits: str, given: str) -> Address:
    number = int(digits) if len(digits) < 25 else 0
    if not 0 < number <= _MAX_ID:
        raise AddressError(f"{given!r}: {digits[:30]} is no number of a community; {RIGHT}")
    return Address(NETWORK_NAME, str(number), None, f"https://vk.com/club{number}")

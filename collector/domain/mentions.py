"""Who is named in a text: whole words of known names, so that «МГУ» is not found in «МГУПП».

Forms that Russian grammar bends («в МИСиСе») are not found; what is found is given as it stands, for a person to judge.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
_SHORTEST = 3
"""A single word of fewer letters, or of digits alone, is too common to name anybody: «ОК», «1505»."""

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody is named."""

    who: str
    words: str
    """As it stands in the text."""


class Names:
    """Names by which somebody may be mentioned.

    Several words are compared without regard to case, as is an address's; a single word as it is written («Мир» is
    no «мир»). A name that two bear names neither.
    """

    def __init__(self, names: Iterable[tuple[str, str]], addresses: Iterable[tuple[str, str]] = ()) -> None:
        """Pairs of who it is and a name of theirs, or a name in links (`profsouz_msu`, `club123`)."""
        bearers: dict[_Key, set[str]] = defaultdict(set)
        for who, name in names:
            found = tuple(_WORD.findall(name))
            if len(found) > 1:
                bearers[_folded(found)].add(who)
            elif found and _is_telling(found[0]):
                bearers[found].add(who)
        for who, address in addresses:
            found = _folded(_WORD.findall(address))
            if len(found) > 1 or (found and _is_telling(found[0])):
                bearers[_as_address(found)].add(who)
        self._who = {key: next(iter(who)) for key, who in bearers.items() if len(who) == 1}
        self._longest = max(map(len, self._who), default=0)

    def mentioned_in(self, text: str) -> list[Mention]:
        """Everybody who is named, each once, in the order of the text."""
        words = list(_WORD.finditer(text))
        found: dict[str, Mention] = {}
        for first in range(len(words)):
            for count in range(min(self._longest, len(words) - first), 0, -1):
                run = words[first : first + count]
                who = self._named(tuple(word[0] for word in run))
                if who is not None and who not in found:
                    found[who] = Mention(who, text[run[0].start() : run[-1].end()])
        return list(found.values())

    def _named(self, words: _Key) -> str | None:
        name = words if len(words) == 1 else _folded(words)
        return self._who.get(name) or self._who.get(_as_address(_folded(words)))


def _is_telling(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdigit()


def _folded(words: Iterable[str]) -> _Key:
    return tuple(word.casefold() for word in words)


def _as_address(words: _Key) -> _Key:
    """A key of its own: a word of a name is compared as it is written, the same word as an address is not."""
    return ("@", *words)

"""Whether communities are named in one style: across a branch's networks, and across branches.

It compares letters, not taste: titles word by word, names in links by how they begin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.audit import AuditFacts

_WORD = re.compile(r"[^\W\d_]{4,}")
_BEGINNING = re.compile(r"[^\W\d_]+")
_GIVEN_BY_THE_NETWORK = re.compile(r"(?:club|public|event|id)?\d+")


@dataclass(frozen=True, slots=True)
class Common:
    """What most of some names share: a word, or a beginning; of how many of how many."""

    what: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Naming:
    """Codes of branches whose communities on several networks are named alike, or not; and what all names share."""

    same_title: tuple[str, ...]
    other_title: tuple[str, ...]
    same_name: tuple[str, ...]
    other_name: tuple[str, ...]
    without_name: int
    """Communities whose link has only the number that the network gave."""
    named: int
    """Communities whose name in the link is known."""
    title_word: Common | None
    """None: fewer than two titles are known."""
    name_beginning: Common | None


def naming(facts: Sequence[AuditFacts]) -> Naming:
    """Of these communities; what is not known of one is left out."""
    by_branch: dict[str, list[AuditFacts]] = {}
    for each in facts:
        by_branch.setdefault(each.branch_code, []).append(each)
    titles = {code: [_plain(each.title) for each in own if each.title] for code, own in by_branch.items()}
    names = {
        code: [_plain(name) for each in own if (name := _own_name(each)) is not None]
        for code, own in by_branch.items()
    }
    known = [each for each in facts if each.screen_name]
    return Naming(
        *_compared(titles),
        *_compared(names),
        without_name=sum(_own_name(each) is None for each in known),
        named=len(known),
        title_word=_common(set(_WORD.findall((each.title or "").casefold())) for each in facts if each.title),
        name_beginning=_common(
            {found.group()} if (found := _BEGINNING.match(name)) else set()
            for each in facts
            if (name := _own_name(each)) is not None
        ),
    )


def _own_name(facts: AuditFacts) -> str | None:
    name = facts.screen_name
    return None if not name or _GIVEN_BY_THE_NETWORK.fullmatch(name) else name


def _plain(text: str) -> str:
    """Without what is no letter and no digit, so that «Профсоюз ВАО» and «Профсоюз "ВАО"» are alike."""
    return "".join(each for each in text.casefold() if each.isalnum())


def _compared(of_branches: dict[str, list[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of those whose texts are all alike, and of those where they are not; one text is compared with nothing."""
    several = {code: texts for code, texts in of_branches.items() if len(texts) > 1}
    same = tuple(code for code, texts in several.items() if len(set(texts)) == 1)
    return same, tuple(code for code in several if code not in same)


def _common(of_each: Iterable[set[str]]) -> Common | None:
    """What most have; of two as frequent the one that comes first in the alphabet."""
    sets = list(of_each)
    counts = Counter(word for words in sets for word in words)
    if len(sets) < 2 or not counts:
        return None
    what, count = min(counts.items(), key=lambda each: (-each[1], each[0]))
    return Common(what, count, len(sets))

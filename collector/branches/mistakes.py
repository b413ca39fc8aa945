"""Owns how mistakes in a person's file are told: file, line, what is wrong, what would be right."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.domain.errors import CollectorError

_TOLD_AT_MOST = 50
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file. Lines and columns count from 1; None where it is the file as a whole."""

    line: int | None
    column: int | None
    path: str
    """Where in the structure: `branches[1].kind`, or a column's name; empty for the file as a whole."""
    message: str
    hint: str = ""
    """What would be right."""

    def told(self, file: Path) -> str:
        """The mistake in one line, beginning as compilers' messages do, so that editors jump to it."""
        place = str(file) if self.line is None else f"{file}:{self.line}"
        what = f"{self.path}: {self.message}" if self.path else self.message
        return f"{place}: {what}; {self.hint}" if self.hint else f"{place}: {what}"


class FileMistakesError(CollectorError):
    """A file that cannot be used, with all its mistakes; nothing of it was taken."""

    def __init__(self, file: Path, mistakes: Iterable[Mistake]) -> None:
        """The message tells the first mistakes in the order of lines; `mistakes` holds them all."""
        self.file = file
        self.mistakes = tuple(sorted(mistakes, key=lambda each: (each.line or 0, each.column or 0)))
        lines = [each.told(file) for each in self.mistakes[:_TOLD_AT_MOST]]
        if len(self.mistakes) > _TOLD_AT_MOST:
            lines.append(f"{file}: and {len(self.mistakes) - _TOLD_AT_MOST} more")
        super().__init__("\n".join(lines))


def shown(value: object) -> str:
    """A value of the file as a message may show it: short, on one line, without control characters."""
    text = str(value)
    short = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return "'" + "".join(c if c == " " or not is_invisible(c) else f"\\u{ord(c):04x}" for c in short) + "'"


def is_invisible(character: str) -> bool:
    """Whether it is a control, a format or an unassigned character: none has a place in a name."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def nearest(word: str, words: Sequence[str]) -> str:
    """`did you mean vk?`, or nothing where no word is near."""
    by_lower = {each.lower(): each for each in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[found[0]]}?" if found else ""


def decoding_advice(raw: bytes) -> tuple[int, str]:
    """The line (from 1) of the first byte that is no UTF-8, and what the file was probably saved as."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return 1, "it is saved as UTF-16 («Юникод»)"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as found:
        bad, line = raw[found.start : found.start + 200], raw.count(b"\n", 0, found.start) + 1
        text = bad.decode("cp1251", errors="replace")
        letters = sum("а" <= c.lower() <= "я" or c in "Ёё" for c in text)
        if letters * 3 >= len(text):
            return line, "it looks like Windows-1251 («ANSI»)"
        return line, "it is damaged or no text at all"
    raise ValueError("this is UTF-8")

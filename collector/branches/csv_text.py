"""Owns how a CSV file that people made is read as text, whatever program of theirs saved it."""

from __future__ import annotations

from pathlib import Path

from collector.branches.mistakes import FileMistakesError, Mistake

MAX_FILE_BYTES = 16 * 1024 * 1024


def read_text(path: Path, error: type[FileMistakesError]) -> str:
    """The file's text: UTF-8 with or without a byte order mark, UTF-16, or Windows-1251. Raises `error`."""

    def refused(message: str, hint: str) -> FileMistakesError:
        return error(path, [Mistake(None, None, "", message, hint)])

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "no path of a file"
        raise refused(f"cannot be read: {reason}", "name the CSV file") from None
    if len(raw) > MAX_FILE_BYTES:
        raise refused(f"is larger than {MAX_FILE_BYTES // 1024 // 1024} MB", "is this the right file?")
    if raw.startswith(b"PK\x03\x04"):
        raise refused("is an Excel workbook", "save it as «CSV UTF-8»")
    # UTF-16 is Excel's «Текст Юникод». Windows-1251 knows almost every byte, so it comes last.
    encodings = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1251"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused("is neither UTF-8 nor Windows-1251", "save it as «CSV UTF-8»")

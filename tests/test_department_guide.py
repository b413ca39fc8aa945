"""The department's guide: what it says of the pages stands there, and its pictures are there and small."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "department.ru.md").read_text("utf-8")
PICTURES = ROOT / "docs" / "pictures"
_SAID_IN = ("web", "reports", "notifications", "bootstrap")


def test_what_is_bold_stands_on_the_pages() -> None:
    folders = [ROOT / "collector" / name for name in _SAID_IN]
    files = [file for folder in folders for ending in ("*.py", "*.j2") for file in folder.rglob(ending)]
    said = " ".join(" ".join(file.read_text("utf-8") for file in files).split())
    bold = {" ".join(each.split()) for each in re.findall(r"\*\*(.+?)\*\*", GUIDE, re.DOTALL)}
    assert len(bold) > 40
    assert {each for each in bold if each not in said} == set()


def test_each_picture_is_shown_and_small() -> None:
    shown = set(re.findall(r"!\[[^\]]{10,}\]\(pictures/([a-z-]+\.png)\)", GUIDE))
    sizes = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert shown == set(sizes)
    assert max(sizes.values()) < 150_000
    assert sum(sizes.values()) < 1_000_000

"""What documents point to is there: files, headings, and the names that the checklist of networks gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent
_NOT_OURS = {".git", ".venv", "demo", "soak", "node_modules"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not _NOT_OURS & set(path.relative_to(ROOT).parts))
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def inline(path: Path) -> Iterator[Token]:
    """What stands in a document's paragraphs, cells and headings; not what is shown as code."""
    for token in _MARKDOWN.parse(path.read_text(encoding="utf-8")):
        yield from token.children or ()


def links(path: Path) -> list[str]:
    """Where a document's links and pictures lead."""
    found = (token.attrGet("href") or token.attrGet("src") for token in inline(path))
    return [str(link) for link in found if link]


def anchors(path: Path) -> set[str]:
    """What a link can name after #: headings as GitHub makes addresses of them."""
    tokens = _MARKDOWN.parse(path.read_text(encoding="utf-8"))
    headings = [inner for outer, inner in pairwise(tokens) if outer.type == "heading_open"]
    texts = ["".join(part.content for part in heading.children or ()) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        is_anchor_there = (
            not parts.fragment or target.suffix != ".md" or unquote(parts.fragment) in anchors(target)
        )
        if not (target.exists() and target.is_relative_to(ROOT) and is_anchor_there):
            broken.append(link)
    assert broken == []

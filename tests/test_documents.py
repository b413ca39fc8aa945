"""What documents point to is there: files, headings, and the names that the checklist of networks gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name
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


def names(path: Path) -> list[str]:
    """What a document says in code letters and means literally: files, and dotted names of ours."""
    words = [token.content for token in inline(path) if token.type == "code_inline"]
    return [word for word in words if re.fullmatch(r"(collector|tests|storage)[./][\w./]+", word)]


def is_there(name: str) -> bool:
    """Whether a file or folder is so called, or a module's symbol, down to fields of its classes."""
    if "/" in name:
        return (ROOT / name).exists()
    try:
        resolve_name(name)
    except AttributeError:
        # A field without a default is no attribute of its class.
        owner, _, field = name.rpartition(".")
        return field in getattr(resolve_name(owner), "__annotations__", {})
    except ImportError:
        return False
    return True


def test_the_checklist_of_networks_names_what_there_is() -> None:
    found = names(ROOT / "docs" / "networks.md")
    assert len(found) > 20
    assert [name for name in found if not is_there(name)] == []

"""What strangers write is harmless in a letter's subject, text and HTML, in a real browser too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser

from collector.domain.model import BranchKind
from collector.domain.notification import Recipient
from collector.notifications.letters import BranchInLetter
from collector.notifications.rendering import Rendered
from tests.browser import NARROW, chromium, opened, scrolls_sideways
from tests.notifications.letter_world import CHAIR, DEPARTMENT, EVERY, FACTS, POST, RESUMED, WARNING, letter

TEN_MEGABYTES = 10_000_000
HOSTILE = {
    "script": "<script>window.wasHit = true</script>",
    "attribute": "\"'><img src=x onerror=\"window.wasHit = true\"><a href='javascript:wasHit=true'>",
    "newline": "Профсоюз\r\nBcc: everybody@example.org\r\n\r\n\u2028\u2029\x00\x1b[2J<b>письмо</b>",
    "huge": "<b>Ы" * (TEN_MEGABYTES // 4),
    "unbroken": "Щ" * 5000,
    "right-to-left": "\u202egro.live\u202c \u2067x\u2069\u200f\u200e\u061cконец",
    "template": "{{ 7 * 7 }}{% include 'base.html.j2' %}",
}
HOSTILE_URLS = {
    "script": "javascript:window.wasHit=true",
    "attribute": 'https://vk.com/"onmouseover="window.wasHit=true"><script>window.wasHit=true</script>',
    "newline": "https://vk.com/x\r\nBcc: everybody@example.org",
    "huge": "https://vk.com/" + "x" * TEN_MEGABYTES,
    "unbroken": "https://vk.com/" + "щ" * 1500,
    "right-to-left": "https://vk.com/\u202emoc.live\u202c",
    "template": "https://vk.com/{{ 7 * 7 }}",
}


def letter_with(name: str, text: str, url: str) -> Rendered:
    """A letter in which strangers wrote all that they can write."""
    branch = BranchInLetter.of(text, text, BranchKind.TERRITORIAL, 2)
    person = Recipient(CHAIR.audience, text, text)
    post = replace(POST, url=url, network=text)
    facts = replace(
        FACTS,
        branch=branch,
        last_post=post,
        looks=tuple(replace(each, title=text, network=text, url=url) for each in FACTS.looks),
        chairs=(person,),
        administrators=(person,),
    )
    return letter(
        name,
        facts,
        replace(RESUMED, branch=branch, post_url=url),
        replace(WARNING, branch=branch, last_post=post),
        to=person,
        office=replace(DEPARTMENT, name=text, email=text),
    )


class _Elements(HTMLParser):
    """What a letter's HTML is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", EVERY)
def test_it_is_one_harmless_line_in_subject_text_and_html(name: str, kind: str) -> None:
    made = letter_with(name, HOSTILE[kind], HOSTILE_URLS[kind])
    tame, found = _Elements(letter(name).html), _Elements(made.html)
    assert found.tags <= tame.tags
    assert found.attributes <= tame.attributes
    assert all(re.match(r"https://|mailto:", each) for each in found.addresses)
    assert len(made.subject) <= 150
    assert len(made.html) < 60_000
    assert len(made.text) < 30_000
    for part in (made.subject, made.text.replace("\n", ""), made.html.replace("\n", "")):
        # ESC, NUL, CR, line separators, halves of pairs; and the marks that turn the direction of writing.
        assert not {unicodedata.category(each) for each in part} & {"Cc", "Cs", "Zl", "Zp"}
        assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", part)
    assert "49" not in made.subject


def test_the_same_lines_stay_lines() -> None:
    tame = letter("escalation to the department").text
    made = letter_with("escalation to the department", HOSTILE["newline"], POST.url or "").text
    assert made.count("\n\n") == tame.count("\n\n")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("kind", HOSTILE)
def test_in_a_browser_nothing_runs_nothing_is_fetched_nothing_scrolls_sideways(
    browser: Browser, kind: str
) -> None:
    with opened(browser, NARROW) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in EVERY:
            page.set_content(letter_with(name, HOSTILE[kind], HOSTILE_URLS[kind]).html)
            assert page.evaluate("typeof window.wasHit") == "undefined", name
            assert not scrolls_sideways(page), name
        assert asked == []


def test_in_a_browser_every_letter_fits_a_telephone(browser: Browser) -> None:
    with opened(browser, NARROW) as page:
        for name in EVERY:
            page.set_content(letter(name).html)
            assert not scrolls_sideways(page), name
            assert page.locator("h1").is_visible()
            assert page.get_by_text("Здравствуйте").is_visible()
            if "silence" in name:
                for button in page.get_by_role("link", name=re.compile("занимаемся|Не писать")).all():
                    box = button.bounding_box()
                    assert box is not None
                    assert box["height"] >= 40, "large enough for a thumb"

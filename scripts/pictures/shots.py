"""What is photographed, and how a picture is made small."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.pictures.season import Season

_WIDE, _NARROWER, _LETTER, _SHEET = 1280, 1080, 680, 714
"""Widths in CSS pixels; the last one is that of A4 between its margins."""
_MARGIN = 40
_COLORS = 64
_BOTTOM = "element => element.getBoundingClientRect().bottom + window.scrollY"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture. `shows`: opens what it shows; `ends`: the element that is its last one, None: all of the page."""

    name: str
    shows: Callable[[Page], None]
    ends: Callable[[Page], Locator] | None = None
    width: int = _WIDE
    margin: int = 0
    """White paper around it, in pixels."""


def take(browser: Browser, season: Season, base: str, folder: Path) -> list[Path]:
    """Take all of them. `base`: where the pages are served."""
    return [_take(browser, each, folder) for each in _shots(season, base)]


def _shots(season: Season, base: str) -> list[Shot]:
    def at(path: str, **query: str) -> Callable[[Page], None]:
        address = f"{base}/{quote(path)}" + (f"?{urlencode(query)}" if query else "")

        def show(page: Page) -> None:
            page.goto(address)
            for chart in page.locator("[data-chart]").all():
                expect(chart.locator("svg")).to_be_visible(timeout=20_000)

        return show

    def table(name: str) -> Callable[[Page], Locator]:
        return lambda page: page.locator(f'div[role="region"][aria-label="{name}"]')

    silence = next(each for each in season.letters if each.subject.startswith("ТПО СВАО: в сообществах нет"))
    growth = {"from": "2017-12-31", "to": "2018-04-20", "league": "territorial"}
    return [
        Shot("overview", at("")),
        Shot("branch", at("branches/ВАО"), lambda page: page.get_by_text("Где линия прервана"), _NARROWER),
        Shot("report", at("reports/growth", **growth), lambda page: page.locator("ol.notes").first),
        Shot("contest", at("contests"), table("Вне зачёта")),
        Shot("health", at("health"), table("Что не удаётся прочитать"), _NARROWER),
        Shot("letter", lambda page: page.set_content(silence.html), width=_LETTER),
        Shot("letter-page", lambda page: _follow(page, base, silence.text), width=_LETTER),
        Shot("print", lambda page: _printed(page, base), width=_SHEET, margin=_MARGIN),
    ]


def _follow(page: Page, base: str, text: str) -> None:
    """What the link in a letter leads to."""
    link = next(word for word in text.split() if "monitor.example.org/" in word)
    page.goto(base + urlsplit(link).path)


def _printed(page: Page, base: str) -> None:
    """The summary as a file to print: what a browser shows of it on paper."""
    asked = urlencode({"period": "2026-Q3", "league": "territorial", "as": "html"})
    page.set_content(page.request.get(f"{base}/reports/summary/file?{asked}").text())
    page.emulate_media(media="print")


def _take(browser: Browser, shot: Shot, folder: Path) -> Path:
    page = browser.new_page(viewport={"width": shot.width, "height": 800}, locale="ru-RU")
    try:
        shot.shows(page)
        content = page.screenshot(full_page=True)
        bottom = None
        if shot.ends is not None:
            bottom = int(shot.ends(page).evaluate(_BOTTOM)) + 20
    finally:
        page.close()
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    if bottom is not None:
        picture = picture.crop((0, 0, picture.width, min(bottom, picture.height)))
    picture = ImageOps.expand(picture, shot.margin, "white")
    file = folder / f"{shot.name}.png"
    picture.quantize(_COLORS, dither=Image.Dither.NONE).save(file, optimize=True)
    return file

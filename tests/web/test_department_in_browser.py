"""The department's pages in a real browser, on a telephone and on a desk: seen, pressed, printed, by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from storage.store import Store
from tests.browser import NARROW, chromium, scrolls_sideways
from tests.storage.worlds import NOON, World, branch, read, vk_name, wall
from tests.web.proxy import Proxy
from tests.web.seeded import NOW, SLASHED
from tests.web.site import Site

WIDE = 1280
VAO = f"branches/{quote('ВАО')}"
VIEWS = {
    "": "Обзор организаций",
    "?league=primary&page=2": "Обзор организаций",
    "?q=nobody": "Обзор организаций",
    VAO: "ТПО\xa0ВАО",
    f"branches/{quote('САО')}": "ТПО\xa0САО",
    f"branches/{quote(SLASHED, safe='')}": "ППО\xa0школа 12/3",
    f"branches/{quote('ЗелАО')}": "ТПО\xa0ЗелАО",
    "contests": "Конкурсы",
    "reports": "Отчёты",
    "reports/growth?from=2026-07-20&to=2026-10-14&league=territorial": "Прирост подписчиков",
    "reports/forecast": "Прогноз",
    "health": "Как идёт сбор",
}
"""Every view, and the heading that it bears."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def window(browser: Browser, width: int = WIDE, *, scripts: bool = True, **more: Any) -> Iterator[Page]:
    """A page in a window: the browser complains of nothing, and asks nobody but us for anything."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts, **more
    )
    page = context.new_page()
    complaints: list[str] = []
    hosts: set[str | None] = set()
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    try:
        yield page
    finally:
        context.close()
    assert not complaints
    assert hosts <= {"127.0.0.1"}


def drawn(page: Page) -> None:
    """When all charts of a page are there."""
    for chart in page.locator("[data-chart]").all():
        expect(chart).to_have_attribute("data-drawn", "true", timeout=30_000)


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("path", VIEWS)
def test_a_view_is_whole_and_for_everybody(browser: Browser, department: Site, path: str, width: int) -> None:
    with window(browser, width) as page:
        page.goto(f"{department.base}/{path}")
        drawn(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(VIEWS[path])
        assert page.get_by_role("heading", level=1).count() == 1
        expect(page.locator("nav [aria-current=page]")).to_have_count(1)
        assert not scrolls_sideways(page)
        found = Axe().run(page).response["violations"]
        grave = [
            (each["id"], [node["html"] for node in each["nodes"][:3]])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert not grave


@pytest.mark.parametrize("path", ["", VAO])
def test_it_can_be_read_by_night(browser: Browser, department: Site, path: str) -> None:
    with window(browser, color_scheme="dark") as page:
        page.goto(f"{department.base}/{path}")
        drawn(page)
        background = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
        assert background == "rgb(20, 25, 31)"
        found = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
        assert not found


def test_cyrillic_is_drawn_by_a_font_that_has_it(browser: Browser, department: Site) -> None:
    with window(browser) as page:
        page.goto(f"{department.base}/")
        session = page.context.new_cdp_session(page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        heading = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
        (font,) = session.send("CSS.getPlatformFontsForNode", {"nodeId": heading})["fonts"]
        assert font["glyphCount"] == len("Обзор организаций")
        # A font without a letter draws a box in its place: the same for each.
        draw = """letter => {
            const canvas = new OffscreenCanvas(40, 40), pen = canvas.getContext("2d");
            pen.font = `30px ${getComputedStyle(document.body).fontFamily}`;
            pen.fillText(letter, 5, 30);
            return pen.getImageData(0, 0, 40, 40).data.join();
        }"""
        assert len({page.evaluate(draw, letter) for letter in "ЖщЫяёЮ№«"}) == 8


def test_charts_are_drawn_with_a_gap_where_nothing_was_read(browser: Browser, department: Site) -> None:
    with window(browser) as page:
        page.goto(f"{department.base}/{VAO}")
        drawn(page)
        followers, posts = page.locator("[data-chart]").all()
        # A line that is interrupted moves its pen once more: VK was not read for 12 days, Facebook withheld for 10.
        paths = followers.locator(".mark-line path").evaluate_all(
            "all => all.map(each => each.getAttribute('d'))"
        )
        assert [path.count("M") for path in paths] == [2, 2]
        assert posts.locator(".mark-rect path").count() > 50
        assert "1\xa0200" in followers.inner_text(), "thousands are parted as in Russian"
        assert "сен" in followers.inner_text()


def test_a_day_tells_its_numbers_in_russian(browser: Browser, department: Site) -> None:
    with window(browser) as page:
        page.goto(f"{department.base}/{VAO}")
        drawn(page)
        page.locator("[data-chart]").first.scroll_into_view_if_needed()
        columns = page.locator("[data-chart]").first.locator(".mark-rect path")
        tip = page.locator("#vg-tooltip-element")
        for number, told in (
            (90 - 1, ["15 октября 2026 года", "ВКонтакте", "1\u202f200", "Facebook", "377"]),
            (90 - 1 - 25, ["20 сентября 2026 года", "ВКонтакте", "1\u202f125", "Facebook", "скрыто"]),
            (90 - 1 - 45, ["31 августа 2026 года", "ВКонтакте", "не читали", "Facebook", "366"]),
        ):
            columns.nth(number).hover(force=True)
            for words in told:
                expect(tip).to_contain_text(words.replace("31 авг", "31\xa0авг").split("\xa0")[-1])


def test_communities_of_one_hostile_name_are_told_apart_and_run_nothing(
    browser: Browser, small_store: Store
) -> None:
    world = World(small_store, branch("ВАО", vk_name("one"), vk_name("two")))
    evil = """<img src=x onerror="document.title=1">'"],\\"""
    for number, followers in ((1, 100), (2, 200)):
        more = {"community_id": number, "native_id": f"{number}", "title": evil}
        world.round(read(NOON, followers, wall(), **more))
    with Site(small_store, declares=False, now=NOON).served() as site, window(browser) as page:
        page.goto(f"{site.base}/{VAO}")
        drawn(page)
        page.locator("[data-chart]").first.locator(".mark-rect path").last.hover(force=True)
        tip = page.locator("#vg-tooltip-element")
        expect(tip).to_contain_text("100")
        expect(tip).to_contain_text("200")
        assert page.locator("img").count() == 0
        assert page.title().startswith("ТПО")


def test_without_scripts_the_numbers_are_there(browser: Browser, department: Site) -> None:
    with window(browser, NARROW, scripts=False) as page:
        page.goto(f"{department.base}/{VAO}")
        expect(page.get_by_text("включите JavaScript")).to_have_count(2)
        page.get_by_text("Числа по дням", exact=True).click()
        table = page.get_by_role("region", name="Числа по дням")
        day = table.get_by_role("row", name="20 сентября 2026 года")
        expect(day.get_by_role("cell")).to_have_text(["1\u202f125", "0", "скрыто", "0"])
        day = table.get_by_role("row", name="31 августа 2026 года")
        expect(day.get_by_role("cell")).to_have_text(["не читали", "1", "366", "1"])
        assert not scrolls_sideways(page)


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")).strip()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_keyboard_leads_everywhere(browser: Browser, department: Site, width: int) -> None:
    with window(browser, width) as page:
        page.goto(f"{department.base}/")
        page.keyboard.press("Tab")
        assert focused(page) == "К содержанию"
        box = page.locator(".skip").bounding_box()
        assert box is not None
        assert box["x"] >= 0, "it is seen as soon as it has the focus"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        seen = []
        while focused(page) != "ТПО\xa0САО":
            page.keyboard.press("Tab")
            seen.append(focused(page))
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"focus is not seen on {seen[-1]}"
            assert len(seen) < 40
        assert "q" in seen
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("ТПО\xa0САО")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "Обзор"
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Обзор организаций")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_report_is_asked_for_read_and_taken_along(browser: Browser, department: Site, width: int) -> None:
    with window(browser, width, accept_downloads=True) as page:
        page.goto(f"{department.base}/")
        page.get_by_role("link", name="Отчёты", exact=True).click()
        page.get_by_role("link", name="Прирост подписчиков").click()
        page.get_by_label("С какого дня").fill("2026-07-20")
        page.get_by_label("По какой день").fill("2026-10-14")
        page.get_by_role("button", name="Показать").click()
        expect(page.get_by_role("row", name="ВАО 88 356 939 377")).to_be_visible()
        for button, ending in (("Excel", "xlsx"), ("Для печати", "html"), ("CSV", "csv")):
            with page.expect_download() as waiting:
                page.get_by_role("button", name=button, exact=True).click()
            assert waiting.value.suggested_filename == (
                f"Прирост подписчиков 2026-07-20 2026-10-14 ТПО.{ending}"
            )
        page.get_by_role("link", name="Все отчёты").click()
        page.get_by_label("Таблица").select_option("v_followers_daily")
        with page.expect_download() as waiting:
            page.get_by_role("button", name="CSV", exact=True).click()
        assert waiting.value.suggested_filename == "Подписчики по дням.csv"


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("", ["молчит 24", "1 200", "скрыто"]),
        (VAO, ["Подписчики и публикации", "Профсоюз ВАО", "15 октября"]),
    ],
)
def test_it_prints(browser: Browser, department: Site, path: str, texts: list[str]) -> None:
    with window(browser) as page:
        page.goto(f"{department.base}/{path}")
        drawn(page)
        page.emulate_media(media="print")
        assert not page.locator("header nav").is_visible()
        shown = page.locator("main").inner_text().replace("\xa0", " ").replace("\u202f", " ")
        assert all(text in shown for text in texts)
        assert not scrolls_sideways(page)
        assert len(BytesIO(page.pdf(format="A4")).getvalue()) > 10_000


def test_behind_a_proxy_under_a_path_it_works_as_well(browser: Browser, department: Site) -> None:
    site = Site(department.store, "https://example.org/collector", declares=False, now=NOW)
    with (
        site.served(),
        Proxy(site.base, "/collector", keeps_prefix=True) as proxy,
        window(browser) as page,
    ):
        page.goto(f"{proxy.base}/collector/?league=primary&q=корпус")
        page.get_by_role("link", name="ППО\xa0школа 12/3").click()
        drawn(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("ППО\xa0школа 12/3")
        page.get_by_role("link", name="год", exact=True).click()
        drawn(page)
        page.get_by_role("link", name="Обзор", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Обзор организаций")

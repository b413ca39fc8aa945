"""The page in a real browser: what a chair on a telephone sees and presses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from storage.letter_tables import branch_mute, silence
from storage.store import Store
from tests.browser import NARROW, WIDE, chromium, scrolls_sideways
from tests.web.proxy import Proxy
from tests.web.site import NOW, Site

REASON = "Каникулы, все в отпуске"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@contextmanager
def window(browser: Browser, width: int = NARROW, *, scripts: bool = True) -> Iterator[Page]:
    """A page in a window; the browser complains of nothing, such as of what the policy forbids."""
    context = browser.new_context(viewport={"width": width, "height": 700}, java_script_enabled=scripts)
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "favicon" not in message.text:
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", note)
    try:
        yield page
    finally:
        context.close()
    assert not complaints


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def mute(page: Page, until: str, reason: str = REASON) -> None:
    page.get_by_label("Не писать до").fill(until)
    page.get_by_label("Почему").fill(reason)
    press(page, "Не писать до этого дня")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_chair_says_that_they_are_on_it(browser: Browser, site: Site, scripts: bool) -> None:
    link = site.link(site.falls_silent())
    with window(browser, scripts=scripts) as page:
        page.goto(link)
        assert site.rows(silence)[0].acknowledged_at is None
        press(page, "Мы знаем, занимаемся")
        expect(page.get_by_role("status")).to_contain_text("Записано")
        assert site.rows(silence)[0].acknowledged_at == NOW
        expect(page.get_by_role("button", name="Мы знаем")).to_have_count(0)
        before = site.everything()
        page.reload()
        page.go_back()
        page.go_forward()
        assert site.everything() == before


def test_a_chair_mutes_the_branch_mends_it_and_lifts_it(browser: Browser, site: Site) -> None:
    with window(browser) as page:
        page.goto(site.link(site.falls_silent()))
        mute(page, "2026-11-08")
        expect(page.get_by_role("status")).to_contain_text("8 ноября 2026 года")
        expect(page.get_by_text(f"Причина: {REASON}")).to_be_visible()
        page.get_by_text("Изменить день или причину").click()
        expect(page.get_by_label("Почему")).to_have_value(REASON)
        expect(page.get_by_label("Не писать до")).to_have_value("2026-11-08")
        mute(page, "2026-11-09")
        expect(page.get_by_role("status")).to_contain_text("9 ноября 2026 года")
        press(page, "Снова писать")
        expect(page.get_by_role("status")).to_contain_text("снова пишем")
    assert [(row.muted_until, row.lifted_at) for row in site.rows(branch_mute)] == [
        (date(2026, 11, 8), NOW),
        (date(2026, 11, 9), NOW),
    ]


def test_the_browser_itself_asks_for_what_is_missing(browser: Browser, site: Site) -> None:
    with window(browser) as page:
        page.goto(site.link(site.falls_silent()))
        day = page.get_by_label("Не писать до")
        assert (day.get_attribute("min"), day.get_attribute("max")) == (
            "2026-10-15",
            str(date(2026, 10, 15) + timedelta(days=366)),
        )
        press(page, "Не писать до этого дня")
        assert day.evaluate("field => field.validity.valueMissing")
        assert not site.rows(branch_mute)


def test_a_mistake_is_told_beside_its_field(browser: Browser, site: Site) -> None:
    with window_that_errs(browser) as page:
        page.goto(site.link(site.falls_silent()))
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        mute(page, "2026-10-01")
        day = page.get_by_label("Не писать до")
        expect(day).to_have_accessible_description("Этот день уже прошёл. Сегодня 15 октября 2026 года.")
        expect(page.get_by_label("Почему")).to_have_value(REASON)
        assert not scrolls_sideways(page)
        mute(page, "2026-11-08")
        expect(page.get_by_role("status")).to_contain_text("Записано")


@contextmanager
def window_that_errs(browser: Browser) -> Iterator[Page]:
    """A window whose browser notes in its console that an answer was no 200."""
    context = browser.new_context(viewport={"width": NARROW, "height": 700})
    try:
        yield context.new_page()
    finally:
        context.close()


def test_a_strangers_words_run_nothing(browser: Browser, small_store: Store) -> None:
    evil = '<img src=x onerror="document.title=1"></textarea><script>document.title=1</script>'
    with Site(small_store, name=f"ТПО {evil}").served() as site, window(browser) as page:
        page.goto(site.link(site.falls_silent()))
        mute(page, "2026-11-08", evil)
        expect(page.get_by_role("status")).to_contain_text("Записано")
        page.get_by_text("Изменить день или причину").click()
        expect(page.get_by_label("Почему")).to_have_value(evil)
        assert page.title().startswith("ТПО <img")
        assert page.locator("script, img").count() == 0


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nothing_is_cut_off_in_any_window(browser: Browser, small_store: Store, width: int) -> None:
    name = "Территориальная профсоюзная организация " + "работников" * 12
    with Site(small_store, name=name).served() as site, window(browser, width) as page:
        link = site.link(site.falls_silent())
        for path in (link, f"{site.base}/"):
            page.goto(path)
            assert not scrolls_sideways(page)
            background = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
            assert background == "rgb(243, 244, 246)", "the stylesheet is there"
        page.goto(link)
        for button in page.get_by_role("button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44, "a finger can press it"


def test_behind_a_proxy_under_a_path_it_works_as_well(browser: Browser, small_store: Store) -> None:
    site = Site(small_store, "https://example.org/collector")
    with (
        site.served(),
        Proxy(site.base, "/collector", keeps_prefix=False) as proxy,
        window(browser) as page,
    ):
        page.goto(site.link(site.falls_silent()).replace(site.base, f"{proxy.base}/collector"))
        press(page, "Мы знаем, занимаемся")
        expect(page.get_by_role("status")).to_contain_text("Записано")
        mute(page, "2026-11-08")
        expect(page.get_by_role("status")).to_contain_text("8 ноября 2026 года")
        assert not scrolls_sideways(page)


def test_another_sites_form_is_refused_by_what_the_browser_says(browser: Browser, site: Site) -> None:
    link = site.link(site.falls_silent())
    with window_that_errs(browser) as page:
        page.goto("data:text/html,<p>evil</p>")
        page.set_content(f'<form method="post" action="{link}/acknowledge"><button>Приз</button></form>')
        press(page, "Приз")
        expect(page.get_by_role("heading")).to_have_text("Форма отправлена с чужого сайта")
    assert site.rows(silence)[0].acknowledged_at is None

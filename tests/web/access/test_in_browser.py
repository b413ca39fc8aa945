"""The login and the API's page in a real browser, on a telephone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import NARROW, chromium, scrolls_sideways
from tests.web.logins import PASSWORD
from tests.web.site import Site
from tests.web.test_department_in_browser import WIDE, window

NOT_SO_BAD = ("minor", "moderate")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def is_for_everybody(page: Page) -> None:
    # The text may be there before the styles are.
    page.wait_for_load_state()
    assert not scrolls_sideways(page)
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] not in NOT_SO_BAD] == []


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_somebody_logs_in_and_out_with_the_keyboard_alone(chrome: Browser, guarded: Site, width: int) -> None:
    with window(chrome, width, bypass_csp=True) as page:
        page.goto(f"{guarded.base}/api")
        expect(page.get_by_role("heading", level=1)).to_have_text("Вход")
        is_for_everybody(page)
        expect(page.get_by_label("Имя")).to_be_focused()
        page.keyboard.type("Иванова")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Данные для своих программ")
        expect(page.get_by_text("Вы вошли как иванова")).to_be_visible()
        is_for_everybody(page)
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").strip() == "Выйти":
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Вход")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Вход")


def test_a_mistake_is_told_beside_the_form(chrome: Browser, guarded: Site) -> None:
    context = chrome.new_context(viewport={"width": NARROW, "height": 700}, bypass_csp=True)
    page = context.new_page()
    page.goto(guarded.base)
    page.get_by_label("Имя").fill("petrov")
    page.get_by_label("Пароль").fill("не-тот-пароль-совсем")
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).to_contain_text("Имя или пароль не подходят")
    expect(page.get_by_label("Имя")).to_have_value("petrov")
    expect(page.get_by_label("Пароль")).to_be_focused()
    expect(page.get_by_label("Пароль")).to_have_value("")
    is_for_everybody(page)
    context.close()


def test_every_table_of_the_guide_can_be_followed(chrome: Browser, guarded: Site) -> None:
    with window(chrome, WIDE) as page:
        page.goto(f"{guarded.base}/login?next=/api")
        page.get_by_label("Имя").fill("petrov")
        page.get_by_label("Пароль").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Данные для своих программ")
        links = page.locator("main a").evaluate_all("all => all.map(each => each.href)")
        assert len(links) > 11
        for link in links:
            assert page.request.get(link).status == 200

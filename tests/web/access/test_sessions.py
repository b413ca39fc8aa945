"""Logging in, staying logged in, and what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests.web.logins import PASSWORD, Browser, a_user, hidden, write_users
from tests.web.proxy import Proxy
from tests.web.site import NOW, Site

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def is_in(browser: Browser) -> bool:
    """Whether the browser sees the first page, and not the login."""
    answer = browser.get("")
    assert (answer.status_code, answer.headers.get("location")) in ((200, None), (303, "./login"))
    return answer.status_code == 200


def test_who_logs_in_sees_the_pages_and_who_they_are(browser: Browser) -> None:
    assert not is_in(browser)
    assert browser.login("иванова").status_code == 303
    assert is_in(browser)
    assert "Вы вошли как <b>иванова</b>" in browser.get("").text


@pytest.mark.parametrize("name", ["Иванова", " ИВАНОВА ", "ива\u043dова"])
def test_a_name_is_taken_as_it_is_typed(browser: Browser, name: str) -> None:
    browser.login(name)
    assert is_in(browser)


def test_a_password_is_the_same_from_every_keyboard(guarded: Site, browser: Browser) -> None:
    write_users(guarded.users_file, a_user("иванова", "мой-домой-мой-май"))
    browser.login("иванова", "мои\u0306-домои\u0306-мои\u0306-маи\u0306")
    assert is_in(browser)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("иванова", "четыре-слова-и-запятая"),
        ("иванова", ""),
        ("иванова", "x" * 10_000),
        ("nobody", PASSWORD),
        ("", ""),
        ("a\x00b", "\x00"),
        ("<script>", PASSWORD),
        ("x" * 1000, PASSWORD),
    ],
)
def test_a_stranger_does_not_learn_which_of_the_two_was_wrong(fresh: Site, name: str, password: str) -> None:
    with Browser(fresh.base) as browser:
        answer = browser.login(name, password)
        assert answer.status_code == 403
        assert "Имя или пароль не подходят" in answer.text
        assert "<script" not in answer.text
        assert browser.session is None
        assert not is_in(browser)


def test_cookies_are_for_our_paths_and_no_script(small_store: Store, tmp_path: Path) -> None:
    site = Site(
        small_store, "https://example.org/collector", login="auto", users_file=tmp_path / "users.json"
    )
    write_users(site.users_file, a_user("иванова"))
    with site.served() as served, Browser(served.base) as browser:
        form = browser.get("login")
        # Over HTTP a browser would not send it back.
        cookie = form.headers["set-cookie"].split(";")[0]
        answer = browser.http.post(
            "login",
            data={"name": "иванова", "password": PASSWORD, "token": hidden(form)},
            headers={"cookie": cookie},
        )
        assert answer.status_code == 303
        cookies = [*form.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    assert [each.split("=")[0] for each in cookies] == [
        "collector_form",
        "collector_session",
        "collector_browser",
    ]
    for each in cookies:
        parts = {part.strip().lower() for part in each.split(";")[1:]}
        assert {"httponly", "samesite=lax", "secure", "path=/collector"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert "Max-Age=43200" in cookies[1]


def test_a_session_lasts_half_a_day(guarded: Site, browser: Browser) -> None:
    browser.login("иванова")
    session = browser.session
    guarded.now = NOW + 12 * HOUR + SECOND
    assert not is_in(browser)
    guarded.now = NOW + 12 * HOUR
    assert is_in(browser)
    assert browser.session != session


def test_a_session_that_is_used_is_renewed_for_a_month_at_most(guarded: Site, browser: Browser) -> None:
    browser.login("иванова")
    session = browser.session
    guarded.now = NOW + HOUR - SECOND
    assert is_in(browser)
    assert browser.session == session, "a cookie with each page would be a waste"
    for used in range(1, 73):
        guarded.now = NOW + used * 10 * HOUR
        assert is_in(browser), guarded.now
    guarded.now = NOW + timedelta(days=30) + SECOND
    assert not is_in(browser)


def test_a_session_from_the_future_is_none(guarded: Site, browser: Browser) -> None:
    guarded.now = NOW + 3 * HOUR
    browser.login("иванова")
    guarded.now = NOW
    assert not is_in(browser)


def test_a_removed_user_is_out_at_once_and_only_that_one(guarded: Site, browser: Browser) -> None:
    with Browser(guarded.base) as other:
        browser.login("иванова")
        other.login("petrov")
        write_users(guarded.users_file, a_user("иванова", "another-password"))
        assert not is_in(other)
        assert not is_in(browser), "another password, though the user is still there"


def test_a_new_user_of_the_same_name_is_another(guarded: Site, browser: Browser) -> None:
    browser.login("petrov")
    write_users(guarded.users_file, a_user("иванова"))
    assert not is_in(browser)
    write_users(guarded.users_file, a_user("иванова"), a_user("petrov"))
    assert not is_in(browser)


def test_other_users_stay_when_one_is_added(guarded: Site, browser: Browser) -> None:
    browser.login("иванова")
    from collector.web.access.users import read_users

    write_users(guarded.users_file, *read_users(guarded.users_file).values(), a_user("new"))
    assert is_in(browser)


def test_who_logs_out_is_out_and_so_is_who_copied_the_cookie(guarded: Site, browser: Browser) -> None:
    browser.login("иванова")
    page = browser.get("")
    with Browser(guarded.base) as thief, Browser(guarded.base) as elsewhere:
        elsewhere.login("иванова")
        thief.http.cookies.set("collector_session", browser.session or "")
        assert is_in(thief)
        assert browser.http.post("logout", data={"token": hidden(page)}).status_code == 303
        assert not is_in(browser)
        assert browser.session is None
        assert not is_in(thief)
        assert is_in(elsewhere), "another session of the same person goes on"


@pytest.mark.parametrize("token", ["", "x", "another's", "login form's"])
def test_nobody_is_logged_out_by_another_site(guarded: Site, browser: Browser, token: str) -> None:
    browser.login("иванова")
    with Browser(guarded.base) as other:
        if token == "another's":
            other.login("petrov")
            token = hidden(other.get(""))
        elif token == "login form's":
            token = hidden(other.get("login"))
        assert browser.http.post("logout", data={"token": token}).status_code == 403
    right = hidden(browser.get(""))
    evil = browser.http.post("logout", data={"token": right}, headers={"sec-fetch-site": "cross-site"})
    assert evil.status_code == 403
    assert browser.get("logout").status_code == 405
    assert is_in(browser)


def test_nobody_is_logged_in_by_another_site(guarded: Site, browser: Browser) -> None:
    with Browser(guarded.base) as evil:
        evils = hidden(evil.get("login"))
    browser.get("login")
    for token in ("", "x", evils):
        answer = browser.send("petrov", PASSWORD, "", token)
        assert answer.status_code == 403
        assert "Форма устарела" in answer.text
    data = {"name": "petrov", "password": PASSWORD, "token": hidden(browser.get("login"))}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert browser.http.post("login", data=data, headers=headers).status_code == 403
    assert browser.session is None
    guarded.now = NOW + 13 * HOUR
    stale = browser.http.post("login", data=data)
    assert "Форма устарела" in stale.text
    assert browser.send("petrov", PASSWORD, "", hidden(stale)).status_code == 303


def test_two_windows_can_both_log_in(browser: Browser) -> None:
    first, second = hidden(browser.get("login")), hidden(browser.get("login"))
    assert browser.send("иванова", PASSWORD, "", first).status_code == 303
    assert browser.send("иванова", PASSWORD, "", second).status_code == 303


@pytest.mark.parametrize("change", [0, 10, -1])
def test_a_changed_cookie_is_none(browser: Browser, change: int) -> None:
    browser.login("иванова")
    session = browser.session or ""
    letter = "A" if session[change] != "A" else "B"
    changed = session[:change] + letter + session[change + 1 :] if change >= 0 else session[:-1] + letter
    browser.http.cookies.delete("collector_session")
    browser.http.cookies.set("collector_session", changed)
    assert not is_in(browser)


def test_what_is_signed_for_another_purpose_is_no_session(guarded: Site, browser: Browser) -> None:
    browser.login("иванова")
    others = [
        browser.http.cookies["collector_browser"],
        hidden(browser.get("")),
        guarded.link().rsplit("/", 1)[1],
        "é",
        "",
        "x" * 5000,
    ]
    for other in others:
        with Browser(guarded.base) as made:
            made.http.headers["cookie"] = f"collector_session={other}"
            assert not is_in(made)


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("", "./"),
        ("/branches/ВАО?page=2&q=%D0%B0+b", "./branches/%D0%92%D0%90%D0%9E?page=2&q=%D0%B0+b"),
        ("/contests", "./contests"),
        ("/a b", "./a%20b"),
        ("/branches/12%2F3", "./branches/12%2F3"),
        ("//evil.example/x", "./"),
        ("https://evil.example/x", "./"),
        ("/\\evil.example", "./"),
        ("\\\\evil.example", "./"),
        ("/%2F/evil.example", "./"),
        ("/%5cevil.example", "./"),
        ("/../other", "./"),
        ("/%2e%2e/other", "./"),
        ("/x/..%2f..%2fother", "./"),
        ("/%252e%252e/other", "./"),
        ("javascript:alert(1)", "./"),
        ("/x\r\nSet-Cookie: a=b", "./"),
        ("/x?a=\r\nSet-Cookie: a=b", "./x?a=%0D%0ASet-Cookie:%20a=b"),
        ("/javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("/" + "x" * 5000, "./"),
    ],
)
def test_a_login_leads_to_a_page_of_ours_alone(browser: Browser, wanted: str, leads_to: str) -> None:
    answer = browser.login("иванова", next=wanted)
    assert answer.status_code == 303
    assert answer.headers["location"] == leads_to
    assert "evil" not in str(answer.headers.get("set-cookie"))
    again = browser.http.get("login", params={"next": wanted})
    assert (again.status_code, again.headers["location"]) == (303, leads_to)


@pytest.fixture(params=[False, True], ids=["proxy takes the prefix off", "proxy keeps it"])
def proxied(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The page's address behind a proxy, below a path."""
    with open_store(f"sqlite:///{tmp_path / 'collector.db'}") as store:
        store.upgrade()
        site = Site(store, "http://example.org/collector", login="auto", users_file=tmp_path / "users.json")
        write_users(site.users_file, a_user("иванова"))
        with site.served() as served, Proxy(served.base, "/collector", keeps_prefix=request.param) as proxy:
            yield f"{proxy.base}/collector/"


def test_logging_in_works_behind_a_proxy_below_a_path(proxied: str) -> None:
    with Browser(proxied) as browser:
        browser.http.follow_redirects = True
        asked = browser.get("letters?page=2")
        assert str(asked.url) == f"{proxied}login?next=/letters%3Fpage%3D2"
        inside = browser.send("иванова", PASSWORD, "/letters?page=2", hidden(asked))
        assert str(inside.url) == f"{proxied}letters?page=2"
        assert inside.status_code == 404, "there is no such page, which only who is logged in is told"
        assert is_in(browser)
        outside = browser.http.post("logout", data={"token": hidden(browser.get(""))})
        assert str(outside.url) == f"{proxied}login"

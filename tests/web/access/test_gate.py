"""What a stranger gets: the login and nothing else, whatever the address, the method and the way in."""

from __future__ import annotations

import io
import json
import os
import resource
from itertools import product
from pathlib import Path

import pytest

from collector.web.access.users import token_hash
from collector.web.access.users_file import UsersFile
from storage.store import Store
from tests.web.asking import Asked, asked
from tests.web.logins import Browser, a_user, hidden, write_users
from tests.web.routes import all_routes
from tests.web.site import Site, ask, get, post

OPEN = {"/healthz", "/style.css", "/login"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
HOST = ("host", "collector.example.org")
TOKEN = "collector_a-token-of-a-script"


def is_refusal(answer: Asked, path: str) -> bool:
    """To the login for a person, 401 for a script: and not a word of what is behind."""
    if path.startswith("/api/"):
        told = json.loads(answer.body or b"{}")
        return (
            answer.status == 401
            and answer.headers["www-authenticate"] == "Bearer"
            and answer.headers["content-type"] == "application/problem+json"
            and set(told) == {"title", "status", "detail"}
        )
    return answer.status == 303 and not answer.body and "login" in answer.headers["location"]


def test_a_stranger_gets_nothing_of_any_route_but_the_login(guarded: Site) -> None:
    app = guarded.app()
    routes = [place.path for place in all_routes(app)]
    assert {"/", "/login", "/logout", "/letters/{token}"} <= set(routes)
    for path, method in product(routes, METHODS):
        if path in OPEN or path.startswith("/letters/"):
            continue
        answer = asked(app, path.replace("{", "").replace("}", ""), method=method, headers=[HOST])
        assert is_refusal(answer, path), (method, path, answer)


@pytest.mark.parametrize(
    "path",
    [
        "/no/such/page",
        "/letters",
        "/letters/../",
        "/Letters/x",
        "//letters/x",
        "/x/letters/x",
        "/LOGIN",
        "/login/",
        "/login/../branches",
        "/healthz/",
        "/healthz/../api/branches",
        "/style.css/x",
        "/style.css%00",
        "/%2e%2e/letters/x",
        "/%ED%A0%80%FF",
        "/api/openapi.json",
        "/api/../letters/x",
        "/api/letters/",
        "/docs",
    ],
)
def test_an_address_that_looks_open_is_not(guarded: Site, path: str) -> None:
    answer = asked(guarded.app(), path, headers=[HOST])
    # What is below /letters/ is a token, whatever it looks like, and none of ours.
    assert is_refusal(answer, path) or (path.startswith("/letters/") and answer.status == 404)
    assert "ВАО" not in answer.text


def test_letters_the_health_check_and_the_looks_need_no_login(guarded: Site) -> None:
    link = guarded.link(guarded.falls_silent())
    assert "ТПО Восточного округа" in get(link).text
    assert post(f"{link}/acknowledge").status_code == 200
    assert get(f"{guarded.base}/healthz").text == "ok"
    assert get(f"{guarded.base}/style.css").headers["content-type"].startswith("text/css")


def test_a_letters_link_works_for_no_other_branch(guarded: Site, browser: Browser) -> None:
    """Neither changed by hand nor by whoever is logged in."""
    browser.login("иванова")
    token = guarded.link().rsplit("/", 1)[1]
    content, signature = token.split(".")
    from itsdangerous.encoding import base64_decode, base64_encode

    silence_id, branch_id, email, made_at = json.loads(base64_decode(content))
    other = base64_encode(json.dumps([silence_id, branch_id + 1, email, made_at]).encode()).decode()
    for path in (f"letters/{other}.{signature}", f"letters/{other}"):
        assert browser.get(path).status_code == 404
        assert (
            browser.http.post(f"{path}/mute", data={"until": "2026-11-01", "reason": "x"}).status_code == 404
        )


def test_the_way_back_is_kept(guarded: Site) -> None:
    app = guarded.app()
    answer = asked(app, "/branches/%D0%92%D0%90%D0%9E", b"page=2&x=%FF", headers=[HOST])
    assert (
        answer.headers["location"]
        == "../login?next=/branches/%25D0%2592%25D0%2590%25D0%259E%3Fpage%3D2%26x%3D%25FF"
    )
    answer = asked(app, "/branches/12%2F3", headers=[HOST])
    assert answer.headers["location"] == "../login?next=/branches/12%252F3", "a browser sees one folder"
    assert asked(app, "/", headers=[HOST]).headers["location"] == "./login"
    assert asked(app, "/" + "x" * 3000, headers=[HOST]).headers["location"] == "./login"
    assert asked(app, "/x", method="POST", headers=[HOST]).headers["location"] == "./login"


def test_a_form_of_another_site_is_refused_on_every_page(browser: Browser, guarded: Site) -> None:
    browser.login("иванова")
    cookie = f"collector_session={browser.session}"
    for method in ("POST", "PUT", "DELETE"):
        answer = asked(
            guarded.app(),
            "/",
            method=method,
            headers=[HOST, ("cookie", cookie), ("sec-fetch-site", "cross-site")],
        )
        assert answer.status == 403
        assert "Форма отправлена с чужого сайта" in answer.text


@pytest.mark.parametrize(
    ("login", "host", "public_url", "is_asked"),
    [
        ("auto", "127.0.0.1", "", False),
        ("auto", "::1", "http://localhost:8080", False),
        ("auto", "127.0.0.1", "http://127.0.0.1:8080", False),
        ("auto", "127.0.0.1", "https://collector.example.org", True),
        ("auto", "0.0.0.0", "", True),
        ("auto", "::", "", True),
        ("auto", "192.0.2.1", "http://localhost", True),
        ("always", "127.0.0.1", "", True),
        ("never", "0.0.0.0", "https://collector.example.org", False),
    ],
)
def test_a_login_is_asked_for_once_others_can_come(
    small_store: Store, tmp_path: Path, login: str, host: str, public_url: str, is_asked: bool
) -> None:
    site = Site(small_store, public_url, login=login, users_file=tmp_path / "users.json")
    write_users(site.users_file, a_user("иванова"))
    assert (asked(site.app(host), "/").status == 303) == is_asked


@pytest.mark.parametrize(
    "headers",
    [
        [("host", "evil.example")],
        [("host", "127.0.0.1.evil.example")],
        [("host", "[")],
        [],
        [("host", "localhost:8080"), ("x-forwarded-for", "203.0.113.5")],
        [("host", "localhost"), ("forwarded", "for=203.0.113.5")],
    ],
    ids=str,
)
def test_who_comes_through_a_browser_or_a_proxy_here_is_asked_too(
    small_store: Store, tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    site = Site(small_store, "", login="auto", users_file=tmp_path / "users.json")
    write_users(site.users_file, a_user("иванова"))
    assert asked(site.app(), "/", headers=headers).status == 303
    assert asked(site.app(), "/", headers=[("host", "localhost:8080")]).status == 200


def test_without_users_nobody_reads_and_ops_are_told(
    small_store: Store, tmp_path: Path, written: io.StringIO
) -> None:
    site = Site(small_store, login="auto", users_file=tmp_path / "users.json")
    with site.served() as served:
        assert written.getvalue().count("nobody can read the department's pages") == 1
        for path in ("/", "/login", "/branches/x"):
            answer = get(served.base + path)
            assert answer.status_code == 503
            assert "collector users add" in answer.text
        assert ask("POST", f"{served.base}/login", data={"name": "x"}).status_code == 503
        assert get(served.link(served.falls_silent())).status_code == 200
        write_users(site.users_file, a_user("иванова"))
        assert get(served.base).status_code == 303, "without a restart"
    assert written.getvalue().count("nobody can read") == 1


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"users": [{"name": "иванова"}]}', "\x00" * 100, '{"users": [], "x": 1}']
)
def test_a_damaged_file_lets_nobody_in_until_it_is_whole(
    fresh: Site, written: io.StringIO, content: str
) -> None:
    with Browser(fresh.base) as browser:
        browser.login("иванова")
        assert browser.get("").status_code == 200
        whole = fresh.users_file.read_text()
        fresh.users_file.write_text(content)
        assert browser.get("").status_code == 503
        told = written.getvalue()
        assert "nobody can log in" in told
        assert "damaged" in told
        browser.get("")
        assert written.getvalue() == told, "said once, not with each request"
        fresh.users_file.write_text(whole)
        assert browser.get("").status_code == 200
        fresh.users_file.unlink()
        assert browser.get("").status_code == 503


def test_a_file_that_could_not_be_read_for_a_moment_is_read_again(
    tmp_path: Path, written: io.StringIO
) -> None:
    """Else one moment with too many connections would log everybody out until the next start."""
    path = tmp_path / "users.json"
    write_users(path, a_user("иванова"))
    users = UsersFile(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_free = os.dup(0)
    os.close(next_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_free, hard))
    try:
        assert not users.users()
        assert not users.users()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert written.getvalue().count("cannot be read") == 1
    assert set(users.users()) == {"иванова"}


@pytest.fixture
def with_token(guarded: Site) -> Site:
    write_users(guarded.users_file, a_user("иванова", token_hash=token_hash(TOKEN)), a_user("petrov"))
    return guarded


@pytest.mark.parametrize(
    ("authorization", "is_let_in"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN} ", True),
        (f"Bearer {TOKEN}x", False),
        (f"Basic {TOKEN}", False),
        (f"Bearer {token_hash(TOKEN)}", False),
        ("Bearer ", False),
        ("Bearer None", False),
        ("Bearer \xff", False),
        (TOKEN, False),
    ],
)
def test_a_scripts_token_opens_the_api(with_token: Site, authorization: str, is_let_in: bool) -> None:
    answer = asked(with_token.app(), "/api/x", headers=[HOST, ("authorization", authorization)])
    assert (answer.status == 404) == is_let_in
    assert (answer.status == 401) != is_let_in


def test_a_scripts_token_opens_nothing_else(with_token: Site) -> None:
    app = with_token.app()
    bearer = ("authorization", f"Bearer {TOKEN}")
    assert asked(app, "/", headers=[HOST, bearer]).status == 303
    assert asked(app, "/logout", method="POST", headers=[HOST, bearer]).status == 303
    write_users(with_token.users_file, a_user("иванова"))
    assert asked(app, "/api/x", headers=[HOST, bearer]).status == 401, "revoked, without a restart"


def test_a_session_opens_the_api_too(browser: Browser) -> None:
    browser.login("иванова")
    assert browser.get("api/x").status_code == 404


def test_pages_show_who_reads_them_and_the_login_does_not(browser: Browser) -> None:
    assert "Вы вошли" not in browser.get("login").text
    browser.login("petrov")
    assert hidden(browser.get(""))

"""What holds for every page: GET changes nothing, headers, whose forms are taken, what the log does not hold."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from collector.domain.redaction import Redactor
from collector.domain.scrubbing import Scrubber
from collector.sentry import report_errors
from storage.letter_tables import branch_mute, silence
from storage.store import Store, open_store
from tests.sentry import Sentry
from tests.web.proxy import Proxy
from tests.web.site import CHAIR, NOW, Site, ask, get, post

QUERIES = (
    "",
    "?done=acknowledge",
    "?until=2026-11-01&reason=x",
    "?_method=POST",
    "?done=mute&until=2026-11-01",
)
PREFIXES = ("https://example.org", "https://example.org/collector", "https://example.org/a/b/")


def test_the_public_address_without_its_last_slash_leads_to_it(small_store: Store) -> None:
    with Site(small_store, public_url="https://example.org/collector").served() as served:
        answer = httpx.get(f"{served.base}/collector")
        assert (answer.status_code, answer.headers["location"]) == (307, "/collector/")
        assert httpx.get(f"{served.base}/collector/healthz").text == "ok"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for tests that change nothing, or must not."""
    path = tmp_path_factory.mktemp("web") / "collector.db"
    with open_store(f"sqlite:///{path}") as store:
        store.upgrade()
        with Site(store).served() as served:
            yield served


def test_a_scanner_that_opens_every_link_changes_nothing(any_site: Site) -> None:
    link = any_site.link(any_site.falls_silent())
    any_site.store.silences.mute("ВАО", NOW.date(), "Ремонт", "кто-то", NOW)
    before = any_site.everything()
    paths = [f"{link}{tail}" for tail in ("", "/", "/acknowledge", "/mute", "/unmute", "/x")]
    paths += [f"{any_site.base}/", f"{any_site.base}/healthz", f"{any_site.base}/style.css"]
    for path, query in product(paths, QUERIES):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            answer = ask(method, path + query)
            assert answer.status_code in (200, 404, 405), (method, path)
    assert any_site.everything() == before


def test_head_answers_as_get_without_the_page(quick: Site) -> None:
    link = quick.link(None)
    head, whole = ask("HEAD", link), get(link)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


def test_every_answer_bears_the_headers(quick: Site) -> None:
    link = quick.link(None)
    answers = [
        get(link),
        get(f"{quick.base}/"),
        get(f"{quick.base}/healthz"),
        get(f"{quick.base}/style.css"),
        get(f"{quick.base}/nowhere/at/all"),
        get(f"{link}/mute"),
        get(quick.link(None, at=NOW.replace(year=2020))),
        post(f"{link}/mute"),
        post(f"{link}/unmute", follow=False),
        post(f"{link}/mute", content=b"x" * 100_000),
        post(f"{link}/unmute", headers={"sec-fetch-site": "cross-site"}),
    ]
    assert {each.status_code for each in answers} == {200, 303, 403, 404, 405, 410, 413, 422}
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "style-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert "server" not in answer.headers


def test_a_failure_of_ours_bears_the_headers_too_and_no_detail(
    small_store: Store, written: io.StringIO
) -> None:
    with Site(small_store).served() as site:
        link = site.link(site.falls_silent(proof="not JSON"))
        answer = get(link)
    assert answer.status_code == 500
    assert "Что-то сломалось у нас" in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers
    assert "Traceback" in written.getvalue(), "ops see what it was"
    assert _token(link) not in written.getvalue()


def test_a_failure_of_ours_is_told_to_sentry_without_the_link(
    small_store: Store, written: io.StringIO
) -> None:
    """`written`: it sets the log up, and puts it back."""
    with Sentry() as sentry, Site(small_store).served() as site:
        client = report_errors(sentry.dsn, "tests", "1.2.3", Scrubber(Redactor()))
        link = site.link(site.falls_silent(proof="not JSON"))
        assert get(link).status_code == 500
        client.flush(10)
    (event,) = sentry.events
    assert event["exception"]["values"][-1]["type"] == "JSONDecodeError"
    assert _token(link)[:12] not in sentry.bodies[0]
    assert CHAIR.email not in sentry.bodies[0]


@pytest.mark.parametrize(
    "path", ["docs", "redoc", "openapi.json", "static/style.css", "templates/base.html.j2"]
)
def test_nothing_else_is_served(quick: Site, path: str) -> None:
    answer = get(f"{quick.base}/{path}")
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text


def test_the_health_check_says_ok(quick: Site) -> None:
    assert get(f"{quick.base}/healthz").text == "ok"


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, False),
        ({"sec-fetch-site": "same-site", "origin": "https://evil.example.org"}, False),
        ({"origin": "null"}, True),
        ({"origin": "https://collector.example.org"}, True),
        ({"origin": "https://collector.example.org.evil.example"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://["}, False),
    ],
)
def test_a_form_of_another_site_is_refused(quick: Site, headers: dict[str, str], is_taken: bool) -> None:
    answer = post(f"{quick.link(None)}/unmute", headers=headers)
    assert answer.status_code == (200 if is_taken else 403)
    if not is_taken:
        assert "Форма отправлена с чужого сайта" in answer.text


def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    link = site.link(site.falls_silent())
    before = site.everything()
    evil = {"origin": "https://evil.example"}
    post(f"{link}/acknowledge", headers=evil)
    post(f"{link}/mute", data={"until": "2026-11-01", "reason": "x"}, headers=evil)
    assert site.everything() == before


@pytest.mark.parametrize("keeps_prefix", [False, True], ids=["proxy takes the prefix off", "proxy keeps it"])
@pytest.mark.parametrize("public_url", PREFIXES)
def test_the_page_works_behind_a_proxy(tmp_path: Path, public_url: str, keeps_prefix: bool) -> None:
    path = tmp_path / "collector.db"
    prefix = urlsplit(public_url).path.rstrip("/")
    with open_store(f"sqlite:///{path}") as store:
        store.upgrade()
        with (
            Site(store, public_url).served() as site,
            Proxy(site.base, prefix, keeps_prefix=keeps_prefix) as proxy,
        ):
            link = site.link(site.falls_silent()).replace(site.base, f"{proxy.base}{prefix}")
            page = get(link)
            assert page.status_code == 200
            assert get(_joined(link, _between(page.text, 'rel="stylesheet" href="'))).status_code == 200
            form = _joined(link, _between(page.text, 'method="post" action="'))
            assert form == f"{link}/acknowledge"
            said = post(form, headers={"origin": "https://example.org"})
            assert said.status_code == 200
            assert str(said.url) == f"{link}?done=acknowledge"
            assert "Записано" in said.text
            asked_again = post(f"{link}/mute", data={"until": "", "reason": "x"})
            action = _joined(
                f"{link}/mute", _between(asked_again.text.split("<textarea")[0], 'action="', last=True)
            )
            assert action == f"{link}/mute"
            assert post(action, data={"until": "2026-11-01", "reason": "x"}).status_code == 200
            assert len(site.rows(branch_mute)) == 1
            missing = get(f"{proxy.base}{prefix}/no/such/page")
            style = _joined(str(missing.url), _between(missing.text, 'rel="stylesheet" href="'))
            assert get(style).status_code == 200


def _between(text: str, start: str, *, last: bool = False) -> str:
    parts = text.split(start)
    return parts[-1 if last else 1].split('"', 1)[0]


def _joined(base: str, relative: str) -> str:
    assert not relative.startswith(("/", "http"))
    return str(httpx.URL(base).join(relative))


def test_the_log_tells_who_did_what_and_never_the_link(small_store: Store, written: io.StringIO) -> None:
    with Site(small_store).served() as site:
        link = site.link(site.falls_silent())
        get(link)
        post(f"{link}/acknowledge")
        post(f"{link}/mute", data={"until": "2026-11-01", "reason": "Каникулы"})
        post(f"{link}/mute", data={"until": "never", "reason": ""})
        post(f"{link}/unmute")
        post(f"{link}/unmute", headers={"origin": "https://evil.example"})
        assert site.rows(silence)[0].acknowledged_at == NOW
    ours = [line for line in written.getvalue().splitlines() if '"who"' in line]
    assert len(ours) == 4
    assert all("chair@example.org" in line for line in ours)
    assert all("ВАО" in line for line in ours[:3])
    assert _token(link) not in written.getvalue()
    assert "/letters/" not in written.getvalue()


def _token(link: str) -> str:
    return link.rsplit("/", 1)[1]

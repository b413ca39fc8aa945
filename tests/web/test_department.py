"""The department's pages over HTTP: what they say, and what they answer to nonsense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from storage.store import open_store
from tests.web.seeded import NOW, PRIMARIES, seed
from tests.web.site import Site, ask, get


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all: nothing changes it."""
    path = tmp_path_factory.mktemp("department") / "collector.db"
    with open_store(f"sqlite:///{path}") as store:
        store.upgrade()
        seed(store)
        with Site(store, declares=False, now=NOW).served() as served:
            yield served


def plain(html: str) -> str:
    """The text of a page, with common spaces."""
    text = unescape(re.sub(r"<[^>]*>", " ", html))
    return " ".join(text.replace("\u202f", " ").split())


def rows(html: str) -> dict[str, str]:
    """The lines of a page's first table by what stands at their beginning, each as its text."""
    body = html[html.index("<tbody>") : html.index("</tbody>")]
    lines = [plain(row) for row in body.split("<tr>")[1:]]
    return {line.split("ТПО", 2)[1].strip(): line for line in lines}


def test_the_overview_says_how_each_branch_stands(department: Site) -> None:
    answer = get(f"{department.base}/")
    assert answer.status_code == 200
    found = rows(answer.text)
    assert next(iter(found)) == "САО", "the one that is silent is first"
    assert "молчит 24 дня, последняя публикация 21 сентября" in found["САО"]
    assert "активна" in found["ВАО"]
    assert "неизвестно: все сообщества закрыты или недоступны" in found["ЗАО"]
    assert "нет сообществ" in found["ЗелАО"]


def test_the_overview_invents_no_number(department: Site) -> None:
    found = rows(get(f"{department.base}/").text)
    assert "ВКонтакте 1 200" in found["ВАО"]
    assert "Facebook скрыто" in found["СВАО"]
    assert "Facebook: число подписчиков скрыто" in found["СВАО"]
    assert "232 на 14 сентября" in found["ЗАО"], "an old count bears its day"
    assert "ВКонтакте: закрыто, замечено 15 сентября" in found["ЗАО"]
    assert "ВКонтакте: не удаётся прочитать" in found["СЗАО"]
    assert found["ЗелАО"].endswith("нет сообществ — — —")
    assert "0" not in found["ЗелАО"]


def test_a_gap_is_a_gap_in_the_small_line(department: Site) -> None:
    html = get(f"{department.base}/").text
    vao = html[html.index(">ТПО\xa0ВАО") : html.index(">ТПО\xa0ЗАО")]
    drawn = vao.split("<svg")[1:]
    assert [each.count("<polyline") for each in drawn] == [2, 2]
    assert "сначала 939, в конце 1\u202f200" in vao


def test_the_page_says_how_fresh_it_is(department: Site) -> None:
    text = plain(get(f"{department.base}/").text)
    assert "Последний обход начат 15 октября, 13:45, закончен в 13:49: прочитано 6 из 8." in text


def test_many_branches_come_by_pages(department: Site) -> None:
    first, second = (get(f"{department.base}/?league=primary&page={number}").text for number in (1, 2))
    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (100, PRIMARIES - 100)
    assert "Страница 1 из 2" in plain(first)
    assert 'href="?league=primary&amp;q=&amp;silent=false&amp;page=2"' in first
    assert "Предыдущая" in second
    assert get(f"{department.base}/?league=primary&page=3").status_code == 404


def test_branches_are_found_by_name(department: Site) -> None:
    found = get(f"{department.base}/?league=primary&q=ШКОЛА+118")
    assert "1 организация по запросу «ШКОЛА 118»" in plain(found.text)
    nothing = get(f"{department.base}/?q=<i>")
    assert "не нашлось" in nothing.text
    assert "<i>" not in nothing.text
    silent = get(f"{department.base}/?silent=true")
    assert list(rows(silent.text)) == ["САО"]


def test_a_strangers_words_are_text(department: Site) -> None:
    html = get(f"{department.base}/").text
    assert "<script>alert" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("league=nobody", 400),
        ("page=0", 400),
        ("page=-1", 400),
        ("page=" + "9" * 5000, 400),
        ("page=x", 400),
        ("page=99999", 404),
        ("silent=perhaps", 400),
        ("q=" + "я" * 201, 400),
        ("q=%00%ff%ed%a0%80", 200),
        ("unknown=1&&=&%", 200),
    ],
)
def test_nonsense_is_refused_and_never_a_failure_of_ours(department: Site, query: str, status: int) -> None:
    assert get(f"{department.base}/?{query}").status_code == status


def test_files_are_kept_by_browsers_and_checked_by_their_digest(department: Site) -> None:
    html = get(f"{department.base}/").text
    style = re.search(r'href="(\./department\.css\?v=\w+)"', html)
    assert style is not None
    answer = get(f"{department.base}/{style.group(1)}")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    again = ask("GET", f"{department.base}/department.css", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain_answer = ask("GET", f"{department.base}/department.css", headers={"accept-encoding": "identity"})
    assert plain_answer.text == answer.text
    assert "content-encoding" not in plain_answer.headers


def test_the_policy_lets_nothing_in_from_elsewhere(department: Site) -> None:
    policy = get(f"{department.base}/").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy

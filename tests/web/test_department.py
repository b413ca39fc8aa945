"""The department's pages over HTTP: what they say, and what they answer to nonsense."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest

from storage.history import PastCounts
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, NOON, World, read, wall
from tests.web.seeded import PRIMARIES, SLASHED
from tests.web.site import Site, ask, get


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


def page_of(site: Site, code: str, query: str = "") -> str:
    answer = get(f"{site.base}/branches/{quote(code, safe='')}{query}")
    assert answer.status_code == 200
    return answer.text


def test_a_branch_tells_its_state_and_its_communities(department: Site) -> None:
    text = plain(page_of(department, "ВАО"))
    assert "Входит в: Московская городская организация Профсоюза ТПО ВАО" in text
    assert "первичных организаций: 88" in text
    assert "ВКонтакте Профсоюз ВАО 1 200 открыто замечено 7 июля 2026 года 15 октября, 13:45" in text
    assert "ВКонтакте: закрыто, замечено 15 сентября" in plain(page_of(department, "ЗАО"))
    assert "Сообществ в списке нет." in plain(page_of(department, "ЗелАО"))


def test_a_branch_tells_its_silences_and_letters_without_addresses(department: Site) -> None:
    html = page_of(department, "САО")
    text = plain(html)
    assert "молчит 24 дня, последняя публикация 21 сентября" in text
    assert "28 сентября 2026 года 24 длится —" in text
    assert "24 июля 2026 года 10 вышла публикация 27 июля 2026 года —" in text
    assert "о молчании «Публикаций нет 7 дней» Иванова Анна Петровна отправлено" in text
    assert "Иванова Анна Петровна ждёт отправки" in text
    assert "chair@example.org" not in html


def test_each_day_has_its_number_or_a_word(department: Site) -> None:
    text = plain(page_of(department, "ВАО"))
    assert "20 сентября 2026 года 1 125 0 скрыто 0" in text
    assert "31 августа 2026 года не читали 1 366 1" in text
    year = plain(page_of(department, "ВАО", "?span=year"))
    assert "1 июля 2026 года не читали 0 не читали 0" in year, "as far as the first look went back"
    assert "1 июня 2026 года не читали — не читали —" in year, "before that nothing is known"


def test_all_time_begins_with_the_first_reading(department: Site) -> None:
    text = plain(page_of(department, "ВАО", "?span=all"))
    assert "7 июля 2026 года 900" in text
    assert "6 июля 2026 года не" not in text


def test_of_all_time_days_of_which_nothing_is_known_are_left_out(small_store: Store) -> None:
    world = World(small_store)
    for at in (NOON - 900 * DAY, NOON):
        world.round(read(at))
    with Site(small_store, declares=False, now=NOON).served() as site:
        whole, year = (plain(page_of(site, "ВАО", f"?span={span}")) for span in ("all", "year"))
    assert "5 октября 2026 года 100 — 18 апреля 2024 года 100 —" in whole
    assert "4 октября 2026 года не читали" in year


def test_before_there_was_an_account_nobody_could_read_it(small_store: Store) -> None:
    world = World(small_store)
    absent = PastCounts("t:2", "ВАО", 10, {}, [("vk", (NOON - 3 * DAY).date())])
    small_store.import_past([absent], "table.csv", NOON)
    world.round(read(NOON - DAY, wall=wall()))
    with Site(small_store, declares=False, now=NOON).served() as site:
        html = page_of(site, "ВАО")
        chart = get(f"{site.base}/charts/followers/{quote('ВАО')}").json()
    assert "4 октября 2026 года 100 — 3 октября 2026 года не читали 0 2 октября 2026 года — —" in plain(html)
    assert "Прочерк в обеих колонках: аккаунта ещё не было" in plain(html)
    assert "аккаунта ещё не было" in str(chart["spec"])


def test_no_posts_are_told_of_whole_days_and_of_today(small_store: Store) -> None:
    """The wall is known from noon of 2 October to noon of 4 October: the 3rd is the one whole day."""
    world = World(small_store)
    world.round(read(NOON - DAY, wall=wall(since=NOON - 3 * DAY)))
    with Site(small_store, declares=False, now=NOON).served() as site:
        then = plain(page_of(site, "ВАО"))
    with Site(small_store, declares=False, now=NOON - DAY + HOUR).served() as site:
        at_once = plain(page_of(site, "ВАО"))
    told = "3 октября 2026 года не читали 0 2 октября 2026 года не читали — 1 октября"
    assert f"4 октября 2026 года 100 — {told}" in then
    assert f"4 октября 2026 года 100 0 {told}" in at_once


def test_posts_come_by_pages_with_their_links(department: Site) -> None:
    first, second = (page_of(department, "ВАО", f"?page={number}") for number in (1, 2))
    assert "79 публикаций в базе" in plain(first)
    assert 'href="https://vk.com/wall-1_1000?of=3"' in first
    assert 'href="https://vk.com/wall-1_1000?of=3"' not in second
    assert "15 октября, 10:05 репост ВКонтакте 0 — 1 100" in plain(first), "0 is told, what is unknown is «—»"
    assert get(f"{department.base}/branches/{quote('ВАО')}?page=3").status_code == 404


def test_a_code_with_a_slash_has_a_page_whose_links_lead_on(department: Site) -> None:
    html = page_of(department, SLASHED)
    assert 'href="../department.css' in html
    assert 'data-chart="../charts/followers/%D1%88%D0%BA%D0%BE%D0%BB%D0%B0%2012%2F3?span=quarter"' in html
    assert get(f"{department.base}/charts/followers/{quote(SLASHED, safe='')}").status_code == 200


def test_a_chart_has_nothing_where_nothing_was_read(department: Site) -> None:
    made = get(f"{department.base}/charts/followers/{quote('ВАО')}").json()
    rows = next(each for each in made["spec"]["datasets"].values() if "value" in each[0])
    values = {(each["day"], each["name"]): each["value"] for each in rows}
    assert len(rows) == 180
    assert values["2026-10-15", "ВКонтакте"] == 1200
    assert values["2026-09-20", "Facebook"] is None
    assert values["2026-08-31", "ВКонтакте"] is None
    assert made["options"]["formatLocale"]["decimal"] == ","


@pytest.mark.parametrize(
    "path",
    [
        "branches/никто",
        "branches/",
        "branches/%00",
        "branches/%ed%a0%80",
        "branches/" + "я" * 500,
        "branches/вао",
        "charts/followers/никто",
        "charts/other/ВАО",
        "charts/followers/",
        "charts/followers/%00",
    ],
)
def test_what_is_not_there_is_not_found(department: Site, path: str) -> None:
    answer = get(f"{department.base}/{path}")
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text


@pytest.mark.parametrize("query", ["span=century", "page=0", "page=" + "1" * 40, "span=&page=x"])
def test_nonsense_asked_of_a_branch_is_refused(department: Site, query: str) -> None:
    assert get(f"{department.base}/branches/{quote('ВАО')}?{query}").status_code == 400

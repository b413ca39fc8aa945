"""Reports and exports on the department's pages: forms, tables, files; and the health of collection."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event, Semaphore
from urllib.parse import quote, unquote, urlencode

import httpx
import openpyxl
import pytest
from starlette.exceptions import HTTPException

from collector.bootstrap.offered import offered
from collector.domain.errors import FailureKind
from collector.domain.notification import MessageStatus
from collector.reports.offered import Asked, Field, FieldKind, FormMistakeError
from collector.web.department import health
from collector.web.department.reports import Maker
from storage.store import Store
from tests.web.site import Site, ask, get
from tests.web.test_department import plain

GROWTH = {"from": "2026-07-20", "to": "2026-10-14", "league": "territorial"}
CLAIM = {
    "organization": "ВАО",
    "network": "facebook",
    "metric": "net_follower_change",
    "from": GROWTH["from"],
    "to": GROWTH["to"],
}
TODAY = date(2026, 10, 15)


def asked(site: Site, name: str, form: str = "", **values: str) -> httpx.Response:
    query = urlencode({**values, **({"as": form} if form else {})})
    return get(f"{site.base}/reports/{name}{'/file' if form else ''}?{query}")


def defaults(name: str, site: Site) -> dict[str, str]:
    (report,) = [each for each in offered(site.parts) if each.name == name]
    # What somebody claims nobody can guess.
    return {
        field.name: "21" if field.kind is FieldKind.CLAIMED else field.default(TODAY)
        for field in report.fields
    }


def test_every_report_is_offered_and_can_be_had_in_every_form(department: Site) -> None:
    listed = get(f"{department.base}/reports").text
    for report in offered(department.parts):
        assert report.title in listed
        assert f'href="./reports/{report.name}"' in listed
        form = get(f"{department.base}/reports/{report.name}")
        assert form.status_code == 200
        assert all(f'name="{field.name}"' in form.text for field in report.fields)
        given = defaults(report.name, department)
        assert asked(department, report.name, **given).status_code == 200
        book = asked(department, report.name, "xlsx", **given)
        assert len(openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames) >= 2
        assert report.title.split()[0] in unquote(book.headers["content-disposition"])
        page = asked(department, report.name, "html", **given)
        assert page.text.startswith("<!DOCTYPE html>")
        table = asked(department, report.name, "csv", **given)
        assert table.content.startswith(b"\xef\xbb\xbf")


def test_a_report_on_the_page_has_the_numbers_that_its_file_has(department: Site) -> None:
    answer = asked(department, "growth", **GROWTH)
    assert answer.status_code == 200
    text = plain(answer.text)
    assert "ВАО 88 356 939 377 1 197 +21 +258" in text
    assert "СВАО не указано нет замера нет в списке" in text, "what was withheld is no 0"
    file = asked(department, "growth", "csv", **GROWTH).content.decode("utf-8-sig")
    (line,) = [row for row in csv.reader(io.StringIO(file), delimiter=";") if row[0] == "ВАО"]
    assert line[1:8] == ["88", "356", "939", "377", "1197", "21", "258"]


def test_a_file_bears_a_russian_name(department: Site) -> None:
    header = asked(department, "growth", "xlsx", **GROWTH).headers["content-disposition"]
    assert 'filename="growth-2026-07-20-2026-10-14-territorial.xlsx"' in header
    name = "Прирост подписчиков 2026-07-20 2026-10-14 ТПО.xlsx"
    assert header.endswith(f"filename*=UTF-8''{quote(name)}")


def test_a_file_of_one_branch_bears_its_russian_name(department: Site) -> None:
    """A header takes no Cyrillic but in the part that is encoded."""
    answer = asked(department, "audit", "csv", period="2026-09", league="all", branch="ВАО")
    assert answer.status_code == 200
    header = answer.headers["content-disposition"]
    assert 'filename="audit-2026-09-all.csv"' in header
    assert header.endswith(quote("Рекомендации постановления 2026-09 все ВАО.csv"))


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("growth", {**GROWTH, "from": "завтра"}, "Укажите день"),
        ("growth", {**GROWTH, "from": ""}, "Укажите день"),
        ("growth", {"to": "2026-10-14"}, "Укажите день"),
        ("growth", {**GROWTH, "from": "2026-10-14"}, "должен быть позже первого"),
        ("growth", {**GROWTH, "to": "9999-12-31"}, "Укажите день"),
        ("growth", {**GROWTH, "to": "0001-01-01"}, "Укажите день"),
        ("growth", {**GROWTH, "league": "nobody"}, "Выберите из списка"),
        ("growth", {"x": "\x00"}, "Укажите день"),
        ("summary", {"period": "2026-Q5", "league": "territorial"}, "Укажите год, квартал или месяц"),
        ("summary", {"period": "0000", "league": "territorial"}, "Укажите год, квартал или месяц"),
        ("summary", {"period": "9999-12", "league": "territorial"}, "Укажите год, квартал или месяц"),
        ("forecast", {"milestone": "0", "league": "territorial"}, "Укажите целое число от 1"),
        ("forecast", {"milestone": "9" * 4000, "league": "territorial"}, "Укажите целое число от 1"),
        ("forecast", {"milestone": "²", "league": "territorial"}, "Укажите целое число от 1"),
        ("contest", {"period": "2026-Q3", "league": "city"}, "Выберите из списка"),
        ("best-news", {"month": "2026-Q3", "top": "20"}, "Укажите месяц"),
        ("best-news", {"month": "2026-09", "top": "1001"}, "Укажите целое число от 1 до 1000"),
        ("audit", {"period": "2026-Q3", "league": "all", "branch": "\x00"}, "Укажите короткое имя"),
        ("claims", {**CLAIM, "claimed": ""}, "Укажите число"),
        ("claims", {**CLAIM, "claimed": "nan"}, "Укажите число"),
        ("claims", {**CLAIM, "claimed": "1e300"}, "Укажите число"),
        ("claims", {**CLAIM, "claimed": "много"}, "Укажите число"),
        ("claims", {**CLAIM, "claimed": "1", "metric": "reach"}, "Выберите из списка"),
        ("claims", {**CLAIM, "claimed": "1", "to": "2026-07-20"}, "должен быть позже первого"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_what_was_typed_stays(
    department: Site, name: str, values: dict[str, str], told: str
) -> None:
    for form in ("", "xlsx"):
        answer = asked(department, name, form, **values)
        assert answer.status_code == 422
        assert told in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "content-disposition" not in answer.headers
    if "league" in values and values["league"] == "territorial":
        assert '<option value="territorial" selected>' in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("reports/nothing", 404),
        ("reports/", 404),
        ("reports/growth/file", 400),
        ("reports/growth/file?as=exe", 400),
        ("reports/%00", 404),
        ("exports/file", 400),
        ("exports/file?view=branch&as=csv", 400),
        ("exports/file?view=v_posts&as=parquet", 400),
        ("exports/file?view=v_posts&as=csv&from=never", 400),
        ("exports/file?view=v_posts&as=csv&to=9999-12-31", 400),
    ],
)
def test_what_is_not_offered_is_refused(department: Site, path: str, status: int) -> None:
    answer = get(f"{department.base}/{path}")
    assert answer.status_code == status
    assert "К обзору организаций" in answer.text


def test_a_report_that_cannot_be_made_says_so_without_details(department: Site, tmp_path: Path) -> None:
    without_rules = replace(department, contest_rules_file=tmp_path / "contest.yaml")
    with without_rules.served():
        answer = asked(without_rules, "contest", period="2026-Q3", league="territorial")
        contests = get(f"{without_rules.base}/contests")
    assert answer.status_code == 422
    assert "этот отчёт построить нельзя" in answer.text
    assert "contest.yaml" not in answer.text
    assert contests.status_code == 200
    assert "этот отчёт построить нельзя" in contests.text


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [
        ("21", "подтверждается"),
        (" 21 ", "подтверждается"),
        ("-21", "не подтверждается"),
        ("22,5", "не подтверждается"),
    ],
)
def test_a_claim_is_checked(department: Site, claimed: str, verdict: str) -> None:
    table = asked(department, "claims", "csv", **CLAIM, claimed=claimed)
    (row,) = csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff")), delimiter=";")
    assert (row["По данным"], row["Вывод"]) == ("21", verdict)
    assert verdict in plain(asked(department, "claims", **CLAIM, claimed=claimed).text)


def test_a_claim_of_all_together_and_of_nobody_known(department: Site) -> None:
    everywhere = asked(department, "claims", **{**CLAIM, "organization": "", "network": "all"}, claimed="1")
    assert "все ТПО" in plain(everywhere.text)
    nobody = asked(department, "claims", **{**CLAIM, "organization": "МИСиС"}, claimed="1")
    assert "нельзя проверить" in plain(nobody.text)


def test_a_report_may_be_about_one_branch(department: Site) -> None:
    given = {"period": "2026-Q3", "league": "territorial"}
    assert "ВАО" in asked(department, "audit", branch="ВАО", **given).text
    unknown = asked(department, "audit", branch="никто", **given)
    assert (unknown.status_code, "такой организации в списке нет" in unknown.text) == (422, True)
    assert 'aria-invalid="true"' in unknown.text


def test_the_contests_stand_on_one_page_a_tab_each(department: Site) -> None:
    first = get(f"{department.base}/contests").text
    assert "ЗАО ВКонтакте: сообщество закрыто, впервые увидели 15.09.2026" in plain(first)
    told = [plain(get(f"{department.base}/contests?tab={number}").text) for number in range(1, 5)]
    assert "ТПО III квартал 2026 года" in told[0]
    assert "ППО III квартал 2026 года" in told[1]
    assert "Вне зачёта: первые 50 из 120, все строки в файле" in told[1]
    assert "Лучшая новость месяца от первички сентябрь 2026 года" in told[2]
    assert "Замороженные итоги конкурсов на 15 октября 2026 года" in told[3]
    assert 'href="./reports/contest?period=2026-Q3&amp;league=territorial"' in first
    assert [get(f"{department.base}/contests?tab={tab}").status_code for tab in ("0", "5", "x")] == [
        400,
        404,
        400,
    ]


def test_many_who_want_reports_leave_room_for_others() -> None:
    """Who waits for a report has a thread of those that serve chairs too."""
    maker = Maker()
    over, waited = Event(), Semaphore(0)

    def take_a_turn() -> int:
        try:
            with maker.turn():
                over.wait(30)
                return 200
        except HTTPException as error:
            waited.release()
            return error.status_code

    with ThreadPoolExecutor(40) as people:
        asked = [people.submit(take_a_turn) for _ in range(40)]
        sent_away = [waited.acquire(timeout=10) for _ in range(31)]
        over.set()
        assert sent_away == [True] * 31
        assert sorted(each.result() for each in asked) == [200] * 9 + [503] * 31


def test_a_views_rows_are_had_as_a_file(department: Site, store_rows: list[dict[str, object]]) -> None:
    answer = get(f"{department.base}/exports/file?view=v_followers_latest&as=csv&from=2026-10-01")
    assert answer.status_code == 200
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert unquote(answer.headers["content-disposition"]).endswith("Подписчики сейчас.csv")
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["follower_count"] for row in found] == [
        "" if row["follower_count"] is None else str(row["follower_count"]) for row in store_rows
    ]
    book = get(f"{department.base}/exports/file?view=v_followers_latest&as=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    assert sheet.max_row == len(store_rows) + 1


@pytest.fixture
def store_rows(department: Site) -> list[dict[str, object]]:
    with department.store.reports.view_rows("v_followers_latest", None, None) as found:
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_an_export_has_the_days_that_were_asked_for(department: Site) -> None:
    answer = get(f"{department.base}/exports/file?view=v_posts&as=csv&from=2026-10-12&to=15.10.2026")
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert {row["published_on"] for row in found} == {"12.10.2026", "15.10.2026"}


def test_an_export_leaves_no_file_behind(
    department: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for form, part in (
        ("csv", ""),
        ("xlsx", ""),
        ("csv", "bytes=0-9"),
        ("csv", "bytes=x"),
        ("csv", "bytes=9999999-"),
    ):
        answer = ask(
            "GET",
            f"{department.base}/exports/file?view=v_posts&as={form}",
            headers={"Range": part} if part else {},
        )
        # Part of one file and the rest of another would be a torn one: each is made anew, and sent whole.
        assert answer.status_code == 200
        assert answer.headers["accept-ranges"] == "none"
    # It goes when all was sent, which we may see a moment before.
    until = time.monotonic() + 10
    while any(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not list(tmp_path.iterdir())


def test_the_health_page_tells_rounds_failures_and_letters(department: Site) -> None:
    html = get(f"{department.base}/health").text
    text = plain(html)
    assert "ВКонтакте 6 0 — 15 октября, 13:45" in text
    assert "сообщество закрыто ВКонтакте 1 14 сентября, 13:45" in text
    assert "ответ сети непонятен ВКонтакте 1 9 октября, 13:45 an answer without sense" in text
    assert "ждут отправки: 1" in text
    assert "15 октября, 13:45 101 закончен 15 октября, 13:49 6 из 8 6 2 3 —" in text
    assert "chair@example.org" not in html


def test_the_health_page_tells_who_waits_and_what_lasts(store: Store) -> None:
    from collector.domain.finding import Finding
    from tests.storage.worlds import DAY, HOUR, NOON, World, read

    world = World(store)
    world.round(read(NOON))
    found = Finding("token:vk", "VK refuses the token.", "Make another.", NOON)
    store.findings.observe([found], NOON + HOUR)
    with Site(store, declares=False, now=NOON + DAY).served() as site:
        text = plain(get(f"{site.base}/health").text)
    assert "VK refuses the token." in text
    assert "ВКонтакте 1 1 5 октября, 16:00 5 октября, 15:00" in text
    assert "идёт" in text, "the round was not finished"


@pytest.mark.parametrize(
    "path", ["branches/%00", "charts/posts/%00", "?q=%00", "reports/audit?period=2026&league=all&branch=%00"]
)
def test_no_database_is_asked_what_it_cannot_take(store: Store, path: str) -> None:
    with Site(store).served() as site:
        assert get(f"{site.base}/{path}").status_code in (200, 404, 422)


def test_every_failure_and_every_letters_state_has_words() -> None:
    assert set(health.FAILURES) == set(FailureKind)
    assert set(health.LETTERS) == set(MessageStatus)


def test_an_empty_database_has_all_pages(small_store: Store) -> None:
    with Site(small_store, declares=False).served() as site:
        for path in ("", "?league=primary", "contests", "reports", "health"):
            answer = get(f"{site.base}/{path}")
            assert answer.status_code == 200
            assert "Обходов ещё не было" in answer.text


def test_a_choice_is_one_of_its_field() -> None:
    field = Field("league", "Кто", FieldKind.CHOICE, lambda _: "a", (("a", "А"),))
    assert Asked({"league": "a"}).choice(field) == "a"
    with pytest.raises(FormMistakeError) as error:
        Asked({}).choice(field)
    assert error.value.field == "league"

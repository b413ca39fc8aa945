"""The founding resolution's table to the digit in every form, and texts of strangers that Excel must not run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from collector.branches import load_branches
from collector.cli.report_output import print_report, write_report
from collector.jobs.import_followers import import_followers
from collector.reports.rendering.cells import harmless
from collector.reports.rendering.csv_file import as_csv
from collector.reports.rendering.page import as_page
from collector.reports.rendering.workbook import as_workbook
from collector.reports.report import Bars, Cell, Column, Kind, Report, Table, text
from storage.store import Store
from tests.browser import NARROW, chromium, opened
from tests.reports.growing import report_of
from tests.storage.worlds import NOON

CONFIG = Path(__file__).parents[2] / "config"
TABLE = CONFIG / "followers-2017-2018.csv"
FIRST, LAST = date(2017, 12, 31), date(2018, 4, 20)

RESOLUTION = {
    row["organization"]: [int(row[name]) for name in row if name != "organization"]
    for row in csv.DictReader(io.StringIO(TABLE.read_text()))
}
"""Of each branch: ППО, then Facebook and VK at the first day, then both at the last."""
TOTALS = [743, 984, 382, 3051, 1488, 2067, 1106, 3173]


@pytest.fixture
def report(sqlite_store: Store) -> Report:
    store = sqlite_store
    store.sync_branches(load_branches(CONFIG / "branches.mgo.yaml"), NOON)
    import_followers(store, TABLE, NOON)
    return report_of(store, FIRST, LAST)


def as_in_the_resolution(cells: list[Any]) -> list[int]:
    """The table's own numbers: there «—» was written as 0."""
    return [0 if cell == "—" else int(str(cell).replace("\u202f", "")) for cell in cells]


def require_the_table(rows: list[list[Any]]) -> None:
    """The rows of all branches and the totals, as some form of the report shows them."""
    assert {row[0]: as_in_the_resolution(row[1:6]) for row in rows[:-1]} == RESOLUTION
    assert rows[-1][0] == "Всего"
    assert [int(str(cell).replace("\u202f", "").replace("+", "")) for cell in rows[-1][1:9]] == TOTALS


def test_as_csv(report: Report) -> None:
    content = as_csv(report.tables[0])
    assert content.startswith(b"\xef\xbb\xbf")
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    require_the_table(rows)


def test_as_workbook(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))
    assert book.sheetnames == ["Прирост", "Как считалось", "Замеры"]
    sheet = book["Прирост"]
    rows = [list(row) for row in sheet.iter_rows(min_row=4, max_row=15, values_only=True)]
    require_the_table(rows)
    numbers = [cell for row in rows for cell in row[1:] if not isinstance(cell, str)]
    assert len(numbers) > 100
    assert all(isinstance(cell, int | float) for cell in numbers)
    assert sheet.freeze_panes == "B4"
    assert len(sheet._charts) == 1
    told = {row[0]: row[1] for row in book["Как считалось"].iter_rows(min_row=3, values_only=True)}
    assert (
        told["Период"]
        == "с 31\u00a0декабря 2017\u00a0года по 20\u00a0апреля 2018\u00a0года, дни по московскому времени"
    )
    assert told["Пропуски"] == "нет"
    sources = list(book["Замеры"].iter_rows(min_row=4, values_only=True))
    assert len(sources) == 44
    assert sum(row[6] == "—" for row in sources) == 11
    assert all(
        isinstance(row[3], datetime) and row[7].startswith("загрузка № 1: followers") for row in sources
    )


def test_as_page(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(as_page(report))
    with chromium() as browser:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text))
        page.goto(file.as_uri())
        rows = page.eval_on_selector_all(
            "table:first-of-type >> nth=0 >> tr",
            "all => all.map(row => [...row.cells].map(cell => cell.childNodes[0]?.textContent.trim() ?? ''))",
        )
        require_the_table([row for row in rows if row[0] in {*RESOLUTION, "Всего"}])
        assert page.locator("figure svg").count() == 1
        assert "ЗелАО" in (page.locator("figure svg").text_content() or "")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert (asked, errors) == ([file.as_uri()], [])


def test_a_word_is_not_broken_on_a_telephone(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(as_page(report))
    with chromium() as browser, opened(browser, NARROW) as page:
        page.goto(file.as_uri())
        lines = page.eval_on_selector_all(
            "td.text",
            """cells => cells.filter(cell => !/\\s/.test(cell.textContent.trim()) && cell.firstChild).map(cell => {
                const range = document.createRange();
                range.selectNodeContents(cell);
                return range.getClientRects().length;
            })""",
        )
        assert len(lines) > 20
        assert set(lines) == {1}


def test_it_prints_on_few_pages_of_a4(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(as_page(report))
    with chromium() as browser:
        page = browser.new_page()
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        # 273 mm between the margins, at 96 dots an inch.
        page.set_viewport_size({"width": 1032, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1032
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


HOSTILE = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "<script>alert(1)</script>", "{{ 7 * 7 }}"]


@pytest.fixture
def hostile() -> Report:
    columns = [Column("<b>Имя</b>"), Column("=1+1", Kind.COUNT)]
    rows = [[text(words, "=примечание"), Cell(1)] for words in HOSTILE]
    return Report("x", "<i>Отчёт</i>", "=период", [Table("Таблица", columns, rows)], warnings=["<u>!</u>"])


def test_a_strangers_text_is_no_formula(hostile: Report) -> None:
    _, *rows = csv.reader(io.StringIO(as_csv(hostile.tables[0]).decode("utf-8-sig")), delimiter=";")
    assert all(row[0][0] not in "=+-@\t" for row in rows)
    assert [row[0].removeprefix("'") for row in rows] == HOSTILE
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(hostile)))["Таблица"]
    cells = [row[0] for row in sheet.iter_rows(min_row=4, max_row=3 + len(HOSTILE))]
    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_sentence_in_a_workbook_is_not_cut_off() -> None:
    report = Report("x", "Отчёт", "период", [Table("Слова", [Column("Что")], [[text("слово " * 40)]])])
    cell = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))["Слова"].cell(4, 1)
    assert cell.alignment.wrap_text


def test_a_strangers_text_is_no_markup(hostile: Report) -> None:
    page = as_page(replace(hostile, charts=[Bars("</title><script>1", 0, [("<script>2", 1)])]))
    assert "<svg" in page
    assert "<script" not in page
    assert "<b>Имя" not in page
    assert "<u>!" not in page
    assert "{{ 7 * 7 }}" in page


def test_an_ordinary_text_stays_as_it_is() -> None:
    assert [harmless(words) for words in ("ВАО", "", "a=b", "1")] == ["ВАО", "", "a=b", "1"]


def test_marks_that_turn_the_direction_of_writing_are_gone(hostile: Report) -> None:
    turned = replace(hostile.tables[0], rows=[[text("ВАО\u202e=1"), Cell(1)]])
    report = replace(hostile, tables=[turned])
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))["Таблица"]
    assert sheet.cell(4, 1).value == "ВАО=1"
    assert "\u202e" not in as_page(report) + as_csv(turned).decode()


def test_each_table_of_several_is_shown_in_every_form(
    hostile: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CSV holds one table a file: what stands in the second must not be lost."""
    second = Table(
        "Вторая", [Column("Имя"), Column("Доля, %", Kind.SHARE)], [[text("ВАО"), Cell(1.5)]], name="other"
    )
    report = replace(hostile, tables=[hostile.tables[0], second])
    written = write_report(report, "csv", tmp_path / "a.csv")
    assert [file.name for file in written] == ["a.csv", "a-other.csv"]
    assert written[1].read_text("utf-8-sig").splitlines() == ["Имя;Доля, %", "ВАО;1,5"]
    assert openpyxl.load_workbook(io.BytesIO(as_workbook(report)))["Вторая"].cell(4, 2).value == 1.5
    assert "<h2>Вторая</h2>" in as_page(report)
    print_report(report)
    shown = capsys.readouterr().out
    assert "Вторая" in shown
    assert "1,50" in shown


def test_a_link_can_be_followed_and_a_strangers_script_cannot(hostile: Report) -> None:
    good, bad = "https://vk.com/wall-1_1?a=1&b=<2>", "javascript:alert(1)"
    columns = [Column("Имя"), Column("Ссылка", Kind.LINK)]
    rows = [[text("ВАО"), text(good)], [text("САО"), text(bad)], [text("ЮАО"), text("https://" + "x" * 3000)]]
    report = replace(hostile, tables=[Table("Таблица", columns, rows)])
    page = as_page(report)
    assert '<a href="https://vk.com/wall-1_1?a=1&amp;b=&lt;2&gt;" rel="noopener noreferrer">' in page
    assert 'href="javascript' not in page
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(report)))["Таблица"]
    assert [bool(sheet.cell(row, 2).hyperlink) for row in (4, 5, 6)] == [True, False, False]
    assert [sheet.cell(row, 2).value for row in (4, 5)] == [good, bad]

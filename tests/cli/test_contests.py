"""`collector report contest`, `contests` and `best-news`, as the information department types them."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from storage.store import open_store
from tests.cli.running import Collector
from tests.reports.contesting import small_contest, small_month

DECEMBER = datetime(2026, 12, 20, 12, tzinfo=UTC)
RULES = Path(__file__).parents[2] / "config" / "contest.yaml"
CONTEST = ("report", "contest", "--league", "territorial", "--period", "2026-11")


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Databases of the two small worlds, made once."""
    folder = tmp_path_factory.mktemp("november")
    for name, make in (("contest", small_contest), ("news", small_month)):
        with open_store(f"sqlite:///{folder / name}.db") as store:
            store.upgrade()
            make(store)
    return folder


def table(of: Collector, name: str) -> list[list[str]]:
    return list(csv.reader((of.folder / name).read_text("utf-8-sig").splitlines(), delimiter=";"))


def collector(november: Path, folder: Path, name: str) -> Collector:
    shutil.copyfile(november / f"{name}.db", folder / "collector.db")
    return Collector(folder, f"sqlite:///{folder / 'collector.db'}")


@pytest.fixture
def contest(november: Path, tmp_path: Path) -> Collector:
    return collector(november, tmp_path, "contest")


@pytest.fixture
def news(november: Path, tmp_path: Path) -> Collector:
    return collector(november, tmp_path, "news")


def test_a_contest_is_frozen_and_shown_as_it_was(contest: Collector) -> None:
    rules = RULES.read_text().replace("minimum_own_posts: 3", "minimum_own_posts: 2")
    without_size = rules.replace("      - {metric: followers_per_primary, weight: 1}\n", "", 1)
    (contest.folder / "rules.yaml").write_text(without_size)
    done = contest.run_at(DECEMBER, *CONTEST, "--rules", "rules.yaml", "--freeze", "--by", "Иванова")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Показан результат, замороженный 20\u00a0декабря 2026\u00a0года: Иванова" in done.stdout
    seal = done.stdout.split("SHA-256: ")[1][:64]

    for name in ("конкурс.csv", "конкурс.xlsx"):
        assert contest.run_at(DECEMBER, *CONTEST, "--output", name).returncode == 0
    _, *rows = table(contest, "конкурс.csv")
    # Growth in percent 1 × 2, in people 1, days 2 × 2, posts 2, rate 1 × 2; and 2 × 2, 1, 1 × 2, 1, 2 × 2.
    assert [row[:4] for row in rows] == [["ВАО", "1", "11", "30,0"], ["ЗАО", "2", "12", "15,0"]]
    out = (contest.folder / "конкурс-not-ranked.csv").read_text("utf-8-sig")
    assert "САО;собственных публикаций 1, по правилам нужно не меньше 2" in out
    assert "публикация: обход" in (contest.folder / "конкурс-sources.csv").read_text("utf-8-sig")
    book = openpyxl.load_workbook(contest.folder / "конкурс.xlsx")
    assert book.sheetnames == ["Места", "Вне зачёта", "Как считалось", "Источники"]
    assert [cell.value for cell in book["Места"][4]][:3] == ["ВАО", 1, 11]
    told = {row[0]: row[1] for row in book["Как считалось"].iter_rows(min_row=3, values_only=True)}
    assert told["Отпечаток (SHA-256)"].startswith(seal)

    listed = contest.run_at(DECEMBER, "report", "contests")
    assert all(words in listed.stdout for words in ("ноябрь 2026\u00a0года", "Иванова", seal, "цела"))
    again = contest.run_at(DECEMBER, *CONTEST, "--rules", "rules.yaml", "--freeze")
    assert (again.returncode, again.stdout) == (2, "")
    assert "was frozen on 2026-12-20 by Иванова (command line); --again" in again.stderr


def test_the_rules_are_those_that_ship_wherever_it_runs_or_those_of_the_settings(contest: Collector) -> None:
    shipped = contest.run_at(DECEMBER, *CONTEST)
    assert (shipped.returncode, shipped.stderr) == (0, "")
    assert "собственных публикаций 2, по правилам нужно не меньше 3" in " ".join(shipped.stdout.split())
    rules = RULES.read_text().replace("minimum_own_posts: 3", "minimum_own_posts: 5")
    (contest.folder / "rules.yaml").write_text(rules)
    of_settings = contest.run_at(DECEMBER, *CONTEST, COLLECTOR_CONTEST_RULES_FILE="rules.yaml")
    assert "по правилам нужно не меньше 5" in " ".join(of_settings.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--period", "2026-13"),
            "--period '2026-13' is no period; write a year as 2026, a quarter as 2026-Q3",
        ),
        (
            ("--period", "2026-11", "--rules", "nowhere.yaml"),
            "nowhere.yaml: cannot be read: No such file or directory; name it with --rules or COLLECTOR_CONTEST",
        ),
        (("--period", "2026-11", "--again"), "--again and --by go with --freeze"),
        (
            ("--period", "2026-12", "--rules", str(RULES), "--freeze"),
            "2026-12 can be frozen from 2027-01-08 on",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_do(contest: Collector, arguments: tuple[str, ...], told: str) -> None:
    done = contest.run_at(DECEMBER, "report", "contest", "--league", "territorial", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_best_news(news: Collector) -> None:
    command = ("report", "best-news", "--month", "2026-11", "--top", "3")
    done = news.run_at(DECEMBER, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Показаны места с 1 по 3; ниже ещё публикаций: 1." in done.stdout
    assert "Без новостей за месяц" in done.stdout
    for form in ("csv", "xlsx"):
        assert news.run_at(DECEMBER, *command, "--format", form).returncode == 0
    _, *rows = table(news, "best-news-2026-11.csv")
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("1–2", "МИСиС", "10,0"),
        ("1–2", "РГСУ", "10,0"),
        ("3", "МИСиС", "5,0"),
    ]
    book = openpyxl.load_workbook(news.folder / "best-news-2026-11.xlsx")
    assert book.sheetnames == ["Лучшие новости", "Без новостей за месяц", "Как считалось", "Источники"]
    assert book["Лучшие новости"].cell(4, 6).hyperlink is not None


def test_a_quarter_is_no_month(news: Collector) -> None:
    done = news.run_at(DECEMBER, "report", "best-news", "--month", "2026-Q3")
    assert (done.returncode, done.stderr) == (
        2,
        "error: --month '2026-Q3' is no month; write it as 2026-10\n",
    )

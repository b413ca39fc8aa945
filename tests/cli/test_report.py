"""`collector report`, as the information department types it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Collector

CONFIG = Path(__file__).parents[2] / "config"
PERIOD = ("--from", "2017-12-31", "--to", "20.04.2018")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the resolution's table, made once: three commands take longer than each test."""
    made = Collector(folder := tmp_path_factory.mktemp("imported"), f"sqlite:///{folder / 'collector.db'}")
    for command in (
        ("db", "upgrade"),
        ("branches", "sync", str(CONFIG / "branches.mgo.yaml")),
        ("import", "followers", str(CONFIG / "followers-2017-2018.csv")),
    ):
        done = made.run(*command)
        assert done.returncode == 0, done.stderr
    assert "there was no account yet: 11 times" in done.stdout
    return folder / "collector.db"


@pytest.fixture
def imported(database: Path, tmp_path: Path) -> Collector:
    shutil.copyfile(database, tmp_path / "collector.db")
    return Collector(tmp_path, f"sqlite:///{tmp_path / 'collector.db'}")


def test_on_the_screen(imported: Collector) -> None:
    done = imported.run("report", "growth", *PERIOD)
    assert done.returncode == 0, done.stderr
    total = next(line for line in done.stdout.splitlines() if line.strip().startswith("Всего"))
    assert total.split()[:2] == ["Всего", "743"]
    assert "+3\u202f173" in total
    assert "«новое»: расти было не от чего" in done.stdout


def test_as_files_in_each_form(imported: Collector) -> None:
    for name in ("рост.xlsx", "рост.html", "рост.csv"):
        done = imported.run("report", "growth", *PERIOD, "--output", name)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == name
    assert {path.name for path in imported.folder.glob("рост*")} == {
        "рост.xlsx",
        "рост.html",
        "рост.csv",
        "рост-sources.csv",
    }
    assert openpyxl.load_workbook(imported.folder / "рост.xlsx").sheetnames[0] == "Прирост"


def test_without_a_name_a_file_is_named_after_the_report(imported: Collector) -> None:
    done = imported.run("report", "growth", *PERIOD, "--format", "html")
    assert done.stdout.split() == ["growth-2017-12-31-2018-04-20.html"]
    assert (imported.folder / done.stdout.strip()).read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "31/12/17", "--to", "2018-04-20"), "--from '31/12/17' is no day; write it as 2026-12-31"),
        (("--from", "2018-04-20", "--to", "2018-04-20"), "growth is what came between two days"),
        ((*PERIOD, "--output", "рост.pdf"), "its ending tells no format; write .csv, .xlsx or .html"),
        ((*PERIOD, "--output", "нет/рост.csv"), "нет/рост.csv cannot be written: there is no folder"),
        ((*PERIOD, "--output", "рост.csv", "--format", "xlsx"), "рост.csv is no file of --format xlsx"),
        ((*PERIOD, "--output", "рост.csv", "--format", "table"), "рост.csv is no file of --format table"),
        ((*PERIOD, "--output", "."), "its ending tells no format"),
        (("--from", "0001-01-01", "--to", "2018-04-20"), "is of no year from 2006 to 2049"),
        (("--from", "2018-04-20", "--to", "9999-12-31"), "is of no year from 2006 to 2049"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    imported: Collector, arguments: tuple[str, ...], told: str
) -> None:
    done = imported.run("report", "growth", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_is_replaced_whole_and_readable_by_others(imported: Collector) -> None:
    file = imported.folder / "рост.csv"
    file.write_text("старое")
    imported.run("report", "growth", *PERIOD, "--output", file.name)
    umask = os.umask(0)
    os.umask(umask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~umask
    assert "старое" not in file.read_text("utf-8-sig")
    assert not list(imported.folder.glob(".рост*"))


def test_claims_are_checked(imported: Collector) -> None:
    done = imported.run("report", "claims", str(CONFIG / "claims-2018.csv"), "--output", "claims.csv")
    assert (done.returncode, done.stderr) == (0, "")
    lines = (imported.folder / "claims.csv").read_text("utf-8-sig").splitlines()
    assert lines[1].split(";")[5:8] == ["3188", "3173", "не подтверждается"]
    assert lines[2].split(";")[5:8] == ["204,0", "—", "нельзя проверить"]
    wrong = imported.run("report", "claims", "nowhere.csv")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "nowhere.csv: cannot be read" in wrong.stderr


def test_of_two_files_none_is_written_where_one_cannot_be(imported: Collector) -> None:
    (imported.folder / "рост-sources.csv").mkdir()
    done = imported.run("report", "growth", *PERIOD, "--output", "рост.csv")
    assert (done.returncode, done.stderr) == (2, "error: рост-sources.csv is no file; name another\n")
    assert not (imported.folder / "рост.csv").exists()


def test_a_pipe_is_not_replaced_and_a_links_target_is(imported: Collector) -> None:
    os.mkfifo(imported.folder / "рост.xlsx")
    done = imported.run("report", "growth", *PERIOD, "--output", "рост.xlsx")
    assert (done.returncode, done.stderr) == (2, "error: рост.xlsx is no file; name another\n")
    (imported.folder / "рост.html").symlink_to("target.html")
    imported.run("report", "growth", *PERIOD, "--output", "рост.html")
    assert (imported.folder / "рост.html").is_symlink()
    assert (imported.folder / "target.html").read_text().startswith("<!DOCTYPE html>")


def test_what_is_to_be_known_of_a_number_is_on_the_screen_too(imported: Collector) -> None:
    done = imported.run("report", "growth", "--from", "2018-01-02", "--to", "2018-04-20")
    assert "Пропуск: ВАО, Facebook, 02.01.2018: замер на 2\u00a0дня раньше" in done.stdout
    assert "*1 замер на 2\u00a0дня раньше" in done.stdout
    assert "без тех, чей прирост неизвестен: ЗелАО" in done.stdout


def test_a_forecast_tells_what_it_cannot_tell(imported: Collector) -> None:
    done = imported.run("report", "forecast", "--on", "20.04.2018", "--output", "прогноз.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["прогноз.csv", "прогноз-sources.csv"]
    lines = (imported.folder / "прогноз.csv").read_text("utf-8-sig").splitlines()
    assert lines[1].split(";")[:7] == ["ВАО, ВКонтакте", "191", "809", "—", "—", "—", "—"]
    assert "около 20\u00a0января 2018\u00a0года нет замера" in lines[1]
    wrong = imported.run("report", "forecast", "--milestone", "0")
    assert wrong.returncode == 2
    assert "--milestone" in wrong.stderr


def test_a_summary_in_each_form(imported: Collector) -> None:
    for name in ("сводка.csv", "сводка.xlsx", "сводка.html"):
        done = imported.run("report", "summary", "--period", "2018-04", "--output", name)
        assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in imported.folder.glob("сводка-*")) == [
        "сводка-followers.csv",
        "сводка-posts.csv",
        "сводка-silences.csv",
        "сводка-sources.csv",
        "сводка-words.csv",
    ]
    book = openpyxl.load_workbook(imported.folder / "сводка.xlsx")
    assert book.sheetnames[:3] == ["Главное", "Что произошло", "Подписчики по неделям"]
    wrong = imported.run("report", "summary", "--period", "апрель")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--period 'апрель' is no period; write a year as 2026" in wrong.stderr


def test_an_audit_of_one_branch_in_each_form(imported: Collector) -> None:
    for name in ("проверка.csv", "проверка.xlsx", "проверка.html"):
        done = imported.run("report", "audit", "--branch", "ВАО", "--output", name)
        assert (done.returncode, done.stderr) == (0, "")
    lines = (imported.folder / "проверка.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 17
    assert lines[1].split(";")[2:4] == ["проверяет программа", "дней с публикациями: ВАО — не читали"]
    book = openpyxl.load_workbook(imported.folder / "проверка.xlsx")
    assert book.sheetnames == [
        "Рекомендации",
        "Что в публикациях",
        "Сообщества",
        "Когда выходят публикации",
        "Как считалось",
        "Публикации",
    ]
    wrong = imported.run("report", "audit", "--branch", "Нет")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "--branch Нет: no such branch in this period; `collector branches list` names them" in wrong.stderr

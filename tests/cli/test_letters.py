"""`collector letters preview`: letters as files, before there is anything to send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

from collector.domain.model import Access, Contact, ContactRole, Post, Reading, Wall
from collector.domain.schedule import next_due_at
from collector.jobs.detect_silence import DetectPolicy, detect
from storage.store import open_store
from tests.cli.running import Collector
from tests.storage.worlds import branch, vk

NAMES = [
    "escalation-department",
    "escalation-parent",
    "ops",
    "reminder-administrator",
    "reminder-chair",
    "resumed-chair",
    "silence-administrator",
    "silence-chair",
    "warning-administrator",
]
DAY = timedelta(days=1)


def collector(folder: Path, **settings: str) -> Collector:
    return Collector(folder, f"sqlite:///{folder / 'collector.db'}", settings=settings)


def test_on_an_empty_database_all_letters_are_shown_as_examples(tmp_path: Path) -> None:
    done = collector(tmp_path).run("letters", "preview", "--output", "out")
    assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == sorted(f"{name}.{ending}" for name in NAMES for ending in ("eml", "html", "txt"))
    for name in NAMES:
        assert f"out/{name}.html" in done.stdout
        assert "ПРИМЕР" in (tmp_path / "out" / f"{name}.html").read_text()
        assert "ПРИМЕР" in (tmp_path / "out" / f"{name}.txt").read_text()
        mail = BytesParser(policy=policy.default).parsebytes((tmp_path / "out" / f"{name}.eml").read_bytes())
        assert mail["Subject"] in done.stdout
        assert mail["To"]


def test_one_kind_about_one_branch(tmp_path: Path) -> None:
    done = collector(tmp_path).run(
        "letters", "preview", "--branch", "ЗелАО", "--kind", "warning", "--output", "out"
    )
    assert done.returncode == 0, done.stderr
    assert [path.stem for path in (tmp_path / "out").glob("*.html")] == ["warning-administrator"]
    assert "ТПО\u00a0ЗелАО" in (tmp_path / "out" / "warning-administrator.html").read_text()


def test_a_silence_that_lasts_is_told_as_it_is(tmp_path: Path) -> None:
    world = collector(tmp_path)
    now = datetime.now(UTC).replace(microsecond=0)
    with open_store(world.database) as store:
        store.upgrade()
        store.sync_branches([branch("САО", vk("1"))], now - 20 * DAY)
        post = Post("7", now - 12 * DAY, "https://vk.com/wall-1_7")
        reading = Reading(1, now, "1", "club1", "Профсоюз САО", Access.OPEN, 100, Wall((post,), None))

        def due(kind: object, count: int, retry_after: object) -> datetime:
            return next_due_at(now, timedelta(hours=1), DAY, None, 0)

        store.write_outcomes(store.start_round(now), [reading], due)
        assert detect(store, DetectPolicy(7 * DAY), now).opened
    done = world.run("letters", "preview", "--output", "out")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / "silence-chair.txt").read_text()
    assert "ПРИМЕР" not in text
    assert "https://vk.com/wall-1_7" in text
    assert "уже 12\u00a0дней" in text
    assert "Здравствуйте!" in text, "nobody is invented in a real letter"
    assert "ПРИМЕР" in (tmp_path / "out" / "resumed-chair.txt").read_text()
    rows = world.rows("SELECT count(*) FROM outbox_message")
    assert rows == [(0,)], "a preview owes nothing; the branch has no contacts"


def test_the_letters_of_the_week_and_the_month_tell_what_was_collected(tmp_path: Path) -> None:
    world = collector(tmp_path)
    nobody = world.run("letters", "preview", "--kind", "weekly")
    assert nobody.returncode == 2
    assert "nobody yet to write a weekly letter to" in nobody.stderr
    with open_store(world.database) as store:
        store.upgrade()
        contacts = (
            Contact(ContactRole.CHAIR, "Анна Иванова", "chair@sao.example.org"),
            Contact(ContactRole.DEPARTMENT, "Информационный отдел", "info@mgo.example.org"),
        )
        store.sync_branches([branch("САО", vk("1"), contacts=contacts)], datetime.now(UTC) - 90 * DAY)
    for kind, name in (("weekly", "weekly-department"), ("monthly", "monthly-chair")):
        done = world.run("letters", "preview", "--kind", kind, "--branch", "САО", "--output", "out")
        assert done.returncode == 0, done.stderr
        html = (tmp_path / "out" / f"{name}.html").read_text()
        assert "САО" in html
        assert "ПРИМЕР" not in html
        assert "cid:" not in html, "pictures show in a browser"


def test_without_a_public_address_there_are_no_buttons(tmp_path: Path) -> None:
    bare = collector(tmp_path).run("letters", "preview", "--kind", "silence", "--output", "bare")
    linked = collector(
        tmp_path,
        COLLECTOR_WEB__PUBLIC_URL="https://collector.example.org",
        COLLECTOR_WEB__SECRET="s" * 32,
    ).run("letters", "preview", "--kind", "silence", "--output", "linked")
    assert (bare.returncode, linked.returncode) == (0, 0)
    assert "занимаемся" not in (tmp_path / "bare" / "silence-chair.html").read_text()
    assert (
        "https://collector.example.org/letters/" in (tmp_path / "linked" / "silence-chair.html").read_text()
    )


def test_mistakes_are_told_in_one_line(tmp_path: Path) -> None:
    world = collector(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "silence.txt.j2").write_text("one\n{{ nobody }}")
    (tmp_path / "taken").write_text("a file")
    for arguments, settings, told in (
        (["--kind", "weather"], {}, "--kind 'weather'"),
        (["--output", "taken"], {}, "taken"),
        ([], {"COLLECTOR_LETTERS__TEMPLATES_DIR": "own"}, "silence.txt.j2, line 2"),
        ([], {"COLLECTOR_LETTERS__TEMPLATES_DIR": "none"}, "no folder none"),
    ):
        done = world.run("letters", "preview", *arguments, **settings)
        assert done.returncode == 2
        assert told in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr


def test_a_branch_that_is_not_there_is_refused(tmp_path: Path) -> None:
    world = collector(tmp_path)
    with open_store(world.database) as store:
        store.upgrade()
        store.sync_branches([branch("САО", vk("1"))], datetime.now(UTC))
    done = world.run("letters", "preview", "--branch", "САА")
    assert done.returncode == 2
    assert "'САА'" in done.stderr

"""`collector silence ...` as its user runs it, on databases with silences of our making."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access, Contact, ContactRole
from collector.notifications.workdays import is_working_time
from storage.store import open_store
from tests.cli.running import Collector
from tests.storage.worlds import DAY, HOUR, World, branch, failed, post, read, vk, wall

CHAIR = Contact(ContactRole.CHAIR, "Анна", "chair@vao.example.org")


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def collector(tmp_path: Path) -> Collector:
    """ВАО is silent, САО posted yesterday, ЮАО was not read since its deadline, ЗАО is closed; СВАО has nothing."""
    database_url = f"sqlite:///{tmp_path / 'collector.db'}"
    with open_store(database_url) as store:
        store.upgrade()
        world = World(
            store,
            branch("ВАО", vk("1"), contacts=(CHAIR,)),
            branch("САО", vk("2")),
            branch("ЮАО", vk("3")),
            branch("ЗАО", vk("4")),
            branch("СВАО"),
        )
        last_week = now() - 10 * DAY
        for number in (1, 2, 3):
            ids = {"community_id": number, "native_id": str(number)}
            world.round(read(last_week, wall=wall(post(f"1{number}", last_week - HOUR)), **ids))
        world.round(
            read(now() - HOUR, wall=wall(post("11", last_week - HOUR))),
            read(now() - HOUR, wall=wall(post("22", now() - DAY)), community_id=2, native_id="2"),
            failed(now() - HOUR, FailureKind.TEMPORARY, community_id=3),
            failed(now() - HOUR, FailureKind.CLOSED, community_id=4, access=Access.CLOSED),
        )
    return Collector(tmp_path, database_url)


def counts(collector: Collector) -> list[tuple[object, ...]]:
    return collector.rows(
        "SELECT (SELECT count(*) FROM silence), (SELECT count(*) FROM outbox_message), "
        "(SELECT count(look_asked_at) FROM community_state)"
    )


def test_check_tells_every_verdict_with_its_why(collector: Collector) -> None:
    done = collector.run("silence", "check")
    assert done.returncode == 0, done.stderr
    told = {part.split(":")[0]: part for part in re.sub(r"\n +", " ", done.stdout).splitlines()}
    assert "SILENT since" in told["ВАО"]
    assert "(3 days), proven" in told["ВАО"]
    assert "vk, https://vk.com/wall-1_11" in told["ВАО"]
    assert "ACTIVE, silent after" in told["САО"]
    assert "UNKNOWN, not every community was read since its deadline" in told["ЮАО"]
    assert "missing: vk https://vk.com/club3" in told["ЮАО"]
    assert "then temporary" in told["ЮАО"]
    assert "to do:" in told["ЮАО"]
    assert "closed, banned or gone" in told["ЗАО"]
    assert "no community" in told["СВАО"]
    assert "5 branches: 1 active, 1 silent, 3 unknown." in done.stdout
    assert "silences that began: ВАО" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert counts(collector) == [(1, 1, 1)]


def test_a_dry_run_writes_nothing(collector: Collector) -> None:
    before = counts(collector)
    told = collector.json("silence", "check", "--dry-run", "--branch", "ВАО", "--branch", "ЮАО")
    assert [(each["branch"], each["verdict"]) for each in told["branches"]] == [
        ("ВАО", "silent"),
        ("ЮАО", "unknown"),
    ]
    silent, unknown = told["branches"]
    assert silent["last_post"]["url"] == "https://vk.com/wall-1_11"
    assert datetime.fromisoformat(silent["proven_at"]) < now() - timedelta(minutes=59)
    assert [each["is_missing"] for each in unknown["communities"]] == [True]
    assert unknown["reason"] == "not_read"
    assert told["is_dry_run"] is True
    assert counts(collector) == before == [(0, 0, 0)]


def test_ops_are_told_by_a_check_of_all_branches_that_writes(collector: Collector) -> None:
    letters = "SELECT kind, email FROM outbox_message WHERE kind = 'ops'"
    ops = {"COLLECTOR_OPS__EMAILS": "ops@example.org"}
    for arguments in (["--dry-run"], ["--branch", "ВАО"]):
        assert collector.run("silence", "check", *arguments, **ops).returncode == 0
        assert collector.rows(letters) == []
    assert collector.run("silence", "check", **ops).returncode == 0
    assert collector.rows(letters) == [("ops", "ops@example.org")]


def test_the_outbox_tells_what_holds_a_letter_back(collector: Collector) -> None:
    collector.run("silence", "check")
    mail = {"COLLECTOR_SMTP__HOST": "127.0.0.1", "COLLECTOR_SMTP__FROM": "collector@example.org"}
    saturday = now().replace(hour=9) + (5 - now().weekday() + 7) * DAY

    def held(at: datetime) -> str:
        done = collector.run_at(at, "outbox", "show", "1", **mail)
        return next((line for line in done.stdout.splitlines() if line.startswith("held:")), "")

    assert "in working hours only" in held(saturday)
    told = collector.run_at(saturday, "deliver", **mail).stdout
    assert "held (1): chairs are written to in working hours only: working days from 9 to 18, Moscow" in told
    workday = next(at for days in range(30) if is_working_time(at := saturday + days * DAY, 9, 18))
    assert "no fresh look proves what it says" in held(workday)
    listed = collector.json("outbox", "list")["letters"]
    assert [each["held"] for each in listed] == ["no mail server is set"]
    assert "it is held: no mail server is set" in collector.run("outbox", "retry", "1").stdout
    collector.run("outbox", "cancel", "1", "--reason", "another chair")
    assert held(saturday) == ""


def test_a_branch_that_is_not_there_is_told_with_the_nearest_one(collector: Collector) -> None:
    for arguments in (
        ("check", "--branch", "ЮВАО"),
        ("list", "--branch", "ЮВАО"),
        ("ack", "ЮВАО"),
        ("mute", "ЮВАО", "--until", "2026-12-31", "--reason", "x"),
        ("unmute", "ЮВАО"),
    ):
        done = collector.run("silence", *arguments)
        assert done.returncode == 2
        assert "branch 'ЮВАО': there is none; did you mean" in done.stderr


def test_list_acknowledge_and_again(collector: Collector) -> None:
    assert collector.json("silence", "list") == {"silences": [], "mutes": []}
    early = collector.run("silence", "ack", "ВАО")
    assert early.returncode == 2
    assert "no silence lasts" in early.stderr
    collector.run("silence", "check")

    done = collector.run("silence", "ack", "ВАО", "--who", "Иванова")
    assert done.returncode == 0, done.stderr
    assert "no more reminders" in done.stdout
    assert "Иванова (command line)" in done.stderr, "it is logged"
    again = collector.run("silence", "ack", "ВАО", "--who", "Петров")
    assert "was noted before" in again.stdout
    assert "Иванова" in again.stdout
    (silence,) = collector.json("silence", "list", "--open")["silences"]
    assert (silence["branch_code"], silence["is_open"]) == ("ВАО", True)
    assert silence["acknowledged_by"] == "Иванова (command line)"
    assert collector.json("silence", "list", "--branch", "САО")["silences"] == []
    shown = collector.run("silence", "list").stdout
    assert "lasts" in shown
    assert "Иванова" in shown


def test_who_acknowledges_is_the_system_user_unless_told(collector: Collector) -> None:
    collector.run("silence", "check")
    assert collector.run("silence", "ack", "ВАО", LOGNAME="semenov").returncode == 0
    assert "semenov" in collector.run("silence", "list").stdout


def test_mute_and_unmute(collector: Collector) -> None:
    until = (now() + 30 * DAY).date()
    arguments = ("silence", "mute", "САО", "--until", str(until), "--reason", "отпуск", "--who", "Иванова")
    done = collector.run(*arguments)
    assert done.returncode == 0, done.stderr
    assert f"САО: muted until {until:%d.%m.%Y} by Иванова (command line): отпуск" in done.stdout
    assert "branch muted" in done.stderr
    again = collector.run(*(f"{until:%d.%m.%Y}" if each == str(until) else each for each in arguments))
    assert again.returncode == 0
    assert "branch muted" not in again.stderr, "nothing changed, so nothing is told"
    (mute,) = collector.json("silence", "list")["mutes"]
    assert (mute["branch_code"], mute["muted_until"], mute["reason"]) == ("САО", str(until), "отпуск")

    assert "go out again" in collector.run("silence", "unmute", "САО").stdout
    assert "was not muted" in collector.run("silence", "unmute", "САО").stdout
    assert collector.json("silence", "list")["mutes"] == []


def test_a_mute_until_a_day_that_makes_no_sense_is_refused(collector: Collector) -> None:
    for day, words in (
        ((now() - 2 * DAY).date(), "is past"),
        ((now() + 400 * DAY).date(), "more than a year ahead"),
    ):
        done = collector.run("silence", "mute", "ВАО", "--until", str(day), "--reason", "отпуск")
        assert done.returncode == 2
        assert words in done.stderr
    done = collector.run("silence", "mute", "ВАО", "--until", "завтра", "--reason", "отпуск")
    assert (done.returncode, done.stderr) == (
        2,
        "error: --until 'завтра' is no day; write it as 2026-12-31 or 31.12.2026\n",
    )
    assert collector.json("silence", "list")["mutes"] == []

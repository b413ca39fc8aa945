"""What `collector check` says of each thing that may be wrong: how it is, why, what to do. It changes nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from sqlalchemy import text

from collector.bootstrap.doctor.backup import last_backup
from collector.bootstrap.doctor.clock import clock
from collector.bootstrap.doctor.database import database
from collector.bootstrap.doctor.diagnosis import Diagnosis, Health
from collector.bootstrap.doctor.files import templates
from collector.bootstrap.doctor.machine import of_disk, temporary_folder, time_zones
from collector.bootstrap.doctor.mail import mail_server
from collector.bootstrap.doctor.page import page, users_file
from collector.bootstrap.doctor.tokens import _missing, tokens
from collector.sandbox import GRAPH_TOKEN, VK_TOKEN, Fault, SandboxServer
from collector.settings import Settings
from storage.engine import writing
from storage.store import Store
from storage.upkeep import ChoreDone
from storage.upkeep_tables import Chore
from storage.vitals import Disk

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = "a-secret-of-at-least-32-characters"
PUBLIC = "https://collector.example.org"


def given(**sections: object) -> Settings:
    return Settings(_env_file=None, **sections)


@pytest.mark.parametrize(
    ("seconds", "health", "words"),
    [
        (1, Health.OK, "goes as vk's"),
        (-40, Health.OK, "40 s ahead of vk's"),
        (300, Health.WARN, "0:05:00 behind vk's"),
        (-7200, Health.FAIL, "2:00:00 ahead of vk's"),
    ],
)
def test_how_far_our_clock_is_off(seconds: int, health: Health, words: str) -> None:
    found = clock({"vk": timedelta(seconds=seconds), "facebook": None})
    assert found.health is health
    assert words in found.state
    assert ("timedatectl" in (found.to_do or "")) is (health is not Health.OK)


def test_a_clock_that_nobody_told_of_is_unknown_and_not_well() -> None:
    found = clock({"vk": None})
    assert (found.health, found.is_well) == (Health.UNKNOWN, None)
    assert found.state.startswith("unknown: ")
    assert found.to_do == "see why they do not answer"


def test_where_no_token_is_set_nobody_is_blamed_for_the_unknown_clock() -> None:
    found = clock({})
    assert (found.health, found.is_well) == (Health.UNKNOWN, None)
    assert found.to_do == "set a token: its network tells it"


def test_this_machine() -> None:
    assert re.search(r"there, by (the system's data in /.*edition|the package tzdata 20)", time_zones().state)
    assert temporary_folder().what == "disk of temporary files"
    full = of_disk("disk", Disk(Path("/var"), 1000, 10**12))
    assert full.health is Health.FAIL
    assert "1.0 kB free" in full.state or "1 kB free" in full.state


def test_a_database_as_it_should_be(store: Store) -> None:
    schema, server, *disk = database(store)
    assert schema.state.endswith("the newest")
    assert server.health is Health.OK
    assert server.state.startswith("SQLite 3." if "sqlite" in store.shown else "PostgreSQL 1")
    assert len(disk) == ("sqlite" in store.shown)


def test_pending_migrations_are_listed_and_of_backups_nothing_is_known_then(store: Store) -> None:
    newest = store.version().newest
    with writing(store._engine) as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    try:
        found = next(iter(database(store)))
        assert found.health is Health.FAIL
        assert "0009 (tokens' states and chores)" in found.state
        assert "collector db upgrade" in (found.to_do or "")
        assert last_backup(store, NOW).health is Health.UNKNOWN
    finally:
        with writing(store._engine) as conn:
            conn.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})


def test_the_last_backup(store: Store) -> None:
    assert last_backup(store, NOW).health is Health.WARN
    store.upkeep.record(ChoreDone(Chore.BACKUP, NOW - 3 * DAY, NOW - 3 * DAY, 10))
    old = last_backup(store, NOW)
    assert (old.health, old.to_do) == (Health.WARN, "make one each night: collector db backup FILE")
    assert "3 days ago" in old.state
    store.upkeep.record(ChoreDone(Chore.BACKUP, NOW - DAY, NOW - DAY / 2, 10))
    by_a_clock_ahead = NOW + 400 * DAY
    store.upkeep.record(ChoreDone(Chore.BACKUP, by_a_clock_ahead, by_a_clock_ahead, 10))
    assert last_backup(store, NOW) == Diagnosis("last backup", Health.OK, "2026-11-23 00:00 UTC, 12 h ago")


@pytest.mark.parametrize(
    ("network", "variable"),
    [
        ("vk", "COLLECTOR_VK__TOKENS"),
        ("facebook", "COLLECTOR_FACEBOOK__TOKEN"),
        ("ok-ru", "COLLECTOR_NETWORKS__OK_RU__TOKEN"),
    ],
)
def test_a_token_that_is_missing_is_told_with_its_variable(network: str, variable: str) -> None:
    assert f"set {variable};" in (_missing(network).to_do or "")


def test_a_token_that_could_not_be_tried_is_unknown(sandbox: SandboxServer, store: Store) -> None:
    settings = given(
        vk={"tokens": VK_TOKEN, "api_url": sandbox.vk_url},
        facebook={"token": GRAPH_TOKEN, "api_url": sandbox.facebook_url},
    )
    found = tokens(settings, store, (), NOW)
    assert [(each.what, each.health) for each in found.diagnoses] == [
        ("facebook token #1 (…oken)", Health.OK),
        ("vk token #1 (…oken)", Health.OK),
    ]
    assert found.clocks_ahead.keys() == {"facebook", "vk"}
    assert None not in found.clocks_ahead.values()
    assert "works; a" in found.diagnoses[0].state
    settings = given(vk={"tokens": VK_TOKEN, "api_url": sandbox.vk_url})
    (missing, _) = tokens(settings, store, {"facebook"}, NOW).diagnoses
    assert (missing.health, missing.state) == (Health.FAIL, "none is set")
    sandbox.faults.add(Fault("html", network="vk"))
    (line,) = tokens(settings, store, (), NOW).diagnoses
    assert (line.health, line.is_well) == (Health.UNKNOWN, None)
    assert line.state.startswith("unknown: it could not be tried")
    assert VK_TOKEN not in str(line)


@pytest.mark.parametrize(
    ("method", "code", "health"), [("wall.get", 27, Health.WARN), ("execute", 28, Health.OK)]
)
def test_a_token_that_reads_no_walls_is_to_be_seen_to(
    sandbox: SandboxServer, store: Store, method: str, code: int, health: Health
) -> None:
    sandbox.faults.add(Fault("error", method=method, code=code))
    settings = given(vk={"tokens": VK_TOKEN, "api_url": sandbox.vk_url})
    (line,) = tokens(settings, store, (), NOW).diagnoses
    assert "cannot: read" in line.state
    assert (line.health, line.to_do is not None) == (health, health is Health.WARN)


PAGES = [
    ({}, []),
    ({"public_url": PUBLIC, "secret": SECRET}, ["`collector run` serves no page"]),
    ({"listen": "127.0.0.1:1"}, ["no secret"]),
    ({"listen": "127.0.0.1:1", "secret": SECRET}, ["letters have no buttons"]),
    (
        {"listen": "0.0.0.0:1", "public_url": "http://collector.example.org", "secret": SECRET},
        ["unencrypted"],
    ),
]


@pytest.mark.parametrize(("web", "words"), PAGES)
def test_settings_of_the_page_that_do_not_fit_together(web: dict[str, str], words: list[str]) -> None:
    found = list(page(given(web=web)))
    assert len(found) == len(words)
    for each, word in zip(found, words, strict=True):
        assert word in each.state
        assert each.health in (Health.WARN, Health.FAIL)
        assert each.to_do


def test_a_page_as_it_should_be() -> None:
    web = {"listen": "127.0.0.1:1", "public_url": PUBLIC, "secret": SECRET}
    (found,) = page(given(web=web))
    assert found.health is Health.OK
    assert found.state.endswith("not asked whether it is"), "nobody looked"


def test_who_may_log_in(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    web = {"listen": "0.0.0.0:1", "public_url": PUBLIC, "secret": SECRET, "users_file": file}

    def told(**more: str) -> tuple[Health, str]:
        (found,) = users_file(given(web={**web, **more}))
        return found.health, found.state

    assert told() == (Health.WARN, "no user, so nobody can read the department's pages")
    assert told(login="never")[0] is Health.WARN
    file.write_text('{"users": [')
    file.chmod(0o600)
    assert told()[0] is Health.FAIL
    file.write_text('{"users": []}')
    file.chmod(0o644)
    assert told() == (Health.WARN, "0 users; every user of this machine may read it")


def test_each_broken_template_is_found_the_ones_of_the_calendar_too(tmp_path: Path) -> None:
    settings = given(letters={"templates_dir": tmp_path})
    assert [each.health for each in templates(settings, NOW)] == [Health.OK]
    (tmp_path / "silence.txt.j2").write_text("{% broken")
    (tmp_path / "weekly.html.j2").write_text("{{ it.nothing }}")
    (tmp_path / "monthly.subject.j2").write_text("{{ nothing }}")
    (tmp_path / "silnce.txt.j2").write_text("")
    found = [(each.health, each.state) for each in templates(settings, NOW)]
    assert [health for health, _ in found] == [Health.FAIL] * 3 + [Health.WARN]
    for (_, state), name in zip(found, ("silence.txt", "weekly.html", "monthly.subject"), strict=False):
        assert f"{name}.j2, line 1" in state
    assert found[-1][1] == "no letter uses silnce.txt.j2"


class _Greeting(StreamRequestHandler):
    words = b""

    def handle(self) -> None:
        self.wfile.write(b"220 mx.example.org ESMTP " + self.words + b"\r\n")
        while line := self.rfile.readline():
            self.wfile.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 ok\r\n")


@contextmanager
def a_server_that_greets(words: bytes) -> Iterator[int]:
    handler = type("Greeting", (_Greeting,), {"words": words})
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(
    ("words", "ahead"),
    [
        (b"Exim 4.98 Mon, 23 Nov 2026 15:05:00 +0300", {"mail server": timedelta(minutes=5)}),
        (b"ready", {}),
        (b"Mon, 99 Nov 2026 15:05:00 +0300", {}),
    ],
)
def test_a_mail_server_that_greets_with_the_time(words: bytes, ahead: dict[str, timedelta]) -> None:
    with a_server_that_greets(words) as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none", "from": "c@example.org"}
        found = mail_server(given(smtp=smtp).smtp, lambda: NOW)
    assert found.diagnosis.health is Health.OK, found
    assert found.clock_ahead == ahead


@pytest.mark.parametrize(("told", "ahead"), [("15:01:30", 0), ("15:04:00", 120), ("14:59:00", -60)])
def test_a_mail_server_that_takes_its_time_has_no_wrong_clock(told: str, ahead: int) -> None:
    """It is asked from noon to two minutes past, UTC."""
    with a_server_that_greets(f"Mon, 23 Nov 2026 {told} +0300".encode()) as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none", "from": "c@example.org"}
        found = mail_server(given(smtp=smtp).smtp, iter((NOW, NOW + timedelta(minutes=2))).__next__)
    assert found.clock_ahead == {"mail server": timedelta(seconds=ahead)}

"""What is told of a database's contents, asked over HTTP."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import insert, text, update

from collector.bootstrap import Program
from collector.bootstrap.ops import ops_served
from collector.domain.errors import FailureKind
from collector.domain.model import Access, TokenReport
from collector.domain.redaction import Redactor, token_key, token_label
from collector.domain.retention import Retained
from collector.ops.collecting import CollectMetrics
from collector.ops.pulse import Pulse
from collector.settings import Settings
from storage.engine import sqlite_file, writing
from storage.letter_tables import outbox_message
from storage.runs import RunCounts
from storage.store import Store, open_store
from storage.tables import community, community_state
from storage.upkeep import ChoreDone
from storage.upkeep_tables import Chore
from tests.jobs.post_office import SILENT
from tests.jobs.silences import LAST, Silences, vao
from tests.ops.asking import Values, values
from tests.storage.worlds import DAY, HOUR, NOON, branch, failed, read, vk

MINUTE = timedelta(minutes=1)
NOW = SILENT + 30 * MINUTE
TOKENS = ("vk1.a.first-secret-token", "vk1.a.second-secret-token")
PASSWORD = "a-password-of-a-mail-server"
SMTP = {"host": "smtp.example.org", "from": "c@example.org", "username": "c", "password": PASSWORD}


class Scraped:
    """What a process tells, scraped when it is first asked for."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    @cached_property
    def text(self) -> str:
        answer = httpx.get(f"{self._base}/metrics", timeout=30)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text

    def ready(self) -> tuple[int, str]:
        answer = httpx.get(f"{self._base}/readyz", timeout=30)
        return answer.status_code, answer.text

    def of(self, name: str) -> Values:
        return values(self.text, f"collector_{name}")


@contextmanager
def scraped(store: Store, at: datetime = NOW, **settings: Any) -> Iterator[Scraped]:
    """A process that collects on this database, at this time."""
    given = Settings(
        _env_file=None,
        ops={"listen": "127.0.0.1:0"},
        vk={"tokens": TOKENS, "daily_wall_reads": 100},
        **settings,
    )
    parts = Program(given, Redactor(given.secrets()), store, lambda: at, threading.Event())
    registry = CollectorRegistry()
    CollectMetrics(registry)
    with ops_served(parts, Pulse(HOUR), registry, collects=True) as port:
        assert port is not None
        yield Scraped(port)


def test_an_empty_database_tells_what_is_known_and_no_more(store: Store) -> None:
    with scraped(store) as told:
        assert told.of("database_up") == {(): 1}
        assert told.of("schema_newest") == {(): 1}
        assert told.of("collect_interval_seconds") == {(): 3600}
        assert told.of("build_info") == {(store.version().newest, "0.1.0"): 1}
        assert told.of("due_lag_seconds") == {(): 0}
        assert told.of("silences_open") == {(): 0}
        assert told.of("outbox_oldest_seconds") == {(): 0}
        assert told.of("outbox_messages") == {"pending": 0, "sent": 0, "failed": 0, "cancelled": 0}
        for unknown in (
            "communities", "last_round_timestamp_seconds", "last_backup_timestamp_seconds",
            "last_retention_timestamp_seconds", "token_working", "branches",
        ):  # fmt: skip
            assert told.of(unknown) == {}, unknown
        assert values(told.text, "process_resident_memory_bytes")[()] > 1e6
        assert values(told.text, "process_cpu_seconds_total")[()] > 0


def test_rounds_communities_and_room(store: Store) -> None:
    world = Silences(store, branch("ВАО", vk("1"), vk("2")), branch("САО", vk("3")), branch("ЮАО", vk("4")))
    run_id = store.start_round(NOW - HOUR)
    store.finish_round(run_id, RunCounts(), NOW - 50 * MINUTE, stopped=False, note=None)
    world.round(read(NOW, community_id=2, native_id="2", access=Access.CLOSED))
    world.declare(branch("ВАО", vk("1"), vk("2")), branch("САО", vk("3")))
    with writing(store._engine) as conn:
        for number, due_at in ((1, NOW + HOUR), (2, NOW - HOUR), (3, NOW - 90 * MINUTE), (4, NOW - DAY)):
            which = community_state.c.community_id == number
            conn.execute(update(community_state).where(which).values(next_due_at=due_at))
        hostile = update(community).where(community.c.id == 3).values(network='x"} 1\nevil 1')
        conn.execute(hostile)
    with scraped(store) as told:
        assert told.of("last_round_timestamp_seconds") == {(): (NOW - 50 * MINUTE).timestamp()}
        assert told.of("due_lag_seconds") == {(): 5400}
        assert told.of("communities") == {("vk", "unknown"): 1, ("vk", "closed"): 1, ("other", "unknown"): 1}
        assert "evil" not in told.text
        free = told.of("disk_free_bytes")
        path = sqlite_file(store._engine.url)
        if path is None:
            assert free == {}, "its disk is another machine's"
        else:
            assert free[()] == pytest.approx(shutil.disk_usage(path.parent).free, rel=0.05)


def test_letters_and_silences(store: Store) -> None:
    world = Silences(store, vao())
    world.look(NOON + HOUR, LAST)
    world.look(SILENT, LAST)
    world.detect(SILENT)
    assert [status for _, _, status in world.letters()] == ["pending", "pending"]
    row = world.rows(outbox_message)[0]._asdict()
    del row["id"]
    more = [("sent", 3), ("failed", 2), ("cancelled", 1)]
    with writing(store._engine) as conn:
        for status, count in more:
            rows = [row | {"key": f"{status}{number}", "status": status} for number in range(count)]
            conn.execute(insert(outbox_message), rows)
    with scraped(store, smtp=SMTP) as told:
        assert told.of("outbox_messages") == {"pending": 2, "sent": 3, "failed": 2, "cancelled": 1}
        assert told.of("outbox_oldest_seconds") == {(): 1800}
        assert told.of("silences_open") == {(): 1}
    with scraped(store) as told:
        assert told.of("outbox_oldest_seconds") == {(): 0}, (
            "without a mail server it is meant that none leaves"
        )


def test_tokens_quota_and_chores(store: Store) -> None:
    first, second = (token_key(token) for token in TOKENS)
    ends_at = NOW + 7 * DAY
    store.tokens.keep(
        [
            TokenReport("vk", token_label(1, TOKENS[0]), True, token_key=first, expires_at=ends_at),
            TokenReport("vk", token_label(2, TOKENS[1]), False, token_key=second),
        ],
        NOW - HOUR,
    )
    store.quota.take("vk", first, "wall.get", 150, 100, NOW - HOUR)
    store.quota.take("vk", second, "wall.get", 30, 100, NOW - 2 * HOUR)
    store.quota.take("vk", second, "wall.get", 20, 100, NOW - 3 * DAY)
    store.quota.take("vk", "a token that is gone", "wall.get", 20, 100, NOW)
    store.upkeep.record(ChoreDone(Chore.BACKUP, NOW - DAY, NOW - DAY + MINUTE, 10))
    store.upkeep.record(ChoreDone(Chore.RETENTION, NOW - HOUR, NOW - HOUR + MINUTE, 10))
    for chore in (Chore.BACKUP, Chore.RETENTION):
        by_a_clock_ahead = NOW + 400 * DAY
        store.upkeep.record(ChoreDone(chore, by_a_clock_ahead, by_a_clock_ahead, 10))
    all_kept = {each.value: "never" for each in Retained}
    with scraped(store, retention=all_kept) as told:
        assert told.of("last_retention_timestamp_seconds") == {}, "nothing is ever too old here"
    with scraped(store) as told:
        ends = {("vk", "#1 (…oken)"): ends_at.timestamp()}
        assert told.of("token_working") == {("vk", "#1 (…oken)"): 1, ("vk", "#2 (…oken)"): 0}
        assert told.of("token_expires_timestamp_seconds") == ends
        assert set(told.of("token_checked_timestamp_seconds").values()) == {(NOW - HOUR).timestamp()}
        assert told.of("wall_reads_left") == {"vk": 0 + 70}
        assert told.of("last_backup_timestamp_seconds") == {(): (NOW - DAY + MINUTE).timestamp()}
        assert told.of("last_retention_timestamp_seconds") == {(): (NOW - HOUR + MINUTE).timestamp()}


def test_no_secret_and_nobody_is_named(store: Store) -> None:
    world = Silences(store, vao())
    world.look(NOON + HOUR, LAST)
    world.look(SILENT, LAST)
    world.detect(SILENT)
    store.tokens.keep([TokenReport("vk", TOKENS[0], True, token_key="k", advice=TOKENS[1])], NOW)
    world.round(failed(NOW, FailureKind.TOKEN_REFUSED, detail=TOKENS[0]))
    with scraped(store, smtp=SMTP) as told:
        shown = told.text + told.ready()[1]
    for hidden in (*TOKENS, PASSWORD, "example.org", "Анна", "ВАО"):
        assert hidden not in shown, hidden


def test_promtool_finds_nothing_wrong(store: Store) -> None:
    world = Silences(store, vao())
    world.look(NOON + HOUR, LAST)
    with scraped(store) as told:
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=told.text, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_schema_is_told_and_its_tables_left_alone(store: Store) -> None:
    Silences(store, vao())
    with scraped(store) as told, of_another_schema(store):
        assert told.of("schema_newest") == {(): 0}
        assert told.of("database_up") == {(): 1}
        assert told.of("communities") == {}
        assert told.ready()[0] == 503


@contextmanager
def of_another_schema(store: Store) -> Iterator[None]:
    """As after an upgrade by a newer program."""
    ours = store.version().newest
    set_schema = text("UPDATE alembic_version SET version_num = :it")
    with writing(store._engine) as conn:
        conn.execute(set_schema, {"it": "9999"})
    try:
        yield
    finally:
        with writing(store._engine) as conn:
            conn.execute(set_schema, {"it": ours})


def test_a_file_that_is_gone_is_told_and_metrics_go_on(tmp_path: Path) -> None:
    path = tmp_path / "collector.db"
    with open_store(f"sqlite:///{path}") as store:
        store.upgrade()
        with scraped(store) as told:
            path.rename(tmp_path / "elsewhere.db")
            is_away(told, "the file is gone; restore it from a backup")


def is_away(told: Scraped, why: str) -> None:
    """What is told while the database does not answer."""
    assert told.of("database_up") == {(): 0}
    assert told.of("collect_interval_seconds") == {(): 3600}
    assert told.of("rounds_total") == {"finished": 0, "stopped": 0, "failed": 0}
    for unknown in ("schema_newest", "due_lag_seconds", "outbox_messages", "disk_free_bytes"):
        assert told.of(unknown) == {}, unknown
    status, words = told.ready()
    assert status == 503
    assert words.startswith("FAIL  database: ")
    assert why in words

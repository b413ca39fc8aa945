"""The daemon's tick of letters: what one part of it costs, and that no part of it stops another."""

from __future__ import annotations

import threading
from datetime import timedelta

from prometheus_client import CollectorRegistry
from sqlalchemy import event, text

from collector.bootstrap import Program
from collector.bootstrap.daemon import Daemon
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient
from collector.domain.redaction import Redactor
from collector.ops.collecting import CollectMetrics
from collector.ops.pulse import Pulse
from collector.settings import Settings
from storage.engine import writing
from storage.store import Store
from tests import smtp
from tests.jobs.post_office import SILENT
from tests.storage.worlds import World, branch, vk

MINUTE = timedelta(minutes=1)


def a_daemon(store: Store, server: smtp.MailServer) -> tuple[Daemon, Program]:
    mail = {"host": smtp.HOST, "port": server.port, "security": "none", "from": "c@example.org"}
    parts = Program(
        Settings(_env_file=None, smtp=mail), Redactor(()), store, lambda: SILENT, threading.Event()
    )
    return Daemon(parts, {}, Pulse(MINUTE), CollectMetrics(CollectorRegistry())), parts


def test_letters_leave_though_those_of_the_calendar_cannot_be_owed(
    store: Store, server: smtp.MailServer
) -> None:
    ops = Recipient(Audience.OPS, "ops", "ops@example.org")
    store.outbox.owe([OwedLetter("ops:1", NotificationKind.OPS, ops, about={"keys": []})], SILENT)
    with writing(store._engine) as conn:
        conn.execute(text("ALTER TABLE collection_run RENAME TO damaged"))
    daemon, _ = a_daemon(store, server)
    try:
        daemon.write_letters()
        assert server.recipients == ["ops@example.org"]
    finally:
        with writing(store._engine) as conn:
            conn.execute(text("ALTER TABLE damaged RENAME TO collection_run"))


def test_the_calendar_is_looked_at_each_ten_minutes_only(store: Store, server: smtp.MailServer) -> None:
    World(store, branch("ВАО", vk("1")))
    daemon, parts = a_daemon(store, server)
    looked: list[int] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if "collection_run" in statement:
            looked.append(minute)

    event.listen(store._engine, "before_cursor_execute", note)
    for minute in range(25):
        parts.now = lambda minute=minute: SILENT + minute * MINUTE
        daemon.write_letters()
    assert sorted(set(looked)) == [0, 10, 20]

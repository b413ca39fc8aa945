"""Five months of the program in a minute: its own rounds, its own letters, by the sandbox's clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from collector import logs
from collector.bootstrap.contest import freeze_contest
from collector.bootstrap.daemon import Daemon
from collector.bootstrap.program import Program
from collector.bootstrap.silence import acknowledge
from collector.domain.contest import League
from collector.domain.period import ReportPeriod
from collector.domain.redaction import Redactor
from collector.ops.collecting import CollectMetrics
from collector.ops.pulse import Pulse
from collector.sandbox import GRAPH_TOKEN, VK_TOKEN, Fault, SandboxClock, SandboxServer, VkToken
from collector.settings import Settings
from scripts.pictures.world import (
    ACKNOWLEDGED,
    BEGINS,
    DAYS,
    MUTED,
    ROOT,
    UNREAD,
    UNREAD_SINCE,
    WITHHELD,
    declarations,
    is_lost,
    world,
)
from storage.store import open_store
from tests import smtp

_DAY = timedelta(days=1)
_LETTERS_SINCE = 126
"""Letters of the months before are not shown, and each monthly one draws a chart."""
_SAID_ON = 132
"""The day on which people answer a letter, and freeze a contest."""
_QUARTER = ReportPeriod.of_days(date(2026, 7, 1), date(2026, 9, 30))
_FROZEN_BY = "Иванова А. П., информационный отдел"
_LOOKED_AFTER = timedelta(minutes=11)
_SECRET = "of-no-use-outside-of-these-pictures"  # noqa: S105 - signs links to nowhere


@dataclass(frozen=True, slots=True)
class Season:
    """What is there at its end."""

    parts: Program
    letters: list[smtp.Mail]


@contextmanager
def season(folder: Path) -> Iterator[Season]:
    """Play it. `folder`: for the database."""
    clock = SandboxClock(BEGINS, speed=0)
    union = world(clock)
    with (
        SandboxServer(union, vk_tokens=[VkToken(VK_TOKEN, requests_per_second=None)]) as sandbox,
        smtp.mail_server(folder) as post,
        open_store(f"sqlite:///{folder / 'collector.db'}") as store,
    ):
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            vk={"tokens": VK_TOKEN, "api_url": sandbox.vk_url, "requests_per_second": 100},  # type: ignore[arg-type]
            facebook={"token": GRAPH_TOKEN, "api_url": sandbox.facebook_url},  # type: ignore[arg-type]
            collect={"interval": "24h"},  # type: ignore[arg-type]
            smtp={
                "host": smtp.HOST,
                "port": post.port,
                "security": "none",
                "from": "monitor@mgo.example.org",
            },  # type: ignore[arg-type]
            web={"secret": _SECRET, "public_url": "https://monitor.example.org", "login": "never"},  # type: ignore[arg-type]
        )
        parts = Program(settings, Redactor(settings.secrets()), store, clock.now, threading.Event())
        logs.configure("error", "console", parts.redact)
        store.upgrade()
        store.sync_branches(declarations(), clock.now())
        parts.import_followers(ROOT / "config" / "followers-2017-2018.csv")
        union.change(*WITHHELD, "withheld", True)
        unread = str(union.find(*UNREAD).native_id)
        sandbox.faults.add(
            Fault("set", UNREAD[0], "page", unread, path="followers_count", value="много", since=UNREAD_SINCE)
        )
        with parts.adapters() as adapters:
            daemon = Daemon(parts, adapters, Pulse(_DAY), CollectMetrics(CollectorRegistry()))
            for day in range(DAYS + 1):
                if not is_lost(day):
                    daemon.collect()
                if day >= _LETTERS_SINCE:
                    daemon.write_letters()
                if day == _SAID_ON:
                    code, until, reason = MUTED
                    store.silences.mute(code, until, reason, "chair@yuzao.example.org", clock.now())
                    acknowledge(parts, ACKNOWLEDGED, "chair@szao.example.org")
                    freeze_contest(parts, League.TERRITORIAL, _QUARTER, None, _FROZEN_BY, again=False)
                clock.advance(_DAY if day < DAYS else _LOOKED_AFTER)
        yield Season(parts, post.mails)

"""No secret gets out: planted in every setting that holds one, sought in all that the program leaves behind."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from collector.sandbox import (
    LIVELY_PLAN,
    Fault,
    GraphToken,
    SandboxClock,
    SandboxServer,
    VkToken,
    World,
)
from storage.tables import metadata
from tests import postgres
from tests.cli import telegraph
from tests.cli.conftest import COMMUNITIES, sandbox_communities
from tests.cli.running import Collector, until
from tests.cli.test_run import OFTEN, finished, stop
from tests.sentry import KEY as SENTRY_KEY
from tests.sentry import Sentry

# None looks like a token: only who knows them can find them. A quote is written otherwise in JSON.
VK_TOKENS = ("plantedVkTokenFirst1111", "plantedVkTokenSecond2222")
GRAPH_TOKEN = "plantedGraphToken3333"
APP_SECRET = "plantedAppSecret4444"
DB_PASSWORD = 'plantedDb"Password\\5555'
PROXY_PASSWORD = "plantedProxyPassword6666"
TELEGRAPH_KEY = 'planted"Telegraph\\Key7777'
PROOF = hmac.new(APP_SECRET.encode(), GRAPH_TOKEN.encode(), hashlib.sha256).hexdigest()
PLANTED = (
    *VK_TOKENS,
    GRAPH_TOKEN,
    APP_SECRET,
    DB_PASSWORD,
    PROXY_PASSWORD,
    TELEGRAPH_KEY,
    SENTRY_KEY,
    PROOF,
)
ECHO = f"bad access_token={GRAPH_TOKEN} and '{VK_TOKENS[0]}', {VK_TOKENS[1]}"

FAULTS = [
    Fault("error", code=15, message=ECHO),
    Fault("error", code=100, message=ECHO),
    Fault("error", code=10, message=ECHO),
    Fault("cut_middle"),
    Fault("html"),
    Fault("redirect", location=f"http://127.0.0.1:1/?access_token={GRAPH_TOKEN}&other={VK_TOKENS[0]}"),
    Fault("set", path="followers_count", value=ECHO),
    Fault("set", path="groups", value=ECHO),
]


def leaks(text: str) -> list[str]:
    """The planted secrets in a text, in whatever way it writes them."""
    forms = {
        form: secret
        for secret in PLANTED
        for form in (
            secret,
            quote(secret, safe=""),
            json.dumps(secret),
            repr(secret),
            json.dumps(repr(secret)),
        )
    }
    return [form for form in forms if form.strip("'\"") in text]


@pytest.fixture
def wary_sandbox() -> Iterator[SandboxServer]:
    """A sandbox that knows the planted tokens."""
    world = World(
        sandbox_communities(COMMUNITIES),
        seed=7,
        clock=SandboxClock(start=datetime.now(UTC), speed=1),
        plan=LIVELY_PLAN,
    )
    tokens = [VkToken(token, requests_per_second=None) for token in VK_TOKENS]
    with SandboxServer(
        world, vk_tokens=tokens, graph_tokens=[GraphToken(GRAPH_TOKEN)], app_secret=APP_SECRET
    ) as server:
        yield server


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    """Where errors are told; no secret is in what it was told, whatever the test was about."""
    with Sentry() as listening:
        yield listening
        assert leaks(json.dumps(listening.bodies)) == []
        assert leaks("".join(listening.bodies)) == []


@pytest.fixture
def planted(
    tmp_path: Path, wary_sandbox: SandboxServer, pg_servers: dict[str, str], sentry: Sentry
) -> Iterator[Collector]:
    """A collector whose every secret is planted, at its most talkative."""
    server = pg_servers[list(postgres.installations())[-1]]
    with postgres.database(server) as url:
        collector = Collector(
            tmp_path,
            url.replace("collector@", f"collector:{quote(DB_PASSWORD, safe='')}@"),
            wary_sandbox,
            {
                "COLLECTOR_VK__TOKENS": ",".join(VK_TOKENS),
                "COLLECTOR_VK__REQUESTS_PER_SECOND": "50",
                "COLLECTOR_FACEBOOK__TOKEN": GRAPH_TOKEN,
                "COLLECTOR_FACEBOOK__APP_SECRET": APP_SECRET,
                "COLLECTOR_NETWORKS__TELEGRAPH__TOKEN": TELEGRAPH_KEY,
                "COLLECTOR_SENTRY__DSN": sentry.dsn,
                "COLLECTOR_LOG__LEVEL": "debug",
                **telegraph.install(tmp_path / "site"),
            },
        )
        collector.write_branches({**COMMUNITIES, "ЗАО": [("telegraph", "moskva")]})
        yield collector
        # What the database was told is looked at whatever the test was about.
        with psycopg.connect(url) as conn:
            there = {name for (name,) in conn.execute("SELECT tablename FROM pg_tables").fetchall()}
            for table in (table for table in metadata.sorted_tables if table.name in there):
                rows = conn.execute(f'SELECT * FROM "{table.name}"').fetchall()
                assert leaks(str(rows)) == [], table.name


def clean(done: subprocess.CompletedProcess[str], *codes: int) -> str:
    """The output of a command that ended with one of these codes, if no secret is in it."""
    told = done.stdout + done.stderr
    assert done.returncode in codes, told
    assert leaks(told) == []
    return told


def test_when_all_goes_well(planted: Collector) -> None:
    assert '"level": "debug"' in clean(planted.run("collect"), 0)
    assert "#2 (…2222)" in clean(planted.run("check"), 0)
    clean(planted.run("status"), 0)


def test_when_the_networks_fail_in_every_way(planted: Collector, wary_sandbox: SandboxServer) -> None:
    """Each request of the daemon meets another fault, and what they echo is told by either network."""
    often = {"COLLECTOR_COLLECT__INTERVAL": "1s", "COLLECTOR_FACEBOOK__BATCH_SIZE": "1"}
    with planted.started("run", **often) as daemon:
        until(lambda: finished(planted) >= 1, "a round is done")
        for network in ("vk", "facebook"):
            for number, fault in enumerate(FAULTS):
                wary_sandbox.faults.add(replace(fault, network=network, times=1, skip=2 * number))
        until(lambda: not wary_sandbox.faults.listed(), "all faults are met")
        assert stop(daemon) == 0
    assert leaks(planted.log) == []
    kept = planted.rows("SELECT raw_answer FROM collection_outcome WHERE raw_answer IS NOT NULL")
    assert any("[redacted]" in raw for (raw,) in kept)


def test_when_the_line_fails(planted: Collector) -> None:
    proxy = f"http://user:{PROXY_PASSWORD}@127.0.0.1:1"
    told = clean(planted.run("check", COLLECTOR_VK__PROXY=proxy, COLLECTOR_FACEBOOK__PROXY=proxy), 1)
    assert "COLLECTOR_VK__PROXY" in told
    socks, nowhere = proxy.replace("http", "socks5h"), "http://no-such-host.invalid"
    clean(planted.run("collect", COLLECTOR_VK__PROXY=socks, COLLECTOR_FACEBOOK__API_URL=nowhere), 1)
    gone = planted.database.replace("@127.0.0.1", "@no-such-host.invalid")
    clean(planted.run("status", COLLECTOR_DATABASE_URL=gone), 2)


def test_when_the_program_has_bugs(planted: Collector, sentry: Sentry) -> None:
    """In a job, in a thread that nobody looks after, and in a command; a Sentry that hangs holds up none of it."""
    sentry.answers.clear()
    (planted.folder / "telegraph-thread-breaks").touch()
    planted.settings |= OFTEN
    with planted.started("run") as daemon:
        until(lambda: finished(planted) >= 1, "a round is done")
        (planted.folder / "telegraph-line-is-down").touch()
        until(lambda: "job failed" in planted.log, "the job fails")
        assert stop(daemon) == 0
    assert "unexpected error in a thread" in planted.log
    assert "the key of {'token': '[redacted]'} sticks" in planted.log
    assert leaks(planted.log) == []
    for form in ("text", "json"):
        told = clean(planted.run("collect", COLLECTOR_LOG__FORMAT=form), 2)
        assert "unexpected error" in told
        assert "Traceback" in told
    sentry.answers.set()
    sent = sorted({event["logentry"]["message"] for event in sentry.events})
    assert sent == ["unexpected error", "unexpected error in a thread"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_when_a_secret_is_put_in_the_wrong_place(planted: Collector, form: str) -> None:
    """A setting that is refused is told without its value."""
    given = {"COLLECTOR_LOG__FORMAT": form, "COLLECTOR_VK__PROXY": f"{PROXY_PASSWORD} of the proxy"}
    assert "COLLECTOR_VK__PROXY" in clean(planted.run("collect", **given), 2)
    assert "COLLECTOR_VK__TOKENS_FILE" in clean(
        planted.run("collect", COLLECTOR_VK__TOKENS="", COLLECTOR_VK__TOKENS_FILE=VK_TOKENS[0]), 2
    )

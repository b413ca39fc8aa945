"""What changes while the program runs: tokens in files, settings and branches at SIGHUP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.bootstrap import Program, program
from collector.bootstrap.reload import Reloader
from collector.domain.redaction import MASK
from collector.networks.base import NetworkAdapter
from collector.sandbox import GRAPH_TOKEN, LIVELY_PLAN, Fault, SandboxClock, SandboxServer, VkToken, World
from collector.settings_changes import changes
from tests.cli import telegraph
from tests.cli.conftest import COMMUNITIES, sandbox_communities
from tests.cli.running import Collector, until

OLD = "vk1.a.the-old-one-0123456789-oooo"
NEW = "vk1.a.the-new-one-0123456789-nnnn"


TOLD = "SELECT 1 FROM ops_finding WHERE key = 'reload:settings'"


class Running:
    """A program that goes on, with its adapters, and the folder it runs in."""

    def __init__(self, parts: Program, adapters: dict[str, NetworkAdapter], folder: Path) -> None:
        self.parts, self.adapters, self.folder = parts, adapters, folder
        self.asked = threading.Event()
        self.reloader = Reloader(parts, self.asked)
        self.look()

    def look(self) -> bool:
        """Twice, as a file that is just being written is left alone once."""
        first = self.reloader.run(self.adapters)
        return self.reloader.run(self.adapters) or first

    def hang_up(self, **lines: str) -> bool:
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        self.asked.set()
        return self.reloader.run(self.adapters)

    @property
    def vk_tokens(self) -> list[str]:
        return [each.get_secret_value() for each in self.parts.settings.vk.tokens]

    @property
    def problems(self) -> dict[str, str]:
        return {each.key: each.what for each in self.reloader.findings()}


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """It knows the old token and the new one, and no other."""
    clock = SandboxClock(start=datetime.now(UTC), speed=1)
    world = World(sandbox_communities(COMMUNITIES), seed=7, clock=clock, plan=LIVELY_PLAN)
    with SandboxServer(world, vk_tokens=[VkToken(OLD), VkToken(NEW)]) as server:
        yield server


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    file = tmp_path / "vk-tokens"
    file.write_text(f"{OLD}\n")
    return file


@pytest.fixture
def running(
    collector: Collector, sandbox: SandboxServer, tokens: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    monkeypatch.chdir(collector.folder)
    for name in [name for name in os.environ if name.startswith("COLLECTOR_")]:
        monkeypatch.delenv(name)
    for name, value in collector.environment.items():
        if name.startswith("COLLECTOR_") and name != "COLLECTOR_VK__TOKENS":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLLECTOR_VK__TOKENS_FILE", str(tokens))
    with program() as parts, parts.adapters() as adapters:
        parts.sync_branches()
        yield Running(parts, adapters, collector.folder)


def test_a_tokens_file_that_changes_is_taken_up(running: Running, tokens: Path) -> None:
    before = running.adapters["vk"]
    page = running.adapters["facebook"]
    tokens.write_text(NEW)
    assert not running.reloader.run(running.adapters), "it may be only half written"
    assert running.reloader.run(running.adapters)
    assert running.vk_tokens == [NEW]
    assert running.adapters["vk"] is not before
    assert running.adapters["facebook"] is page, "what did not change goes on"
    assert not running.look()


def test_a_file_behind_a_link_that_is_moved_is_another(running: Running, tokens: Path) -> None:
    """So Kubernetes replaces the files of a secret."""
    first, second = tokens.with_name("..first"), tokens.with_name("..second")
    tokens.rename(first)
    second.write_text(NEW)
    tokens.symlink_to(first)
    assert not running.look()
    beside = tokens.with_name("beside")
    beside.symlink_to(second)
    beside.replace(tokens)
    assert running.look()
    assert running.vk_tokens == [NEW]


@pytest.mark.parametrize("content", ["", "\xff", None])
def test_a_file_that_holds_no_token_leaves_the_old_one_and_is_told(
    running: Running, tokens: Path, content: str | None
) -> None:
    if content is None:
        tokens.unlink()
    else:
        tokens.write_bytes(content.encode("latin-1"))
    assert running.look()
    assert running.vk_tokens == [OLD]
    assert running.problems.keys() == {"reload:settings"}
    assert "COLLECTOR_VK__TOKENS_FILE" in running.problems["reload:settings"]
    assert not running.look(), "told once"
    tokens.write_text(OLD)
    assert running.look()
    assert running.problems == {}


def test_half_a_token_is_refused_and_the_old_one_goes_on(running: Running, tokens: Path) -> None:
    before = running.adapters["vk"]
    tokens.write_text(NEW[:20])
    assert running.look()
    assert (running.vk_tokens, running.adapters["vk"]) == ([OLD], before)
    assert running.problems.keys() == {"reload:vk"}
    assert NEW[:20] not in running.problems["reload:vk"]
    tokens.write_text(NEW)
    assert running.look()
    assert (running.vk_tokens, running.problems) == ([NEW], {})


def test_a_new_token_is_tried_with_one_request_and_none_where_the_network_is_away(
    running: Running, tokens: Path, sandbox: SandboxServer
) -> None:
    asked = len(sandbox.requests)
    tokens.write_text(NEW)
    running.look()
    assert [each.method for each in list(sandbox.requests)[asked:]] == ["groups.getById"]
    sandbox.faults.add(Fault("html", network="vk"))
    tokens.write_text(f"{NEW},{OLD}")
    running.look()
    assert running.vk_tokens == [NEW, OLD], "who cannot be asked has refused nothing"


def test_a_secret_is_known_to_the_log_before_it_is_used(running: Running, tokens: Path) -> None:
    plain = "a-password-that-looks-like-none"
    tokens.write_text(plain)
    running.look()
    assert running.parts.redact(f"told {plain} and {OLD}") == f"told {MASK} and {MASK}"


def test_a_tokens_file_takes_nothing_else_with_it(running: Running, tokens: Path) -> None:
    (running.folder / ".env").write_text("COLLECTOR_SILENCE__THRESHOLD_DAYS=1\n")
    tokens.write_text(NEW)
    running.look()
    assert (running.vk_tokens, running.parts.settings.silence.threshold_days) == ([NEW], 7)


def test_sighup_takes_up_settings_but_those_that_were_built_in_at_the_start(running: Running) -> None:
    found = running.hang_up(
        COLLECTOR_SILENCE__THRESHOLD_DAYS="3",
        COLLECTOR_COLLECT__INTERVAL="2h",
        COLLECTOR_SMTP__HOST="127.0.0.1",
        COLLECTOR_SMTP__FROM="collector@example.org",
        COLLECTOR_WEB__LISTEN="127.0.0.1:0",
        COLLECTOR_LOG__LEVEL="warning",
    )
    settings = running.parts.settings
    assert found
    assert (settings.silence.threshold_days, settings.smtp.host, settings.log.level) == (
        3,
        "127.0.0.1",
        "warning",
    )
    assert running.parts.policy.interval.total_seconds() == 7200
    assert settings.web.listen is None
    assert "jitter" not in str(settings.collect.model_fields_set)
    assert (
        not running.hang_up(COLLECTOR_SILENCE__THRESHOLD_DAYS="3") or settings is not running.parts.settings
    )


def test_what_needs_a_restart_is_named(running: Running) -> None:
    old = running.parts.settings
    web = old.web.model_copy(update={"listen": "127.0.0.1:1"})
    smtp = old.smtp.model_copy(update={"timeout": 5.0})
    found = changes(old, old.model_copy(update={"web": web, "smtp": smtp, "stop_timeout": 9.0}))
    assert found.taken_up == ("COLLECTOR_SMTP__TIMEOUT",)
    assert set(found.needs_restart) == {"COLLECTOR_WEB__LISTEN", "COLLECTOR_STOP_TIMEOUT"}
    assert found.settings == old.model_copy(update={"smtp": smtp})


@pytest.mark.parametrize(
    "wrong",
    [
        {"COLLECTOR_SILENCE__THRESHOLD_DAYS": "soon"},
        {"COLLECTOR_SILENCE__THRESHOLD_DAYS": "3", "COLLECTOR_SILENCE__TRESHOLD": "3"},
        {
            "COLLECTOR_SILENCE__THRESHOLD_DAYS": "3",
            "COLLECTOR_SMTP__HOST": "127.0.0.1",
            "COLLECTOR_SMTP__FROM": "c@example.org",
            "COLLECTOR_SMTP__CA_FILE": "/nowhere.pem",
        },
    ],
)
def test_one_mistake_leaves_all_settings_as_they_were(running: Running, wrong: dict[str, str]) -> None:
    before = running.parts.settings
    assert running.hang_up(**wrong)
    assert running.parts.settings is before
    (told,) = running.problems.values()
    assert next(reversed(wrong)) in told
    assert running.hang_up()
    assert running.problems == {}


def test_a_bug_in_another_packages_network_leaves_its_section_and_takes_up_the_rest(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be met at each tick, before any network is read."""
    monkeypatch.syspath_prepend(running.folder / "site")
    telegraph.install(running.folder / "site")
    with running.parts.adapters(["telegraph"]) as adapters:
        running.adapters |= adapters
        running.hang_up(COLLECTOR_NETWORKS__TELEGRAPH__TOKEN="bent", COLLECTOR_COLLECT__INTERVAL="7h")
        assert running.parts.settings.collect.interval == timedelta(hours=7)
        assert "token" not in running.parts.settings.network_options("telegraph")
        assert running.adapters["telegraph"] is adapters["telegraph"]
    assert "ValueError" in running.problems["reload:telegraph"]
    assert "bent" not in running.problems["reload:telegraph"], "what a bug says may hold the token"


def test_sighup_reads_the_branches_again_and_a_mistake_in_them_leaves_all(running: Running) -> None:
    file = running.folder / "branches.yaml"
    text = file.read_text()
    file.write_text(text.replace("kind: territorial", "kind: teritorial", 1))
    assert running.hang_up()
    assert "branches.yaml:4" in running.problems["reload:branches"]
    assert len(running.parts.store.branches()) == 3
    file.write_text(text + "  - {code: ЗАО, name: Организация ЗАО, kind: territorial}\n")
    running.hang_up()
    assert running.problems == {}
    assert len(running.parts.store.branches()) == 4


def test_a_daemon_reads_with_the_new_token_after_its_file_and_sighup_end_nothing(
    collector: Collector, sandbox: SandboxServer, tokens: Path
) -> None:
    """The whole: a file that is emptied, then replaced, under a daemon whose token is taken away; and SIGHUP."""
    collector.settings |= {
        "COLLECTOR_VK__TOKENS": "",
        "COLLECTOR_VK__TOKENS_FILE": str(tokens),
        "COLLECTOR_COLLECT__INTERVAL": "1s",
        "COLLECTOR_OPS__EMAILS": "ops@example.org",
    }
    with collector.started("run") as daemon:
        told = lambda words: until(lambda: words in collector.log, words)  # noqa: E731
        told("round ended")
        tokens.write_text("")
        told("settings that were read again cannot be used")
        until(lambda: collector.rows(TOLD), "it is found for the next letter to ops")
        beside = tokens.with_name("beside")
        beside.write_text(NEW)
        beside.replace(tokens)
        told("settings taken up")
        collector.write_branches({"ВАО": [("vk", "club101")]})
        (collector.folder / ".env").write_text("COLLECTOR_LOG__LEVEL=debug\n")
        daemon.send_signal(signal.SIGHUP)
        told("branches read again")
        seen = len(sandbox.requests)
        until(lambda: any(each.network == "vk" for each in list(sandbox.requests)[seen:]), "it reads on")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=10) == 0
    assert {each.token_ending for each in list(sandbox.requests)[seen:] if each.network == "vk"} == {NEW[-4:]}
    logged = [json.loads(line) for line in collector.log.splitlines()]
    assert not any("token_refused" in str(line) for line in logged)
    assert not any(secret in collector.log for secret in (OLD, NEW, GRAPH_TOKEN))
    assert "debug" in {line["level"] for line in logged}


def test_sighup_does_not_end_the_page(collector: Collector) -> None:
    secret = "a-secret-of-at-least-32-characters"
    with collector.started(
        "serve", COLLECTOR_WEB__LISTEN="127.0.0.1:0", COLLECTOR_WEB__SECRET=secret
    ) as page:
        until(lambda: "page served" in collector.log, "it serves")
        (collector.folder / ".env").write_text("COLLECTOR_SILENCE__THRESHOLD_DAYS=3\n")
        page.send_signal(signal.SIGHUP)
        until(lambda: "settings taken up" in collector.log, "it has read them")
        assert page.poll() is None
        page.send_signal(signal.SIGTERM)
        try:
            assert page.wait(timeout=10) == 0
        except subprocess.TimeoutExpired:
            pytest.fail("it did not stop")

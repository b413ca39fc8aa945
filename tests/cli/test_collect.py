"""`collector collect`, as a person or cron runs it, against the sandbox over HTTP."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from collector.domain.model import Access
from collector.sandbox import VK_TOKEN, Fault, SandboxServer
from tests.cli.running import Collector, until

STATES = """
    SELECT c.network, c.address, s.follower_count, s.post_count, s.access, s.failure_kind
    FROM community c JOIN community_state s ON s.community_id = c.id ORDER BY c.id
"""


def test_one_round_from_nothing(any_collector: Collector, sandbox: SandboxServer) -> None:
    done = any_collector.run("collect")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Read 6 of 6 communities and 6 walls" in done.stdout
    for network, address, followers, posts, access, failure in any_collector.rows(STATES):
        truth = _truth(sandbox, network, address)
        assert (followers, posts, access, failure) == (truth.follower_count, truth.post_count, "open", None)
    stored = any_collector.rows("SELECT count(*) FROM post WHERE deleted_at IS NULL")
    assert stored[0][0] > 50
    newest = any_collector.rows(
        "SELECT count(*) FROM community_state s JOIN (SELECT community_id, max(published_at) AS at FROM post"
        " GROUP BY community_id) p ON p.community_id = s.community_id AND p.at = s.newest_post_at"
    )
    assert newest == [(6,)]


def test_twice_reads_twice_and_stores_once(any_collector: Collector) -> None:
    tables = ("follower_snapshot", "post", "community", "branch")
    any_collector.run("collect")
    before = [any_collector.rows(f"SELECT count(*) FROM {table}") for table in tables]
    assert any_collector.run("collect").returncode == 0
    after = [any_collector.rows(f"SELECT count(*) FROM {table}") for table in tables]
    assert after[1:] == before[1:]
    assert any_collector.rows("SELECT status, due_count FROM collection_run") == [("finished", 6)] * 2


def test_what_is_not_due_costs_no_request(collector: Collector, sandbox: SandboxServer) -> None:
    collector.run("collect")
    asked = len(sandbox.requests)
    done = collector.run("collect", "--due")
    assert (done.returncode, len(sandbox.requests)) == (0, asked)
    assert "Nothing is due; next at" in done.stdout


def test_a_network_without_a_token_is_told_and_the_other_is_read(collector: Collector) -> None:
    done = collector.run("collect", COLLECTOR_VK__TOKENS="")
    assert done.returncode == 1
    assert "Read 3 of 6 communities" in done.stdout
    assert "no_token" in done.stdout
    assert "COLLECTOR_VK__TOKENS" in done.stdout
    states = {(row[0], row[5]) for row in collector.rows(STATES)}
    assert states == {("vk", "no_token"), ("facebook", None)}


def test_a_refused_token_is_named_by_its_end_and_asked_with_once(
    collector: Collector, sandbox: SandboxServer
) -> None:
    done = collector.run("collect", COLLECTOR_VK__TOKENS="vk1.a.totally-wrong-token-abcd")
    assert done.returncode == 1
    assert "#1 (…abcd)" in done.stdout
    assert "totally-wrong" not in done.stdout + done.stderr
    assert sum(request.network == "vk" for request in sandbox.requests) == 1
    assert {row[4] for row in collector.rows(STATES) if row[0] == "vk"} == {"unknown"}


def test_findings_are_told_with_what_to_do_and_the_others_are_read(
    collector: Collector, sandbox: SandboxServer
) -> None:
    sandbox.world.set_access("vk", 101, Access.BANNED)
    sandbox.world.set_access("vk", 102, Access.CLOSED)
    done = collector.run("collect")
    assert done.returncode == 1
    assert "ВАО, vk, https://vk.com/club101: banned" in done.stdout
    assert "its owner must appeal there" in done.stdout
    assert [row[4] for row in collector.rows(STATES) if row[0] == "vk"] == ["banned", "closed", "open"]


def test_if_most_fail_alike_the_token_is_blamed_and_nobody_is_marked(
    collector: Collector, sandbox: SandboxServer
) -> None:
    collector.run("collect")
    sandbox.faults.add(Fault("error", method="wall.get", code=15))
    report = collector.json("collect", code=1)
    assert {failure["kind"] for failure in report["failures"]} == {"token_suspected"}
    assert {row[4] for row in collector.rows(STATES)} == {"open"}
    assert collector.rows("SELECT max(wall_failure_count) FROM community_state") == [(0,)]


def test_a_rename_is_followed_by_id(collector: Collector, sandbox: SandboxServer) -> None:
    collector.run("collect")
    (found,) = collector.rows("SELECT native_id FROM community WHERE address = 'name:profsouz_uao'")
    sandbox.world.rename("vk", found[0], "novoe_imya")
    assert collector.run("collect").returncode == 0
    renamed = collector.rows(
        "SELECT native_id, screen_name, url FROM community WHERE address = 'name:profsouz_uao'"
    )
    assert renamed == [(found[0], "novoe_imya", "https://vk.com/novoe_imya")]


GARBAGE = [
    Fault("html", network="vk"),
    Fault("truncated", network="vk"),
    Fault("set", method="wall.get", path="items", value="не список"),
    Fault("set", method="groups.getById", path="groups.*.members_count", value=-5),
    Fault("set", method="groups.getById", path="groups.*.members_count", value=10**18),
    Fault("future", method="wall.get", path="items.*.date", seconds=86400),
]


@pytest.mark.parametrize(
    "fault", GARBAGE, ids=lambda fault: f"{fault.kind}-{fault.method}-{fault.path or ''}-{fault.value}"
)
def test_garbage_is_no_value(collector: Collector, sandbox: SandboxServer, fault: Fault) -> None:
    """Whatever VK says: nothing absurd is stored, Facebook is read, the answer is kept for diagnosis."""
    sandbox.faults.add(fault)
    report = collector.json("collect", code=1, COLLECTOR_VK__REQUESTS_PER_SECOND="50")
    assert {failure["network"] for failure in report["failures"]} == {"vk"}
    assert {failure["kind"] for failure in report["failures"]} <= {"unexpected_response", "temporary"}
    for network, address, followers, *_ in collector.rows(STATES):
        assert followers in (None, _truth(sandbox, network, address).follower_count)
    assert collector.rows(
        "SELECT count(*) FROM follower_snapshot WHERE follower_count < 0 OR follower_count > 1e9"
    ) == [(0,)]
    assert collector.rows(
        "SELECT count(*) FROM post p JOIN community c ON c.id = p.community_id WHERE network = 'vk'"
    ) == [(0,)]
    kept = collector.rows(
        "SELECT raw_answer FROM collection_outcome WHERE failure_kind = 'unexpected_response'"
    )
    assert all(raw for (raw,) in kept)
    assert VK_TOKEN not in str(kept)


def test_the_quota_is_spent_on_the_nearest_deadlines_and_not_again_after_a_restart(
    collector: Collector, sandbox: SandboxServer
) -> None:
    collector.run("collect")
    newest = dict(
        collector.rows(
            "SELECT s.community_id, s.newest_post_at FROM community_state s JOIN community c ON c.id = s.community_id"
            " WHERE c.network = 'vk'"
        )
    )
    first = collector.json("collect", code=1, COLLECTOR_VK__DAILY_WALL_READS="5")
    spent = [failure["community_id"] for failure in first["failures"]]
    assert {failure["kind"] for failure in first["failures"]} == {"quota_spent"}
    by_deadline = sorted(newest, key=lambda community_id: newest[community_id])
    assert (
        spent == by_deadline[2:]
    )  # 3 of 5 were used by the first round: 2 are left for the two oldest posts
    second = collector.json("collect", code=1, COLLECTOR_VK__DAILY_WALL_READS="5")
    assert len(second["failures"]) == 3


def test_a_round_beside_another_could_not_run(collector: Collector, sandbox: SandboxServer) -> None:
    sandbox.latency = 2.0
    with collector.started("collect") as first:
        until(lambda: len(sandbox.requests) > 0 or first.poll() is not None, "the first asks")
        done = collector.run("collect")
    assert done.returncode == 2
    assert "another round is at work" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_round_that_is_ended_in_the_middle_is_gone_on_with(
    any_collector: Collector, sandbox: SandboxServer, number: signal.Signals
) -> None:
    sandbox.latency = 0.3
    with any_collector.started("collect") as process:
        until(lambda: len(sandbox.requests) >= 2, "the first requests are made")
        process.send_signal(number)
        process.wait(timeout=10)
    sandbox.latency = 0.0
    assert any_collector.run("collect").returncode == 0
    assert {row[4] for row in any_collector.rows(STATES)} == {"open"}
    doubled = any_collector.rows(
        "SELECT community_id, native_id FROM post_snapshot GROUP BY community_id, native_id, observed_at"
        " HAVING count(*) > 1"
    )
    assert doubled == []
    statuses = [row[0] for row in any_collector.rows("SELECT status FROM collection_run ORDER BY id")]
    assert statuses[-1] == "finished"
    assert "running" not in statuses


def test_a_terminal_gets_a_progress_bar(collector: Collector) -> None:
    """Through a pseudo-terminal, as `script` makes one."""
    command = f"{sys.executable} -m collector collect"
    done = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        cwd=collector.folder,
        env={**collector.environment, "TERM": "xterm", "COLUMNS": "150"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Collecting" in done.stdout
    assert "6/6" in done.stdout


def _truth(sandbox: SandboxServer, network: str, address: str):  # type: ignore[no-untyped-def]
    return sandbox.world.truth(network, address.split(":", 1)[1])


def test_a_stop_keeps_the_followers_of_walls_that_hang(collector: Collector, sandbox: SandboxServer) -> None:
    sandbox.faults.add(Fault("slow", method="execute", seconds=20))
    with collector.started("collect") as process:
        until(lambda: any(request.method == "batch" for request in sandbox.requests), "Facebook is asked")
        until(lambda: any(request.method == "groups.getById" for request in sandbox.requests), "VK is asked")
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 1
    for network, address, followers, posts, access, failure in collector.rows(STATES):
        truth = _truth(sandbox, network, address)
        assert (followers, access, failure) == (truth.follower_count, "open", None)
        assert posts == (None if network == "vk" else truth.post_count)
    due = "SELECT count(*) FROM community_state WHERE next_due_at <= :now"
    assert collector.rows(due, now=int(time.time())) == [(3,)]
    assert collector.rows("SELECT status FROM collection_run") == [("stopped",)]


def test_one_cause_is_told_once_with_all_whom_it_met(collector: Collector) -> None:
    done = collector.run("collect", COLLECTOR_VK__TOKENS="")
    assert done.stdout.count("COLLECTOR_VK__TOKENS") == 1
    for url in ("https://vk.com/club101", "https://vk.com/club102", "https://vk.com/profsouz_uao"):
        assert done.stdout.count(url) == 1


def test_an_output_without_cyrillic_loses_no_round(collector: Collector) -> None:
    done = collector.run("collect", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "Read 6 of 6" in done.stdout

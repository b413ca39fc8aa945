"""What seldom happens, and must not pass unseen: a clock that was wrong, a network that came later."""

from __future__ import annotations

from sqlalchemy import text

from storage.engine import database_url, make_engine, writing
from tests.cli.conftest import COMMUNITIES
from tests.cli.running import Collector, until


def test_answers_older_than_what_is_stored_are_no_success(collector: Collector) -> None:
    collector.json("collect")
    engine = make_engine(database_url(collector.database))
    with writing(engine) as conn:  # a round made while the clock was half an hour ahead
        conn.execute(text("UPDATE community_state SET last_attempt_at = last_attempt_at + 1800"))
    engine.dispose()
    done = collector.run("collect")
    assert done.returncode == 1
    assert (
        "6 answers were not stored: the database has later ones. Is this machine's clock right?"
        in done.stderr
    )
    assert "is this machine's clock right?" in collector.run("status").stdout


def test_the_daemon_reads_a_network_that_came_after_its_start(collector: Collector) -> None:
    collector.write_branches(
        {code: [pair for pair in of if pair[0] == "vk"] for code, of in COMMUNITIES.items()}
    )
    read = "SELECT c.network FROM community c JOIN community_state s ON s.community_id = c.id WHERE s.last_seen_at > 0"
    with collector.started("run", COLLECTOR_COLLECT__INTERVAL="1s"):
        until((collector.folder / "collector.db").exists, "there is a database")
        until(lambda: _networks(collector, read) == {"vk"}, "VK is read")
        collector.write_branches(COMMUNITIES)
        assert collector.run("branches", "sync").returncode == 0
        until(lambda: _networks(collector, read) == {"vk", "facebook"}, "Facebook is read too")


def test_a_port_that_the_sandbox_cannot_have_is_told_in_a_line(collector: Collector) -> None:
    assert collector.sandbox is not None
    port = collector.sandbox.vk_url.rpartition(":")[2]
    taken = collector.run("sandbox", "--port", port)
    assert taken.returncode == 2
    assert (
        taken.stderr
        == f"error: port {port}: Address already in use; name another with --port, or 0 for any\n"
    )
    for wrong in (["--port", "99999"], ["--latency", "-1"], ["--speed", "-1"]):
        refused = collector.run("sandbox", *wrong)
        assert refused.returncode == 2
        assert f"Invalid value for '{wrong[0]}'" in refused.stderr


def _networks(collector: Collector, query: str) -> set[str]:
    return {row[0] for row in collector.rows(query)} if "started" in collector.log else set()


def test_a_clock_that_was_a_year_ahead_is_got_over(collector: Collector) -> None:
    collector.json("collect")
    engine = make_engine(database_url(collector.database))
    with writing(engine) as conn:
        ahead = "last_attempt_at = last_attempt_at + 31536000, next_due_at = next_due_at + 31536000"
        conn.execute(text(f"UPDATE community_state SET {ahead}"))
    engine.dispose()
    assert collector.json("collect", "--due")["read"] == 6
    assert collector.run("collect", "--due").stdout.startswith("Nothing is due")

"""Every command beside `collect` and `run`, as its user runs it: what it prints, its exit code, what it changes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from collector.cli import app
from collector.sandbox import GRAPH_TOKEN, VK_TOKEN, Fault, SandboxServer
from storage.tables import metadata
from tests.cli import telegraph
from tests.cli.running import Collector, until

CONFIG = Path(__file__).parents[2] / "config"
HEAVY = {
    "sqlalchemy",
    "pydantic",
    "requests",
    "vk_api",
    "rich.console",
    "rich.table",
    "structlog",
    "yaml",
    "alembic",
}


def contents(collector: Collector) -> dict[str, list[tuple[Any, ...]]]:
    """All that the database holds."""
    return {
        table.name: sorted(collector.rows(f"SELECT * FROM {table.name}"), key=str)
        for table in metadata.sorted_tables
    }


def failures(collector: Collector, **settings: str) -> dict[str, str]:
    """What `check` finds wrong, with what to do; it must end with 1 then."""
    found = collector.json("check", code=1, **settings)
    return {each["what"]: f"{each['state']} | {each['to_do']}" for each in found if each["health"] == "fail"}


# Help


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The program and every command and group in it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


@pytest.mark.parametrize("path", list(commands(typer.main.get_command(app))), ids=" ".join)
def test_every_help_shows_an_example_that_could_be_run(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"], terminal_width=200).output
    example = re.search(rf"Example: (?:COLLECTOR_\w+=\S+ )?collector {' '.join(path)}(.*)", shown)
    assert example, shown
    command: Any = typer.main.get_command(app)
    for word in [*path, *example[1].split()]:
        command = getattr(command, "commands", {word: command})[word]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in example[1].split() if word.startswith("-")} <= options


def test_help_loads_nothing_heavy() -> None:
    """What answers at once: `collector --help` took 0.11 s where the whole program takes 0.7 s to load."""
    program = (
        "import sys; from collector.cli import main; sys.argv = ['collector', '--help']\n"
        "try: main()\nfinally: print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Usage: collector" in done.stdout
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    assert loaded & HEAVY == set()


def test_a_mistyped_command_could_not_run(collector: Collector) -> None:
    assert collector.run("colect").returncode == 2
    assert collector.run("collect", "--bogus").returncode == 2
    assert collector.run("import", "followers").returncode == 2


# check


def test_check_when_all_is_well(any_collector: Collector) -> None:
    any_collector.run("branches", "sync")
    before = contents(any_collector)
    done = any_collector.run("check")
    assert done.returncode == 0, done.stdout + done.stderr
    marks = Counter(line[:4] for line in done.stdout.splitlines() if line[0] != " ")
    # No backup was made, and no mail server is set.
    assert (marks.keys(), marks["warn"]) == ({"ok  ", "warn"}, 2)
    assert "mail server: none is set, so letters wait" in done.stdout
    assert "6 communities" in done.stdout
    assert VK_TOKEN not in done.stdout
    assert contents(any_collector) == before


def test_check_before_anything_is_there(collector: Collector) -> None:
    done = collector.run("check")
    assert done.returncode == 0, done.stdout
    assert "empty, or not there yet" in done.stdout
    assert not (collector.folder / "collector.db").exists()


def test_check_tells_each_thing_that_is_wrong(collector: Collector, sandbox: SandboxServer) -> None:
    """All at once: one token is refused, another missing, the file malformed."""
    text = (collector.folder / "branches.yaml").read_text()
    (collector.folder / "branches.yaml").write_text(text.replace("kind: territorial", "kind: teritorial", 1))
    found = failures(collector, COLLECTOR_VK__TOKENS="vk1.a.a-wrong-token-abcd")
    file, vk = found["branches file branches.yaml"], found["vk token #1 (…abcd)"]
    assert "branches.yaml:4" in file
    assert "territorial" in file
    assert "COLLECTOR_VK__TOKENS" in vk
    assert "a-wrong-token" not in vk
    (collector.folder / "branches.yaml").write_text(text)
    found = failures(collector, COLLECTOR_FACEBOOK__TOKEN="")
    assert found == {
        "facebook token": "none is set | set COLLECTOR_FACEBOOK__TOKEN; the README says how to get one"
    }


def test_check_knows_a_token_of_the_wrong_kind(collector: Collector, sandbox: SandboxServer) -> None:
    sandbox.faults.add(Fault("error", network="vk", code=27))
    (told,) = failures(collector).values()
    assert "kind" in told


def test_check_of_settings_that_cannot_be_read(collector: Collector) -> None:
    done = collector.run("check", COLLECTOR_VK__TOKEN="x", COLLECTOR_COLLECT__INTERVAL="soon")
    assert done.returncode == 2
    assert "COLLECTOR_VK__TOKEN: there is no such setting; did you mean COLLECTOR_VK__TOKENS?" in done.stderr
    assert "COLLECTOR_COLLECT__INTERVAL: 'soon'" in done.stderr


# status


def test_status_before_and_after(any_collector: Collector, sandbox: SandboxServer) -> None:
    any_collector.run("branches", "sync")
    empty = any_collector.json("status")
    assert empty["last_round"] is None
    assert {row["follower_count"] for row in empty["communities"]} == {None}

    sandbox.world.change("facebook", "1000000103", "withheld", True)
    assert any_collector.run("collect").returncode == 0
    full = any_collector.json("status")
    assert (full["last_round"]["status"], full["last_round"]["read_count"]) == ("finished", 6)
    counts = {row["url"]: row["follower_count"] for row in full["communities"]}
    assert [url for url, count in counts.items() if count is None] == ["https://www.facebook.com/1000000103"]


def test_status_for_people(collector: Collector) -> None:
    nothing = collector.run("status")
    assert nothing.returncode == 2
    assert "run: collector db upgrade" in nothing.stderr
    collector.run("collect")
    shown = collector.run("status").stdout
    assert "6 of 6 communities read" in shown
    assert "ВАО" in shown
    assert "Moscow" in shown


# branches

FILE = """
branches:
  - {code: МГО, name: Городская, kind: city}
  - code: ВАО
    name: Восточная
    kind: territorial
    parent: МГО
    primary_count: 88
    communities: [{network: vk, address: club1}]
  - {code: САО, name: Северная, kind: territorial, parent: МГО}
"""


@pytest.fixture
def synced(collector: Collector) -> Collector:
    """A database with three branches."""
    (collector.folder / "branches.yaml").write_text(FILE)
    report = collector.json("branches", "sync")
    assert report == {"added": ["МГО", "ВАО", "САО"], "changed": {}, "retired": [], "unchanged_count": 0}
    return collector


def test_sync_tells_what_changes_and_dry_run_changes_nothing(synced: Collector) -> None:
    new = (
        FILE.replace("88", "90").replace("club1", "club2").replace("САО, name: Северная", "ЮАО, name: Южная")
    )
    (synced.folder / "new.yaml").write_text(new)
    before = contents(synced)
    told = synced.run("branches", "sync", "new.yaml", "--dry-run").stdout
    assert contents(synced) == before
    assert "would be added: ЮАО" in told
    assert "would be changed: ВАО: " in told
    assert "would be retired (its history stays): САО" in told
    assert synced.run("branches", "sync", "new.yaml").stdout == told.replace("would be ", "")
    listed = {row["code"]: row for row in synced.json("branches", "list")}
    assert listed["САО"]["retired_at"] is not None
    assert listed["ВАО"]["primary_count"] == 90
    assert listed["МГО"]["primary_count"] is None
    assert synced.rows("SELECT count(*) FROM community") == [(2,)]
    shown = synced.run("branches", "list").stdout
    assert "Южная" in shown
    assert "retired " in shown


def test_a_dry_run_needs_no_database_and_makes_none(collector: Collector) -> None:
    done = collector.run("branches", "sync", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "would be added: ВАО, САО, ЮАО" in done.stdout
    assert not (collector.folder / "collector.db").exists()


@pytest.mark.parametrize("command", [("branches", "sync", "new.yaml"), ("collect", "--branches", "new.yaml")])
def test_a_malformed_file_changes_nothing(synced: Collector, command: tuple[str, ...]) -> None:
    (synced.folder / "new.yaml").write_text(
        FILE.replace("club1", "https://vk.com/").replace("Северная", "Иная")
    )
    before = contents(synced)
    done = synced.run(*command)
    assert done.returncode == 2
    assert re.search(r"^error: new\.yaml:9: .*address", done.stderr)
    assert contents(synced) == before


def test_no_branches_file_at_all(collector: Collector) -> None:
    (collector.folder / "branches.yaml").unlink()
    done = collector.run("collect")
    assert done.returncode == 2
    assert "name yours with --branches FILE" in done.stderr
    assert collector.run("branches", "sync", "nowhere.yaml").returncode == 2


def test_the_schema_that_is_printed_is_the_one_that_is_kept(collector: Collector) -> None:
    printed = collector.run("branches", "schema")
    assert json.loads(printed.stdout) == json.loads((CONFIG / "branches.schema.json").read_text())


def test_collect_of_one_network(collector: Collector, sandbox: SandboxServer) -> None:
    assert collector.json("collect", "--network", "facebook")["due"] == 3
    assert {request.network for request in sandbox.requests} == {"facebook"}
    unknown = collector.run("collect", "--network", "odnoklassniki")
    assert unknown.returncode == 2
    assert "no community is on 'odnoklassniki'; the branches file uses: " in unknown.stderr


# db


def test_db_upgrade_and_current(any_collector: Collector) -> None:
    current = any_collector.run("db", "current")
    assert (current.returncode, "To do: collector db upgrade" in current.stdout) == (1, True)
    upgraded = any_collector.run("db", "upgrade")
    assert upgraded.returncode == 0
    assert "empty -> " in upgraded.stdout
    assert "is up to date" in any_collector.run("db", "upgrade").stdout
    now = any_collector.json("db", "current")
    assert now["current"] == now["newest"] is not None


# import

SUMS = """
    SELECT c.network, sum(f.follower_count), count(*), min(f.follower_count)
    FROM follower_snapshot f JOIN community c ON c.id = f.community_id
    GROUP BY c.network, f.observed_at ORDER BY c.network, f.observed_at
"""


@pytest.fixture
def with_the_union(any_collector: Collector) -> Collector:
    """The eleven organisations of the resolution."""
    assert any_collector.run("branches", "sync", str(CONFIG / "branches.mgo.yaml")).returncode == 0
    return any_collector


def test_import_the_resolutions_table(with_the_union: Collector) -> None:
    """Its sums are those that the resolution's table comes to; a 0 there is no account, hence no row."""
    table = str(CONFIG / "followers-2017-2018.csv")
    first = with_the_union.json("import", "followers", table)
    assert with_the_union.rows(SUMS) == [
        ("facebook", 984, 7, 52),
        ("facebook", 3051, 11, 27),
        ("vk", 382, 4, 32),
        ("vk", 1488, 11, 6),
    ]
    before = contents(with_the_union)
    again = with_the_union.json("import", "followers", table)
    assert (first["added"], again["added"], again["already_there"]) == (33, 0, 33)
    assert contents(with_the_union) == before
    (source,) = with_the_union.rows("SELECT source FROM collection_run")
    assert source[0].startswith("followers-2017-2018.csv sha256:")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("САО,72,много", "vk_2018-04-20: 'много' is no whole number"),
        ("САО,72,-5", "vk_2018-04-20: "),
        ("СЕВЕР,72,5", "no branch 'СЕВЕР'"),
    ],
)
def test_a_table_with_a_mistake_changes_nothing(synced: Collector, row: str, told: str) -> None:
    (synced.folder / "followers.csv").write_text(
        f"organization,primary_count,vk_2018-04-20\nВАО,88,5\n{row}\n"
    )
    before = contents(synced)
    done = synced.run("import", "followers", "followers.csv")
    assert done.returncode == 2
    assert done.stderr.startswith("error: followers.csv:3: ")
    assert told in done.stderr
    assert contents(synced) == before


# sandbox, settings, other networks


def test_the_sandbox_is_what_its_words_say(collector: Collector) -> None:
    """What it prints is pasted into another terminal; there a round works."""
    with collector.started("sandbox", "--port", "0", "--lively") as sandbox:
        until(lambda: "collector collect" in collector.log, "it is ready")
        exports = dict(re.findall(r"(COLLECTOR_\w+)=(\S+)", collector.log))
        alone = Collector(collector.folder, collector.database)
        done = alone.run("collect", **exports)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Read 6 of 6 communities" in done.stdout
        sandbox.terminate()
        assert sandbox.wait(timeout=10) == 0


def test_settings_come_from_the_folders_env_and_secrets_from_files(
    collector: Collector, sandbox: SandboxServer
) -> None:
    secrets = collector.folder / "secrets"
    secrets.mkdir()
    (secrets / "vk").write_text(f"{VK_TOKEN}\n")
    (secrets / "facebook").write_text(GRAPH_TOKEN)
    (collector.folder / ".env").write_text(
        f"COLLECTOR_DATABASE_URL=sqlite:///of-env.db\n"
        f"COLLECTOR_VK__API_URL={sandbox.vk_url}\nCOLLECTOR_VK__TOKENS_FILE={secrets / 'vk'}\n"
        f"COLLECTOR_FACEBOOK__API_URL={sandbox.facebook_url}\n"
    )
    alone = Collector(collector.folder, "")
    done = alone.run("collect", COLLECTOR_FACEBOOK__TOKEN_FILE=str(secrets / "facebook"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Read 6 of 6 communities" in done.stdout
    assert (collector.folder / "of-env.db").exists()
    (secrets / "vk").unlink()
    gone = alone.run("collect")
    assert gone.returncode == 2
    assert "COLLECTOR_VK__TOKENS_FILE: cannot read" in gone.stderr


def test_a_network_that_another_package_brings(any_collector: Collector) -> None:
    communities = {"ВАО": [("vk", "club101"), ("telegraph", "https://telegraph.example/moskva")]}
    any_collector.write_branches(communities)
    without = any_collector.run("collect")
    assert without.returncode == 2
    assert "telegraph" in without.stderr
    any_collector.settings |= telegraph.install(any_collector.folder / "site")
    any_collector.settings["COLLECTOR_NETWORKS__TELEGRAPH__TOKEN"] = "a-telegraph-key"
    done = any_collector.run("collect")
    assert done.returncode == 0, done.stdout + done.stderr
    assert any_collector.rows(
        "SELECT c.address, s.follower_count, p.native_id FROM community c"
        " JOIN community_state s ON s.community_id = c.id JOIN post p ON p.community_id = c.id"
        " WHERE c.network = 'telegraph'"
    ) == [("name:moskva", 77, "1")]
    assert "telegraph token #1: works; can: send" in any_collector.run("check").stdout
